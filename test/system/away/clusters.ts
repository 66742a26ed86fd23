/** Two clusters with an operator each, and one ALM, which can be read. */

import type { ExpectStatic } from 'vitest';
import { secretText } from '../../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../../support/install.ts';
import { conditionOf, type Live } from '../../support/kubectl/objects.ts';
import { startScenario } from '../../support/scenario.ts';
import { clientsOf, isReady, type Place } from '../clients.ts';
import type { Site } from './stage.ts';

export type Sites = Readonly<{ here: Site; there: Site }>;

/** Stopped is the second first: its connection leads to the ALM of the other. */
export async function twoSites(): Promise<Sites> {
  const first = await startScenario({ alm: { knobs: { getItem: 'omitted' } } });
  const connection = { endpoint: first.alm.url, tls: { caBundle: first.alm.caPem } };
  const second = await startScenario({ connection }).catch(async (error: unknown) => {
    await first.stop();
    throw error;
  });
  return {
    here: { scenario: first, clients: clientsOf(() => first) },
    there: { scenario: second, clients: clientsOf(() => second) },
  };
}

/** The same manifest as it would be applied in both clusters. */
async function twin({ here, there }: Sites, name: string): Promise<Place> {
  const metadata = { name: `ns-${name}` };
  for (const { scenario } of [here, there]) {
    await scenario.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata });
  }
  return { namespace: metadata.name, name, clientId: `shared_${name}` };
}

function asked({ here }: Sites, { clientId }: Place, method: string): number {
  return here.scenario.alm.log.filter((request) => request.clientId === clientId && request.method === method)
    .length;
}

function writes({ here }: Sites, { clientId }: Place): number {
  return here.scenario.alm.log.filter(
    (request) => request.clientId === clientId && request.wrote !== undefined,
  ).length;
}

async function readyReason({ clients }: Site, of: Place): Promise<string> {
  return conditionOf(await clients.get(of), 'Ready')?.reason ?? '';
}

export async function sameName(sites: Sites, expect: ExpectStatic): Promise<void> {
  const { here, there } = sites;
  const of = await twin(sites, 'mine');
  await here.clients.declare(of);
  await here.clients.settled(of);
  await there.clients.declare(of, {}, secretText('other'));
  await there.clients.held(of, 'AlreadyExists');
  await there.clients.remove(of);
  await there.clients.gone(of);
  expect(await there.clients.claims(of)).toEqual([]);
  expect(writes(sites, of)).toBe(1);
  expect(here.scenario.alm.matches(of.clientId, secretText(of.name))).toBe(true);
}

// Between two looks of the one there is always a look of the other.
const OFTEN = { resyncInterval: '5s', accessTokenValidity: 600 };
const SELDOM = { resyncInterval: '6s500ms', accessTokenValidity: 900, adoptionPolicy: 'IfExists' };

export async function contested(sites: Sites, expect: ExpectStatic): Promise<void> {
  const { here, there } = sites;
  const of = await twin(sites, 'contested');
  await here.clients.declare(of, OFTEN);
  await here.clients.settled(of);
  await there.clients.declare(of, SELDOM);
  await there.clients.settled(of);
  const reasons = () => Promise.all([here, there].map((site) => readyReason(site, of)));
  await expect.poll(reasons, { timeout: 60_000 }).toContain('Contested');
  const [loser, winner] = (await readyReason(here, of)) === 'Contested' ? [here, there] : [there, here];
  const stalled = await loser.clients.held(of, 'Contested');
  expect(conditionOf(stalled, 'Stalled')?.status).toBe('True');
  // A creation, an adoption, and at most four repairs of either side.
  expect(writes(sites, of)).toBeLessThanOrEqual(10);

  // Two looks of each, and nothing is written any more.
  const [looks, since] = [asked(sites, of, 'GET'), writes(sites, of)];
  await expect.poll(() => asked(sites, of, 'GET') - looks, { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
  expect(writes(sites, of)).toBe(since);
  expect(await readyReason(winner, of)).toMatch(/Applied|Adopted/);
  expect(await readyReason(loser, of)).toBe('Contested');

  // The winner lets go: what the loser declares holds again once somebody asks for it.
  await winner.clients.change(of, { ...(winner === here ? OFTEN : SELDOM), suspend: true });
  const suspended = async () => (await readyReason(winner, of)) === 'Suspended';
  await expect.poll(suspended, { timeout: 20_000 }).toBe(true);
  await loser.clients.patch(of, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'mine' } });
  await loser.clients.until(of, 'Ready', isReady);
  expect(writes(sites, of)).toBe(since + 1);
}

type Claim = Live & Readonly<{ spec: Readonly<Record<string, unknown>> }>;

/** Claims first, then the objects; the old cluster stays without an operator. */
export async function moved(sites: Sites, expect: ExpectStatic): Promise<void> {
  const { here, there } = sites;
  const { alm } = here.scenario;
  const [created, adopted] = [await twin(sites, 'moving'), await twin(sites, 'adopted')];
  const both = [created, adopted];
  const consent = { adoptionPolicy: 'Required' };
  await here.clients.declare(created);
  alm.state.set({
    clientId: adopted.clientId,
    clientSecret: secretText('theirs'),
    authorisedGrantTypes: ['client_credentials'],
    accessTokenValidity: 60,
    refreshTokenValidity: 60,
    roles: [],
  });
  await here.clients.declare(adopted, consent);
  for (const of of both) await here.clients.settled(of);
  await here.scenario.operator().stop();
  await copyClaims(sites, both);
  const before = both.map((of) => writes(sites, of));
  for (const of of both) {
    await there.clients.untilClaims(of, 'Orphaned', (found) =>
      found.some((claim) => conditionOf(claim, 'Orphaned')?.status === 'True'),
    );
  }
  expect(both.map((of) => writes(sites, of))).toEqual(before);

  await there.clients.declare(created);
  await there.clients.declare(adopted, consent);
  const settled = await Promise.all(both.map((of) => there.clients.settled(of)));
  expect(settled.map(({ status }) => status?.['origin'])).toEqual(['Created', 'Adopted']);
  for (const [at, of] of both.entries()) {
    const uid = settled[at]?.metadata.uid;
    expect(await there.clients.claims(of)).toMatchObject([{ phase: 'Held', owner: { uid } }]);
    expect(alm.matches(of.clientId, secretText(of.name))).toBe(true);
  }
  const made = alm.log.filter(({ wrote }) => wrote === 'created').map(({ clientId }) => clientId);
  expect(made.filter((id) => both.some((of) => of.clientId === id))).toEqual([created.clientId]);
}

async function copyClaims({ here, there }: Sites, of: readonly Place[]): Promise<void> {
  const claims = await here.scenario.api.list<Claim>('AlmClientClaim', OPERATOR_NAMESPACE);
  const own = claims.filter(({ spec }) => of.some(({ clientId }) => clientId === spec['clientId']));
  for (const { apiVersion, kind, metadata, spec } of own) {
    const { name } = metadata;
    const copy = { apiVersion, kind, metadata: { name, namespace: OPERATOR_NAMESPACE }, spec };
    await there.scenario.api.create(copy);
  }
}
