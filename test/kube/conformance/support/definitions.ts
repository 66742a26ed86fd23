/** CustomResourceDefinitions of the suite: one with all that this project uses, one with nothing. */

import { GROUP } from './objects.ts';

const SPEC = {
  type: 'object',
  description: 'What the gadget should be.',
  required: ['size'],
  'x-kubernetes-validations': [
    { rule: "!has(self.colour) || self.colour != 'red' || self.size < 10", message: 'red gadgets are small' },
    {
      rule: 'has(self.lock) == has(oldSelf.lock)',
      message: 'lock is kept',
      reason: 'FieldValueForbidden',
      fieldPath: '.lock',
    },
  ],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 100, description: 'How big.' },
    colour: { type: 'string', maxLength: 8, pattern: '^[a-z]+$' },
    mood: { type: 'string', default: 'calm', enum: ['calm', 'wild'] },
    id: {
      type: 'string',
      'x-kubernetes-validations': [
        { rule: 'self == oldSelf', message: 'id is immutable', reason: 'FieldValueForbidden' },
      ],
    },
    lock: { type: 'string' },
    port: { 'x-kubernetes-int-or-string': true },
    note: { type: 'string', nullable: true },
    tags: {
      type: 'array',
      'x-kubernetes-list-type': 'set',
      maxItems: 3,
      items: { type: 'string', minLength: 1 },
    },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, count: { type: 'integer', default: 1 } },
      },
    },
    labels: { type: 'object', maxProperties: 2, additionalProperties: { type: 'string' } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    when: { type: 'string', format: 'date-time' },
  },
};

const STATUS = {
  type: 'object',
  default: { observedGeneration: -1 },
  properties: {
    observedGeneration: { type: 'integer', format: 'int64', default: -1 },
    word: { type: 'string' },
    conditions: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: {
        type: 'object',
        required: ['type', 'status'],
        properties: { type: { type: 'string' }, status: { type: 'string' } },
      },
    },
  },
};

/** Namespaced, with status, defaults, CEL, columns and selectable fields. */
export const GADGETS = definition({
  names: { ...named('Gadget'), shortNames: ['gd'], categories: ['toys'] },
  scope: 'Namespaced',
  version: {
    subresources: { status: {} },
    selectableFields: [{ jsonPath: '.spec.colour' }, { jsonPath: '.spec.size' }],
    additionalPrinterColumns: [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size', description: 'How big it is.' },
      { name: 'Word', type: 'string', jsonPath: '.status.word' },
      { name: 'Tags', type: 'string', jsonPath: '.spec.tags', priority: 1 },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
    schema: {
      openAPIV3Schema: {
        type: 'object',
        description: 'A thing to test with.',
        properties: { spec: SPEC, status: STATUS },
      },
    },
  },
});

/** Cluster-scoped, without subresources, and with any fields. */
export const PLAINS = definition({
  names: named('Plain'),
  scope: 'Cluster',
  version: {
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  },
});

function named(kind: string) {
  const singular = kind.toLowerCase();
  return { kind, listKind: `${kind}List`, plural: `${singular}s`, singular };
}

type Names = ReturnType<typeof named> &
  Readonly<{ shortNames?: readonly string[]; categories?: readonly string[] }>;
type Parts = Readonly<{ names: Names; scope: 'Namespaced' | 'Cluster'; version: object }>;

function definition({ names, scope, version }: Parts) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${GROUP}` },
    spec: { group: GROUP, scope, names, versions: [{ name: 'v1', served: true, storage: true, ...version }] },
  };
}
