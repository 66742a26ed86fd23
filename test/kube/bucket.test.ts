import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../src/kube/bucket.ts';
import { ManualClock } from './support/clock.ts';

describe('token bucket', () => {
  it('gives the burst, then one token for each refill, and never saves up more than the burst', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ burst: 2, perSecond: 0.5 }, clock);
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
    clock.advanceNow(1999);
    expect(bucket.take()).toBe(false);
    clock.advanceNow(2);
    expect(bucket.take()).toBe(true);
    clock.advanceNow(1_000_000);
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
  });

  it('lends tokens and says how long until each is covered', () => {
    const bucket = new TokenBucket({ burst: 1, perSecond: 10 }, new ManualClock());
    expect([bucket.reserve(), bucket.reserve(), bucket.reserve()]).toEqual([0, 100, 200]);
  });

  it('is full again once everything taken is refilled', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ burst: 5, perSecond: 1 }, clock);
    expect(bucket.full).toBe(true);
    bucket.take();
    expect(bucket.full).toBe(false);
    clock.advanceNow(1000);
    expect(bucket.full).toBe(true);
  });
});
