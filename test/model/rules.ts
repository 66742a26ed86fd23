import type { Stored } from './cluster.ts';

/** Access rules that users choose from, each with its meaning said a second time, by hand. */

export const HOME = 'alm-operator';

type Rules = Readonly<{
  access: readonly unknown[] | undefined;
  admits: (namespace: string, labels: Readonly<Record<string, string>>) => boolean;
  adopts: boolean;
  requiresRevoke: boolean;
}>;

const ALL_IDS = { clientIds: ['*', 'NimrodClient'], roles: ['*'] };
const everywhere = { ...ALL_IDS, namespaces: { all: true } };

export const RULES = {
  everybody: {
    access: [{ ...everywhere, allowAdoption: true }],
    admits: () => true,
    adopts: true,
    requiresRevoke: false,
  },
  noAdoption: { access: [everywhere], admits: () => true, adopts: false, requiresRevoke: false },
  revoking: {
    access: [{ ...everywhere, allowAdoption: true, requireRevoke: true }],
    admits: () => true,
    adopts: true,
    requiresRevoke: true,
  },
  teamA: {
    access: [{ ...ALL_IDS, namespaces: { names: ['team-a'] }, allowAdoption: true }],
    admits: (namespace) => namespace === 'team-a',
    adopts: true,
    requiresRevoke: false,
  },
  gold: {
    access: [{ ...ALL_IDS, namespaces: { selector: { matchLabels: { tier: 'gold' } } } }],
    admits: (_namespace, labels) => labels['tier'] === 'gold',
    adopts: false,
    requiresRevoke: false,
  },
  home: {
    access: undefined,
    admits: (namespace) => namespace === HOME,
    adopts: true,
    requiresRevoke: false,
  },
} as const satisfies Readonly<Record<string, Rules>>;

export type RulesName = keyof typeof RULES;

const PROTECTED_BY_DEFAULT = ['lmclient', 'nimrodclient', 'dokiclient', 'admin'];

/** The label that says which rules a connection has. */
export const RULES_LABEL = 'rules';

export function rulesOf(connection: Stored): Rules {
  return RULES[(connection.metadata.labels?.[RULES_LABEL] ?? 'home') as RulesName];
}

/** What this version of a connection lets an object of the namespace do. */
export function grants(
  connection: Stored,
  {
    namespace,
    labels,
    clientId,
  }: Readonly<{ namespace: string; labels: Readonly<Record<string, string>>; clientId: string }>,
): Readonly<{ admits: boolean; adopts: boolean }> {
  const rules = rulesOf(connection);
  // Outside the operator's namespace a protected id has to be spelled out; only one is.
  const spelled = namespace === HOME || !isProtected(connection, clientId) || clientId === 'NimrodClient';
  const admits = rules.admits(namespace, labels) && spelled;
  return { admits, adopts: admits && rules.adopts };
}

export function isProtected({ spec }: Stored, clientId: string): boolean {
  const listed = spec?.['protectedClientIds'] as readonly string[] | undefined;
  const ids = listed?.map((id) => id.toLowerCase()) ?? PROTECTED_BY_DEFAULT;
  return ids.includes(clientId.toLowerCase());
}
