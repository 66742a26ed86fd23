import { afterAll, beforeAll, describe, it } from 'vitest';
import { controllersMissing } from '../kube/conformance/support/controllers.ts';
import { secretText } from '../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { conditionOf, hasCondition, type Live } from '../support/kubectl/objects.ts';
import { connectionManifests, credential, secret } from '../support/samples.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { clientsOf, isIn, isReady, type Place } from './clients.ts';

/**
 * Deletions while ALM or the connection is away. All stories are under way at once, each with an ALM of its own: one of
 * them has to sit out the half minute that a finalizer waits.
 */

const LIMIT_MS = 120_000;
const NAMESPACE_LIMIT_MS = 60_000;
const COUNT = 100;

const isMissing = controllersMissing();
let running: Scenario | undefined;
const scenario = () => {
  if (running === undefined) throw new Error('The scenario has not started');
  return running;
};
const clients = clientsOf(scenario);
const { place, declare, settled, remove, gone, untilClaims } = clients;

beforeAll(async () => {
  running = await startScenario({
    cluster: { controllers: !isMissing },
    operator: { flags: ['--resync-interval', '1000h'] },
  });
}, LIMIT_MS);

afterAll(() => running?.stop(), LIMIT_MS);

async function connected(name: string, spec: Readonly<Record<string, unknown>> = {}) {
  const alm = await scenario().connect(name);
  await scenario().api.waitFor('AlmConnection', OPERATOR_NAMESPACE, name, isReady, { what: 'Ready' });
  const of = await place(name);
  await declare(of, { connectionRef: { name }, ...spec });
  await settled(of);
  return { alm, of };
}

const owes = (reason: string) => (found: readonly Live[]) =>
  isIn('Revoking')(found) && found.every(hasCondition('Revoked', 'False', reason));

type Told = Live & Readonly<{ reason: string; type: string; note: string }>;

async function eventsAbout({ namespace, clientId }: Place): Promise<readonly string[]> {
  const { api } = scenario();
  const both = await Promise.all([namespace, OPERATOR_NAMESPACE].map((place) => api.events(place)));
  const own = (both.flat() as readonly Live[] as readonly Told[]).filter(({ note }) =>
    note.includes(clientId),
  );
  return own.map(({ type, reason }) => `${type} ${reason}`);
}

