import { describe, expect, it } from 'vitest';
import type { AskSecret } from '../../src/alm/options.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { Sensitive } from '../../src/sensitive.ts';
import { bench, issued, loggedIn, until } from './support/bench.ts';
import {
  byClientCredentials,
  byPassword,
  LOGIN_SECRET,
  PASSWORD,
  rejectionOf,
  signal,
} from './support/build.ts';

describe('the login', () => {
  it('by client credentials asks for that grant alone, with the raw id and secret in Basic', async () => {
    const secret = 'canary-7f3a9 /:%é';
    const b = bench({ ...byClientCredentials, secret: async () => new Sensitive(secret) });
    expect((await loggedIn(b, issued(1))).reveal()).toBe('canary-7f3a9-1');
    expect(Object.fromEntries(b.forms[0] ?? [])).toEqual({ grant_type: 'client_credentials' });
    const [scheme, base64 = ''] = (b.headers[0]?.['authorization'] ?? '').split(' ');
    expect([scheme, Buffer.from(base64, 'base64').toString()]).toEqual(['Basic', `operator:${secret}`]);
  });

  it('by password sends the user too, and the scope where one is set', async () => {
    const b = bench({ ...byPassword, scope: 'all' });
    await loggedIn(b, issued(1));
    expect(Object.fromEntries(b.forms[0] ?? [])).toEqual({
      grant_type: 'password',
      username: 'jane',
      password: PASSWORD,
      scope: 'all',
    });
  });

  it('asks for its secret anew each time, so that a rotated one is used', async () => {
    const secrets = [LOGIN_SECRET, 'rotated-canary-7f3a9'];
    const secret: AskSecret = async () => new Sensitive(secrets.shift() ?? '');
    const b = bench({ ...byClientCredentials, secret });
    await loggedIn(b, issued(1));
    const again = b.tokens.fresh(signal);
    await b.answer(issued(2));
    await again;
    const sent = b.headers.map(({ authorization = '' }) =>
      Buffer.from(authorization.slice(6), 'base64').toString(),
    );
    expect(sent).toEqual([`operator:${LOGIN_SECRET}`, 'operator:rotated-canary-7f3a9']);
  });

  it('fails as its secret fails, and the next caller tries again', async () => {
    const missing = new EdgeError({ kind: 'waiting', reason: 'SecretNotFound', message: 'none' });
    const answers: (() => Promise<Sensitive>)[] = [
      () => Promise.reject(missing),
      async () => new Sensitive(LOGIN_SECRET),
    ];
    const secret: AskSecret = () => (answers.shift() ?? (() => Promise.reject(missing)))();
    const b = bench({ ...byClientCredentials, secret });
    expect(await rejectionOf(b.tokens.current(signal))).toBe(missing);
    expect((await loggedIn(b, issued(1))).reveal()).toBe('canary-7f3a9-1');
  });
});

describe('the life of a token', () => {
  // Renewed at the later of 80 % of its life and 60 s before its end.
  it.each([
    ['long', 1200, 1_139_999, 1_140_000],
    ['short', 100, 79_999, 80_000],
    ['tiny', 2, 1_599, 1_600],
  ])('that is %s: renewed early', async (_name, seconds, still, due) => {
    const b = bench();
    const first = await loggedIn(b, issued(1, { expires_in: seconds }));
    b.clock.ms += still;
    expect(await b.tokens.current(signal)).toBe(first);
    b.clock.ms += due - still;
    expect((await loggedIn(b, issued(2))).reveal()).toBe('canary-7f3a9-2');
    expect(b.forms.length).toBe(2);
  });

  it('counts from the question, not from the answer', async () => {
    const b = bench();
    const token = b.tokens.current(signal);
    await until(() => b.waiting.length > 0);
    b.clock.ms += 90_000;
    await b.answer(issued(1, { expires_in: 100 }));
    await token;
    await loggedIn(b, issued(2));
    expect(b.forms.length).toBe(2);
  });

  it('that is over on arrival serves those who waited for it and nobody else', async () => {
    const b = bench();
    expect((await loggedIn(b, issued(1, { expires_in: 0 }))).reveal()).toBe('canary-7f3a9-1');
    expect((await loggedIn(b, issued(2, { expires_in: 0 }))).reveal()).toBe('canary-7f3a9-2');
    expect(b.forms.length).toBe(2);
  });

  it('that is not named lasts until the token is refused', async () => {
    const b = bench();
    const first = await loggedIn(b, issued(1, {}));
    b.clock.ms += 10 * 365 * 86_400_000;
    expect(await b.tokens.current(signal)).toBe(first);
    expect(b.forms.length).toBe(1);
  });
});

