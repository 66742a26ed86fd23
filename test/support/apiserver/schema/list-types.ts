/** Uniqueness in lists of type set (whole items) and map (their keys). */
import { type Cause, child, duplicate, index, invalid, key } from './causes.ts';
import { goJson, isObject, type Json, type JsonObject, own } from './json.ts';
import type { SchemaNode } from './node.ts';

/** The index of each second appearance; further ones are not told. */
function repeated(items: readonly Json[]): readonly number[] {
  const seen = new Map<string, number>();
  return items.flatMap((item, i) => {
    const text = typeof item === 'string' ? `"${item}` : goJson(item);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return times === 2 ? [i] : [];
  });
}

function keysOf(node: SchemaNode, item: Json): JsonObject {
  const names = node['x-kubernetes-list-map-keys'] ?? [];
  const entries = names.flatMap((name): [string, Json][] => {
    const value = isObject(item) ? own(item, name) : undefined;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

function checkList(node: SchemaNode, items: readonly Json[], at: string): readonly Cause[] {
  const type = node['x-kubernetes-list-type'];
  if (type === 'set') return repeated(items).map((i) => duplicate(index(at, i), items[i]));
  if (type !== 'map') return [];
  const stray = items.findIndex((item) => item !== null && !isObject(item));
  if (stray >= 0) {
    return [invalid(index(at, stray), items[stray], 'must be an object for an array of list-type map')];
  }
  const keys = items.map((item) => keysOf(node, item));
  return repeated(keys).map((i) => duplicate(index(at, i), keys[i]));
}

export function checkListTypes(
  node: SchemaNode | undefined,
  value: Json | undefined,
  at: string,
): readonly Cause[] {
  if (node === undefined) return [];
  if (Array.isArray(value)) {
    const inner = value.flatMap((item, i) => checkListTypes(node.items, item, index(at, i)));
    return [...checkList(node, value, at), ...inner];
  }
  if (!isObject(value)) return [];
  const { additionalProperties } = node;
  return Object.entries(value).flatMap(([name, entry]) => {
    const property = own(node.properties, name);
    if (property !== undefined) return checkListTypes(property, entry, child(at, name));
    return typeof additionalProperties === 'object'
      ? checkListTypes(additionalProperties, entry, key(at, name))
      : [];
  });
}
