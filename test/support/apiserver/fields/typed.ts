/** How a schema divides a value into parts that have owners of their own. */

import { isRecord, type Json } from '../objects.ts';
import { goJson } from '../schema/json.ts';

export type Schema = Json | undefined;

/** `key` is that of a field set. */
export type Part = Readonly<{ key: string; value: unknown; schema: Schema; declared: boolean }>;

/** The parts of a map or list; undefined for what has one owner as a whole. */
export function partsOf(value: unknown, schema: Schema): readonly Part[] | undefined {
  if (Array.isArray(value)) return itemsOf(value, schema);
  if (!isRecord(value) || schema?.['x-kubernetes-map-type'] === 'atomic') return undefined;
  return Object.entries(value).map(([name, inner]) => {
    const property = propertyOf(schema, name);
    const declared = property !== undefined;
    return { key: `f:${name}`, value: inner, schema: property ?? valueSchema(schema), declared };
  });
}

export function propertyOf(schema: Schema, name: string): Schema {
  const properties = schema?.['properties'];
  const found = isRecord(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  return isRecord(found) ? found : undefined;
}

function valueSchema(schema: Schema): Schema {
  const values = schema?.['additionalProperties'];
  return isRecord(values) ? values : undefined;
}

function itemsOf(list: readonly unknown[], schema: Schema): readonly Part[] | undefined {
  const items = isRecord(schema?.['items']) ? schema['items'] : undefined;
  const keyOf = itemKey(schema, items);
  if (keyOf === undefined) return undefined;
  return list.map((value) => ({ key: keyOf(value), value, schema: items, declared: false }));
}

/** How the items of a list are told apart; undefined where they are not. */
function itemKey(schema: Schema, items: Schema): ((item: unknown) => string) | undefined {
  const type = schema?.['x-kubernetes-list-type'];
  if (type === 'set') return (item) => `v:${goJson(item)}`;
  if (type !== 'map') return undefined;
  const names = (schema?.['x-kubernetes-list-map-keys'] ?? []) as readonly string[];
  return (item) => {
    const given = (name: string) =>
      (isRecord(item) ? item[name] : undefined) ?? propertyOf(items, name)?.['default'];
    const pairs = names.map((name) => [name, given(name)]).filter(([, value]) => value !== undefined);
    return `k:${goJson(Object.fromEntries(pairs))}`;
  };
}

/** The schema of the part under a key of a field set. */
export function partSchema(schema: Schema, key: string): Schema {
  if (key.startsWith('f:')) return propertyOf(schema, key.slice(2)) ?? valueSchema(schema);
  return isRecord(schema?.['items']) ? schema['items'] : undefined;
}
