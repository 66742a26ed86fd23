import { expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { hasCondition, type Live } from '../support/kubectl/objects.ts';
import { credential, secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';

/** What convergence costs, counted from the request logs of both sides. */

const COUNT = 1000;

// Resyncs fall due at random points of the interval: none of them within this test.
const scenario = useScenario({ launch: false, operator: { flags: ['--resync-interval', '1000h'] } });

const isReady = hasCondition('Ready', 'True');
const STANDING: ReadonlySet<string> = new Set(['list', 'watch']);

function operatorRequests(from = 0) {
  return scenario().gate.log.filter(
    ({ n, user, verb, resource }) =>
      n > from && user === 'operator' && !STANDING.has(verb) && resource !== 'events',
  );
}

it('a burst of 1,000 credentials costs 5 API-server requests and 1 write at ALM each, and one login', async () => {
  const { api, alm, gate } = scenario();
  const namespace = await scenario().namespace('burst');
  for (let from = 0; from < COUNT; from += 50) {
    const names = Array.from({ length: 50 }, (_, at) => `client-${from + at}`);
    await Promise.all(
      names.map(async (name) => {
        await api.create(secret(namespace, name, { clientSecret: secretText(name) }));
        await api.create(credential(namespace, name));
      }),
    );
  }
  await scenario().launch();
  const all = (objects: readonly Live[]) => objects.length === COUNT && objects.every(isReady);
  await api.waitForAll('ClientCredential', namespace, all, { what: 'all to be Ready', timeoutMs: 120_000 });

  const own = operatorRequests().filter(
    (request) => request.namespace === namespace || request.resource === 'almclientclaims',
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
  expect(alm.log.filter(({ path }) => path === '/oauth/token')).toHaveLength(1);

  await scenario().operator().stop();
  const before = { requests: gate.log.at(-1)?.n ?? 0, alm: alm.log.length };
  await scenario().launch();
  // The queue hands out what has been due the longest: once the marker is Ready, every other key has had its pass.
  const marker = await scenario().namespace('marker');
  await api.create(secret(marker, 'last', { clientSecret: secretText('last') }));
  await api.create(credential(marker, 'last'));
  await api.waitFor('ClientCredential', marker, 'last', isReady, {
    what: 'the marker to be Ready',
    timeoutMs: 60_000,
  });
  const later = operatorRequests(before.requests).filter((request) => request.namespace === namespace);
  expect(later).toEqual([]);
  const written = alm.log.slice(before.alm).filter(({ wrote }) => wrote !== undefined);
  expect(written.map(({ clientId }) => clientId)).toEqual([`${marker}_last`]);
}, 180_000);
