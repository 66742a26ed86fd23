/** All that an operator ever asks of the API server, in one namespace after another. */

import { secretText } from '../../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../../support/install.ts';
import { hasCondition, type Live } from '../../support/kubectl/objects.ts';
import type { Scenario } from '../../support/scenario.ts';
import { type Clients, isIn, isReady, type Place } from '../clients.ts';
import { generatingOf } from '../generating.ts';

const AUTHORITY = { name: 'alm-authority', key: 'ca.crt' };

/** Certificates from a ConfigMap, which `prepared` makes. */
export const CONNECTION = { tls: { caRef: { kind: 'ConfigMap', ...AUTHORITY } } };

export type Stage = Readonly<{ scenario: Scenario; clients: Clients; generatedSecrets: boolean }>;

export async function prepared({ scenario }: Stage): Promise<void> {
  const metadata = { name: AUTHORITY.name, namespace: OPERATOR_NAMESPACE };
  const data = { [AUTHORITY.key]: scenario.alm.caPem };
  await scenario.api.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
}

/** Lists are read page by page where the server streams none: before Kubernetes 1.34, unless it was asked to. */
export function olderServer({ scenario }: Stage): Readonly<{ end(): void }> {
  return scenario.gate.fault(
    ({ verb, query }) => verb === 'watch' && query.includes('sendInitialEvents'),
    { times: Number.POSITIVE_INFINITY },
    { kind: 'status', status: 422 },
  );
}

export async function everythingIn(stage: Stage, namespace: string): Promise<void> {
  await life(stage, placeIn(namespace, 'life'));
  await taken(stage, placeIn(namespace, 'taken'));
  await overtaken(stage, placeIn(namespace, 'overtaken'));
  if (stage.generatedSecrets) await generated(stage, placeIn(namespace, 'generated'));
}

const placeIn = (namespace: string, name: string): Place => ({
  namespace,
  name,
  clientId: `${namespace}_${name}`,
});

/** Created, changed twice in the same way, which makes a series of an event, and deleted, which ALM refuses at first. */
async function life({ scenario, clients }: Stage, of: Place): Promise<void> {
  await clients.declare(of);
  await clients.settled(of);
  for (const password of ['second', 'third', 'fourth']) {
    await clients.rotate(of, secretText(password));
    await clients.settled(of);
  }
  const isSeries = (events: readonly Live[]) =>
    events.some((event) => (event as { series?: { count?: number } }).series?.count !== undefined);
  await scenario.api.waitForAll('Event', of.namespace, isSeries, { what: 'a series' });
  const refused = scenario.alm.faults.add({
    match: ({ clientId, method }) => clientId === of.clientId && method === 'PUT',
    do: { kind: 'status', status: 503 },
  });
  await clients.remove(of);
  const owes = (claims: readonly Live[]) => claims.some(hasCondition('Revoked', 'False'));
  await clients.untilClaims(of, 'a refused revocation', owes);
  refused();
  await clients.untilClaims(of, 'Revoked', isIn('Revoked'));
  await clients.gone(of);
}

/** Somebody else's: the claim that was to be is deleted again. */
async function taken({ scenario, clients }: Stage, of: Place): Promise<void> {
  scenario.alm.state.set({
    clientId: of.clientId,
    clientSecret: secretText('stranger'),
    authorisedGrantTypes: ['client_credentials'],
    accessTokenValidity: 60,
    refreshTokenValidity: 60,
    roles: [],
  });
  await clients.declare(of);
  await clients.held(of, 'AlreadyExists');
  await clients.untilClaims(of, 'none', (claims) => claims.length === 0);
}

/** Each status is written while somebody else changes the object, and therefore read and written once more. */
async function overtaken({ scenario, clients }: Stage, of: Place): Promise<void> {
  const { api } = scenario;
  await clients.declare(of);
  await clients.settled(of);
  await meanwhile(
    scenario,
    'clientcredentials',
    () => clients.change(of, { accessTokenValidity: 900 }),
    () => clients.patch(of, { annotations: { 'example.org/note': of.name } }),
  );
  await clients.settled(of);
  const connection = (spec: object) =>
    api.patch('AlmConnection', OPERATOR_NAMESPACE, 'default', { type: 'merge', body: { spec } });
  const requestsPerSecond = of.namespace === OPERATOR_NAMESPACE ? 40 : 45;
  await meanwhile(
    scenario,
    'almconnections',
    () => connection({ limits: { requestsPerSecond } }),
    () => connection({ limits: { burst: 2 * requestsPerSecond } }),
  );
  await api.waitFor('AlmConnection', OPERATOR_NAMESPACE, 'default', isReady, { what: 'Ready' });
  await clients.remove(of);
  await clients.untilClaims(of, 'Revoked', isIn('Revoked'));
  await clients.gone(of);
}

async function meanwhile(
  { gate }: Scenario,
  resource: string,
  cause: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<void> {
  const hold = gate.hold({ verb: 'update', resource, subresource: 'status' }, 'before');
  await cause();
  await hold.reached;
  await other();
  const since = gate.log.length;
  hold.release();
  await gate.seen({ verb: 'get', resource }, { since });
}

/** Made, replaced, published under another name, deleted. */
async function generated({ scenario, clients }: Stage, of: Place): Promise<void> {
  const generating = generatingOf(() => scenario, clients);
  await generating.generates(of);
  await generating.ended(of);
  await generating.ask(of, 'once');
  await generating.rotated(of, 'once');
  await generating.generates(of, { name: `${of.name}-anew` });
  await scenario.api.waitGone('Secret', of.namespace, of.name, { what: 'the end of the former Secret' });
  await clients.remove(of);
  await clients.gone(of);
}
