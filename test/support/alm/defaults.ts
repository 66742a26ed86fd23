/** What a fresh ALM holds: its documented default clients and roles, users, and a login for the operator. */

import type { ClientSeed } from './clients.ts';

export type Action = 'READ' | 'WRITE' | 'EXECUTE';

/** Role → privilege → actions, as ALM's configuration has it; not part of its credentials API. */
export type RoleTable = Readonly<Record<string, Readonly<Record<string, readonly Action[]>>>>;

/** What LDAP knows; `apiKey` is for the zen endpoint. */
export type AlmUser = Readonly<{
  username: string;
  password: string;
  apiKey?: string;
  roles: readonly string[];
  suspended?: boolean;
}>;

const ALL: readonly Action[] = ['READ', 'WRITE', 'EXECUTE'];

/** That SECADMIN belongs to RootSecAdmin alone is documented; how the rest is spread is a guess. */
export const DEFAULT_ROLES: RoleTable = {
  SLMAdmin: { SLMADMIN: ALL, NSINSTSMGT: ALL, NSDESMGT: ALL, DEPLOYLOCMGT: ALL, RMDRVR: ALL, VNFDESMGT: ALL },
  Portal: { NSINSTSMGT: ALL, INTENTREQSLMGT: ALL, INTENTREQSOPS: ALL },
  ReadOnly: { NSINSTSMGT: ['READ'], NSDESMGT: ['READ'], VNFDESMGT: ['READ'] },
  RootSecAdmin: { SECADMIN: ALL },
  BehaviourScenarioExecute: { BEHVRSCENEXEC: ALL, BEHVRSCENDES: ['READ'] },
};

/** The login that the operator uses in tests. */
export const OPERATOR_LOGIN = {
  clientId: 'operator-login',
  clientSecret: 'canary-7f3a9-operator-login',
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 1200,
  refreshTokenValidity: 30_600,
  roles: ['RootSecAdmin'],
} as const satisfies ClientSeed;

function seed(
  clientId: string,
  authorisedGrantTypes: readonly string[],
  roles: readonly string[],
): ClientSeed {
  const clientSecret = `canary-7f3a9-${clientId}`;
  return { ...OPERATOR_LOGIN, clientId, clientSecret, authorisedGrantTypes, roles };
}

export const DEFAULT_CLIENTS: readonly ClientSeed[] = [
  seed('LmClient', ['client_credentials'], ['SLMAdmin']),
  seed('Admin', ['client_credentials'], ['SLMAdmin']),
  seed('NimrodClient', ['password', 'refresh_token'], []),
  seed('DokiClient', ['client_credentials'], ['BehaviourScenarioExecute']),
  OPERATOR_LOGIN,
];

export const DEFAULT_USERS: readonly AlmUser[] = [
  {
    username: 'root-sec-admin',
    password: 'canary-7f3a9-root-sec-admin',
    apiKey: 'canary-7f3a9-root-sec-admin-key',
    roles: ['RootSecAdmin'],
  },
  { username: 'slm-admin', password: 'canary-7f3a9-slm-admin', roles: ['SLMAdmin'] },
  { username: 'portal', password: 'canary-7f3a9-portal', roles: ['Portal'] },
  { username: 'suspended', password: 'canary-7f3a9-suspended', roles: ['RootSecAdmin'], suspended: true },
];

/** As tokens carry them: SECADMIN_WRITE. */
export function authoritiesOf(roles: readonly string[], table: RoleTable): readonly string[] {
  const granted = roles.flatMap((role) =>
    Object.entries(Object.hasOwn(table, role) ? (table[role] ?? {}) : {}),
  );
  const names = granted.flatMap(([privilege, actions]) => actions.map((action) => `${privilege}_${action}`));
  return [...new Set(names)].sort();
}
