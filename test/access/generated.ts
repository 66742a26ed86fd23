/** Rules and requests at random, from few words, so that they meet. */

import fc from 'fast-check';
import type { AccessRule } from '../../src/domain/access.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import type { Ask, Connection } from './bench.ts';

/** As long as a name can be. */
export const LONG = 'n'.repeat(63);

/** Besides the operator's own. */
export const NAMESPACES: readonly Readonly<{ name: string; labels: Readonly<Record<string, string>> }>[] = [
  { name: 'team', labels: { tier: 'gold', empty: '' } },
  { name: 'team-a', labels: { tier: 'lead' } },
  { name: 'admin', labels: {} },
  { name: LONG, labels: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`k${i}`, `v${i}`])) },
];

const namespace = fc.constantFrom(OPERATOR_NAMESPACE, ...NAMESPACES.map(({ name }) => name));
const label = fc.constantFrom('tier', 'empty', 'missing', 'kubernetes.io/metadata.name');
const value = fc.constantFrom('gold', 'lead', '', 'team');

const expression = fc.oneof(
  fc.record({ key: label, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
  fc.record({
    key: label,
    operator: fc.constantFrom('In' as const, 'NotIn' as const),
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
  }),
);

const selector = fc.record(
  {
    matchLabels: fc.dictionary(label, value, { maxKeys: 2 }),
    matchExpressions: fc.array(expression, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const namespaces: fc.Arbitrary<AccessRule['namespaces']> = fc.oneof(
  fc.constant({ all: true }),
  fc.record({ names: fc.uniqueArray(namespace, { minLength: 1, maxLength: 3 }) }),
  fc.record({ selector }),
);

/** Parts with two stars between them at most, never nothing. */
function glob(part: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const any = fc
    .array(part, { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join('*'))
    .filter((text) => text !== '');
  return fc.oneof({ weight: 3, arbitrary: any }, { weight: 1, arbitrary: fc.constant('*') });
}

const idPart = fc.constantFrom('', '', 'a', 'ab', '_', '-', 'Admin', '$(namespace)', '$(namespace)_', 'team');
const rolePart = fc.constantFrom('', '', 'A', 'a.c', '(', '\\E', '$(namespace)', '😀', ' ', '+');

const seconds = fc.constantFrom(600, 1199, 1200, 30600, 2_147_483_647);
const grants = fc.constantFrom('client_credentials' as const, 'password' as const, 'refresh_token' as const);

const rule: fc.Arbitrary<AccessRule> = fc.record(
  {
    namespaces,
    clientIds: fc.array(glob(idPart), { minLength: 1, maxLength: 3 }),
    roles: fc.array(glob(rolePart), { maxLength: 3 }),
    grantTypes: fc.array(grants, { maxLength: 3 }),
    maxAccessTokenValidity: seconds,
    maxRefreshTokenValidity: seconds,
    allowAdoption: fc.boolean(),
  },
  { requiredKeys: ['namespaces', 'clientIds'] },
);

const clientId = fc.oneof(
  fc.constantFrom('admin', 'Admin', 'NimrodClient', 'nimrodclient', 'team', 'team_a', 'team-a_b', 'a', 'aba'),
  fc.stringMatching(/^[abA][ab_-]{0,6}$/),
);

const role = fc.oneof(
  fc.constantFrom('A', 'a.c', 'abc', '(', '\\E', '*', '😀a😀', '$(namespace)', 'team', ' A+ '),
  fc.string({ unit: fc.constantFrom('A', 'a', '.', '\\', 'E', '😀', '+', '('), minLength: 1, maxLength: 5 }),
);

const ask: fc.Arbitrary<Ask> = fc
  .record(
    {
      namespace,
      clientId,
      adoptionPolicy: fc.constantFrom('Never' as const, 'IfExists' as const, 'Required' as const),
      authorisedGrantTypes: fc.constantFrom(
        ['client_credentials'] as const,
        ['password'] as const,
        ['password', 'refresh_token'] as const,
        ['client_credentials', 'password', 'refresh_token'] as const,
      ),
      accessTokenValidity: seconds,
      refreshTokenValidity: seconds,
      roles: fc.uniqueArray(role, { maxLength: 3 }),
    },
    { requiredKeys: ['namespace', 'clientId'] },
  )
  .map((given) => {
    const { roles, ...rest } = given;
    const mayHave = given.authorisedGrantTypes?.some((grant) => grant === 'client_credentials') ?? true;
    return mayHave ? given : rest;
  });

const connection: fc.Arbitrary<Omit<Connection, 'name'>> = fc.record(
  {
    rules: fc.array(rule, { maxLength: 4 }),
    protectedIds: fc.uniqueArray(fc.constantFrom('Admin', 'team_a', 'a'), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

export const connectionsAndAsks = fc.array(
  fc.record({ connection, asks: fc.array(ask, { minLength: 1, maxLength: 8 }) }),
  { minLength: 1, maxLength: 4 },
);
