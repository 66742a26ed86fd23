import { describe, expect, it } from 'vitest';
import type { AlmClient } from '../../src/domain/record.ts';
import { EdgeError, type Failure } from '../../src/kube/outcome.ts';
import { almThat, clientFor, record, rejectionOf, signal } from './support/build.ts';
import { startServer } from './support/server.ts';

/** Calls to ALM by a replica that may not call, or not for long any more. */

const DONE = { status: 204 };
const NONE = { kind: 'none' } as const;

const CALLS: readonly (readonly [string, (client: AlmClient) => Promise<unknown>, boolean])[] = [
  ['create', (client) => client.create(record, signal), true],
  ['update', (client) => client.update(record, signal), true],
  ['remove', (client) => client.remove('orders_api', signal), true],
  ['read', (client) => client.read('orders_api', signal), false],
  ['login', (client) => client.login(signal), false],
  ['prove', (client) => client.prove('orders_api', record.clientSecret, signal), false],
];

async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const error = await rejectionOf(call);
  if (!(error instanceof EdgeError)) throw error;
  return error.failure;
}

describe('without a permit', () => {
  it.each(CALLS)('%s is refused and nothing is sent', async (_name, call, isWrite) => {
    await using server = await startServer(() => DONE);
    const client = clientFor(server.origin, { auth: NONE, permit: () => 0 });
    const { untaken, ...failure } = await failureOf(call(client));
    expect(failure).toMatchObject({ kind: 'transient', reason: 'LeaseLost' });
    expect(untaken).toBe(isWrite ? true : undefined);
    expect(server.asked).toEqual([]);
    await client.close();
  });

  it.each(CALLS)('%s is refused before the login that it would need', async (_name, call, isWrite) => {
    await using alm = await almThat(() => DONE, { permit: () => 0 });
    const { reason, untaken } = await failureOf(call(alm.client));
    expect([reason, untaken]).toEqual(['LeaseLost', isWrite ? true : undefined]);
    expect(alm.server.asked).toEqual([]);
  });
});

describe('a permit that ends', () => {
  it('while the connection is made keeps the request from being sent', async () => {
    let asked = 0;
    const permit = () => {
      asked += 1;
      return asked === 1 ? 5000 : 0;
    };
    await using server = await startServer(() => DONE);
    const client = clientFor(server.origin, { auth: NONE, permit });
    expect(await failureOf(client.update(record, signal))).toMatchObject({
      reason: 'LeaseLost',
      untaken: true,
    });
    expect(asked).toBe(2);
    expect(server.asked).toEqual([]);
    await client.close();
  });

  it('between the login and the write leaves it at the login', async () => {
    let left = 5000;
    const permit = () => left;
    await using alm = await almThat(() => DONE, { permit });
    await alm.client.login(signal);
    left = 0;
    expect(await failureOf(alm.client.update(record, signal))).toMatchObject({ untaken: true });
    expect([alm.logins(), alm.calls()]).toEqual([1, []]);
    left = 5000;
    await alm.client.update(record, signal);
    expect(alm.calls()).toHaveLength(1);
  });

  it('limits the time of a request, of which nobody knows then whether ALM took it', async () => {
    await using server = await startServer(() => 'silence');
    // The limit of the connection would let it wait for a minute.
    const client = clientFor(server.origin, { auth: NONE, timeoutMs: 60_000, permit: () => 50 });
    const failure = await failureOf(client.update(record, signal));
    expect(failure.reason).toBe('OutcomeUnknown');
    expect(failure.untaken).toBeUndefined();
    expect(server.asked).toHaveLength(1);
    await client.close();
  });
});
