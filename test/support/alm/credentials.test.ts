import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Asker } from './asker.ts';
import { FULL, formOf, RECORD, SECRET, without } from './cases/case.ts';
import { type AlmSim, startAlm } from './server.ts';

const START = 1_700_000_000_000;

let alm: AlmSim;
let ask: Asker;
let now = START;

beforeEach(async () => {
  now = START;
  alm = await startAlm({ now: () => now });
  ask = new Asker(alm);
});

afterEach(async () => {
  await ask.close();
  await alm.stop();
});

describe('the credentials API', () => {
  it('creates a client that can log in, with the documented validities where none are sent', async () => {
    const { accessTokenValidity, refreshTokenValidity, ...rest } = FULL;
    const reply = await ask.api('POST', '', rest);
    expect(reply).toMatchObject({ status: 201, headers: { location: `${alm.url}/api/credentials/app` } });
    expect(alm.state.get('app')).toEqual({
      ...RECORD,
      accessTokenValidity: 1200,
      refreshTokenValidity: 30_600,
    });
    expect((await ask.token('app', SECRET)).status).toBe(200);
  });

  it('replaces the record and the secret at once', async () => {
    await ask.api('POST', '', FULL);
    const next = { ...FULL, clientSecret: 'canary-7f3a9-rotated', roles: [], accessTokenValidity: 5 };
    expect((await ask.api('PUT', '/app', next)).status).toBe(200);
    expect(alm.state.get('app')).toEqual({ ...RECORD, roles: [], accessTokenValidity: 5 });
    expect((await ask.token('app', SECRET)).status).toBe(401);
    expect((await ask.token('app', 'canary-7f3a9-rotated')).status).toBe(200);
  });

  it('keeps grants and roles as sets', async () => {
    const twice = { authorisedGrantTypes: ['password', 'password'], roles: ['Portal', 'Portal', 'ReadOnly'] };
    await ask.api('POST', '', { ...FULL, ...twice });
    expect(alm.state.get('app')).toMatchObject({
      authorisedGrantTypes: ['password'],
      roles: ['Portal', 'ReadOnly'],
    });
  });

  it.each([
    ['a body without an id', { ...without('clientId') }, '400 alm'],
    ['null for an id', { ...FULL, clientId: null }, '400 alm'],
    ['a client that exists', { ...FULL, clientId: 'DokiClient' }, '409 alm'],
  ])('refuses to create from %s', async (_, body, answer) => {
    expect(formOf(await ask.api('POST', '', body))).toBe(answer);
  });

  it('takes null for left out, and a PUT body without an id for that of the path', async () => {
    await ask.api('POST', '', FULL);
    expect(
      (await ask.api('PUT', '/app', { ...FULL, clientId: undefined, accessTokenValidity: null })).status,
    ).toBe(200);
    expect(alm.state.get('app')?.accessTokenValidity).toBe(1200);
  });

  it('answers errors of its own in the envelope with the full URL', async () => {
    expect((await ask.api('PUT', '/app', FULL)).json).toEqual({
      url: `${alm.url}/api/credentials/app`,
      localizedMessage: 'Client credentials with id app not found',
      details: {},
    });
  });

  it('answers unknown URLs in the envelope of Spring Boot, below /api only to those who may know', async () => {
    expect((await ask.send('GET', '/nowhere?q=1')).json).toEqual({
      timestamp: START,
      status: 404,
      error: 'Not Found',
      message: 'No message available',
      path: '/nowhere',
    });
    expect(formOf(await ask.send('GET', '/api/nowhere'))).toBe('401 oauth unauthorized');
    const headers = { authorization: `Bearer ${await ask.login('DokiClient')}` };
    expect(formOf(await ask.send('GET', '/api/nowhere', { headers }))).toBe('404 boot');
    expect(formOf(await ask.send('GET', '/management/health'))).toBe('200 ok');
  });

  it('wants a token that is known and not expired, and repeats what it was shown', async () => {
    expect(await ask.api('POST', '', FULL, 'canary-7f3a9-token')).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.stringContaining('Bearer realm=') },
      json: { error: 'invalid_token', error_description: 'Invalid access token: canary-7f3a9-token' },
    });
    const token = await ask.login();
    now = START + 1_199_999;
    expect((await ask.api('POST', '', FULL, token)).status).toBe(201);
    now = START + 1_200_000;
    expect(await ask.api('POST', '', FULL, token)).toMatchObject({
      status: 401,
      json: { error: 'invalid_token', error_description: `Access token expired: ${token}` },
    });
  });

  it('keeps the authorities of a token when its client loses a role', async () => {
    const token = await ask.login();
    alm.state.set({ ...alm.state.get('operator-login')!, roles: [] });
    expect((await ask.api('POST', '', FULL, token)).status).toBe(201);
    now = START + 1_200_000;
    const later = await ask.login();
    expect((await ask.api('PUT', '/app', FULL, later)).status).toBe(403);
  });

  it('lets a table of roles decide who may', async () => {
    const other = await startAlm({
      roles: { Portal: { SECADMIN: ['READ'] } },
      knobs: { getItem: 'omitted' },
    });
    const asker = new Asker(other);
    try {
      other.state.set({ ...FULL });
      const token = await asker.login('app', SECRET);
      expect((await asker.api('GET', '/app', undefined, token)).status).toBe(200);
      expect((await asker.api('PUT', '/app', FULL, token)).status).toBe(403);
    } finally {
      await asker.close();
      await other.stop();
    }
  });

  it('cuts off a body that nobody should send', async () => {
    await ask.login();
    await expect(ask.api('POST', '', 'x'.repeat(1_100_000))).rejects.toThrow();
    expect((await ask.api('POST', '', FULL)).status).toBe(201);
  });
});
