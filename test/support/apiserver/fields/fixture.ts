/** The kind that the tests of this room write. What they write out was answered by kube-apiserver 1.36 for such a kind. */

import { METADATA } from '../kinds/schemas/metadata.ts';
import type { FieldSet } from './set.ts';

const TEXT = { type: 'string' };
export const SCHEMA = {
  type: 'object',
  properties: {
    apiVersion: TEXT,
    kind: TEXT,
    metadata: METADATA,
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        mood: TEXT,
        flag: { type: 'boolean' },
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        map: { type: 'object', additionalProperties: TEXT },
        atom: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: TEXT, b: TEXT } },
        list: { type: 'array', items: TEXT },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: TEXT },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name', 'proto'],
          items: {
            type: 'object',
            properties: {
              name: TEXT,
              proto: { type: 'string', default: 'TCP' },
              count: { type: 'integer' },
              sub: { type: 'object', properties: { x: TEXT } },
            },
          },
        },
        ios: { 'x-kubernetes-int-or-string': true },
      },
    },
  },
};

export const GAD = {
  metadata: {
    name: 'b',
    labels: { l: '1' },
    finalizers: ['x.io/a'],
    ownerReferences: [{ apiVersion: 'v1', kind: 'K', name: 'n', uid: 'u1' }],
  },
  spec: {
    ...{ size: 1, any: { z: { y: [1, { k: 1 }] } }, map: { a: '1' }, atom: { a: 'x' }, list: ['l'] },
    ...{ set: ['s', 't'], parts: [{ name: 'p1', sub: { x: 'y' } }], ios: 5 },
  },
};

export const leaves = (...keys: readonly string[]): FieldSet =>
  Object.fromEntries(keys.map((key) => [key, {}]));
export const PART = 'k:{"name":"p1","proto":"TCP"}';
