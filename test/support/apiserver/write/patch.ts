/** PATCH: what each type of patch makes of the stored object. What may be stored is decided as for a PUT. */

import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { isRecord, type Json, storedKey } from '../objects.ts';
import { ApiError, badRequest, notFound, unsupportedMediaType } from '../status.ts';
import type { World } from '../world.ts';
import { apply } from './apply.ts';
import type { Written } from './create.ts';
import { draftOf, unknownMeta } from './draft.ts';
import { echoed } from './echo.ts';
import { jsonPatched } from './jsonpatch.ts';
import type { WriteOptions } from './options.ts';
import { strategicMerge } from './strategic.ts';
import { revise, type Target } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** Throws 415 for a type that the kind does not take. */
export function patchType(kind: Kind, contentType: string): PatchType {
  const type = contentType.split(';')[0]?.trim();
  if (type === JSON_PATCH) return 'json';
  if (type === MERGE_PATCH) return 'merge';
  if (type === APPLY_PATCH) return 'apply';
  if (kind.builtIn && type === STRATEGIC_MERGE_PATCH) return 'strategic';
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
  if (type === 'apply') return apply(world, target, configuration(body), options);
  const stored = world.storage.get(kind.bucket, storedKey(namespace, name));
  if (stored === undefined) throw notFound(kind, name);
  const current = { ...kind.show(kind.complete(stored)), apiVersion: apiVersionOf(kind) };
  const patched = patchedBy(kind, type, current, body);
  const address = { name, ...(namespace === undefined ? {} : { namespace }) };
  try {
    return revise(world, target, stored, draftOf(kind, address, patched), {
      ...options,
      strictErrors: unknownMeta(patched),
    });
  } catch (error) {
    throw echoed(kind, error, { type, body, object: patched });
  }
}

function patchedBy(kind: Kind, type: Exclude<PatchType, 'apply'>, current: Json, body: unknown): Json {
  if (type === 'json') {
    if (!Array.isArray(body)) throw undecodablePatch(body, '[]handlers.jsonPatchOp');
    return jsonPatched(current, body);
  }
  if (!isRecord(body)) throw undecodablePatch(body, 'map[string]interface {}');
  if (type === 'strategic') return strategicMerge(current, body, kind.schema);
  return mergePatch(current, body) as Json;
}

function configuration(body: unknown): Json {
  if (isRecord(body)) return body;
  const got = Array.isArray(body) ? 'array' : typeof body;
  const why = `json: cannot unmarshal ${got} into Go value of type map[string]interface {}`;
  throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`);
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
