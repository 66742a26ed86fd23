import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { away, type Call, Outage } from './outage.ts';

const MANY = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`team-${n}`, 1_000]));
const MINUTE = 60_000;

/** Each call comes at least a back-off step, less its chance, after the one before. */
function expectSteps(calls: readonly Call[]): void {
  for (const [index, { atMs }] of calls.entries()) {
    const before = calls[index - 1];
    if (before === undefined) continue;
    expect(atMs - before.atMs).toBeGreaterThanOrEqual(0.8 * Math.min(MINUTE, 1_000 * 2 ** (index - 1)));
  }
}

describe('10,000 objects', () => {
  it('of an ALM that is away cost one call a step, which is the login of its connection', async () => {
    const outage = new Outage(MANY);
    outage.manner = away;
    outage.start();
    await outage.clock.advance(10 * MINUTE);
    expect(outage.calls.length).toBeGreaterThan(10);
    expect(outage.about('login')).toEqual(outage.calls);
    expectSteps(outage.calls);
    expect(outage.ready('False', 'ConnectionNotReady')).toBe(10_000);
  }, 60_000);

  it('of an ALM that logs the operator in and serves nobody cost one call a step, and all go on when it is back', async () => {
    const outage = new Outage(MANY, { requestsPerSecond: 1_000, burst: 1_000 });
    outage.manner = ({ what }) => (what === 'login' ? undefined : away());
    outage.start();
    await outage.clock.advance(500);
    const opened = outage.calls.length;
    expect(outage.throttles.of('default').view()).toMatchObject({ breaker: 'open' });
    // Those who were on the way when it opened, the first login, and the one look that their failures asked for.
    expect(outage.about('POST').length).toBeLessThan(8);
    expect(outage.about('login').length).toBeLessThanOrEqual(2);
    await outage.clock.advance(10 * MINUTE);
    const trials = outage.calls.slice(opened);
    expect(trials.length).toBeGreaterThan(10);
    expect(trials.filter(({ what }) => what !== 'POST')).toEqual([]);
    expectSteps(trials);
    expect(outage.ready('False', 'CircuitOpen')).toBeGreaterThan(9_900);
    outage.manner = () => undefined;
    await outage.clock.advance(MINUTE + 30_000);
    expect(outage.ready('True', 'Applied')).toBe(10_000);
    expect(outage.about('login').length).toBeLessThanOrEqual(2);
  }, 60_000);

  it('of an ALM that goes away altogether after it had served cost one call a step', async () => {
    const outage = new Outage({ 'team-a': 800 }, { requestsPerSecond: 50, burst: 50 });
    outage.start();
    await outage.clock.advance(5_000);
    expect(outage.ready('True', 'Applied')).toBeGreaterThan(200);
    outage.manner = away;
    const up = outage.calls.length;
    await outage.clock.advance(10 * MINUTE);
    const asked = outage.calls.slice(up);
    expect(asked.filter(({ what }) => what === 'POST').length).toBeLessThan(8);
    expectSteps(asked.filter(({ what }) => what === 'login'));
    outage.manner = () => undefined;
    await outage.clock.advance(2 * MINUTE);
    expect(outage.ready('True', 'Applied')).toBe(800);
  }, 60_000);
});

describe('a few that fail', () => {
  it.each([
    'AlmUnavailable',
    'MalformedAnswer',
    'PrivilegeMissing',
    'RateLimited',
    'OutcomeUnknown',
  ] as const)(
    'with %s cost no more calls each than one that works, and hold up nobody',
    async (reason) => {
      const outage = new Outage({ 'team-a': 50, 'team-b': 50 });
      const bad = new Set(['team-a-0', 'team-a-1', 'team-b-0']);
      outage.manner = ({ clientId }) => (bad.has(clientId) ? new EdgeError(fail(reason, 'why')) : undefined);
      outage.start();
      await outage.clock.advance(MINUTE);
      expect(outage.ready('True', 'Applied')).toBe(97);
      const looks = outage.about('login').length + outage.about('GET').length;
      expect(looks).toBeLessThanOrEqual(2 + 2 * bad.size);
      const passes = 12;
      await outage.clock.advance(passes * 5 * MINUTE);
      for (const clientId of bad) {
        const cost = outage.calls.filter((call) => call.clientId === clientId).length;
        // A pass for a sound one makes one call here; back-off gives eight in the first five minutes, then one in five.
        expect(cost).toBeLessThanOrEqual(10 + 1.25 * passes);
      }
      expect(outage.about('login').length + outage.about('GET').length).toBe(looks);
    },
    60_000,
  );

  it('cannot keep a newcomer waiting for longer than the step of a moment', async () => {
    const outage = new Outage({ 'team-a': 2, 'team-b': 1 });
    outage.manner = ({ clientId }) => (clientId.startsWith('team-a') ? away() : undefined);
    outage.start();
    await outage.clock.advance(1_500);
    expect(outage.ready('True', 'Applied')).toBe(1);
  });
});

describe('one tenant with thousands', () => {
  it('delays the single one of another by a few passes', async () => {
    const outage = new Outage({ many: 1_500 }, { requestsPerSecond: 100, burst: 1, concurrency: 2 });
    outage.start();
    await outage.clock.advance(10_000);
    const before = outage.about('POST').length;
    expect(before).toBeLessThan(1_200);
    outage.declare('one', 'one-0');
    await outage.clock.advance(2_000);
    const order = outage.about('POST').map(({ clientId }) => clientId);
    expect(order.indexOf('one-0') - before).toBeLessThan(6);
    expect(order.indexOf('one-0')).toBeGreaterThanOrEqual(before);
  }, 60_000);
});
