/**
 * Merge patches (RFC 7386) and JSON patches (RFC 6902). A strategic merge patch of a built-in kind is taken for a merge
 * patch. An apply patch is not known yet.
 */

import jsonPatch, { type Operation } from 'fast-json-patch';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { isRecord, type Json, storedKey } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { ApiError, badRequest, invalid, notFound, unprocessable, unsupportedMediaType } from '../status.ts';
import type { World } from '../world.ts';
import type { Written } from './create.ts';
import { draftOf, unknownMeta } from './draft.ts';
import type { WriteOptions } from './options.ts';
import { revise, type Target } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';

export type PatchType = 'json' | 'merge';

/** Throws 415 for a type that the kind does not take. */
export function patchType(kind: Kind, contentType: string): PatchType {
  const type = contentType.split(';')[0]?.trim();
  if (type === JSON_PATCH) return 'json';
  if (type === MERGE_PATCH || (kind.builtIn && type === STRATEGIC_MERGE_PATCH)) return 'merge';
  const strategic = kind.builtIn ? [STRATEGIC_MERGE_PATCH] : [];
  throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH, ...strategic]);
}

export function patch(
  world: World,
  target: Target,
  type: PatchType,
  body: unknown,
  options: WriteOptions,
): Written {
  const { kind, namespace, name } = target;
  const stored = world.storage.get(kind.bucket, storedKey(namespace, name));
  if (stored === undefined) throw notFound(kind, name);
  const current = { ...kind.complete(stored), apiVersion: apiVersionOf(kind) };
  const patched = type === 'json' ? jsonPatched(current, body) : merged(current, body);
  const address = { name, ...(namespace === undefined ? {} : { namespace }) };
  try {
    return revise(world, target, stored, draftOf(kind, address, patched), {
      ...options,
      strictErrors: unknownMeta(patched),
    });
  } catch (error) {
    throw kind.builtIn ? echoed(error, patched) : error;
  }
}

/**
 * A built-in object that cannot be decoded after the patch is refused with a message that holds all of it, values of
 * a Secret included.
 */
function echoed(error: unknown, patched: unknown): unknown {
  const undecodable = error instanceof ApiError && / cannot be handled as /.test(error.message);
  if (!undecodable) return error;
  return invalid({ group: '', kind: '' }, '', [
    cause.invalid('patch', JSON.stringify(patched), error.message),
  ]);
}

function merged(current: Json, body: unknown): unknown {
  if (!isRecord(body)) throw badRequest('error decoding patch: the patch is not an object');
  return mergePatch(current, body);
}

export function mergePatch(current: unknown, change: unknown): unknown {
  if (!isRecord(change)) return change;
  const result: Record<string, unknown> = { ...(isRecord(current) ? current : {}) };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

function jsonPatched(current: Json, body: unknown): unknown {
  if (!Array.isArray(body)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    );
  }
  try {
    return body.reduce(applyOne, structuredClone(current));
  } catch {
    throw unprocessable();
  }
}

/** A test for null passes where the path leads nowhere, as on the server. */
function applyOne(document: unknown, operation: Operation): unknown {
  if (operation.op === 'test' && operation.value === null && !leadsSomewhere(document, operation.path)) {
    return document;
  }
  return jsonPatch.applyOperation(document, operation, true, true).newDocument;
}

function leadsSomewhere(document: unknown, path: string): boolean {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const end = keys.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    document,
  );
  return end !== undefined;
}