describe('one login in flight', () => {
  it('serves every caller', async () => {
    const b = bench();
    const callers = Array.from({ length: 20 }, () => b.tokens.current(signal));
    await b.answer(issued(1));
    expect(new Set(await Promise.all(callers)).size).toBe(1);
    expect(b.forms.length).toBe(1);
  });

  it('goes on for the others when one caller leaves', async () => {
    const b = bench();
    const leaving = new AbortController();
    const left = rejectionOf(b.tokens.current(leaving.signal));
    const stays = b.tokens.current(signal);
    await until(() => b.waiting.length > 0);
    leaving.abort(new Error('shutdown'));
    expect(await left).toBe(leaving.signal.reason);
    await b.answer(issued(1));
    expect((await stays).reveal()).toBe('canary-7f3a9-1');
    expect(b.forms.length).toBe(1);
  });

  it('is given up when the last caller leaves, and the next one starts anew', async () => {
    const b = bench();
    const leaving = new AbortController();
    const left = [b.tokens.current(leaving.signal), b.tokens.fresh(leaving.signal)].map(rejectionOf);
    await until(() => b.waiting.length > 0);
    leaving.abort(new Error('shutdown'));
    expect(await Promise.all(left)).toEqual([leaving.signal.reason, leaving.signal.reason]);
    expect(b.waiting.shift()?.signal.aborted).toBe(true);
    expect((await loggedIn(b, issued(2))).reveal()).toBe('canary-7f3a9-2');
  });

  it('that hangs after its last caller left is in nobody’s way', async () => {
    const never = new Promise<Sensitive>(() => undefined);
    const secrets = [never, Promise.resolve(new Sensitive(LOGIN_SECRET))];
    const secret: AskSecret = () => secrets.shift() ?? never;
    const b = bench({ ...byClientCredentials, secret });
    const leaving = new AbortController();
    const left = rejectionOf(b.tokens.current(leaving.signal));
    leaving.abort(new Error('shutdown'));
    expect(await left).toBe(leaving.signal.reason);
    expect((await loggedIn(b, issued(1))).reveal()).toBe('canary-7f3a9-1');
  });

  it('is not started for a caller whose signal has fired', async () => {
    const b = bench();
    const gone = AbortSignal.abort(new Error('shutdown'));
    const calls = [
      b.tokens.current(gone),
      b.tokens.fresh(gone),
      b.tokens.renewed(new Sensitive('x'), 'asker', gone),
    ];
    expect(await Promise.all(calls.map(rejectionOf))).toEqual([gone.reason, gone.reason, gone.reason]);
    expect(b.forms.length).toBe(0);
  });

  it('fails for all its callers alike', async () => {
    const b = bench();
    const callers = [b.tokens.current(signal), b.tokens.current(signal)].map(rejectionOf);
    await b.answer({ status: 401, text: '{"error":"invalid_client"}' });
    const [one, other] = await Promise.all(callers);
    expect(one).toMatchObject({ failure: { reason: 'Unauthorised' } });
    expect(other).toBe(one);
  });
});

