import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { conditionOf, type Live } from '../support/kubectl/objects.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { type Clients, clientsOf, isReady, type Place } from './clients.ts';

/** Two clusters with an operator each, and one ALM, which can be read. The tests go on from each other's end. */

const LIMIT_MS = 120_000;

type Site = Readonly<{ scenario: Scenario; clients: Clients }>;
let sites: readonly [Site, Site] | undefined;
const both = () => {
  if (sites === undefined) throw new Error('The scenarios have not started');
  return sites;
};
const alm = () => both()[0].scenario.alm;

const site = (scenario: Scenario): Site => ({ scenario, clients: clientsOf(() => scenario) });

beforeAll(async () => {
  const first = await startScenario({ alm: { knobs: { getItem: 'omitted' } } });
  const connection = { endpoint: first.alm.url, tls: { caBundle: first.alm.caPem } };
  const second = await startScenario({ connection }).catch(async (error: unknown) => {
    await first.stop();
    throw error;
  });
  sites = [site(first), site(second)];
}, LIMIT_MS);

afterAll(async () => {
  await Promise.all((sites ?? []).map(({ scenario }) => scenario.stop()));
}, LIMIT_MS);

/** The same manifest as it would be applied in both clusters. */
async function twin(name: string): Promise<Place> {
  const metadata = { name: `ns-${name}` };
  for (const { scenario } of both()) {
    await scenario.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata });
  }
  return { namespace: metadata.name, name, clientId: `shared_${name}` };
}

const asked = ({ clientId }: Place, method: string) =>
  alm().log.filter((request) => request.clientId === clientId && request.method === method).length;
const writes = ({ clientId }: Place) =>
  alm().log.filter((request) => request.clientId === clientId && request.wrote !== undefined).length;
const readyReason = async (of: Place, { clients }: Site) =>
  conditionOf(await clients.get(of), 'Ready')?.reason ?? '';

describe.concurrent('two operators', () => {
  it('hydra-maester j: of the same name are not one: the other cluster’s client is not touched', async ({
    expect,
  }) => {
    const [here, there] = both();
    const of = await twin('mine');
    await here.clients.declare(of);
    await here.clients.settled(of);
    await there.clients.declare(of, {}, secretText('other'));
    await there.clients.held(of, 'AlreadyExists');
    await there.clients.remove(of);
    await there.clients.gone(of);
    expect(await there.clients.claims(of)).toEqual([]);
    expect(writes(of)).toBe(1);
    expect(alm().matches(of.clientId, secretText(of.name))).toBe(true);
  });

  it(
    'that both want one client repair each other three times; then one says Contested, and both only look on',
    async ({ expect }) => {
      const [here, there] = both();
      const of = await twin('contested');
      // Between two looks of the one there is always a look of the other.
      const [often, seldom] = [{ resyncInterval: '5s' }, { resyncInterval: '6s500ms' }];
      const consent = { ...seldom, accessTokenValidity: 900, adoptionPolicy: 'IfExists' };
      await here.clients.declare(of, { ...often, accessTokenValidity: 600 });
      await here.clients.settled(of);
      await there.clients.declare(of, consent);
      await there.clients.settled(of);

      const contested = async (one: Site) => (await readyReason(of, one)) === 'Contested';
      await expect
        .poll(async () => (await contested(here)) || (await contested(there)), { timeout: 60_000 })
        .toBe(true);
      const loser = (await contested(here)) ? here : there;
      const winner = loser === here ? there : here;
      const stalled = await loser.clients.held(of, 'Contested');
      expect(conditionOf(stalled, 'Stalled')?.status).toBe('True');

      // A creation, an adoption, and at most four repairs of either side.
      expect(writes(of)).toBeLessThanOrEqual(10);

      // Two looks of each, and nothing is written any more.
      const [before, since] = [asked(of, 'GET'), writes(of)];
      await expect.poll(() => asked(of, 'GET') - before, { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
      expect(writes(of)).toBe(since);
      expect(await readyReason(of, winner)).toMatch(/Applied|Adopted/);
      expect(await readyReason(of, loser)).toBe('Contested');

      // The winner lets go: what the loser declares holds again once somebody asks for it.
      const ending = winner === there ? consent : { ...often, accessTokenValidity: 600 };
      await winner.clients.change(of, { ...ending, suspend: true });
      await winner.clients.until(
        of,
        'Suspended',
        (object) => conditionOf(object, 'Ready')?.reason === 'Suspended',
      );
      await loser.clients.patch(of, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'mine' } });
      await loser.clients.until(of, 'Ready', isReady);
      expect(writes(of)).toBe(since + 1);
    },
    LIMIT_MS,
  );
});

type Claim = Live & Readonly<{ spec: Readonly<Record<string, unknown>> }>;

describe('crossplane-contrib/provider-keycloak#181, #459: a cluster that is built anew', () => {
  it(
    'from a copy of the claims leaves all clients alone until their objects come, and then goes on with them',
    async () => {
      const [old, fresh] = both();
      const moving = [await twin('moving'), await twin('adopted')];
      const [created, adopted] = moving as [Place, Place];
      await old.clients.declare(created);
      alm().state.set({
        clientId: adopted.clientId,
        clientSecret: secretText('theirs'),
        authorisedGrantTypes: ['client_credentials'],
        accessTokenValidity: 60,
        refreshTokenValidity: 60,
        roles: [],
      });
      await old.clients.declare(adopted, { adoptionPolicy: 'Required' });
      for (const of of moving) await old.clients.settled(of);
      await old.scenario.operator().stop();

      const ids: readonly unknown[] = moving.map(({ clientId }) => clientId);
      const claims = await old.scenario.api.list<Claim>('AlmClientClaim', OPERATOR_NAMESPACE);
      for (const { apiVersion, kind, metadata, spec } of claims) {
        if (!ids.includes(spec['clientId'])) continue;
        const { name, namespace = OPERATOR_NAMESPACE } = metadata;
        await fresh.scenario.api.create({ apiVersion, kind, metadata: { name, namespace }, spec });
      }
      const before = moving.map(writes);
      for (const of of moving) {
        await fresh.clients.untilClaims(of, 'Orphaned', (found) =>
          found.some((claim) => conditionOf(claim, 'Orphaned')?.status === 'True'),
        );
      }
      expect(moving.map(writes)).toEqual(before);

      await fresh.clients.declare(created);
      await fresh.clients.declare(adopted, { adoptionPolicy: 'Required' });
      for (const of of moving) {
        const { metadata } = await fresh.clients.settled(of);
        expect(await fresh.clients.claims(of)).toMatchObject([
          { phase: 'Held', owner: { namespace: of.namespace, uid: metadata.uid } },
        ]);
        expect(alm().matches(of.clientId, secretText(of.name))).toBe(true);
      }
      const origins = await Promise.all(
        moving.map(async (of) => (await fresh.clients.get(of)).status?.['origin']),
      );
      expect(origins).toEqual(['Created', 'Adopted']);
      expect(
        alm().log.filter(({ clientId, wrote }) => ids.includes(clientId) && wrote === 'created'),
      ).toHaveLength(1);
    },
    LIMIT_MS,
  );
});
