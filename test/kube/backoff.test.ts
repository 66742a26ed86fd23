import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, jitterMs } from '../../src/kube/backoff.ts';

const backoff = { baseMs: 1000, capMs: 300_000 };
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  it.each([
    [0, 1000],
    [1, 2000],
    [4, 16_000],
    [8, 256_000],
    [9, 300_000],
    [5000, 300_000],
  ])('before attempt %i is about %i ms', (attempt, ms) => {
    expect(backoffMs(attempt, 0.5, backoff)).toBe(ms);
  });

  it('strays by a fifth at most and never above the cap', () => {
    fc.assert(
      fc.property(fc.nat(40), chance, (attempt, random) => {
        const ms = backoffMs(attempt, random, backoff);
        const middle = Math.min(300_000, 1000 * 2 ** attempt);
        expect(ms).toBeGreaterThanOrEqual(middle * 0.8);
        expect(ms).toBeLessThanOrEqual(Math.min(300_000, middle * 1.2));
      }),
    );
  });

  it('spreads what failed together', () => {
    expect(backoffMs(3, 0.1, backoff)).not.toBe(backoffMs(3, 0.9, backoff));
  });
});

describe('jitter', () => {
  it.each([
    [0, 900],
    [0.5, 1000],
    [0.999_999, 1100],
  ])('with chance %d gives about %i of 1000', (random, ms) => {
    expect(jitterMs(1000, random)).toBeCloseTo(ms, 1);
  });
});