describe('a refused token', () => {
  it('is renewed once for all who held it, early or late', async () => {
    const b = bench();
    const stale = await loggedIn(b, issued(1));
    const callers = Array.from({ length: 10 }, () => b.tokens.renewed(stale, 'asker', signal));
    await b.answer(issued(2));
    expect(new Set(await Promise.all(callers)).size).toBe(1);
    expect((await b.tokens.renewed(stale, 'asker', signal))?.reveal()).toBe('canary-7f3a9-2');
    expect(b.forms.length).toBe(2);
  });

  it('is told from the new one even if the server gives the same value again', async () => {
    const b = bench();
    const stale = await loggedIn(b, issued(1));
    const renewed = b.tokens.renewed(stale, 'asker', signal);
    await b.answer(issued(1));
    const fresh = await renewed;
    expect(await b.tokens.renewed(stale, 'asker', signal)).toBe(fresh);
    expect(b.forms.length).toBe(2);
  });

  it('is not handed out again when the new login fails', async () => {
    const b = bench();
    const stale = await loggedIn(b, issued(1));
    const failing = rejectionOf(b.tokens.renewed(stale, 'asker', signal));
    await b.answer({ status: 503, text: '' });
    expect(await failing).toMatchObject({ failure: { reason: 'AlmUnavailable' } });
    expect((await loggedIn(b, issued(2))).reveal()).toBe('canary-7f3a9-2');
  });
});

describe('a login that did not help', () => {
  /** A token that was renewed by `asker` after a 401. */
  async function renewedBy(asker: string) {
    const b = bench();
    const stale = await loggedIn(b, issued(1));
    const renewed = b.tokens.renewed(stale, asker, signal);
    await b.answer(issued(2));
    const token = await renewed;
    if (token === undefined) throw new Error('There is no token');
    b.tokens.unhelpful(asker);
    return { ...b, token };
  }

  it('is not repeated for everybody: the next one is tried after 1 s, then 2 s', async () => {
    const { tokens, token, clock, answer, forms } = await renewedBy('PUT /a');
    expect(await tokens.renewed(token, 'PUT /b', signal)).toBeUndefined();
    clock.ms += 999;
    expect(await tokens.renewed(token, 'PUT /a', signal)).toBeUndefined();
    clock.ms += 1;
    const second = tokens.renewed(token, 'PUT /a', signal);
    await answer(issued(3));
    const again = await second;
    clock.ms += 1_999;
    expect(again && (await tokens.renewed(again, 'PUT /b', signal))).toBeUndefined();
    clock.ms += 1;
    const third = again && tokens.renewed(again, 'PUT /b', signal);
    await answer(issued(4));
    expect((await third)?.reveal()).toBe('canary-7f3a9-4');
    expect(forms.length).toBe(4);
  });

  it('is tried again at once where the clock was set back', async () => {
    const { tokens, token, clock, answer } = await renewedBy('PUT /a');
    clock.ms -= 5_000;
    const again = tokens.renewed(token, 'PUT /b', signal);
    await answer(issued(3));
    expect((await again)?.reveal()).toBe('canary-7f3a9-3');
  });

  it('is no answer any more for whom it did not help, while others are served', async () => {
    const { tokens, token, clock, answer, forms } = await renewedBy('PUT /a');
    tokens.accepted(token, 'PUT /b');
    clock.ms += 600_000;
    expect(await tokens.renewed(token, 'PUT /a', signal)).toBeUndefined();
    expect(forms.length).toBe(2);
    tokens.accepted(token, 'PUT /a');
    const renewed = tokens.renewed(token, 'PUT /a', signal);
    await answer(issued(3));
    expect((await renewed)?.reveal()).toBe('canary-7f3a9-3');
  });

  it('stands in nobody else’s way once somebody is served', async () => {
    const { tokens, token, answer } = await renewedBy('PUT /a');
    tokens.accepted(token, 'PUT /b');
    const renewed = tokens.renewed(token, 'PUT /b', signal);
    await answer(issued(3));
    expect((await renewed)?.reveal()).toBe('canary-7f3a9-3');
  });

  it('is not made good by a late answer to the token before it', async () => {
    const b = bench();
    const stale = await loggedIn(b, issued(1));
    const renewed = b.tokens.renewed(stale, 'PUT /a', signal);
    await b.answer(issued(2));
    const token = await renewed;
    b.tokens.accepted(stale, 'PUT /b');
    expect(token && (await b.tokens.renewed(token, 'PUT /c', signal))).toBeUndefined();
  });
});
