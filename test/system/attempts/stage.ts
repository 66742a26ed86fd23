/** Where attempts to take what is somebody else's are made: whose is what, and who may declare what. */

import { OPERATOR_LOGIN } from '../../support/alm/defaults.ts';
import type { AlmRequest } from '../../support/alm/log.ts';
import { secretText } from '../../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../../support/install.ts';
import { credential } from '../../support/samples.ts';
import type { Scenario } from '../../support/scenario.ts';
import type { Clients, Place } from '../clients.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** `lab` has a rule that a careless site might write; `stray` has none. */
export const TENANTS = ['team', 'team-a', 'billing'];
const OTHERS = ['lab', 'stray'];

export const RULES: readonly Fields[] = [
  { namespaces: { names: ['lab'] }, clientIds: ['*'], roles: ['*'] },
  { namespaces: { names: [OPERATOR_NAMESPACE] }, clientIds: ['*'], roles: ['*'], allowAdoption: true },
  {
    namespaces: { selector: { matchLabels: { tenant: 'yes' } } },
    clientIds: ['$(namespace)_*'],
    roles: ['Portal'],
    grantTypes: ['client_credentials'],
    maxAccessTokenValidity: 600,
    maxRefreshTokenValidity: 30_600,
  },
];

/** Within what a tenant's rule gives. */
export const MODEST: Fields = { accessTokenValidity: 600, roles: ['Portal'] };

export const VICTIM: Place = { namespace: 'team', name: 'orders', clientId: 'team_orders' };
/** Deleted with deletionPolicy Retain: ALM still has the client. */
export const LEFT: Place = { namespace: 'team', name: 'left', clientId: 'team_left' };
/** Nobody's object; ALM has it from elsewhere. */
export const LEGACY = 'billing_legacy';

export type Stage = Readonly<{ scenario: Scenario; clients: Clients }>;

/** One attempt: what is done, and what the object says that must not get what it asks for. */
export type Attempt = Readonly<{
  title: string;
  reason: string;
  /** Part of the message of Ready. */
  says: string | RegExp;
  /** What is lawful so far; may reach ALM. */
  before?: (stage: Stage) => Promise<unknown>;
  /** The object that is refused. */
  make: (stage: Stage) => Promise<Place>;
  /** What was made for the attempt alone. */
  after?: (stage: Stage) => Promise<unknown>;
}>;

export async function setTheStage({ scenario, clients }: Stage): Promise<void> {
  for (const name of [...TENANTS, ...OTHERS]) {
    const labels = TENANTS.includes(name) ? { tenant: 'yes' } : {};
    await scenario.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  }
  scenario.alm.state.set({
    clientId: LEGACY,
    clientSecret: secretText('legacy'),
    authorisedGrantTypes: ['client_credentials'],
    accessTokenValidity: 60,
    refreshTokenValidity: 60,
    roles: ['SLMAdmin'],
  });
  await clients.declare(VICTIM, MODEST);
  await clients.declare(LEFT, { ...MODEST, deletionPolicy: 'Retain' });
  await Promise.all([VICTIM, LEFT].map((of) => clients.settled(of)));
  await scenario.api.delete('ClientCredential', LEFT.namespace, LEFT.name);
  await scenario.api.waitGone('ClientCredential', LEFT.namespace, LEFT.name);
}

let made = 0;

/** An object of a name that nobody used yet, with a Secret of its own. */
export async function declares(
  { clients }: Stage,
  namespace: string,
  clientId: string,
  spec: Fields = {},
  password?: string,
): Promise<Place> {
  const of = placeIn(namespace, clientId);
  await clients.declare(of, { ...MODEST, ...spec }, password);
  return of;
}

export function placeIn(namespace: string, clientId: string): Place {
  made += 1;
  return { namespace, name: `attempt-${made}`, clientId };
}

/** A manifest of the kind, for what more than its spec is forged of. */
export function manifestOf({ namespace, name, clientId }: Place, metadata: Fields = {}, spec: Fields = {}) {
  const manifest = credential(namespace, name, { clientId, ...MODEST, ...spec });
  return { ...manifest, metadata: { ...manifest.metadata, ...metadata } };
}

/** Requests about anything but the operator's own login. */
export function reachedAlm({ scenario }: Stage, since: number): readonly AlmRequest[] {
  return scenario.alm.log.slice(since).filter(({ clientId, path, method }) => {
    const isOwn = clientId === OPERATOR_LOGIN.clientId;
    return !isOwn || (path !== '/oauth/token' && method !== 'GET');
  });
}

/** All that ALM and the claims say about what was there before; secrets as whether the old one still logs in. */
export async function holdings({ scenario }: Stage): Promise<unknown> {
  const { alm, api } = scenario;
  const claims = (await api.list('AlmClientClaim', OPERATOR_NAMESPACE)).map(({ spec }) => spec);
  const ids: readonly unknown[] = [VICTIM.clientId, LEFT.clientId];
  const old: readonly [string, string][] = [
    [VICTIM.clientId, secretText(VICTIM.name)],
    [LEFT.clientId, secretText(LEFT.name)],
    [LEGACY, secretText('legacy')],
    ...['NimrodClient', 'DokiClient', 'operator-login'].map((id): [string, string] => [
      id,
      `canary-7f3a9-${id}`,
    ]),
  ];
  return {
    claims: claims.filter((spec) => ids.includes(spec?.['clientId'])),
    clients: old.map(([id, secret]) => ({ record: alm.state.get(id), logsIn: alm.matches(id, secret) })),
  };
}
