import { describe, expect, it } from 'vitest';
import type { TokenSource } from '../../src/alm/token.ts';
import type { Sensitive } from '../../src/sensitive.ts';
import { bench, issued, loggedIn } from './support/bench.ts';
import { byPassword, rejectionOf, signal } from './support/build.ts';

const refusedGrant = { status: 400, text: '{"error":"invalid_grant"}' };

describe('the refresh token', () => {
  const withRefresh = issued(1, { expires_in: 1200, refresh_token: 'canary-7f3a9-refresh' });

  async function due(): Promise<ReturnType<typeof bench>> {
    const b = bench(byPassword);
    await loggedIn(b, withRefresh);
    b.clock.ms += 1_150_000;
    return b;
  }

  const grants = (b: { forms: readonly URLSearchParams[] }) => b.forms.map((form) => form.get('grant_type'));

  it('renews in place of the password, and is kept where the answer brings no other', async () => {
    const b = await due();
    await loggedIn(b, issued(2));
    b.clock.ms += 1_150_000;
    await loggedIn(b, issued(3));
    expect(grants(b)).toEqual(['password', 'refresh_token', 'refresh_token']);
    expect(b.forms[2]?.get('refresh_token')).toBe('canary-7f3a9-refresh');
    expect(b.forms[2]?.has('password')).toBe(false);
  });

  it('that is refused gives way to the password', async () => {
    const b = await due();
    const token = b.tokens.current(signal);
    await b.answer(refusedGrant);
    await b.answer(issued(2));
    expect((await token).reveal()).toBe('canary-7f3a9-2');
    expect(grants(b)).toEqual(['password', 'refresh_token', 'password']);
  });

  it('is kept while ALM is away', async () => {
    const b = await due();
    const failing = rejectionOf(b.tokens.current(signal));
    await b.answer({ status: 503, text: '' });
    expect(await failing).toMatchObject({ failure: { reason: 'AlmUnavailable' } });
    await loggedIn(b, issued(2));
    expect(grants(b)).toEqual(['password', 'refresh_token', 'refresh_token']);
  });

  it.each(['renewed', 'fresh'] as const)('is not used where a login is wanted (%s)', async (way) => {
    const b = bench(byPassword);
    const stale = await loggedIn(b, withRefresh);
    const token = asked(b.tokens, way, stale);
    await b.answer(issued(2));
    await token;
    expect(grants(b)).toEqual(['password', 'password']);
  });

  function asked(tokens: TokenSource, way: 'renewed' | 'fresh', stale: Sensitive) {
    return way === 'fresh' ? tokens.fresh(signal) : tokens.renewed(stale, 'asker', signal);
  }
});
