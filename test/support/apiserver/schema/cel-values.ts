/** JSON into CEL values, by schema: whole numbers are int, date-times are timestamps, objects have their declared type. */
import { Duration } from '@marcbachmann/cel-js/evaluator';
import type { Decl } from './cel-decl.ts';
import { oldItem } from './correlate.ts';
import { parseGoDuration } from './go-duration.ts';
import { deepEqual, isObject, type Json, type JsonObject, own } from './json.ts';
import type { SchemaNode } from './node.ts';

export function toDuration(nanoseconds: bigint): Duration {
  return new Duration(nanoseconds / 1_000_000_000n, Number(nanoseconds % 1_000_000_000n));
}

function scalar(value: Json, cel: string): unknown {
  if (typeof value === 'number') {
    return cel !== 'double' && Number.isInteger(value) ? BigInt(value) : value;
  }
  if (typeof value !== 'string') return value;
  if (cel === 'google.protobuf.Timestamp') return new Date(value);
  if (cel === 'google.protobuf.Duration') return toDuration(parseGoDuration(value) ?? 0n);
  return cel === 'bytes' ? Buffer.from(value, 'base64') : value;
}

function objectValue(value: JsonObject, decl: Decl & { kind: 'object' }): Map<string, unknown> {
  const object = new decl.Value();
  for (const [name, field] of decl.fields) {
    const entry = own(value, field.property);
    if (entry !== undefined) object.set(name, toCel(entry, field.decl));
  }
  return object;
}

/** The CEL value of `value`, which must have passed the checks of type and format. */
export function toCel(value: Json, decl: Decl): unknown {
  if (value === null) return null;
  if (decl.kind === 'scalar') return scalar(value, decl.cel);
  if (decl.kind === 'list')
    return Array.isArray(value) ? value.map((item) => toCel(item, decl.element)) : value;
  if (!isObject(value)) return value;
  if (decl.kind === 'object') return objectValue(value, decl);
  return new Map(Object.entries(value).map(([name, entry]) => [name, toCel(entry, decl.element)]));
}

function alignedList(node: SchemaNode, value: readonly Json[], old: readonly Json[]): Json[] {
  const isMap = node['x-kubernetes-list-type'] === 'map';
  const pairs = value.map((item) => {
    const match = isMap ? oldItem(node, item, [...old]) : old.find((candidate) => deepEqual(candidate, item));
    return [item, match] as const;
  });
  const matched = pairs.flatMap(([item, match]) => {
    if (match === undefined) return [];
    return [{ match, aligned: node.items === undefined ? match : alignWith(node.items, item, match) }];
  });
  const rest = old.filter((candidate) => !matched.some(({ match }) => match === candidate));
  return [...matched.map(({ aligned }) => aligned), ...rest];
}

/**
 * The old value with its sets and keyed lists in the order of the new one: CEL compares those without order, and a
 * comparison of self with oldSelf then comes out right item by item.
 */
export function alignWith(node: SchemaNode, value: Json, old: Json): Json {
  if (Array.isArray(value) && Array.isArray(old)) {
    const type = node['x-kubernetes-list-type'];
    return type === 'set' || type === 'map' ? alignedList(node, value, old) : old;
  }
  if (!isObject(value) || !isObject(old)) return old;
  return Object.fromEntries(
    Object.entries(old).map(([name, entry]) => {
      const inner = own(node.properties, name);
      const current = own(value, name);
      return [name, inner === undefined || current === undefined ? entry : alignWith(inner, current, entry)];
    }),
  );
}
