// Judges an object by the generated schema alone, as an API server would: keywords by ajv, sets by counting, rules by a
// CEL interpreter. It knows nothing of zod, so that the two sides of a rule can be held against each other.
import { Environment } from '@marcbachmann/cel-js';
import { Ajv } from 'ajv';

export type Schema = Readonly<{
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: Schema;
  items?: Schema;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-validations'?: readonly CelRule[];
}> &
  Readonly<Record<string, unknown>>;

export type CelRule = Readonly<{ rule: string; message: string; reason: string; fieldPath?: string }>;

export type Cause = Readonly<{ field: string; message: string }>;

export function asSchema(value: unknown): Schema {
  if (typeof value !== 'object' || value === null) throw new Error('a schema is an object');
  return value as Schema;
}

const cel = new Environment({ unlistedVariablesAreDyn: true });

/** What the CEL rules say against `value`; transition rules are judged where there is an `old` value. */
export function causesOf(schema: Schema, value: unknown, old?: unknown, field = 'spec'): readonly Cause[] {
  const own = (schema['x-kubernetes-validations'] ?? [])
    .filter(({ rule }) => old !== undefined || !rule.includes('oldSelf'))
    .filter(({ rule }) => !holds(rule, value, old))
    .map(({ message, fieldPath = '' }) => ({ field: field + fieldPath, message }));
  const below = children(schema, value).flatMap(({ name, path, schema: child, value: member }) =>
    causesOf(child, member, name === undefined ? undefined : memberOf(old, name), field + path),
  );
  return [...own, ...below];
}

function holds(rule: string, self: unknown, oldSelf: unknown): boolean {
  try {
    return cel.evaluate(rule, { self, oldSelf }) === true;
  } catch {
    return false;
  }
}

/** Tells whether the whole schema admits a value as a new object. */
export function admission(schema: Schema): (value: unknown) => boolean {
  const keywords = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  return (value) => keywords(value) && hasUniqueSets(schema, value) && causesOf(schema, value).length === 0;
}

function hasUniqueSets(schema: Schema, value: unknown): boolean {
  const isSet = Array.isArray(value) && schema['x-kubernetes-list-type'] === 'set';
  if (isSet && new Set(value).size !== value.length) return false;
  return children(schema, value).every((child) => hasUniqueSets(child.schema, child.value));
}

type Child = Readonly<{ name: string | undefined; path: string; schema: Schema; value: unknown }>;

/** Items of a list have no name: an old and a new list of ours cannot be matched item by item. */
function children(schema: Schema, value: unknown): readonly Child[] {
  if (Array.isArray(value)) {
    const items = schema.items ?? {};
    return value.map((item, at) => ({ name: undefined, path: `[${at}]`, schema: items, value: item }));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const known = schema.properties?.[name];
    if (known !== undefined) return [{ name, path: `.${name}`, schema: known, value: member }];
    const entry = schema.additionalProperties;
    return entry === undefined ? [] : [{ name, path: `[${name}]`, schema: entry, value: member }];
  });
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}
