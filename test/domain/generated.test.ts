import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Demand,
  mayReplace,
  nextRotationMs,
  type Published,
  refusalOf,
  rotationDue,
  spreadOf,
  turnOf,
} from '../../src/domain/generated.ts';

const HOUR = 3_600_000;
const LAST = '2026-03-01T12:00:00.000Z';
const LAST_MS = Date.parse(LAST);

const absent: Published = { is: 'absent' };
const usable: Published = { is: 'ours', usable: true };
const emptied: Published = { is: 'ours', usable: false };

const never = { due: undefined, rotation: undefined };
const settled = { due: undefined, rotation: { last: LAST } };
const due = { due: 'due' as const, rotation: { last: LAST } };
const requested = { due: 'requested' as const, rotation: { last: LAST } };

describe('the turn of a generated secret', () => {
  it.each([
    ['nothing published, for the first time', absent, false, never, 'stage', 'first'],
    ['nothing published, though something was', absent, false, settled, 'stage', 'lost'],
    ['nothing published, and a rotation is due', absent, false, due, 'stage', 'due'],
    ['published and usable', usable, false, settled, 'use', undefined],
    ['published, and its rotation never written down', usable, false, never, 'use', undefined],
    ['published, and a rotation is due', usable, false, due, 'stage', 'due'],
    ['published, and a rotation is asked for', usable, false, requested, 'stage', 'requested'],
    ['published and emptied', emptied, false, settled, 'stage', 'lost'],
    ['staged for the first time', absent, true, never, 'resume', 'first'],
    ['staged in the place of a lost one', absent, true, settled, 'resume', 'lost'],
    ['staged in the place of an emptied one', emptied, true, settled, 'resume', 'lost'],
    ['staged, because a rotation is due', usable, true, due, 'resume', 'due'],
    ['staged, because a rotation is asked for', usable, true, requested, 'resume', 'requested'],
    ['published for the first time, and not yet written down', usable, true, never, 'resume', 'first'],
    ['written down, and not yet cleared away', usable, true, settled, 'resume', undefined],
  ] as const)('%s', (_, published, staged, demand, turn, cause) => {
    const found = turnOf('orders', published, staged, demand);
    expect(found).toEqual(turn === 'use' ? { turn } : { turn, cause });
  });

  it.each([
    ['foreign', 'GeneratedSecretConflict', 'stalled'],
    ['former', 'SecretNotFound', 'waiting'],
  ] as const)('stops at a Secret that is %s, whatever else is the case', (is, reason, kind) => {
    for (const demand of [never, settled, due, requested])
      for (const staged of [true, false])
        expect(turnOf('orders', { is }, staged, demand)).toMatchObject({
          turn: 'refused',
          failure: { reason, kind },
        });
    expect(refusalOf('orders', { is })).toMatchObject({ reason, kind });
  });

  it.each([absent, usable, emptied])('is refused nothing at %j', (published) => {
    expect(refusalOf('orders', published)).toBeUndefined();
  });
});

function demand(change: Partial<Demand>): Demand {
  return { rotation: undefined, token: undefined, everyMs: undefined, spread: 0.5, ...change };
}

describe('a rotation is due', () => {
  it.each([
    ['never where nothing asks for it', demand({ rotation: { last: LAST } }), 1000 * HOUR, undefined],
    ['never before the first secret', demand({ everyMs: HOUR }), 1000 * HOUR, undefined],
    [
      'not before the interval is over',
      demand({ rotation: { last: LAST }, everyMs: 24 * HOUR }),
      24 * HOUR - 1,
      undefined,
    ],
    ['once it is', demand({ rotation: { last: LAST }, everyMs: 24 * HOUR }), 24 * HOUR, 'due'],
    ['at a token that was never handled', demand({ rotation: { last: LAST }, token: 'a' }), 0, 'requested'],
    ['at a token before the first secret', demand({ token: 'a' }), 0, 'requested'],
    ['at another token', demand({ rotation: { last: LAST, token: 'a' }, token: 'b' }), 0, 'requested'],
    [
      'not at the token that was handled',
      demand({ rotation: { last: LAST, token: 'a' }, token: 'a' }),
      0,
      undefined,
    ],
    ['not when the annotation is taken away', demand({ rotation: { last: LAST, token: 'a' } }), 0, undefined],
    [
      'not by a time that nobody can read',
      demand({ rotation: { last: 'yesterday' }, everyMs: HOUR }),
      1000 * HOUR,
      undefined,
    ],
  ] as const)('%s', (_, wanted, sinceMs, expected) => {
    expect(rotationDue(wanted, LAST_MS + sinceMs)).toBe(expected);
  });

  const everyMs = fc.integer({ min: 1, max: 10_000 * HOUR });
  const spread = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const rotation = { last: LAST };

  it('never sooner than after an hour', () => {
    fc.assert(
      fc.property(everyMs, spread, (every, at) => {
        const next = nextRotationMs(demand({ rotation, everyMs: every, spread: at }))!;
        expect(next).toBeGreaterThanOrEqual(LAST_MS + HOUR);
        expect(
          rotationDue(demand({ rotation, everyMs: every, spread: at }), LAST_MS + HOUR - 1),
        ).toBeUndefined();
      }),
    );
  });

  it('within a tenth of the interval on either side', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2 * HOUR, max: 10_000 * HOUR }), spread, (every, at) => {
        const waits = nextRotationMs(demand({ rotation, everyMs: every, spread: at }))! - LAST_MS;
        expect(waits).toBeGreaterThanOrEqual(every * 0.9 - 1);
        expect(waits).toBeLessThanOrEqual(every * 1.1 + 1);
      }),
    );
  });

  it('at the very moment that status names, and not a millisecond before', () => {
    fc.assert(
      fc.property(everyMs, spread, (every, at) => {
        const wanted = demand({ rotation, everyMs: every, spread: at });
        const next = Math.ceil(nextRotationMs(wanted)!);
        expect(rotationDue(wanted, next)).toBe('due');
        expect(rotationDue(wanted, next - 1)).toBeUndefined();
      }),
    );
  });
});

describe('the spread', () => {
  it('rests on the uid alone, so that neither a restart nor an upgrade moves anything', () => {
    // The SHA-256 of "abc" begins with ba7816bf (FIPS 180-2, appendix B.1).
    expect(spreadOf('abc')).toBe(0xba7816bf / 2 ** 32);
  });

  it('of many objects fills the whole interval evenly', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let n = 0; n < 1000; n += 1) {
      const at = spreadOf(`5f0c6a1e-0000-4000-8000-${String(n).padStart(12, '0')}`);
      tenths[Math.floor(at * 10)]! += 1;
    }
    for (const count of tenths) expect(count).toBeGreaterThan(60);
    expect(tenths.reduce((sum, count) => sum + count)).toBe(1000);
  });
});

describe('a secret that somebody else made is replaced', () => {
  it.each([
    ['not unasked', {}, false],
    ['not for a token that an attempt of long ago left', { rotation: { token: 'a' } }, false],
    ['with a rotation asked for', { token: 'a' }, true],
    [
      'not for the word that an earlier rotation has answered',
      { token: 'a', rotation: { token: 'a' } },
      false,
    ],
    ['for a word of its own', { token: 'b', rotation: { token: 'a' } }, true],
    ['where the operator made one before', { rotation: { last: LAST } }, true],
  ] as const)('%s', (_, change, expected) => {
    const { rotation, token } = demand(change);
    expect(mayReplace({ rotation, token })).toBe(expected);
  });
});
