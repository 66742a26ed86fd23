/** Whether an applied configuration fits the schema at all, in the words of structured-merge-diff. */

import { isRecord } from '../objects.ts';
import { step } from './set.ts';
import { type Part, partsOf, type Schema } from './typed.ts';

type Expectation = Readonly<{ fits: (value: unknown) => boolean; told: (value: unknown) => string }>;

const EXPECTATIONS: Readonly<Record<string, Expectation>> = {
  string: {
    fits: (value) => typeof value === 'string',
    told: (value) => `expected string, got &value.valueUnstructured{Value:${goLike(value)}}`,
  },
  integer: {
    fits: (value) => typeof value === 'number',
    told: (value) => `expected numeric (int or float), got ${goKind(value)}`,
  },
  boolean: {
    fits: (value) => typeof value === 'boolean',
    told: (value) => `expected boolean, got &{${goLike(value)}}`,
  },
  object: { fits: isRecord, told: (value) => `expected map, got &{${goLike(value)}}` },
  array: { fits: Array.isArray, told: (value) => `expected list, got &{${goLike(value)}}` },
};

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  return isRecord(value) ? 'map' : typeof value;
}

/** Near enough to how Go prints a value. */
function goLike(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goLike).join(' ')}]`;
  if (!isRecord(value)) return String(value);
  const pairs = Object.entries(value).map(([name, inner]) => `${name}:${goLike(inner)}`);
  return `map[${pairs.sort().join(' ')}]`;
}

/** Every misfit with its path; null fits everything. */
export function misfits(value: unknown, schema: Schema, path = ''): readonly string[] {
  if (value === null || schema === undefined) return [];
  const type = schema['type'] === 'number' ? 'integer' : String(schema['type']);
  const expectation = EXPECTATIONS[type];
  if (expectation !== undefined && !expectation.fits(value)) return [`${path}: ${expectation.told(value)}`];
  const parts = partsOf(value, schema) ?? [];
  return [
    ...duplicates(parts.map(({ key }) => key)).map(
      (key) => `${path}: duplicate entries for key ${step(key)}`,
    ),
    ...misfitsWithin(parts, schema, path),
  ];
}

/** The first part that nothing is declared of ends the walk: of several, a real server tells any one. */
function misfitsWithin(parts: readonly Part[], schema: Schema, path: string): readonly string[] {
  const end = isOpen(schema) ? -1 : parts.findIndex((part) => part.schema === undefined);
  const declared = end < 0 ? parts : parts.slice(0, end);
  const odd = parts[end];
  return [
    ...declared.flatMap((part) => misfits(part.value, part.schema, `${path}${step(part.key)}`)),
    ...(odd === undefined ? [] : [`${path}${step(odd.key)}: field not declared in schema`]),
  ];
}

function isOpen(schema: Schema): boolean {
  const more = schema?.['additionalProperties'];
  return schema?.['x-kubernetes-preserve-unknown-fields'] === true || (more !== undefined && more !== false);
}

function duplicates(keys: readonly string[]): readonly string[] {
  return [...new Set(keys.filter((key, i) => keys.indexOf(key) !== i))];
}
