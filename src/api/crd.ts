// Writes the CustomResourceDefinitions. Every schema is structural: what zod says beyond that is taken out here, and a
// zod type that has no structural form makes the writer throw.
import { stringify } from 'yaml';
import { z } from 'zod';
import { almClientClaimKind } from './almclientclaim.ts';
import { almConnectionKind } from './almconnection.ts';
import { clientCredentialKind } from './clientcredential.ts';
import { editionOf } from './edition.ts';
import type { Column, KindDefinition } from './kind.ts';

/** A JSON object of a structural schema, or of the definition around it. */
export type Json = Readonly<{ [key: string]: unknown }>;

export const KINDS: readonly KindDefinition[] = [clientCredentialKind, almConnectionKind, almClientClaimKind];

export function customResourceDefinition(kind: KindDefinition): Json {
  const spec = definitionSpec(kind);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.resource.plural}.${kind.resource.group}`, annotations: editionOf(spec) },
    spec,
  };
}

function definitionSpec(kind: KindDefinition): Json {
  const { group, version, plural, kind: name } = kind.resource;
  return {
    group,
    scope: 'Namespaced',
    names: {
      kind: name,
      listKind: `${name}List`,
      plural,
      singular: name.toLowerCase(),
      shortNames: [kind.shortName],
      categories: ['alm'],
    },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        ...(kind.selectable.length > 0 && {
          selectableFields: kind.selectable.map((jsonPath) => ({ jsonPath })),
        }),
        additionalPrinterColumns: kind.columns.map(printerColumn),
        schema: { openAPIV3Schema: rootSchema(kind) },
      },
    ],
  };
}

export function crdYaml(kind: KindDefinition): string {
  const head = '# Written by `npm run crds` from src/api. Change it there.\n';
  return (
    head +
    stringify(customResourceDefinition(kind), {
      lineWidth: 110,
      aliasDuplicateObjects: false,
      version: '1.1',
    })
  );
}

function printerColumn({ name, type, jsonPath, wide }: Column): Json {
  return { name, type, jsonPath, ...(wide && { priority: 1 }) };
}

function rootSchema({ description, spec, status }: KindDefinition): Json {
  return {
    type: 'object',
    description,
    required: ['spec'],
    properties: {
      apiVersion: {
        type: 'string',
        description: 'The version of the schema that this object is written in.',
      },
      kind: { type: 'string', description: 'The kind of this object.' },
      metadata: { type: 'object' },
      spec: structuralSchema(spec),
      // An object that no pass has seen yet is not mistaken for one whose generation is settled.
      status: { default: { observedGeneration: -1 }, ...structuralSchema(status) },
    },
  };
}

/** Everything that the API server's structural schemas know, in the order in which it is written. */
const KEYWORDS: readonly string[] = [
  'description',
  'type',
  'format',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'maxProperties',
  'default',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
  'required',
  'properties',
  'additionalProperties',
  'items',
];

const DROPPED: ReadonlySet<string> = new Set(['readOnly', 'contentEncoding', '$schema']);

export function structuralSchema(schema: z.ZodType): Json {
  const whole = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' });
  return structural(whole, 'schema');
}

function structural(node: unknown, path: string): Json {
  const before = new Map(Object.entries(asObject(node)));
  for (const key of before.keys()) {
    if (!KEYWORDS.includes(key) && !DROPPED.has(key)) {
      throw new Error(`${path}: ${key} has no place in a structural schema`);
    }
  }
  if (!before.has('type')) throw new Error(`${path}: a structural schema has a type`);
  const kept = KEYWORDS.filter((key) => before.has(key) && !isNoise(key, before));
  return Object.fromEntries(kept.map((key) => [key, member(key, before.get(key), path)]));
}

function member(key: string, value: unknown, path: string): unknown {
  if (key === 'items' || key === 'additionalProperties') return structural(value, `${path}[]`);
  if (key !== 'properties') return value;
  const properties = Object.entries(asObject(value));
  return Object.fromEntries(properties.map(([name, child]) => [name, structural(child, `${path}.${name}`)]));
}

/** zod bounds whole numbers by what JavaScript counts exactly, closes objects, and lists members where none are. */
function isNoise(key: string, node: ReadonlyMap<string, unknown>): boolean {
  const value = node.get(key);
  if (key === 'minimum' || key === 'maximum') return Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
  if (key === 'minItems') return value === 0;
  if (key === 'additionalProperties') return node.has('properties');
  return key === 'properties' && Object.keys(asObject(value)).length === 0;
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
