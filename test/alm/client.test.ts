import { describe, expect, it } from 'vitest';
import type { WriteAnswer } from '../../src/domain/record.ts';
import {
  almThat,
  byPassword,
  CLIENT_SECRET,
  clientFor,
  reasonOf,
  record,
  rejectionOf,
  signal,
  tokenReply,
} from './support/build.ts';
import { html, json, type Reply, startServer } from './support/server.ts';

const DONE = { status: 204 };
const own = (status: number, localizedMessage = 'no') => json(status, { url: null, localizedMessage });

describe('requests', () => {
  it('POST the whole record to the collection', async () => {
    await using alm = await almThat(() => ({ status: 201, headers: { location: '/x' } }));
    expect(await alm.client.create(record, signal)).toEqual({ answer: 'accepted' });
    const [asked] = alm.calls();
    expect(asked).toMatchObject({ method: 'POST', path: '/api/credentials' });
    expect(asked?.headers).toMatchObject({
      authorization: 'Bearer canary-7f3a9-token-1',
      'content-type': 'application/json',
      accept: 'application/json',
    });
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      clientId: 'orders_api',
      clientSecret: CLIENT_SECRET,
      authorisedGrantTypes: ['client_credentials'],
      accessTokenValidity: 1200,
      refreshTokenValidity: 30600,
      roles: ['Portal'],
    });
  });

  it('PUT the same body to the path of the client', async () => {
    await using alm = await almThat(() => DONE);
    await alm.client.create(record, signal);
    expect(await alm.client.update(record, signal)).toEqual({ answer: 'accepted' });
    const [post, put] = alm.calls();
    expect(put).toMatchObject({ method: 'PUT', path: '/api/credentials/orders_api', body: post?.body });
  });

  it('GET one client', async () => {
    const { clientSecret, ...shown } = record;
    await using alm = await almThat(() => json(200, { ...shown, clientSecret: clientSecret.reveal() }));
    expect(await alm.client.read('orders_api', signal)).toEqual({ answer: 'record', record: shown });
    expect(alm.calls()[0]).toMatchObject({ method: 'GET', path: '/api/credentials/orders_api', body: '' });
  });

  it('encode an id that should not have come this far', async () => {
    await using alm = await almThat(() => own(404));
    expect(await alm.client.read('../a b?c', signal)).toEqual({ answer: 'absent' });
    expect(alm.calls()[0]?.path).toBe('/api/credentials/..%2Fa%20b%3Fc');
  });

  it.each(['/ishtar', '/ishtar/', '/a/b///'])('go below the path prefix %s', async (prefix) => {
    await using server = await startServer(({ path }) => (path.includes('oauth') ? tokenReply(1) : DONE));
    const client = clientFor(server.origin + prefix);
    await client.update(record, signal);
    await client.close();
    const base = prefix.replace(/\/+$/, '');
    const paths = server.asked.map(({ path }) => path);
    expect(paths).toEqual([`${base}/oauth/token`, `${base}/api/credentials/orders_api`]);
  });

  it('carry no token where the connection has no login', async () => {
    await using alm = await almThat(() => DONE, { auth: { kind: 'none' } });
    await alm.client.update(record, signal);
    expect(alm.calls()[0]?.headers['authorization']).toBeUndefined();
    expect(alm.logins()).toBe(0);
  });

  it.each([1, 3])('share one token and at most %i connections', async (concurrency) => {
    await using alm = await almThat(() => DONE, { concurrency });
    await Promise.all(Array.from({ length: 40 }, () => alm.client.update(record, signal)));
    expect([alm.logins(), alm.calls().length]).toEqual([1, 40]);
    expect(alm.server.connections()).toBeLessThanOrEqual(concurrency);
  });
});

describe('answers over the wire', () => {
  const rows: readonly (readonly [string, Reply, WriteAnswer | string])[] = [
    ['an echo of the secret', json(200, { clientSecret: CLIENT_SECRET }), { answer: 'accepted' }],
    ['a body that is no JSON', { status: 200, body: '\u0000{{' }, { answer: 'accepted' }],
    ['a login page', html(200), 'MalformedAnswer'],
    ['a redirect', { status: 302, headers: { location: 'https://canary-7f3a9/' } }, 'MalformedAnswer'],
    ['a conflict', own(409), { answer: 'exists' }],
    ['a refusal', own(400, 'bad'), { answer: 'refused', status: 400, quote: 'bad' }],
    ['a fault of ALM', own(500, 'NPE'), { answer: 'refused', status: 500, quote: 'NPE' }],
    ['a page of an ingress', html(400), 'MalformedAnswer'],
    ['an ingress without backend', html(503), 'AlmUnavailable'],
    ['an unknown path', own(404), 'EndpointNotFound'],
    ['a missing privilege', json(403, { error: 'access_denied' }), 'PrivilegeMissing'],
  ];

  it.each(rows)('POST answered with %s', async (_name, reply, expected) => {
    await using alm = await almThat(() => reply);
    const call = alm.client.create(record, signal);
    if (typeof expected === 'string') expect(await reasonOf(call)).toBe(expected);
    else expect(await call).toEqual(expected);
    expect(alm.calls().length).toBe(1);
  });

  it('pass on the wait that is asked for', async () => {
    await using alm = await almThat(() => ({ status: 429, headers: { 'retry-after': '12' } }));
    const error = await rejectionOf(alm.client.update(record, signal));
    expect(error).toMatchObject({ failure: { reason: 'RateLimited', retryAfterMs: 12_000 } });
  });
});

