import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Asker, type Reply } from './asker.ts';
import { formOf } from './cases/case.ts';
import { type AlmOptions, type AlmSim, startAlm } from './server.ts';

const START = 1_700_000_000_000;
const NIMROD = ['NimrodClient', 'canary-7f3a9-NimrodClient'] as const;
const PASSWORD = { grant_type: 'password', username: 'portal', password: 'canary-7f3a9-portal' };

let alm: AlmSim;
let ask: Asker;
let now = START;

async function start(options: Partial<AlmOptions> = {}): Promise<void> {
  alm = await startAlm({ now: () => now, ...options });
  ask = new Asker(alm);
}

beforeEach(() => {
  now = START;
});

afterEach(async () => {
  await ask.close();
  await alm.stop();
});

function bodyOf({ json }: Reply): Readonly<Record<string, unknown>> {
  return json as Readonly<Record<string, unknown>>;
}

describe('the token endpoint', () => {
  it('answers a login as the vendor shows it', async () => {
    await start();
    const reply = await ask.token('LmClient', 'canary-7f3a9-LmClient', { scope: 'all' });
    expect(reply).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store', 'content-type': 'application/json;charset=UTF-8' },
      json: { access_token: expect.any(String), token_type: 'bearer', expires_in: 1199, scope: 'all' },
    });
    expect(Object.keys(bodyOf(reply))).toEqual(['access_token', 'token_type', 'expires_in', 'scope']);
  });

  it.each([
    ['without a grant type', { grant_type: '' }, '400 oauth invalid_request', 'Missing grant type'],
    [
      'an unknown grant',
      { grant_type: 'magic' },
      '400 oauth unsupported_grant_type',
      'Unsupported grant type: magic',
    ],
    ['an unknown scope', { scope: 'some' }, '400 oauth invalid_scope', 'Invalid scope: some'],
    [
      'a wrong password',
      { ...PASSWORD, password: 'canary-7f3a9-no' },
      '400 oauth invalid_grant',
      'Bad credentials',
    ],
    ['an unknown user', { ...PASSWORD, username: 'nobody' }, '400 oauth invalid_grant', 'Bad credentials'],
    [
      'a suspended user',
      { grant_type: 'password', username: 'suspended', password: 'canary-7f3a9-suspended' },
      '400 oauth invalid_grant',
      'User account is locked',
    ],
    [
      'an unknown refresh token',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      '400 oauth invalid_grant',
      'Invalid refresh token: x',
    ],
  ])('refuses %s', async (_, form, answer, description) => {
    await start();
    const reply = await ask.token(...NIMROD, form);
    expect([formOf(reply), bodyOf(reply)['error_description']]).toEqual([answer, description]);
  });

  it('asks for credentials, takes them by Basic alone, and only by POST', async () => {
    await start();
    const none = await ask.send('POST', '/oauth/token', { body: 'grant_type=client_credentials' });
    const odd = await ask.send('POST', '/oauth/token', { headers: { authorization: 'Basic bm9jb2xvbg==' } });
    const authorization = `Basic ${Buffer.from('LmClient:canary-7f3a9-LmClient').toString('base64')}`;
    const get = await ask.send('GET', '/oauth/token', { headers: { authorization } });
    expect([none, odd, get].map(formOf)).toEqual([
      '401 oauth unauthorized',
      '401 boot',
      '405 oauth method_not_allowed',
    ]);
  });

  it('splits Basic at the first colon and decodes nothing', async () => {
    await start();
    const secret = 'canary-7f3a9:%41+ü/=';
    alm.state.set({ ...alm.state.get('LmClient')!, clientSecret: secret });
    expect((await ask.token('LmClient', secret)).status).toBe(200);
    expect((await ask.token('LmClient', 'canary-7f3a9:A+ü/=')).status).toBe(401);
  });

  it('gives the same opaque token with what is left of its life, then a new one', async () => {
    await start();
    const first = bodyOf(await ask.token('LmClient', 'canary-7f3a9-LmClient'));
    now = START + 1_000_000;
    const later = bodyOf(await ask.token('LmClient', 'canary-7f3a9-LmClient'));
    now = START + 1_200_000;
    const last = bodyOf(await ask.token('LmClient', 'canary-7f3a9-LmClient'));
    expect(later).toEqual({ ...first, expires_in: 199 });
    expect(last['access_token']).not.toBe(first['access_token']);
    expect(last['expires_in']).toBe(1199);
  });

  it('lets a validity change count for tokens issued afterwards only', async () => {
    await start();
    await ask.login('LmClient');
    alm.state.set({ ...alm.state.get('LmClient')!, accessTokenValidity: 60 });
    expect(bodyOf(await ask.token('LmClient', 'canary-7f3a9-LmClient'))['expires_in']).toBe(1199);
    now = START + 1_200_000;
    expect(bodyOf(await ask.token('LmClient', 'canary-7f3a9-LmClient'))['expires_in']).toBe(59);
  });

  it('signs JWTs with the claims of the real ones', async () => {
    await start({ knobs: { tokenFormat: 'jwt' } });
    const body = bodyOf(await ask.token('operator-login', 'canary-7f3a9-operator-login'));
    const [head = '', claims = '', signature = ''] = String(body['access_token']).split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      scope: ['all'],
      exp: START / 1000 + 1200,
      authorities: ['SECADMIN_EXECUTE', 'SECADMIN_READ', 'SECADMIN_WRITE'],
      jti: body['jti'],
      client_id: 'operator-login',
    });
    expect(signature).toHaveLength(createHmac('sha256', 'x').update('x').digest('base64url').length);
    expect(formOf(await ask.api('POST', '', {}, `${head}.${claims}.forged`))).toBe('401 oauth invalid_token');
  });

  it('logs a user in with the password grant and asks about the user again at each refresh', async () => {
    await start();
    const first = bodyOf(await ask.token(...NIMROD, PASSWORD));
    const refresh = { grant_type: 'refresh_token', refresh_token: String(first['refresh_token']) };
    now = START + 600_000;
    const second = bodyOf(await ask.token(...NIMROD, refresh));
    expect(second).toMatchObject({ refresh_token: first['refresh_token'], expires_in: 1199 });
    expect(second['access_token']).not.toBe(first['access_token']);

    alm.state.users.set('portal', { ...alm.state.users.get('portal')!, suspended: true });
    expect(formOf(await ask.token(...NIMROD, refresh))).toBe('400 oauth invalid_grant');
  });

  it('ends refresh tokens with their validity, and gives them to nobody else', async () => {
    await start();
    const { refresh_token } = bodyOf(await ask.token(...NIMROD, PASSWORD));
    const refresh = { grant_type: 'refresh_token', refresh_token: String(refresh_token) };
    alm.state.set({
      ...alm.state.get('NimrodClient')!,
      clientId: 'other',
      clientSecret: 'canary-7f3a9-other',
    });
    expect(formOf(await ask.token('other', 'canary-7f3a9-other', refresh))).toBe('400 oauth invalid_grant');
    now = START + 30_600_000;
    expect(formOf(await ask.token(...NIMROD, refresh))).toBe('401 oauth invalid_token');
  });

  it('gives no refresh token to a client without that grant', async () => {
    await start();
    alm.state.set({ ...alm.state.get('NimrodClient')!, authorisedGrantTypes: ['password'] });
    expect(bodyOf(await ask.token(...NIMROD, PASSWORD))).not.toHaveProperty('refresh_token');
  });
});
