/** values.schema.json, from values.yaml and valuetypes.ts. Pure. */

import type { Json } from '../../src/api/crd.ts';
import type { Value, ValueNode } from './values.ts';
import { TYPES } from './valuetypes.ts';

export function valuesSchema(tree: readonly ValueNode[]): Json {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of alm-credential-operator',
    ...groupOf(tree, {
      global: {
        type: 'object',
        description: 'What a chart around this one gives to all; nothing here reads it.',
      },
    }),
  };
}

function groupOf(members: readonly ValueNode[], more: Readonly<Record<string, Json>> = {}): Json {
  const own = members.map((node) => [node.name, schemaOf(node)]);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(own), ...more },
    additionalProperties: false,
  };
}

function schemaOf(node: ValueNode): Json {
  if ('members' in node) return groupOf(node.members);
  const { path, meaning } = node.value;
  const { description: _ofKind, ...type } = TYPES[path] ?? inferred(node.value);
  return { description: meaning, ...type };
}

/** What is wrong with a number the chart says in words of its own, unless a type is given here. */
export function inferred({ path, fallback }: Pick<Value, 'path' | 'fallback'>): Json {
  if (typeof fallback === 'boolean' || typeof fallback === 'string') return { type: typeof fallback };
  if (Number.isInteger(fallback)) return { type: 'integer' };
  throw new Error(`valuetypes.ts does not say what ${path} may be`);
}
