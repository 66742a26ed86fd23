/** The kinds that a CustomResourceDefinition makes. */

import { type ApiObject, at, type Draft, isRecord, type Json } from '../objects.ts';
import type { JsonObject } from '../schema/json.ts';
import { admit, applyDefaults, type CompiledSchema, compileSchema } from '../schema/schema.ts';
import { badRequest } from '../status.ts';
import { customColumns } from '../table/column.ts';
import { type Admission, type Admitted, bucketOf, type Kind } from './kind.ts';
import { API_VERSION, KIND, METADATA } from './schemas/metadata.ts';

export const REFUSES_CREATE = 'create not allowed while custom resource definition is terminating';

/** One kind for each served version. The definition was admitted, so that its schemas are known to compile. */
export function customKinds(definition: ApiObject): readonly Kind[] {
  const versions = at(definition, 'spec', 'versions');
  if (!Array.isArray(versions)) return [];
  const all = versions.filter(isRecord);
  const stored = all.find((version) => version['storage'] === true);
  return all
    .filter((version) => version['served'] === true)
    .map((version) => customKind(definition, version, String(stored?.['name'])));
}

function customKind(definition: ApiObject, version: Json, storedVersion: string): Kind {
  const schema = at(version, 'schema', 'openAPIV3Schema');
  const compiled = compileSchema(schema, { fieldValidation: 'Ignore' });
  const status = at(version, 'subresources', 'status') !== undefined;
  const group = String(at(definition, 'spec', 'group'));
  const names = at(definition, 'spec', 'names');
  const text = (field: string) => String(at(names, field));
  const list = (field: string) => (at(names, field) ?? []) as readonly string[];
  const terminating = definition.metadata.deletionTimestamp !== undefined;
  return {
    group,
    version: String(version['name']),
    kind: text('kind'),
    listKind: text('listKind'),
    plural: text('plural'),
    singular: text('singular'),
    shortNames: list('shortNames'),
    categories: list('categories'),
    namespaced: at(definition, 'spec', 'scope') === 'Namespaced',
    builtIn: false,
    status,
    bucket: bucketOf(group, text('plural')),
    storedAs: `${group}/${storedVersion}`,
    generation: true,
    createsOnUpdate: false,
    unconditionalUpdate: false,
    returnsDeleted: false,
    deletesCollections: true,
    unowned: [],
    schema: publishedSchema(schema),
    columns: customColumns(version['additionalPrinterColumns']),
    fields: selectable(version['selectableFields']),
    ...(terminating ? { refusesCreate: REFUSES_CREATE } : {}),
    admit: (admission) => admitCustom(compiled, status, admission),
    complete: completer(compiled, Number(definition.metadata.resourceVersion)),
    show: (object) => object,
    markDeleted: (object) => object,
    held: () => false,
  };
}

/** The definition's schema, with the three fields that it cannot describe by itself. */
function publishedSchema(schema: unknown): Json {
  const root = isRecord(schema) ? schema : {};
  const own = isRecord(root['properties']) ? root['properties'] : {};
  return { ...root, properties: { ...own, apiVersion: API_VERSION, kind: KIND, metadata: METADATA } };
}

function admitCustom(
  compiled: CompiledSchema,
  hasStatusSubresource: boolean,
  admission: Admission,
): Admitted {
  const { object, old, ...rest } = admission;
  const result = admit(compiled, {
    ...rest,
    object: object as JsonObject,
    ...(old === undefined ? {} : { old: old as JsonObject }),
    hasStatusSubresource,
  });
  if (result.ok) return { object: result.object as Draft, warnings: result.warnings, causes: [] };
  if (result.status === 400) throw badRequest(result.message);
  return { object, warnings: result.strictWarnings, causes: result.causes };
}

/** Fills in, once for each object, the defaults of a schema that came after it, and those of a status it never had. */
function completer(compiled: CompiledSchema, since: number): (object: ApiObject) => ApiObject {
  const completed = new WeakMap<ApiObject, ApiObject>();
  return (object) => {
    const isNew = Number(object.metadata.resourceVersion) > since;
    if (isNew && object['status'] !== undefined) return object;
    const known = completed.get(object) ?? (applyDefaults(compiled, object as JsonObject) as ApiObject);
    completed.set(object, known);
    return known;
  };
}

function selectable(listed: unknown): Kind['fields'] {
  if (!Array.isArray(listed)) return {};
  return Object.fromEntries(
    listed.filter(isRecord).map((field) => {
      const path = String(field['jsonPath']).replace(/^\./, '');
      return [path, (object: ApiObject) => String(at(object, ...path.split('.')) ?? '')];
    }),
  );
}
