import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimSpec, claimStatus } from '../../src/api/almclientclaim.ts';
import { connectionSpec, connectionStatus } from '../../src/api/almconnection.ts';
import { credentialSpec, credentialStatus } from '../../src/api/clientcredential.ts';
import { parseSpec, parseStatus } from '../../src/api/parse.ts';
import { connection, credential } from './rows.ts';

const claim = {
  connection: 'default',
  endpoint: 'https://alm.example',
  clientId: 'pay_shop',
  owner: { namespace: 'pay', name: 'shop', uid: 'u-1' },
  phase: 'Pending',
};

describe('parseSpec', () => {
  it.each([
    ['no spec', undefined, 'spec', 'is required'],
    ['null', null, 'spec', 'must be an object'],
    ['a text', 'x', 'spec', 'must be an object'],
    ['a list', [], 'spec', 'must be an object'],
    ['a missing text', { ...credential, clientId: undefined }, 'spec.clientId', 'is required'],
    [
      'a missing list',
      { ...credential, authorisedGrantTypes: undefined },
      'spec.authorisedGrantTypes',
      'is required',
    ],
    ['a null field', { ...credential, roles: null }, 'spec.roles', 'must be a list'],
    ['a number for a text', { ...credential, clientId: 7 }, 'spec.clientId', 'must be a string'],
    ['a text for a flag', { ...credential, suspend: 'yes' }, 'spec.suspend', 'must be true or false'],
    ['an empty text', { ...credential, clientId: '' }, 'spec.clientId', 'must not be empty'],
    [
      'a long text',
      { ...credential, clientId: 'a'.repeat(129) },
      'spec.clientId',
      'must have at most 128 characters',
    ],
    [
      'a text of other characters',
      { ...credential, clientId: 'a.b' },
      'spec.clientId',
      'must be letters, digits, - and _, beginning with a letter or digit',
    ],
    [
      'a wrong name below',
      { ...credential, connectionRef: { name: 'A_b' } },
      'spec.connectionRef.name',
      'must be a name of Kubernetes: small letters, digits, - and .',
    ],
    [
      'an unknown word',
      { ...credential, deletionPolicy: 'Delete' },
      'spec.deletionPolicy',
      'must be one of Revoke, Retain',
    ],
    [
      'a fraction',
      { ...credential, accessTokenValidity: 1.5 },
      'spec.accessTokenValidity',
      'must be a whole number',
    ],
    ['a zero', { ...credential, accessTokenValidity: 0 }, 'spec.accessTokenValidity', 'must be at least 1'],
    [
      'a number beyond int32',
      { ...credential, accessTokenValidity: 3_000_000_000 },
      'spec.accessTokenValidity',
      'must be at most 2147483647',
    ],
    [
      'an empty list',
      { ...credential, authorisedGrantTypes: [] },
      'spec.authorisedGrantTypes',
      'must have at least 1 items',
    ],
    [
      'a long list',
      { ...credential, roles: Array.from({ length: 65 }, (_, at) => `R${at}`) },
      'spec.roles',
      'must have at most 64 items',
    ],
    [
      'an item of other characters',
      { ...credential, roles: ['A', 'B,C'] },
      'spec.roles[1]',
      'must be without comma and control characters',
    ],
    [
      'an item that is there twice',
      { ...credential, roles: ['A', 'B', 'A'] },
      'spec.roles[2]',
      'is there twice',
    ],
    [
      'a wrong entry of a map',
      {
        ...credential,
        generatedSecret: { name: 'g', template: { labels: { 'a.b/c': 'x'.repeat(64) } } },
      },
      'spec.generatedSecret.template.labels[a.b/c]',
      'must have at most 63 characters',
    ],
  ])('names the field and the rule: %s', (_, spec, field, problem) => {
    expect(parseSpec(credentialSpec, spec)).toEqual({ ok: false, field, problem });
  });

  it('names a missing word of a closed list as missing', () => {
    const spec = { ...connection, tls: { caRef: { name: 'ca' } } };
    expect(parseSpec(connectionSpec, spec)).toEqual({
      ok: false,
      field: 'spec.tls.caRef.kind',
      problem: 'is required',
    });
  });

  it('gives what was declared, adds nothing to it, and passes over fields that it does not know', () => {
    const spec = { ...credential, clientSecretRef: { name: 'pay', mode: 'new' }, future: { x: 1 } };
    expect(parseSpec(credentialSpec, spec)).toEqual({ ok: true, value: credential });
  });

  it('takes a claim whose words are of a later version', () => {
    const spec = { ...claim, phase: 'Hibernating', origin: 'Inherited' };
    expect(parseSpec(claimSpec, spec)).toEqual({ ok: true, value: spec });
  });

  it('does not repeat a value that may be a secret', () => {
    const canary = 'canary-7f3a9,\n';
    const specs = [
      { ...credential, clientId: canary },
      { ...credential, clientSecretRef: canary },
      { ...credential, clientSecretRef: { name: canary, key: canary } },
      { ...credential, roles: [canary] },
      { ...credential, authorisedGrantTypes: [canary] },
      { ...credential, resyncInterval: canary },
      { ...credential, adoptionPolicy: canary },
    ];
    expect(specs.map((spec) => parseSpec(credentialSpec, spec).ok)).toEqual(specs.map(() => false));
    expect(JSON.stringify(specs.map((spec) => parseSpec(credentialSpec, spec)))).not.toContain('canary');
    const endpoint = 'https://user:canary-7f3a9@alm.example';
    expect(JSON.stringify(parseSpec(connectionSpec, { ...connection, endpoint }))).not.toContain('canary');
  });

  it('refuses an address that looks right and cannot be used', () => {
    const parsed = parseSpec(connectionSpec, { ...connection, endpoint: 'https://256.0.0.1' });
    expect(parsed).toMatchObject({ ok: false, field: 'spec.endpoint' });
  });
});

