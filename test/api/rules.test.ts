import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { almConnectionKind } from '../../src/api/almconnection.ts';
import { clientCredentialKind } from '../../src/api/clientcredential.ts';
import { type Json, structuralSchema } from '../../src/api/crd.ts';
import { parseSpec } from '../../src/api/parse.ts';
import { type Cause, judgeOf } from './admission.ts';
import { CONNECTION_ROWS, CREDENTIAL_ROWS, credential, generated } from './rows.ts';

const KINDS = [
  { kind: clientCredentialKind, rows: CREDENTIAL_ROWS },
  { kind: almConnectionKind, rows: CONNECTION_ROWS },
];

describe.each(KINDS)('the rules of $kind.resource.kind', ({ kind, rows }) => {
  const judge = judgeOf(kind);

  it.each(rows)('judge alike at the API server and in the operator: $name', ({ spec, says }) => {
    expect(judge(spec)).toEqual(says === undefined ? [] : [says]);
    expect(problemOf(kind.spec, spec)).toEqual(says);
  });

  it('each have a row that breaks them, or compare with the stored object', () => {
    const broken = new Set(rows.map(({ says }) => says?.message));
    const untold = rulesOf(structuralSchema(kind.spec)).filter(
      ({ rule, message }) => !rule.includes('oldSelf') && !broken.has(message),
    );
    expect(untold).toEqual([]);
  });
});

function problemOf(zod: z.ZodType, spec: unknown): Cause | undefined {
  const parsed = parseSpec(zod, spec);
  return parsed.ok ? undefined : { field: parsed.field, message: parsed.problem };
}

type Rule = Readonly<{ rule: string; message: string }>;

function rulesOf(schema: Json): readonly Rule[] {
  const { 'x-kubernetes-validations': own = [], items, additionalProperties, properties = {} } = schema;
  const below = [items, additionalProperties, ...Object.values(properties as Json)];
  return [
    ...(own as readonly Rule[]),
    ...below.flatMap((child) => (child === undefined ? [] : rulesOf(child as Json))),
  ];
}

describe('what cannot be changed', () => {
  const judge = judgeOf(clientCredentialKind);
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
    expect(judge(to, from)).toEqual(says);
  });

  it('judges nothing of that when an object is created', () => {
    expect(judge(on('a'))).toEqual([]);
  });
});