describe('proof', () => {
  it('is a token request with the client’s own secret, which leaves the operator’s token alone', async () => {
    await using server = await startServer(() => tokenReply(1));
    const client = clientFor(server.origin, { auth: { ...byPassword, scope: 'all' } });
    expect(await client.prove('orders_api', record.clientSecret, signal)).toBe('accepted');
    await client.close();
    expect(server.asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/oauth/token', 'grant_type=client_credentials&scope=all'],
    ]);
    const basic = String(server.asked[0]?.headers['authorization']).slice(6);
    expect(Buffer.from(basic, 'base64').toString()).toBe(`orders_api:${CLIENT_SECRET}`);
  });

  it.each([
    ['a refusal', json(401, { status: 401, error: 'Unauthorized' }), 'refused'],
    ['an endpoint that is away', html(404), 'cannotAsk'],
  ])('that gets %s', async (_name, reply, expected) => {
    await using server = await startServer(() => reply);
    const client = clientFor(server.origin);
    expect(await client.prove('orders_api', record.clientSecret, signal)).toBe(expected);
    await client.close();
  });

  it('that gets no answer fails like a read', async () => {
    await using server = await startServer(() => 'reset');
    const client = clientFor(server.origin);
    expect(await reasonOf(client.prove('orders_api', record.clientSecret, signal))).toBe('AlmUnavailable');
    await client.close();
  });
});

describe('login', () => {
  it('gets a new token each time', async () => {
    await using alm = await almThat(() => DONE);
    await alm.client.login(signal);
    await alm.client.login(signal);
    await alm.client.update(record, signal);
    expect(alm.logins()).toBe(2);
    expect(alm.calls()[0]?.headers['authorization']).toBe('Bearer canary-7f3a9-token-2');
  });

  it.each([
    [json(401, { status: 401, error: 'Unauthorized' }), 'Unauthorised'],
    [json(400, { error: 'invalid_grant', error_description: 'Bad credentials' }), 'Unauthorised'],
    [html(404), 'EndpointNotFound'],
    [html(200), 'MalformedAnswer'],
    [html(502), 'AlmUnavailable'],
  ])('answered with %j fails: %s', async (reply, reason) => {
    await using server = await startServer(() => reply);
    const client = clientFor(server.origin, { auth: byPassword });
    expect(await reasonOf(client.login(signal))).toBe(reason);
    expect(await reasonOf(client.update(record, signal))).toBe(reason);
    await client.close();
    expect(server.asked.map(({ path }) => path)).toEqual(['/oauth/token', '/oauth/token']);
  });

  it.each([200, 302, 404, 500])('without auth is content with any answer: %i', async (status) => {
    await using alm = await almThat(() => ({ status }), { auth: { kind: 'none' } });
    await alm.client.login(signal);
    expect(alm.calls().map(({ method, path }) => [method, path])).toEqual([['GET', '/']]);
  });
});

describe('close', () => {
  it('waits for running calls, a repetition after 401 included', async () => {
    const hold = Promise.withResolvers<void>();
    const answers = [json(401, { error: 'invalid_token' }), DONE];
    await using alm = await almThat(async () => {
      await hold.promise;
      return answers.shift() ?? DONE;
    });
    const call = alm.client.update(record, signal);
    const closed = alm.client.close();
    hold.resolve();
    expect(await call).toEqual({ answer: 'accepted' });
    await closed;
    await alm.client.close();
  });

  it('leaves no connection behind', async () => {
    await using alm = await almThat(() => DONE);
    await alm.client.update(record, signal);
    expect(alm.server.open()).toBeGreaterThan(0);
    await alm.client.close();
    await expect.poll(() => alm.server.open()).toBe(0);
    expect(await reasonOf(alm.client.update(record, signal))).toBe('AlmUnavailable');
  });
});
