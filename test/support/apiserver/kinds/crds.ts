/** CustomResourceDefinitions. When their kinds are served, and how they end, is in controllers/definitions.ts. */

import { type ApiObject, at, type Draft, isRecord, type Json, withMeta } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { SchemaError } from '../schema/causes.ts';
import { compileSchema, type FieldValidation } from '../schema/schema.ts';
import { badRequest } from '../status.ts';
import { builtIn, immutable } from './builtin.ts';
import type { Kind } from './kind.ts';

export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const STRING = { type: 'string' };
const STRINGS = { type: 'array', items: STRING };
const object = (properties: Json) => ({ type: 'object', properties });
const list = (properties: Json) => ({ type: 'array', items: object(properties) });

const NAMES = object({
  plural: STRING,
  singular: STRING,
  kind: STRING,
  listKind: STRING,
  shortNames: STRINGS,
  categories: STRINGS,
});

const VERSION = {
  name: STRING,
  served: { type: 'boolean' },
  storage: { type: 'boolean' },
  deprecated: { type: 'boolean' },
  deprecationWarning: STRING,
  schema: object({ openAPIV3Schema: OPEN }),
  subresources: object({ status: OPEN, scale: OPEN }),
  selectableFields: list({ jsonPath: STRING }),
  additionalPrinterColumns: list({
    name: STRING,
    type: STRING,
    format: STRING,
    description: STRING,
    priority: { type: 'integer' },
    jsonPath: STRING,
  }),
};

const CONDITION = {
  type: STRING,
  status: STRING,
  reason: STRING,
  message: STRING,
  lastTransitionTime: STRING,
  observedGeneration: { type: 'integer' },
};

export const definitions: Kind = builtIn({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  namespaced: false,
  status: true,
  generation: true,
  properties: {
    spec: object({
      group: STRING,
      scope: STRING,
      names: NAMES,
      versions: list(VERSION),
      conversion: object({ strategy: STRING, webhook: OPEN }),
      preserveUnknownFields: { type: 'boolean' },
    }),
    status: object({ conditions: list(CONDITION), acceptedNames: NAMES, storedVersions: STRINGS }),
  },
  decode: withDefaults,
  check,
  markDeleted: (definition) =>
    withMeta(definition, { finalizers: [...new Set([...(definition.metadata.finalizers ?? []), CLEANUP])] }),
});

function withDefaults(definition: Draft): Draft {
  const spec = definition['spec'];
  if (!isRecord(spec) || !isRecord(spec['names'])) return definition;
  const kind = String(spec['names']['kind'] ?? '');
  const names = { singular: kind.toLowerCase(), listKind: `${kind}List`, ...spec['names'] };
  return { ...definition, spec: { conversion: { strategy: 'None' }, ...spec, names } } as Draft;
}

function check(
  definition: Draft,
  old: ApiObject | undefined,
  fieldValidation: FieldValidation,
): readonly cause.Cause[] {
  const missing = ['group', 'scope', 'names.plural', 'names.kind'].filter(
    (field) => (at(definition, 'spec', ...field.split('.')) ?? '') === '',
  );
  if (missing.length > 0) return missing.map((field) => cause.required(`spec.${field}`));
  return [
    ...checkNames(definition),
    ...immutable('spec.scope', definition, old),
    ...immutable('spec.names.kind', definition, old),
    ...checkVersions(definition, fieldValidation),
  ];
}

function checkNames(definition: Draft): readonly cause.Cause[] {
  const wanted = `${at(definition, 'spec', 'names', 'plural')}.${at(definition, 'spec', 'group')}`;
  const name = definition.metadata.name ?? '';
  const scope = String(at(definition, 'spec', 'scope'));
  return [
    ...(name === wanted
      ? []
      : [cause.invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]),
    ...(['Cluster', 'Namespaced'].includes(scope)
      ? []
      : [cause.notSupported('spec.scope', scope, ['Cluster', 'Namespaced'])]),
  ];
}

function checkVersions(definition: Draft, fieldValidation: FieldValidation): readonly cause.Cause[] {
  const listed = at(definition, 'spec', 'versions');
  const versions = Array.isArray(listed) ? listed.filter(isRecord) : [];
  const storing = versions.filter((version) => version['storage'] === true);
  if (storing.length !== 1) {
    const why = 'must have exactly one version marked as storage version';
    return [cause.invalid('spec.versions', listed ?? null, why)];
  }
  return versions.flatMap((version, i) => checkSchema(version, i, fieldValidation));
}

/** A schema that cannot be decoded refuses the whole request with 400, as unknown keywords do. */
function checkSchema(version: Json, index: number, fieldValidation: FieldValidation): readonly cause.Cause[] {
  const schema = at(version, 'schema', 'openAPIV3Schema');
  if (schema === undefined) {
    return [cause.required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required')];
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
