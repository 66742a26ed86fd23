/** Defaulting: what is absent, or null where null is not allowed, takes the schema's default; and so on inside it. */
import { copyJson, isObject, type Json, type JsonObject, own } from './json.ts';
import type { SchemaNode } from './node.ts';
import { schemaOf } from './prune.ts';

function refused(value: Json | undefined, node: SchemaNode): boolean {
  return value === null && node.nullable !== true;
}

function fillItems(items: Json[], node: SchemaNode | undefined): void {
  if (node === undefined) return;
  items.forEach((item, i) => {
    if (refused(item, node)) items[i] = copyJson(node.default ?? null);
    fillDefaults(items[i], node);
  });
}

function fillProperties(value: JsonObject, node: SchemaNode): void {
  for (const [name, inner] of Object.entries(node.properties ?? {})) {
    const absent = own(value, name) === undefined || refused(value[name], inner);
    if (absent && inner.default !== undefined) value[name] = copyJson(inner.default);
  }
  for (const [name, entry] of Object.entries(value)) {
    const inner = schemaOf(node, name);
    if (typeof inner === 'object') fillDefaults(entry, inner);
  }
}

/** Fills in defaults, in place. */
export function fillDefaults(value: Json | undefined, node: SchemaNode): void {
  if (Array.isArray(value)) fillItems(value, node.items);
  else if (isObject(value)) fillProperties(value, node);
}
