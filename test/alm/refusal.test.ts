import { describe, expect, it } from 'vitest';
import { Sensitive } from '../../src/sensitive.ts';
import {
  almThat,
  byPassword,
  CLIENT_SECRET,
  LOGIN_SECRET,
  PASSWORD,
  reasonOf,
  record,
  rejectionOf,
  replies,
  signal,
} from './support/build.ts';
import { json } from './support/server.ts';

const DONE = { status: 204 };
const own = (status: number, localizedMessage = 'no') => json(status, { url: null, localizedMessage });

describe('quotes', () => {
  const echoes = [
    ['the client’s secret', CLIENT_SECRET],
    ['the token', 'canary-7f3a9-token-1'],
    ['the secret of the login', LOGIN_SECRET],
    ['the password of the login', PASSWORD],
  ] as const;

  it.each(echoes)('leave out a sentence that holds %s', async (_name, echo) => {
    // Only what is told apart from the canary that all of them share.
    const piece = echo.replace('canary-7f3a9', '').slice(-7);
    await using alm = await almThat(() => own(400, `cannot use ${piece}`), { auth: byPassword });
    expect(await alm.client.update(record, signal)).toEqual({ answer: 'refused', status: 400 });
  });

  it('are left out when the login’s secrets cannot be had for comparison', async () => {
    const answers = [async () => new Sensitive(LOGIN_SECRET)];
    const secret = () => (answers.shift() ?? (() => Promise.reject(new Error('gone'))))();
    const auth = { kind: 'clientCredentials', clientId: 'operator', secret } as const;
    await using alm = await almThat(() => own(422, 'harmless'), { auth });
    expect(await alm.client.update(record, signal)).toEqual({ answer: 'refused', status: 422 });
  });
});

describe('a caller that leaves while a quote is weighed', () => {
  it('gets its own reason', async () => {
    const abort = new AbortController();
    const answers = [async () => new Sensitive(LOGIN_SECRET)];
    const leave = async () => {
      abort.abort(new Error('shutdown'));
      throw abort.signal.reason;
    };
    const secret = () => (answers.shift() ?? leave)();
    const auth = { kind: 'clientCredentials', clientId: 'operator', secret } as const;
    await using alm = await almThat(() => own(422, 'harmless'), { auth });
    expect(await rejectionOf(alm.client.update(record, abort.signal))).toBe(abort.signal.reason);
  });
});

describe('a 401 of the API', () => {
  const unauthorised = json(401, { error: 'invalid_token' });

  it('brings one new login and one repetition of the request', async () => {
    await using alm = await almThat(replies(unauthorised, DONE));
    expect(await alm.client.update(record, signal)).toEqual({ answer: 'accepted' });
    const [first, second] = alm.calls();
    expect(alm.logins()).toBe(2);
    expect(second).toMatchObject({ method: 'PUT', path: first?.path, body: first?.body });
    expect([first, second].map((asked) => asked?.headers['authorization'])).toEqual([
      'Bearer canary-7f3a9-token-1',
      'Bearer canary-7f3a9-token-2',
    ]);
  });

  it('after the new login means that the privilege is missing', async () => {
    await using alm = await almThat(() => unauthorised);
    expect(await reasonOf(alm.client.update(record, signal))).toBe('PrivilegeMissing');
    expect([alm.logins(), alm.calls().length]).toEqual([2, 2]);
  });

  it.each([400, 403, 404, 409, 500, 503])(
    'is not what %i is: no new login, no repetition',
    async (status) => {
      await using alm = await almThat(() => own(status));
      await alm.client.update(record, signal).catch(() => undefined);
      expect([alm.logins(), alm.calls().length]).toEqual([1, 1]);
    },
  );

  it('for many calls at once costs one login', async () => {
    await using alm = await almThat(({ headers }) =>
      headers['authorization'] === 'Bearer canary-7f3a9-token-1' ? unauthorised : DONE,
    );
    const calls = Array.from({ length: 30 }, () => alm.client.update(record, signal));
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ answer: 'accepted' })));
    expect(alm.logins()).toBe(2);
  });

  it('without a login of the operator asks for one', async () => {
    await using alm = await almThat(() => unauthorised, { auth: { kind: 'none' } });
    expect(await reasonOf(alm.client.read('orders_api', signal))).toBe('Unauthorised');
    expect(alm.calls().length).toBe(1);
  });
});
