/** Which fields a value has, which of them an apply speaks for, and which a change touches. */

import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../objects.ts';
import { type FieldSet, nodeOf, setOf } from './set.ts';
import { type Part, partSchema, partsOf, propertyOf, type Schema } from './typed.ts';

/** Every node of a value, maps and items included. */
export function nodesOf(value: unknown, schema: Schema): FieldSet {
  const parts = byKey(partsOf(value, schema) ?? []);
  return setOf(parts.keys(), (key) => {
    const part = parts.get(key);
    return part && nodeOf(true, nodesOf(part.value, part.schema));
  });
}

/**
 * What one who applies a value speaks for: its leaves, the items of its lists, and the keys that no schema declares.
 * A declared field with something in it is not among them: others may add to it.
 */
export function spokenFor(value: unknown, schema: Schema): FieldSet {
  const parts = byKey(partsOf(value, schema) ?? []);
  return setOf(parts.keys(), (key) => {
    const part = parts.get(key);
    return part && nodeOf(isMember(part), spokenFor(part.value, part.schema));
  });
}

function isMember({ value, schema, declared }: Part): boolean {
  if (!declared || value === null || partsOf(value, schema) === undefined) return true;
  return isRecord(value) && Object.keys(value).length === 0;
}

/** With duplicates the last one counts. */
function byKey(parts: readonly Part[]): ReadonlyMap<string, Part> {
  return new Map(parts.map((part) => [part.key, part]));
}

export type Comparison = Readonly<{ changed: FieldSet; removed: FieldSet }>;

/** `changed` holds what is new or another, `removed` what is gone. */
export function compare(before: unknown, after: unknown, schema: Schema): Comparison {
  const [old, now] = [before, after].map((value) => byKey(withZeroes(partsOf(value, schema) ?? [], schema)));
  const keys = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  const inner = new Map([...keys].map((key) => [key, comparePart(old?.get(key), now?.get(key))]));
  return {
    changed: setOf(keys, (key) => inner.get(key)?.changed),
    removed: setOf(keys, (key) => inner.get(key)?.removed),
  };
}

type PartComparison = Readonly<{ changed?: FieldSet | undefined; removed?: FieldSet | undefined }>;

function comparePart(old: Part | undefined, now: Part | undefined): PartComparison {
  if (old === undefined) return now === undefined ? {} : { changed: whole(now) };
  if (now === undefined) return { removed: whole(old) };
  const divisible = [old, now].every(({ value, schema }) => partsOf(value, schema) !== undefined);
  if (!divisible || Array.isArray(old.value) !== Array.isArray(now.value)) {
    if (isDeepStrictEqual(old.value, now.value)) return {};
    return { changed: whole(now), removed: nodeOf(false, nodesOf(old.value, old.schema)) };
  }
  const { changed, removed } = compare(old.value, now.value, now.schema);
  return { changed: nodeOf(false, changed), removed: nodeOf(false, removed) };
}

function whole({ value, schema }: Part): FieldSet | undefined {
  return nodeOf(true, nodesOf(value, schema));
}

/** Where a schema defaults a field to an empty map, the map is there even when it is not. */
function withZeroes(parts: readonly Part[], schema: Schema): readonly Part[] {
  const properties = schema?.['properties'];
  if (!isRecord(properties)) return parts;
  const missing = Object.keys(properties).filter(
    (name) => isZero(propertyOf(schema, name)) && !parts.some(({ key }) => key === `f:${name}`),
  );
  const zeroes = missing.map((name) => {
    const key = `f:${name}`;
    return { key, value: {}, schema: partSchema(schema, key), declared: true };
  });
  return [...parts, ...zeroes];
}

function isZero(schema: Schema): boolean {
  const zero = schema?.['default'];
  return isRecord(zero) && Object.keys(zero).length === 0;
}
