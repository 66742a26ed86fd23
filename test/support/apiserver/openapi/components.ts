/** The schemas of kinds and of their lists. What has a name stands by itself and is referred to. */

import type { Kind } from '../kinds/kind.ts';
import { TYPE_NAME } from '../kinds/schemas/fields.ts';
import {
  API_VERSION,
  KIND,
  LIST_CONVENTIONS,
  LIST_META,
  LIST_METADATA_DESCRIPTION,
} from '../kinds/schemas/metadata.ts';
import { isRecord, type Json } from '../objects.ts';
import { componentName, reference } from './names.ts';

export type Components = Map<string, Json>;

/** Adds the kind, its list, and every named schema that they use. */
export function addKind(components: Components, kind: Kind): void {
  const { group, version } = kind;
  const name = componentName(kind);
  const tag = (of: string) => ({ 'x-kubernetes-group-version-kind': [{ group, version, kind: of }] });
  components.set(name, { ...inlined(components, kind.schema), ...tag(kind.kind), ...selectable(kind) });
  const list = listSchema(kind, name);
  components.set(`${name}List`, { ...inlined(components, list), ...tag(kind.listKind) });
}

function selectable({ builtIn, fields }: Kind): Json {
  const paths = Object.keys(fields).map((fieldPath) => ({ fieldPath }));
  return builtIn || paths.length === 0 ? {} : { 'x-kubernetes-selectable-fields': paths };
}

function listSchema({ kind, listKind, plural }: Kind, name: string): Json {
  return {
    type: 'object',
    description: `${listKind} is a list of ${kind}`,
    required: ['items'],
    properties: {
      apiVersion: API_VERSION,
      items: {
        type: 'array',
        description: `List of ${plural}. More info: ${LIST_CONVENTIONS}`,
        items: reference(name),
      },
      kind: KIND,
      metadata: { ...LIST_META, description: LIST_METADATA_DESCRIPTION },
    },
  };
}

/** The schema itself, with what has a name within it put aside. */
function inlined(components: Components, schema: Json): Json {
  const { [TYPE_NAME]: _name, properties, items, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(isRecord(properties) ? { properties: inlinedEach(components, properties) } : {}),
    ...(isRecord(items) ? { items: referredByAll(components, items) } : {}),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: referredByAll(components, additionalProperties) }),
  };
}

function inlinedEach(components: Components, properties: Json): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, referred(components, schema)]),
  );
}

/**
 * Where a field has the schema. One that has a name is told of here, and not again by itself: kubectl explains both, one
 * after the other.
 */
function referred(components: Components, schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const name = schema[TYPE_NAME];
  if (typeof name !== 'string') return inlined(components, schema);
  const { description, ...rest } = schema;
  const use = referenceTo(components, name, rest);
  return description === undefined ? use : { description, ...use };
}

/** Where all items or values have it: whatever holds them is told of by its own description. */
function referredByAll(components: Components, schema: unknown): unknown {
  const name = isRecord(schema) ? schema[TYPE_NAME] : undefined;
  return isRecord(schema) && typeof name === 'string'
    ? referenceTo(components, name, schema)
    : referred(components, schema);
}

/** What stands by itself is what its first use says. */
function referenceTo(components: Components, name: string, { default: zero, ...schema }: Json): Json {
  if (!components.has(name)) components.set(name, inlined(components, schema));
  return { ...(zero === undefined ? {} : { default: zero }), allOf: [reference(name)] };
}
