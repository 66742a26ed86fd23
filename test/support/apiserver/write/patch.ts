/**
 * Merge patches (RFC 7386) and JSON patches (RFC 6902). A strategic merge patch of a built-in kind is taken for a merge
 * patch. An apply patch is not known yet.
 */

import jsonPatch, { type Operation } from 'fast-json-patch';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { whyUndecodable } from '../kinds/undecodable.ts';
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
const APPLY_PATCH = 'application/apply-patch+yaml';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';

export type PatchType = 'json' | 'merge';

/** Throws 415 for a type that the kind does not take. */
export function patchType(kind: Kind, contentType: string): PatchType {
  const type = contentType.split(';')[0]?.trim();
  if (type === JSON_PATCH) return 'json';
  if (type === MERGE_PATCH || (kind.builtIn && type === STRATEGIC_MERGE_PATCH)) return 'merge';
  if (kind.builtIn) throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH, APPLY_PATCH].join(', '));
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
    throw echoed(error, patched);
  }
}

/** An object that cannot be decoded after the patch is refused with all of it, the values of a Secret included. */
function echoed(error: unknown, patched: Json): unknown {
  const why = error instanceof ApiError ? whyUndecodable(error.message) : undefined;
  if (why === undefined) return error;
  return invalid({ group: '', kind: '' }, '', [cause.invalid('patch', JSON.stringify(patched), why)]);
}

function merged(current: Json, body: unknown): Json {
  if (!isRecord(body)) throw undecodablePatch(body, 'map[string]interface {}');
  return mergePatch(current, body) as Json;
}

function undecodablePatch(body: unknown, goType: string): ApiError {
  const got = Array.isArray(body) ? 'array' : typeof body;
  return badRequest(`error decoding patch: json: cannot unmarshal ${got} into Go value of type ${goType}`);
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

function jsonPatched(current: Json, body: unknown): Json {
  if (!Array.isArray(body)) throw undecodablePatch(body, '[]handlers.jsonPatchOp');
  try {
    return body.reduce(applyOne, structuredClone(current));
  } catch {
    throw unprocessable();
  }
}

/**
 * Where a path leads nowhere, the server is more lenient than RFC 6902: a test for null passes, a replace adds, a copy
 * does nothing.
 */
function applyOne(document: Json, operation: Operation): Json {
  if (operation.op === 'test' && operation.value === null && isNowhere(document, operation.path))
    return document;
  if (operation.op === 'copy' && isNowhere(document, operation.from)) return document;
  const isNew = operation.op === 'replace' && isNewKey(document, operation.path);
  const effective: Operation = isNew ? { ...operation, op: 'add' } : operation;
  return jsonPatch.applyOperation(document, effective, true, true).newDocument;
}

function isNowhere(document: Json, path: string): boolean {
  return valueAt(document, keysOf(path)) === undefined;
}

function isNewKey(document: Json, path: string): boolean {
  return isNowhere(document, path) && isRecord(valueAt(document, keysOf(path).slice(0, -1)));
}

function keysOf(path: string): readonly string[] {
  const unescaped = (key: string) => key.replaceAll('~1', '/').replaceAll('~0', '~');
  return path.split('/').slice(1).map(unescaped);
}

function valueAt(document: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    document,
  );
}
