/** Unknown fields: found, named and taken out; and the nulls that a schema does not allow. */
import { child, index } from './causes.ts';
import { isObject, type Json, type JsonObject, own } from './json.ts';
import type { SchemaNode } from './node.ts';

const TYPE_META = new Set(['apiVersion', 'kind', 'metadata']);

const OBJECT_META = new Set([
  ...['name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation'],
  ...['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'labels', 'annotations'],
  ...['ownerReferences', 'finalizers', 'managedFields'],
]);

/** The schema of a property: its own, that of additionalProperties, or 'any' (`additionalProperties: true`). */
export function schemaOf(node: SchemaNode | undefined, name: string): SchemaNode | 'any' | undefined {
  const property = own(node?.properties, name);
  if (property !== undefined) return property;
  const additional = node?.additionalProperties;
  if (additional === true) return 'any';
  return typeof additional === 'object' ? additional : undefined;
}

type Found = (path: string) => void;

function pruneMetadata(metadata: Json | undefined, at: string, found: Found): void {
  if (!isObject(metadata)) return;
  for (const name of Object.keys(metadata)) {
    if (OBJECT_META.has(name)) continue;
    found(child(at, name));
    delete metadata[name];
  }
}

function pruneEntry(value: JsonObject, name: string, node: SchemaNode, at: string, found: Found): void {
  const inner = schemaOf(node, name);
  if (inner !== undefined) {
    pruneValue(value[name] ?? null, inner === 'any' ? undefined : inner, at, found);
  } else if (node['x-kubernetes-preserve-unknown-fields'] !== true) {
    found(at);
    delete value[name];
  }
}

function pruneObject(
  value: JsonObject,
  node: SchemaNode,
  at: string,
  isResource: boolean,
  found: Found,
): void {
  for (const name of Object.keys(value)) {
    if (!isResource || !TYPE_META.has(name)) pruneEntry(value, name, node, child(at, name), found);
    else if (name === 'metadata') pruneMetadata(value[name], child(at, name), found);
  }
}

function pruneValue(value: Json, node: SchemaNode | undefined, at: string, found: Found): void {
  const preserved = node?.['x-kubernetes-preserve-unknown-fields'] === true;
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      const inner = preserved && node?.items === undefined ? node : node?.items;
      pruneValue(item, inner, index(at, i), found);
    });
  } else if (isObject(value)) {
    const isResource = node?.['x-kubernetes-embedded-resource'] === true;
    pruneObject(value, node ?? {}, at, isResource, found);
  }
}

/** Removes what the schema does not know from `object`, in place; the answer names it, in order. */
export function prune(object: JsonObject, root: SchemaNode): readonly string[] {
  const paths: string[] = [];
  pruneObject(object, root, '', true, (path) => paths.push(path));
  return paths.sort();
}

/** Removes, in place, each null whose schema is not nullable and has no default. In lists nulls stay. */
export function pruneNulls(value: Json, node: SchemaNode | 'any' | undefined): void {
  const schema = node === 'any' ? undefined : node;
  if (Array.isArray(value)) {
    for (const item of value) pruneNulls(item, schema?.items);
  } else if (isObject(value)) {
    for (const [name, entry] of Object.entries(value)) {
      const inner = schemaOf(schema, name);
      const droppable = typeof inner === 'object' && inner.nullable !== true && inner.default === undefined;
      if (entry === null && droppable) delete value[name];
      else pruneNulls(entry, inner);
    }
  }
}
