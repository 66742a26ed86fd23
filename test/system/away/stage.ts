/** The stories of away.test.ts: where they play, and what they wait for. */

import { OPERATOR_NAMESPACE } from '../../support/install.ts';
import { hasCondition, type Live } from '../../support/kubectl/objects.ts';
import type { Scenario } from '../../support/scenario.ts';
import { type Clients, isIn, isReady, type Place } from '../clients.ts';

export const LIMIT_MS = 120_000;
export const NAMESPACE_LIMIT_MS = 60_000;

/** A client that may be of the object's own making counts as a stranger's after half a minute. */
export const UNANSWERED_LIMIT_MS = 60_000;

/** One cluster with its operator. */
export type Site = Readonly<{ scenario: Scenario; clients: Clients }>;

/** A client of an ALM of its own, behind a connection that has the client's name. */
export async function connected({ scenario, clients }: Site, name: string) {
  const alm = await scenario.connect(name);
  await scenario.api.waitFor('AlmConnection', OPERATOR_NAMESPACE, name, isReady, { what: 'Ready' });
  const of = await clients.place(name);
  await clients.declare(of, { connectionRef: { name } });
  await clients.settled(of);
  return { alm, of };
}

export async function namespaceGone({ api }: Scenario, name: string): Promise<void> {
  await api.delete('Namespace', '', name);
  await namespaceEnded({ api }, name);
}

export async function namespaceEnded({ api }: Pick<Scenario, 'api'>, name: string): Promise<void> {
  const patience = { what: 'the end of the namespace', timeoutMs: NAMESPACE_LIMIT_MS };
  await api.waitGone('Namespace', '', name, patience);
}

/** There is one claim, and it says why its client is not revoked yet. */
export function owes(reason: string): (claims: readonly Live[]) => boolean {
  return (claims) => isIn('Revoking')(claims) && claims.every(hasCondition('Revoked', 'False', reason));
}

type Told = Live & Readonly<{ reason: string; type: string; note: string }>;

/** The events that speak of the client, in its namespace and the operator's, as type and reason. */
export async function eventsAbout(
  { api }: Scenario,
  { namespace, clientId }: Place,
): Promise<readonly string[]> {
  const both = await Promise.all([namespace, OPERATOR_NAMESPACE].map((place) => api.events(place)));
  const own = (both.flat() as readonly Live[] as readonly Told[]).filter(({ note }) =>
    note.includes(clientId),
  );
  return own.map(({ type, reason }) => `${type} ${reason}`);
}
