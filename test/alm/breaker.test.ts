import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  abandoned,
  answered,
  type Breaker,
  CLOSED,
  failed,
  hastened,
  isDue,
  putOff,
  tried,
} from '../../src/alm/breaker.ts';

const at = (nowMs: number) => ({ nowMs, random: 0.5 });
const open: Breaker = { state: 'open', failed: new Set(['a', 'b']), step: 2, dueMs: 4000 };
const halfOpen: Breaker = { state: 'halfOpen', failed: new Set(['a', 'b']), step: 2, trial: 'c' };

describe('a breaker', () => {
  it.each<[string, Breaker, Breaker]>([
    [
      'stays closed for one object, however often it fails',
      failed(failed(CLOSED, 'a', at(0)), 'a', at(1)),
      { state: 'closed', failed: new Set(['a']) },
    ],
    [
      'opens for two',
      failed(failed(CLOSED, 'a', at(0)), 'b', at(5)),
      { state: 'open', failed: new Set(['a', 'b']), step: 0, dueMs: 1005 },
    ],
    [
      'notes who fails while it is open, and waits no longer for it',
      failed(open, 'c', at(100)),
      { ...open, failed: new Set(['a', 'b', 'c']) },
    ],
    ['gives one trial', tried(open, 'c'), halfOpen],
    ['gives no second one', tried(halfOpen, 'd'), halfOpen],
    ['tries nothing while it is closed', tried(CLOSED, 'c'), CLOSED],
    [
      'waits longer after a trial that failed',
      failed(halfOpen, 'c', at(10_000)),
      { state: 'open', failed: new Set(['a', 'b', 'c']), step: 3, dueMs: 18_000 },
    ],
    [
      'lets others fail beside the trial',
      failed(halfOpen, 'd', at(0)),
      { ...halfOpen, failed: new Set(['a', 'b', 'd']) },
    ],
    ['closes for any answer', answered(), { state: 'closed', failed: new Set() }],
    ['learns nothing from patience that ALM asks for', putOff(CLOSED, 'a', at(0)), CLOSED],
    ['learns nothing from it while open', putOff(open, 'c', at(0)), open],
    ['learns nothing from it beside the trial', putOff(halfOpen, 'd', at(0)), halfOpen],
    [
      'waits longer after a trial that was put off',
      putOff(halfOpen, 'c', at(10_000)),
      { ...open, step: 3, dueMs: 18_000 },
    ],
    [
      'gives the next trial at once where one made no call',
      abandoned(halfOpen, at(7000)),
      { ...open, dueMs: 7000 },
    ],
    ['has no trial to abandon while open', abandoned(open, at(1)), open],
    [
      'need not wait where something else has shown that ALM is back',
      hastened(open, at(100)),
      { ...open, dueMs: 100 },
    ],
    ['is not put off by that', hastened(open, at(9000)), open],
    ['keeps its trial then', hastened(halfOpen, at(0)), halfOpen],
  ])('%s', (_, got, wanted) => {
    expect(got).toEqual(wanted);
  });

  it.each<[Breaker, number, boolean]>([
    [open, 3999, false],
    [open, 4000, true],
    [halfOpen, 9000, false],
    [CLOSED, 9000, false],
  ])('is due for a trial only when open and its step is over (%#)', (breaker, nowMs, due) => {
    expect(isDue(breaker, { nowMs })).toBe(due);
  });
});

describe('over any history', () => {
  const object = fc.constantFrom('a', 'b', 'c');
  const event = fc.oneof(
    { weight: 4, arbitrary: fc.record({ is: fc.constantFrom('failed', 'tries'), object }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('answered', 'putOff', 'abandoned'), object }) },
  );
  const history = fc.array(fc.tuple(event, fc.nat(20_000), fc.double({ min: 0, max: 0.999, noNaN: true })), {
    maxLength: 60,
  });

  type Event = Readonly<{ is: string; object: string }>;
  type Seen = Event & Readonly<{ before: Breaker; after: Breaker; nowMs: number }>;

  function next(breaker: Breaker, { is, object: who }: Event, nowMs: number, random: number): Breaker {
    switch (is) {
      case 'failed':
        return failed(breaker, who, { nowMs, random });
      case 'answered':
        return answered();
      case 'putOff':
        return putOff(breaker, who, { nowMs, random });
      case 'abandoned':
        return abandoned(breaker, { nowMs });
      default:
        return isDue(breaker, { nowMs }) ? tried(breaker, who) : breaker;
    }
  }

  function play(events: readonly [Event, number, number][], see: (seen: Seen) => void): void {
    let breaker = CLOSED;
    let nowMs = 0;
    for (const [one, ms, random] of events) {
      nowMs += ms;
      const before = breaker;
      breaker = next(before, one, nowMs, random);
      see({ ...one, before, after: breaker, nowMs });
    }
  }

  it('it opens exactly when the second object has failed since the last answer', () => {
    fc.assert(
      fc.property(history, (events) => {
        let since = new Set<string>();
        play(events, ({ before, after, is, object: who }) => {
          if (is === 'answered') since = new Set();
          if (is === 'failed') since.add(who);
          expect(after.state === 'closed').toBe(since.size < 2);
          expect(after.failed).toEqual(since);
          if (before.state === 'closed' && after.state !== 'closed') expect(is).toBe('failed');
        });
      }),
    );
  });

  it('steps double from 1 s to 60 s, each with 20 % of chance, and begin anew after an answer', () => {
    fc.assert(
      fc.property(history, (events) => {
        let step = 0;
        play(events, ({ before, after, is, nowMs }) => {
          if (is === 'answered') step = 0;
          if (after.state !== 'open' || before === after || is === 'abandoned') return;
          if (before.state === 'open') {
            expect(after.dueMs).toBe(before.dueMs);
            return;
          }
          const full = Math.min(60_000, 1000 * 2 ** step);
          step += 1;
          const waitMs = after.dueMs - nowMs;
          expect(waitMs).toBeGreaterThanOrEqual(full * 0.8 - 1e-6);
          expect(waitMs).toBeLessThanOrEqual(Math.min(60_000, full * 1.2) + 1e-6);
        });
      }),
    );
  });
});
