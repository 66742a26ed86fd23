import { describe, expect, it } from 'vitest';
import { EdgeError } from '../../src/kube/outcome.ts';
import { almThat, clientFor, record, rejectionOf, signal, tokenReply } from './support/build.ts';
import { html, json, type Reply, startServer } from './support/server.ts';

const DONE = { status: 204 };
const own = (status: number) => json(status, { url: null, localizedMessage: 'no' });
const NONE = { kind: 'none' } as const;

/** Whether a rejected call is known not to have been taken. */
async function untaken(call: Promise<unknown>): Promise<boolean> {
  const error = await rejectionOf(call);
  if (!(error instanceof EdgeError)) throw error;
  return error.failure.untaken ?? false;
}

describe('DELETE', () => {
  it('goes to the path of the client without a body, and counts any 2xx', async () => {
    await using alm = await almThat(() => DONE);
    expect(await alm.client.remove('orders_api', signal)).toEqual({ answer: 'removed' });
    const [asked] = alm.calls();
    expect(asked).toMatchObject({ method: 'DELETE', path: '/api/credentials/orders_api', body: '' });
    expect(asked?.headers['authorization']).toBe('Bearer canary-7f3a9-token-1');
  });

  it.each([
    [own(404), { answer: 'absent' }],
    [html(404), { answer: 'notOffered' }],
    [own(405), { answer: 'notOffered' }],
    [html(501), { answer: 'notOffered' }],
    [json(422, { localizedMessage: 'holds canary-7f3a9' }), { answer: 'refused', status: 422 }],
  ])('answered with %j is %j', async (reply, expected) => {
    await using alm = await almThat(() => reply);
    expect(await alm.client.remove('orders_api', signal)).toEqual(expected);
  });
});

describe('a write that fails', () => {
  const answered: readonly (readonly [string, Reply, boolean])[] = [
    ['is turned away for its privilege', own(403), true],
    ['is turned away for its token, twice', own(401), true],
    ['is redirected', { status: 307, headers: { location: 'https://elsewhere.example/' } }, true],
    ['comes too often', own(429), true],
    ['finds no API', html(405), true],
    ['times out at a proxy', html(504), false],
    ['is too slow for the server', own(408), false],
    ['gets the page of an ingress', html(400), false],
    ['loses its answer', 'reset', false],
    ['gets half an answer', { status: 200, cutOffAfter: '{' }, false],
    ['is answered with no HTTP', { raw: 'SSH-2.0-x\r\n' }, false],
  ];

  it.each(answered)('because it %s', async (_name, reply, expected) => {
    await using alm = await almThat(() => reply);
    expect(await untaken(alm.client.create(record, signal))).toBe(expected);
    expect(await untaken(alm.client.update(record, signal))).toBe(expected);
  });

  it('because nobody listens was not taken, and of a read that is not said', async () => {
    const server = await startServer(() => DONE);
    await server[Symbol.asyncDispose]();
    const client = clientFor(server.origin, { auth: NONE });
    expect(await untaken(client.create(record, signal))).toBe(true);
    expect(await untaken(client.remove('orders_api', signal))).toBe(true);
    expect(await untaken(client.read('orders_api', signal))).toBe(false);
    await client.close();
  });

  it.each<[string, Reply]>([
    ['is refused', own(401)],
    ['breaks', 'reset'],
    ['meets a busy ALM', html(503)],
  ])('because the login %s was not taken', async (_name, reply) => {
    await using server = await startServer(() => reply);
    const client = clientFor(server.origin);
    expect(await untaken(client.create(record, signal))).toBe(true);
    expect(await untaken(client.remove('orders_api', signal))).toBe(true);
    expect(await untaken(client.read('orders_api', signal))).toBe(false);
    await client.close();
  });

  const renewal: readonly (readonly [string, Reply, Reply, boolean])[] = [
    ['the new login fails', 'reset', DONE, true],
    ['the repetition is lost', tokenReply(2), 'reset', false],
  ];

  it.each(renewal)('after a refused token, when %s', async (_name, login, repetition, expected) => {
    const logins = [tokenReply(1), login];
    const writes: Reply[] = [json(401, { error: 'invalid_token' }), repetition];
    await using server = await startServer(
      ({ path }) => (path.endsWith('/oauth/token') ? logins : writes).shift() ?? 'silence',
    );
    const client = clientFor(server.origin);
    expect(await untaken(client.update(record, signal))).toBe(expected);
    await client.close();
  });
});
