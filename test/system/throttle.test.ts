import { describe, expect, it } from 'vitest';
import type { Arrival } from '../support/alm/faults.ts';
import type { AlmRequest } from '../support/alm/log.ts';
import { secretText } from '../support/canary.ts';
import { credential, secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, type Place } from './clients.ts';

/** An ALM that is overloaded, asks for patience or is slow: what it is spared, and who does not have to wait for it. */

const scenario = useScenario();
const { place, declare, held, settled, until } = clientsOf(scenario);

const isAboutClients = ({ path }: Pick<Arrival, 'path'>) => path.startsWith('/api/');
const isWrite = ({ method, path }: AlmRequest) => method === 'POST' && isAboutClients({ path });

/** Several objects in one namespace. */
async function several(name: string, count: number): Promise<readonly Place[]> {
  const { namespace } = await place(name);
  return Array.from({ length: count }, (_, n) => ({
    namespace,
    name: `${name}-${n}`,
    clientId: `${namespace}_${name}-${n}`,
  }));
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`It did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('an ALM', () => {
  it('that logs the operator in and refuses all else with 503 is tried by one client at a time, and all go on when it is back', async () => {
    const { alm } = scenario();
    const places = await several('overload', 12);
    const mend = alm.faults.add({ match: isAboutClients, do: { kind: 'status', status: 503 } });
    const from = alm.log.length;
    await Promise.all(places.map((of) => declare(of)));
    const asked = () => alm.log.slice(from).filter(({ clientId }) => clientId?.includes('overload'));
    await eventually('the first trials', () => asked().length >= 10);
    const held503 = await Promise.all(
      places.map((of) => until(of, 'held', ({ status }) => status !== undefined)),
    );
    expect(held503).toHaveLength(12);
    // Whoever was on the way when it opened came together; each trial since then waited for the end of the one before.
    const trials = asked().slice(8);
    const gaps = trials.slice(1).map(({ at }, index) => at - (trials[index]?.at ?? at));
    expect(gaps.filter((ms) => ms < 750)).toEqual([]);
    mend();
    for (const of of places) await settled(of, 60_000);
    expect(
      alm.log.filter(({ wrote, clientId }) => wrote === 'created' && clientId?.includes('overload')),
    ).toHaveLength(12);
  }, 120_000);

  it('whose clients are held back says so in their status, and nothing was lost of what it had taken', async () => {
    const { alm } = scenario();
    const [done, ...waiting] = await several('told', 6);
    if (done === undefined) throw new Error('There is nobody');
    await declare(done);
    await settled(done);
    alm.faults.add({ match: isAboutClients, do: { kind: 'status', status: 503 } });
    const [one, two, ...late] = waiting;
    if (one === undefined || two === undefined) throw new Error('There are too few');
    await Promise.all([one, two].map((of) => declare(of)));
    await Promise.all([one, two].map((of) => held(of, 'AlmUnavailable')));
    await Promise.all(late.map((of) => declare(of)));
    // Each of them is tried some time, and tells then what came of it.
    const told = await Promise.any(late.map((of) => held(of, 'CircuitOpen')));
    expect(told.status?.['conditions']).toContainEqual(
      expect.objectContaining({ type: 'Reconciling', status: 'True', reason: 'CircuitOpen' }),
    );
    alm.faults.clear();
    for (const of of waiting) await settled(of, 60_000);
    await settled(done);
  }, 120_000);

  it('that asks one for patience hears from nobody until it is over', async () => {
    const { alm } = scenario();
    const [first, ...others] = await several('patience', 4);
    if (first === undefined) throw new Error('There is nobody');
    const from = alm.log.length;
    alm.faults.add({ match: isAboutClients, times: 1, do: { kind: 'status', status: 429, retryAfter: 4 } });
    await declare(first);
    const about = () => alm.log.slice(from).filter(({ clientId }) => clientId?.includes('patience'));
    await eventually('the 429', () => about().some(({ status }) => status === 429));
    await Promise.all(others.map((of) => declare(of)));
    for (const of of [first, ...others]) await settled(of, 60_000);
    const [refused, ...later] = about();
    expect(refused?.status).toBe(429);
    expect(later.filter(({ at }) => at - (refused?.at ?? 0) < 3_900)).toEqual([]);
  }, 120_000);

  it('that never answers holds one worker less than there are, and the clients of another are made meanwhile', async () => {
    const spec = { limits: { timeout: '5m', concurrency: 100 } };
    const slow = await scenario().connect('slow', { spec });
    slow.faults.add({
      match: ({ method, path }) => method === 'POST' && path.startsWith('/api/'),
      do: { kind: 'hang', when: 'before' },
    });
    const stuck = await several('stuck', 20);
    await Promise.all(stuck.map((of) => declare(of, { connectionRef: { name: 'slow' } })));
    const hanging = () => slow.log.filter((request) => isWrite(request) && request.status === 0).length;
    await eventually('all but one worker to wait', () => hanging() >= 7);
    const quick = await several('quick', 3);
    await Promise.all(quick.map((of) => declare(of)));
    for (const of of quick) await settled(of);
    expect(hanging()).toBe(7);
    slow.faults.clear();
    await slow.down();
    await slow.up();
    for (const of of stuck) await settled(of, 60_000);
  }, 120_000);
});

describe('a tenant with many', () => {
  it('does not delay the one of another until all of theirs are through', async () => {
    const spec = { limits: { requestsPerSecond: 10, burst: 1, concurrency: 1 }, verification: 'Never' };
    const narrow = await scenario().connect('narrow', { spec });
    const { api } = scenario();
    const connectionRef = { name: 'narrow' };
    const many = await several('many', 100);
    for (const { namespace, name, clientId } of many) {
      await api.create(secret(namespace, name, { clientSecret: secretText(name) }));
      await api.create(credential(namespace, name, { clientId, connectionRef }));
    }
    const writes = () => narrow.log.filter(isWrite);
    await eventually('the first few', () => writes().length >= 3);
    const [one] = await several('one', 1);
    if (one === undefined) throw new Error('There is nobody');
    const before = writes().length;
    await declare(one, { connectionRef });
    await settled(one, 60_000);
    const order = writes().map(({ clientId }) => clientId);
    expect(before).toBeLessThan(60);
    // Between the declaration and its news in the operator a few may pass.
    expect(order.indexOf(one.clientId)).toBeLessThan(before + 20);
    expect(order.indexOf(one.clientId)).toBeLessThan(100);
  }, 120_000);
});
