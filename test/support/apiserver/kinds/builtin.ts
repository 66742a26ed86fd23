/**
 * Built-in kinds: a structural schema for their shape, as a CRD would have, and a check for what only that kind asks.
 * A value of the wrong type is refused while decoding (400), not by validation.
 */

import { isDeepStrictEqual } from 'node:util';
import { type ApiObject, at, type Draft, isRecord, type Json } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import type { JsonObject } from '../schema/json.ts';
import { admit, type CompiledSchema, compileSchema, type FieldValidation } from '../schema/schema.ts';
import { badRequest } from '../status.ts';
import { AGE, type Column, NAME } from '../table/column.ts';
import { type Admission, type Admitted, apiVersionOf, bucketOf, type Kind } from './kind.ts';
import type { Schema } from './schemas/fields.ts';
import { API_VERSION, KIND, METADATA } from './schemas/metadata.ts';
import { shapeOf } from './shape.ts';
import { mistyped, undecodable } from './undecodable.ts';

export type Check = (
  object: Draft,
  old: ApiObject | undefined,
  fieldValidation: FieldValidation,
) => readonly cause.Cause[];

export type BuiltIn = Readonly<{
  group: string;
  version: string;
  kind: string;
  plural: string;
  shortNames?: readonly string[];
  categories?: readonly string[];
  namespaced?: boolean;
  status?: boolean;
  generation?: boolean;
  createsOnUpdate?: boolean;
  unconditionalUpdate?: boolean;
  returnsDeleted?: boolean;
  deletesCollections?: boolean;
  unowned?: Kind['unowned'];
  fields?: Kind['fields'];
  /** Of its tables; the name and the age where nothing is said. */
  columns?: readonly Column[];
  /** What the kind is, as OpenAPI tells it. */
  description: string;
  required?: readonly string[];
  /** `properties` of the schema, without apiVersion, kind and metadata. */
  properties: Readonly<Record<string, Schema>>;
  /** Normalises what the schema cannot: throws ApiError where it is not to be decoded. */
  decode?: (object: Draft) => Draft;
  /** How clients see what is stored; as it is, where nothing is said. */
  show?: Kind['show'];
  /** What an update may not change and nobody is told of. */
  keep?: (object: Draft, old: ApiObject) => Draft;
  check?: Check;
  markDeleted?: Kind['markDeleted'];
  held?: Kind['held'];
}>;

export function builtIn(spec: BuiltIn): Kind {
  const schema = publishedSchema(spec);
  const { properties, ...root } = shapeOf(schema);
  const compiled = compileSchema({
    ...root,
    properties: { ...(properties as Json), metadata: { type: 'object' } },
  });
  const { group, version, kind, plural } = spec;
  return {
    group,
    version,
    kind,
    plural,
    ...traitsOf(spec),
    schema,
    listKind: `${kind}List`,
    singular: kind.toLowerCase(),
    categories: spec.categories ?? [],
    builtIn: true,
    bucket: bucketOf(group, plural),
    storedAs: apiVersionOf(spec),
    admit: (admission) => admitBuiltIn(spec, compiled, admission),
    complete: (object) => object,
    show: spec.show ?? ((object) => object),
    markDeleted: spec.markDeleted ?? ((object) => object),
    held: spec.held ?? (() => false),
  };
}

/** What may be left out of a specification. */
function traitsOf(spec: BuiltIn) {
  return {
    shortNames: spec.shortNames ?? [],
    namespaced: spec.namespaced ?? true,
    status: spec.status ?? false,
    generation: spec.generation ?? false,
    createsOnUpdate: spec.createsOnUpdate ?? false,
    unconditionalUpdate: spec.unconditionalUpdate ?? false,
    returnsDeleted: spec.returnsDeleted ?? false,
    deletesCollections: spec.deletesCollections ?? true,
    unowned: spec.unowned ?? [],
    fields: spec.fields ?? {},
    columns: spec.columns ?? [NAME, AGE],
  };
}

function publishedSchema({ description, required, properties }: BuiltIn): Json {
  return {
    type: 'object',
    description,
    ...(required === undefined ? {} : { required }),
    properties: { apiVersion: API_VERSION, kind: KIND, metadata: METADATA, ...properties },
  };
}

function admitBuiltIn(spec: BuiltIn, compiled: CompiledSchema, admission: Admission): Admitted {
  const { old, fieldValidation, subresource, strictErrors, metaCauses } = admission;
  const shaped = admit(compiled, {
    object: admission.object as JsonObject,
    ...(old === undefined ? {} : { old: old as JsonObject }),
    fieldValidation,
    subresource,
    strictErrors,
  });
  if (!shaped.ok) {
    if (shaped.status === 400) throw badRequest(shaped.message);
    throw undecodable(spec, shaped.causes.map((one) => mistyped(spec, spec.properties, one)).join(', '));
  }
  const decoded = spec.decode?.(shaped.object as Draft) ?? (shaped.object as Draft);
  const object = old === undefined ? decoded : (spec.keep?.(decoded, old) ?? decoded);
  const causes = [...metaCauses, ...(spec.check?.(object, old, fieldValidation) ?? [])];
  return { object, warnings: causes.length > 0 ? shaped.strictWarnings : shaped.warnings, causes };
}

/** One cause if the field's value moved; `told` is what the server calls the field, where it has another name for it. */
export function immutable(
  field: string,
  now: Json,
  old: Json | undefined,
  told = field,
): readonly cause.Cause[] {
  const path = field.split('.');
  const value = at(now, ...path);
  if (old === undefined || isDeepStrictEqual(value, at(old, ...path))) return [];
  return [cause.invalid(told, value ?? null, 'field is immutable')];
}

/** Applies `change` to the string at nested keys, if there is one. */
export function rewrite(object: Draft, path: readonly string[], change: (text: string) => string): Draft {
  return rewritten(object, path, change) as Draft;
}

function rewritten(value: unknown, path: readonly string[], change: (text: string) => string): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return typeof value === 'string' ? change(value) : value;
  if (!isRecord(value) || value[key] === undefined) return value;
  return { ...value, [key]: rewritten(value[key], rest, change) };
}
