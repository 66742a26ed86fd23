import { expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { hasCondition, type Live } from '../support/kubectl/objects.ts';
import { credential, secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';

/** What convergence costs, counted from the request logs of both sides: many namespaces, each with a few clients. */

const NAMESPACES = 200;
const EACH = 5;
const COUNT = NAMESPACES * EACH;

const scenario = useScenario({
  launch: false,
  // Resyncs fall due at random points of the interval: none of them within this test.
  operator: { flags: ['--resync-interval', '1000h'] },
  connection: {
    // What is counted here does not hang on the rate.
    limits: { requestsPerSecond: 1000, burst: 1000 },
    access: [{ namespaces: { selector: { matchLabels: { tenant: 'yes' } } }, clientIds: ['$(namespace)_*'] }],
  },
});

const isReady = hasCondition('Ready', 'True');
const STANDING: ReadonlySet<string> = new Set(['list', 'watch']);

function operatorRequests(from = 0) {
  return scenario().gate.log.filter(
    ({ n, user, verb, resource }) =>
      n > from && user === 'operator' && !STANDING.has(verb) && resource !== 'events',
  );
}

async function tenant(at: number): Promise<void> {
  const { api } = scenario();
  const namespace = `tenant-${at}`;
  const labels = { tenant: 'yes' };
  await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
  for (let of = 0; of < EACH; of += 1) {
    await api.create(secret(namespace, `client-${of}`, { clientSecret: secretText(`client-${of}`) }));
    await api.create(credential(namespace, `client-${of}`));
  }
}

/** Clients of others, with names that a tenant might have given. */
function seedStrangers(): readonly string[] {
  const ids = ['tenant-1', 'tenant-1_client-5', 'tenant_1_client-1', 'TENANT-2_client-1', 'LmAdapter'];
  for (const clientId of ids) {
    scenario().alm.state.set({
      clientId,
      clientSecret: secretText(clientId),
      authorisedGrantTypes: ['client_credentials'],
      accessTokenValidity: 60,
      refreshTokenValidity: 60,
      roles: ['SLMAdmin'],
    });
  }
  return ids;
}

it('1,000 credentials in 200 namespaces cost 5 API-server requests and 1 write and 1 proof at ALM each, and one login', async () => {
  const { api, alm, gate } = scenario();
  const strangers = seedStrangers();
  const foreign = alm.state.list();
  for (let from = 0; from < NAMESPACES; from += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, at) => tenant(from + at)));
  }
  await scenario().launch();
  const all = (objects: readonly Live[]) => objects.length === COUNT && objects.every(isReady);
  await api.waitForAll('ClientCredential', undefined, all, { what: 'all to be Ready', timeoutMs: 120_000 });

  const isTenants = (namespace: string) => namespace.startsWith('tenant-');
  const own = operatorRequests().filter(
    (request) => isTenants(request.namespace) || request.resource === 'almclientclaims',
  );
  expect(own.length).toBeLessThanOrEqual(5 * COUNT);
  const elsewhere = operatorRequests().filter((request) => !own.includes(request));
  expect(elsewhere.filter(({ resource }) => resource !== 'almconnections' && resource !== 'secrets')).toEqual(
    [],
  );
  expect(elsewhere.length).toBeLessThanOrEqual(8);

  const asked = alm.log.filter(({ path }) => path !== '/oauth/token');
  const writes = asked.filter(({ method }) => method === 'POST' || method === 'PUT');
  expect(writes).toHaveLength(COUNT);
  expect(new Set(writes.map(({ clientId }) => clientId)).size).toBe(COUNT);
  const logins = alm.log.filter(
    ({ path, clientId }) => path === '/oauth/token' && clientId === 'operator-login',
  );
  expect(logins).toHaveLength(1);
  const proofs = alm.log.filter(
    ({ path, clientId }) => path === '/oauth/token' && clientId !== 'operator-login',
  );
  expect(proofs).toHaveLength(COUNT);
  expect(new Set(proofs.map(({ clientId }) => clientId)).size).toBe(COUNT);

  expect(alm.state.list().filter(({ clientId }) => foreign.some((one) => one.clientId === clientId))).toEqual(
    foreign,
  );
  expect(strangers.filter((id) => !alm.matches(id, secretText(id)))).toEqual([]);
  expect(alm.state.list()).toHaveLength(COUNT + foreign.length);

  await scenario().operator().stop();
  const before = { requests: gate.log.at(-1)?.n ?? 0, alm: alm.log.length };
  await scenario().launch();
  // Namespaces take turns: once the sixth key of one has had its pass, so have the five of every other.
  const marker = 'tenant-0';
  await api.create(secret(marker, 'last', { clientSecret: secretText('last') }));
  await api.create(credential(marker, 'last'));
  await api.waitFor('ClientCredential', marker, 'last', isReady, {
    what: 'the marker to be Ready',
    timeoutMs: 60_000,
  });
  const later = operatorRequests(before.requests).filter(
    ({ namespace, name }) => isTenants(namespace) && name !== 'last',
  );
  expect(later).toEqual([]);
  const written = alm.log.slice(before.alm).filter(({ wrote }) => wrote !== undefined);
  expect(written.map(({ clientId }) => clientId)).toEqual([`${marker}_last`]);
}, 180_000);
