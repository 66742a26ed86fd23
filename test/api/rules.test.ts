import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { connectionSpec } from '../../src/api/almconnection.ts';
import { credentialSpec } from '../../src/api/clientcredential.ts';
import { structuralSchema } from '../../src/api/crd.ts';
import { parseSpec } from '../../src/api/parse.ts';
import { admission, asSchema, type Cause, type CelRule, causesOf, type Schema } from './admission.ts';
import { CONNECTION_ROWS, CREDENTIAL_ROWS, credential, generated } from './rows.ts';

const KINDS = [
  { kind: 'ClientCredential', zod: credentialSpec, rows: CREDENTIAL_ROWS },
  { kind: 'AlmConnection', zod: connectionSpec, rows: CONNECTION_ROWS },
];

describe.each(KINDS)('the rules of $kind', ({ zod, rows }) => {
  const schema = asSchema(structuralSchema(zod));
  const admits = admission(schema);

  it.each(rows)('judge alike at the API server and in the operator: $name', ({ spec, says }) => {
    expect(causesOf(schema, spec)).toEqual(says === undefined ? [] : [says]);
    expect(admits(spec)).toBe(says === undefined);
    expect(problemOf(zod, spec)).toEqual(says);
  });

  it('each have a row that breaks them, or compare with the stored object', () => {
    const broken = new Set(rows.map(({ says }) => says?.message));
    const untold = rulesOf(schema).filter(
      ({ rule, message }) => !rule.includes('oldSelf') && !broken.has(message),
    );
    expect(untold).toEqual([]);
  });
});

function problemOf(zod: z.ZodType, spec: unknown): Cause | undefined {
  const parsed = parseSpec(zod, spec);
  return parsed.ok ? undefined : { field: parsed.field, message: parsed.problem };
}

function rulesOf(schema: Schema): readonly CelRule[] {
  const below = [schema.items, schema.additionalProperties, ...Object.values(schema.properties ?? {})];
  const own = schema['x-kubernetes-validations'] ?? [];
  return [...own, ...below.flatMap((child) => (child === undefined ? [] : rulesOf(child)))];
}

describe('what cannot be changed', () => {
  const schema = asSchema(structuralSchema(credentialSpec));
  const MOVED = {
    field: 'spec.connectionRef',
    message: 'connectionRef is immutable, its absence included; delete this object and create another',
  };
  const RENAMED = {
    field: 'spec.clientId',
    message: 'clientId is immutable; delete this object and create another',
  };
  const on = (name: string) => ({ ...credential, connectionRef: { name } });

  it.each([
    { name: 'connectionRef added', from: credential, to: on('a'), says: [MOVED] },
    { name: 'connectionRef removed', from: on('a'), to: credential, says: [MOVED] },
    { name: 'connectionRef changed', from: on('a'), to: on('b'), says: [MOVED] },
    { name: 'connectionRef kept', from: on('a'), to: { ...on('a'), suspend: true }, says: [] },
    {
      name: 'no connectionRef before and after',
      from: credential,
      to: { ...credential, roles: ['A'] },
      says: [],
    },
    { name: 'clientId changed', from: credential, to: { ...credential, clientId: 'b' }, says: [RENAMED] },
    {
      name: 'clientId changed in case',
      from: credential,
      to: { ...credential, clientId: 'Pay_shop' },
      says: [RENAMED],
    },
    {
      name: 'the kind of Secret changed',
      from: { ...credential, authorisedGrantTypes: ['password'], clientId: 'a' },
      to: generated({}),
      says: [],
    },
  ])('$name', ({ from, to, says }) => {
    expect(causesOf(schema, to, from)).toEqual(says);
  });

  it('judges nothing of that when an object is created', () => {
    expect(causesOf(schema, on('a'))).toEqual([]);
  });
});
