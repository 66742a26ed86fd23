/**
 * Objects that a patch leaves such that they cannot be decoded. The server repeats what it could not decode, the values
 * of a Secret included: after a strategic merge the patch, as Go prints it, else the whole object.
 */

import type { Kind } from '../kinds/kind.ts';
import { whyUndecodable } from '../kinds/undecodable.ts';
import { at, isRecord, type Json } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { goJson, goStruct } from '../schema/json.ts';
import { ApiError, invalid, unnamed } from '../status.ts';

/** ObjectMeta's first fields, in the order of its struct; the others stand as they are sent. */
const META_ORDER = ['name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'generation'];

export type Patched = Readonly<{ type: 'json' | 'merge' | 'strategic'; body: unknown; object: Json }>;

/** Any other error as it is. */
export function echoed(kind: Kind, error: unknown, { type, body, object }: Patched): unknown {
  const why = error instanceof ApiError ? whyUndecodable(error.message) : undefined;
  if (why === undefined) return error;
  const [shown, told] =
    type === 'strategic'
      ? [goValue(body), unconvertible(why)]
      : [kind.builtIn ? goStruct(inOrder(object)) : goJson(object), why];
  return invalid({ group: '', kind: '' }, '', [cause.invalid('patch', shown, told)]);
}

/** The same after an apply, where nothing is repeated. */
export function unappliable(kind: Kind, error: unknown, applied: Json): unknown {
  const why = error instanceof ApiError ? whyUndecodable(error.message) : undefined;
  if (why === undefined || !kind.builtIn) return error;
  const [namespace, name] = ['namespace', 'name'].map((field) => at(applied, 'metadata', field) ?? '');
  const type = `${kind.group}/${kind.version}, Kind=${kind.kind}`;
  const head = `failed to convert new object (${namespace}/${name}; ${type}) to proper version`;
  return unnamed(`${head}: unable to convert unstructured object to ${type}: ${unconvertible(why)}`);
}

/** What Go's converter of maps says where its decoder of JSON says `why`. */
function unconvertible(why: string): string {
  if (why.startsWith('illegal base64')) return `error decoding from json: ${why}`;
  const [, got = '', goType = ''] = /^json: cannot unmarshal (\w+) into .* of type (\S+)/.exec(why) ?? [];
  if (goType === '') return why;
  const given = { number: 'int64', array: 'slice', object: 'map' }[got] ?? got;
  if (goType.startsWith('map[')) return `cannot restore map from ${given}`;
  if (goType.startsWith('[]')) return `cannot restore slice from ${given}`;
  return got === 'number' && goType === 'string'
    ? `cannot convert ${given} to ${goType}`
    : `unrecognized type: ${goType}`;
}

/** Go's `%+v`: keys in order, texts as they are. */
function goValue(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (!isRecord(value)) return String(value);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${pairs.map(([name, inner]) => `${name}:${goValue(inner)}`).join(' ')}]`;
}

/** Fields sorted, as they are after a patch of JSON text, and metadata as its struct has it. */
function inOrder(object: Json): Json {
  const metadata = (at(object, 'metadata') ?? {}) as Json;
  const known = META_ORDER.filter((field) => field in metadata);
  const ordered = Object.fromEntries(
    [...known, ...Object.keys(metadata)].map((field) => [field, metadata[field]]),
  );
  const fields = Object.keys(object).sort();
  return Object.fromEntries(fields.map((field) => [field, field === 'metadata' ? ordered : object[field]]));
}
