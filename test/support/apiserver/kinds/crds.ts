/** CustomResourceDefinitions. When their kinds are served, and how they end, is in controllers/definitions.ts. */

import { type ApiObject, at, type Draft, isRecord, type Json, withMeta } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { SchemaError } from '../schema/causes.ts';
import { goStruct } from '../schema/json.ts';
import { compileSchema, type FieldValidation } from '../schema/schema.ts';
import { badRequest } from '../status.ts';
import { NAME } from '../table/column.ts';
import { builtIn, immutable } from './builtin.ts';
import { type Condition, conditionsOf, withCondition } from './conditions.ts';
import type { Kind } from './kind.ts';
import { DEFINITION } from './schemas/definitions.ts';

export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/** Not an age: the time itself. */
const CREATED = {
  name: 'Created At',
  type: 'date',
  description: 'When the definition was created.',
  cell: (definition: Json) => at(definition, 'metadata', 'creationTimestamp') ?? null,
};

export const definitions: Kind = builtIn({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  status: true,
  generation: true,
  columns: [NAME, CREATED],
  description: 'Makes a kind that the server has not got by itself.',
  required: ['spec'],
  properties: DEFINITION,
  decode: withDefaults,
  check,
  markDeleted,
});

/** A deletion does not count as a change of a definition, and says what comes next. */
function markDeleted(definition: ApiObject): ApiObject {
  const { finalizers = [], generation = 1, deletionTimestamp } = definition.metadata;
  const metadata = { finalizers: [...new Set([...finalizers, CLEANUP])], generation: generation - 1 };
  const conditions = withCondition(conditionsOf(definition), PENDING, Date.parse(deletionTimestamp ?? ''));
  const status = { ...(definition['status'] as object), conditions };
  return withMeta({ ...definition, status }, metadata);
}

const PENDING: Condition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionPending',
  message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
};

/** Names that follow from the kind, and a status that is there from the first moment on. */
function withDefaults(definition: Draft): Draft {
  const spec = isRecord(definition['spec']) ? definition['spec'] : {};
  const given = isRecord(spec['names']) ? spec['names'] : {};
  const kind = String(given['kind'] ?? '');
  const derived = kind === '' ? {} : { singular: kind.toLowerCase(), listKind: `${kind}List` };
  const names = { ...derived, ...given };
  const status = definition['status'] ?? {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: storing(spec).map((version) => version['name']),
  };
  return { ...definition, spec: { conversion: { strategy: 'None' }, ...spec, names }, status } as Draft;
}

function versionsOf(spec: unknown): readonly Json[] {
  const listed = at(spec, 'versions');
  return Array.isArray(listed) ? listed.filter(isRecord) : [];
}

function storing(spec: unknown): readonly Json[] {
  return versionsOf(spec).filter((version) => version['storage'] === true);
}

function check(
  definition: Draft,
  old: ApiObject | undefined,
  fieldValidation: FieldValidation,
): readonly cause.Cause[] {
  const missing = (...fields: readonly string[]) =>
    fields
      .filter((field) => (at(definition, 'spec', ...field.split('.')) ?? '') === '')
      .map((field) => cause.required(`spec.${field}`));
  const fixed = ['spec.group', 'spec.scope', 'spec.names.kind', 'spec.names.plural'];
  return [
    ...(old === undefined ? checkName(definition) : []),
    ...missing('group', 'scope'),
    ...checkScope(definition),
    ...checkVersions(definition, fieldValidation),
    ...missing('names.plural', 'names.singular', 'names.kind', 'names.listKind'),
    ...(storing(definition['spec']).length === 0 && old === undefined ? [NOTHING_STORED] : []),
    ...fixed.flatMap((field) => immutable(field, definition, old)),
  ];
}

const NOTHING_STORED = cause.invalid('status.storedVersions', null, 'must have at least one stored version');

function checkName(definition: Draft): readonly cause.Cause[] {
  const wanted = `${at(definition, 'spec', 'names', 'plural')}.${at(definition, 'spec', 'group')}`;
  const name = definition.metadata.name ?? '';
  if (name === wanted) return [];
  return [cause.invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function checkScope(definition: Draft): readonly cause.Cause[] {
  const scope = at(definition, 'spec', 'scope');
  if (scope === undefined || scope === 'Cluster' || scope === 'Namespaced') return [];
  return [cause.notSupported('spec.scope', scope, ['Cluster', 'Namespaced'])];
}

function checkVersions(definition: Draft, fieldValidation: FieldValidation): readonly cause.Cause[] {
  if (storing(definition['spec']).length !== 1) {
    const shown = goStruct(versionsOf(definition['spec']).map(asStruct));
    const why = `${shown}: must have exactly one version marked as storage version`;
    return [cause.invalid('spec.versions', cause.OMITTED, why)];
  }
  const versions = versionsOf(definition['spec']);
  const onlyOne = versions.length === 1;
  return versions.flatMap((version, i) => [
    ...checkSchema(version, i, fieldValidation),
    ...checkSelectable(version, onlyOne ? 'spec' : `spec.versions[${i}]`),
  ]);
}

/** As the server shows a version: what all versions share is kept elsewhere. */
function asStruct(version: Json): Json {
  return {
    Name: version['name'] ?? '',
    Served: version['served'] ?? false,
    Storage: version['storage'] ?? false,
    Deprecated: version['deprecated'] ?? false,
    DeprecationWarning: version['deprecationWarning'] ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  };
}

function checkSelectable(version: Json, path: string): readonly cause.Cause[] {
  const fields = version['selectableFields'];
  const schema = at(version, 'schema', 'openAPIV3Schema');
  if (!Array.isArray(fields)) return [];
  return fields.flatMap((field, i) => {
    const jsonPath = String(at(field, 'jsonPath') ?? '');
    const keys = jsonPath.split('.').slice(1);
    if (at(schema, ...keys.flatMap((key) => ['properties', key])) !== undefined) return [];
    const why = 'is an invalid path: does not refer to a valid field';
    return [cause.invalid(`${path}.selectableFields[${i}].jsonPath`, jsonPath, why)];
  });
}

/** A schema that cannot be decoded refuses the whole request with 400, as unknown keywords do. */
function checkSchema(version: Json, index: number, fieldValidation: FieldValidation): readonly cause.Cause[] {
  const schema = at(version, 'schema', 'openAPIV3Schema');
  if (schema === undefined) {
    return [cause.required(`spec.versions[${index}].schema.openAPIV3Schema`)];
  }
  try {
    compileSchema(schema, { fieldValidation });
    return [];
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    if (error.status === 400) throw badRequest(error.message);
    return error.causes;
  }
}