const SPECS = [
  { kind: 'ClientCredential', schema: credentialSpec, good: credential },
  { kind: 'AlmConnection', schema: connectionSpec, good: connection },
  { kind: 'AlmClientClaim', schema: claimSpec, good: claim },
];
const STATUSES = [
  { kind: 'ClientCredential', schema: credentialStatus },
  { kind: 'AlmConnection', schema: connectionStatus },
  { kind: 'AlmClientClaim', schema: claimStatus },
];

describe('no value at all makes reading throw', () => {
  const anything = fc.anything({ withNullPrototype: true, withSparseArray: true, withDate: true });

  it.each(SPECS)('as the spec of $kind, or as any member of it', ({ schema, good }) => {
    expect(parseSpec(schema, good)).toEqual({ ok: true, value: good });
    const members = Object.keys(schema._zod.def.shape);
    fc.assert(
      fc.property(fc.constantFrom(...members), anything, (member, value) => {
        for (const spec of [value, { ...good, [member]: value }]) {
          const parsed = parseSpec(schema, spec);
          if (parsed.ok) continue;
          expect(parsed.field).toMatch(/^spec/);
          expect(parsed.problem).not.toBe('');
        }
      }),
    );
  });

  it('not even a text on which a regular expression overflows the stack', () => {
    const long = (part: string) => part.repeat(8_000_000);
    const rule = { namespaces: { all: true }, clientIds: [long('*')] };
    const fields = [
      parseSpec(credentialSpec, { ...credential, clientSecretRef: { name: long('a.') } }),
      parseSpec(credentialSpec, { ...credential, resyncInterval: long('1h') }),
      parseSpec(connectionSpec, { ...connection, endpoint: `https://a${long('/a')}` }),
      parseSpec(connectionSpec, { ...connection, access: [rule] }),
    ].map((parsed) => (parsed.ok ? undefined : parsed.field));
    expect(fields).toEqual([
      'spec.clientSecretRef.name',
      'spec.resyncInterval',
      'spec.endpoint',
      'spec.access[0].clientIds[0]',
    ]);
  });

  it.each(STATUSES)('as the status of $kind', ({ schema }) => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(parseStatus(schema, value).observedGeneration).toBeTypeOf('number');
      }),
    );
  });
});

describe('parseStatus', () => {
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Applied',
    message: 'ALM holds this client.',
    observedGeneration: 3,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };

  it.each([
    ['absent', undefined],
    ['null', null],
    ['a text', 'x'],
    ['of another shape', { observedGeneration: 3, conditions: 'none' }],
    ['with half a condition', { observedGeneration: 3, conditions: [{ type: 'Ready' }] }],
  ])('counts a status %s as empty', (_, status) => {
    expect(parseStatus(credentialStatus, status)).toEqual({ observedGeneration: -1 });
  });

  it('gives what is stored, words of a later version included', () => {
    const status = { observedGeneration: 3, conditions: [condition], origin: 'Inherited' };
    expect(parseStatus(credentialStatus, status)).toEqual(status);
  });

  it('reads a truth value that it does not know as Unknown', () => {
    const status = { observedGeneration: 3, conditions: [{ ...condition, status: 'Maybe' }] };
    expect(parseStatus(connectionStatus, status).conditions?.[0]?.status).toBe('Unknown');
  });
});
