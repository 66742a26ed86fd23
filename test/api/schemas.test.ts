import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { almConnectionKind } from '../../src/api/almconnection.ts';
import { clientCredentialKind } from '../../src/api/clientcredential.ts';
import { parseSpec } from '../../src/api/parse.ts';
import { judgeOf } from './admission.ts';
import { connection, credential, generated, login } from './rows.ts';

/** One to three members of what the arbitrary gives, so that one member alone often decides. */
function fewOf(changes: fc.Arbitrary<object>): fc.Arbitrary<object> {
  return changes
    .chain((change) =>
      fc.shuffledSubarray(Object.entries(change), { maxLength: Math.min(3, Object.keys(change).length) }),
    )
    .map((entries) => Object.fromEntries(entries));
}

const labels = (size: number) => Object.fromEntries(Array.from({ length: size }, (_, at) => [`l${at}`, '']));

describe('the whole schemas', () => {
  const some = (...values: readonly unknown[]) => fc.constantFrom(...values);
  const names = some(
    'a',
    'a.b',
    'A',
    '',
    '-a',
    'a-',
    'a'.repeat(63),
    'a'.repeat(64),
    'a'.repeat(253),
    'a'.repeat(254),
  );
  const lists = fc.array(some('client_credentials', 'password', 'refresh_token', 'implicit'), {
    maxLength: 4,
  });
  const roles = some(
    'A',
    'ä'.repeat(128),
    'A,B',
    '',
    'x\u0085',
    '\u{1f600}'.repeat(128),
    '\u{1f600}'.repeat(129),
    7,
  );
  const seconds = some(0, 1, 2 ** 31 - 1, 2 ** 31, 1.5, '1', -1, 1e20);

  const credentials = fc.record(
    {
      clientId: some('a', 'a_b-9', '_a', 'a.b', 'a'.repeat(128), 'a'.repeat(129), '', 12),
      clientSecretRef: fc.record(
        { name: names, key: some('k', '.k-_', 'a/b', '') },
        { requiredKeys: ['name'] },
      ),
      authorisedGrantTypes: lists,
      accessTokenValidity: seconds,
      refreshTokenValidity: seconds,
      roles: fc.oneof(
        fc.array(roles, { maxLength: 3 }),
        some(Array.from({ length: 65 }, (_, at) => `R${at}`)),
      ),
      connectionRef: fc.record({ name: names }),
      adoptionPolicy: some('Never', 'IfExists', 'Required', 'never'),
      deletionPolicy: some('Revoke', 'Retain', 'Delete'),
      resyncInterval: some('0s', '5s', '4s', '1h', '1h1m1s', '999999h999999h', '999999h999999h999999h'),
      suspend: some(true, false, 'true'),
    },
    { requiredKeys: [] },
  );

  const connections = fc.record(
    {
      endpoint: some(
        'https://a',
        'http://a',
        `https://a/${'b'.repeat(1013)}`,
        `https://a/${'b'.repeat(1014)}`,
        'x',
      ),
      insecure: some({}, { allowHttp: true }, { allowHttp: 'yes' }),
      tls: some(
        {},
        { caBundle: '' },
        { serverName: 'ishtar' },
        { serverName: 'a b' },
        { insecureSkipVerify: true },
      ),
      auth: some(
        { none: {} },
        {},
        { clientCredentials: login },
        { clientCredentials: { ...login, clientId: 'a:b' } },
      ),
      protectedClientIds: fc.array(some('Admin', 'LmClient', 'a b'), { maxLength: 3 }),
      api: some({}, { read: 'Auto', delete: 'Enabled' }, { read: 'auto' }),
      limits: fc.record({ concurrency: some(0, 1, 256, 257), burst: seconds }, { requiredKeys: [] }),
      verification: some('OnChange', 'Always'),
      access: fc.array(
        fc.record({
          namespaces: some(
            { all: true },
            { names: [] },
            { names: ['a', 'B'] },
            ...[16, 17].map((size) => ({ selector: { matchLabels: labels(size) } })),
          ),
          clientIds: some(['*'], [], ['$(namespace)_*'], ['$(other)'], ['a.b'], ['*a**'], ['**']),
          roles: some([], ['**'], ['a*b*c'], ['a*b*c*d'], ['*a b.'], ['a,*'], ['*\n']),
        }),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: [] },
  );

  it.each([
    { kind: clientCredentialKind, good: credential, changes: credentials },
    { kind: almConnectionKind, good: connection, changes: connections },
  ])(
    'of $kind.resource.kind admit the same specs at the API server and in the operator',
    ({ kind, good, changes }) => {
      const judge = judgeOf(kind);
      const seen = { admitted: 0, refused: 0 };
      fc.assert(
        fc.property(fewOf(changes), (change) => {
          const spec = { ...good, ...change };
          const admitted = judge(spec).length === 0;
          seen[admitted ? 'admitted' : 'refused'] += 1;
          expect(parseSpec(kind.spec, spec).ok).toBe(admitted);
        }),
        { numRuns: 500 },
      );
      expect(Math.min(seen.admitted, seen.refused)).toBeGreaterThan(50);
    },
  );

  it.each([
    { size: 32, admitted: true },
    { size: 33, admitted: false },
  ])('admit $size labels of a generated Secret: $admitted', ({ size, admitted }) => {
    const spec = generated({ template: { labels: labels(size) } });
    expect(judgeOf(clientCredentialKind)(spec).length === 0).toBe(admitted);
    expect(parseSpec(clientCredentialKind.spec, spec).ok).toBe(admitted);
  });
});