describe.concurrent('while it is away,', () => {
  it.skipIf(isMissing)(
    'ALM holds no namespace of a hundred credentials, and all of them are revoked when it is back',
    async ({ expect }) => {
      const name = 'hundred';
      const { alm, of } = await connected(name);
      const { namespace } = of;
      const names = Array.from({ length: COUNT - 1 }, (_, at) => `client-${at}`);
      for (const one of names) {
        await scenario().api.create(secret(namespace, one, { clientSecret: secretText(one) }));
        await scenario().api.create(credential(namespace, one, { connectionRef: { name } }));
      }
      const all = (objects: readonly Live[]) => objects.length === COUNT && objects.every(isReady);
      await scenario().api.waitForAll('ClientCredential', namespace, all, {
        what: 'all Ready',
        timeoutMs: LIMIT_MS,
      });
      const works = () =>
        [...names, name].filter((one) => alm.matches(`${namespace}_${one}`, secretText(one)));
      expect(works()).toHaveLength(COUNT);

      await alm.down();
      await scenario().api.delete('Namespace', '', namespace);
      await scenario().api.waitGone('Namespace', '', namespace, {
        what: 'the end of the namespace',
        timeoutMs: NAMESPACE_LIMIT_MS,
      });
      expect(works()).toHaveLength(COUNT);

      const ours = (claims: readonly Live[]) => claims.filter(({ spec }) => spec?.['connection'] === name);
      const inPhase = (phase: string) => (claims: readonly Live[]) =>
        ours(claims).length === COUNT && ours(claims).every(({ spec }) => spec?.['phase'] === phase);
      const until = (phase: string) =>
        scenario().api.waitForAll<Live>('AlmClientClaim', OPERATOR_NAMESPACE, inPhase(phase), {
          what: `all ${phase}`,
          timeoutMs: LIMIT_MS,
        });
      await until('Revoking');
      await alm.up();
      await until('Revoked');
      expect(works()).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'grafana/grafana-operator#2098: ALM holds an object for half a minute, and nobody says that it is revoked before it is',
    async ({ expect }) => {
      const { alm, of } = await connected('lone');
      await alm.down();
      await remove(of);
      const asked = await clients.held(of, 'Progressing');
      expect(conditionOf(asked, 'Ready')?.message).toContain('ALM is being asked to revoke the client');
      await gone(of, NAMESPACE_LIMIT_MS);
      await untilClaims(of, 'ConnectionNotReady', owes('ConnectionNotReady'));
      expect(alm.matches(of.clientId, secretText(of.name))).toBe(true);
      await expect.poll(() => eventsAbout(of)).toContain('Warning Released');
      expect(await eventsAbout(of)).not.toContain('Normal Revoked');

      await alm.up();
      await untilClaims(of, 'Revoked', isIn('Revoked'), LIMIT_MS);
      expect(alm.matches(of.clientId, secretText(of.name))).toBe(false);
      await expect.poll(() => eventsAbout(of)).toContain('Normal Revoked');
    },
    LIMIT_MS,
  );

  it.skipIf(isMissing)(
    'external-secrets/external-secrets#3411: a connection that went first holds no namespace, and its return is enough',
    async ({ expect }) => {
      const { alm, of } = await connected('first');
      await scenario().api.delete('AlmConnection', OPERATOR_NAMESPACE, 'first');
      await clients.held(of, 'ConnectionNotFound');
      await scenario().api.delete('Namespace', '', of.namespace);
      await scenario().api.waitGone('Namespace', '', of.namespace, {
        what: 'the end of the namespace',
        timeoutMs: NAMESPACE_LIMIT_MS,
      });
      const [claim] = await untilClaims(of, 'ConnectionNotFound', owes('ConnectionNotFound'));
      expect(conditionOf(claim!, 'Revoked')?.message).toMatch(/create it again, or delete this claim/);
      expect(alm.matches(of.clientId, secretText(of.name))).toBe(true);

      for (const manifest of connectionManifests('first', alm)) await scenario().api.apply(manifest);
      await untilClaims(of, 'Revoked', isIn('Revoked'));
      expect(alm.matches(of.clientId, secretText(of.name))).toBe(false);
    },
    LIMIT_MS,
  );

  it(
    'the answer to a creation holds an object for half a minute, and the client of a stranger is never touched',
    async ({ expect }) => {
      const name = 'strangers';
      const alm = await scenario().connect(name);
      const of = await place(name);
      const stranger = {
        clientId: of.clientId,
        authorisedGrantTypes: ['client_credentials'],
        accessTokenValidity: 60,
        refreshTokenValidity: 60,
        roles: ['Portal'],
      };
      alm.state.set({ ...stranger, clientSecret: secretText('theirs') });
      const isCreation = ({ method, clientId }: Readonly<{ method: string; clientId?: string }>) =>
        method === 'POST' && clientId === of.clientId;
      alm.faults.add({
        match: (request) => isCreation(request) && request.path === '/api/credentials',
        do: { kind: 'reset', when: 'before' },
      });
      await declare(of, { connectionRef: { name } });
      await clients.held(of, 'OutcomeUnknown');
      await remove(of);
      await gone(of, NAMESPACE_LIMIT_MS);
      const [claim] = await untilClaims(of, 'OutcomeUnknown', owes('OutcomeUnknown'));
      expect(claim?.spec?.['origin']).toBeUndefined();

      alm.faults.clear();
      await declare(of, { connectionRef: { name } });
      await clients.held(of, 'AlreadyExists');
      await untilClaims(of, 'gone', (found) => found.length === 0);
      expect(alm.state.get(of.clientId)).toEqual(stranger);
      expect(alm.matches(of.clientId, secretText('theirs'))).toBe(true);
    },
    LIMIT_MS,
  );

  it.skipIf(isMissing)(
    'grafana/grafana-operator#79: an operator that is away holds a namespace only until it is back',
    async ({ expect }) => {
      // A scenario of its own, for the others need their operator.
      const other = await startScenario({ cluster: { controllers: true } });
      const own = clientsOf(() => other);
      const of = await own.created('absent');
      await other.operator().stop();
      await other.api.delete('Namespace', '', of.namespace);
      await other.api.waitGone('Secret', of.namespace, of.name);
      const { metadata } = await other.api.get('Namespace', '', of.namespace);
      expect(metadata.finalizers ?? []).toEqual([]);
      await other.launch();
      await other.api.waitGone('Namespace', '', of.namespace, {
        what: 'the end of the namespace',
        timeoutMs: NAMESPACE_LIMIT_MS,
      });
      await own.untilClaims(of, 'Revoked', isIn('Revoked'));
      expect(other.alm.matches(of.clientId, secretText(of.name))).toBe(false);
      await other.stop();
    },
    LIMIT_MS,
  );
});
