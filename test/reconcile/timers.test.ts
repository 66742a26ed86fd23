import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResyncTimers } from '../../src/reconcile/resync.ts';

function scene(random = 0.5) {
  const clock = { now: 1000, random };
  const timers = new ResyncTimers(
    () => clock.now,
    () => clock.random,
  );
  return { clock, timers };
}

describe('the resync timers', () => {
  it.each([
    [0, 0],
    [0.25, 250],
    [0.999, 999],
  ])('begin at a random point of the interval: chance %d of 1000 ms gives %d', (random, remaining) => {
    expect(scene(random).timers.remaining('u1', 1000)).toBeCloseTo(remaining);
  });

  it('count down to zero and stay there', () => {
    const { clock, timers } = scene();
    expect(timers.remaining('u1', 1000)).toBe(500);
    clock.now += 200;
    expect(timers.remaining('u1', 1000)).toBe(300);
    clock.now += 300;
    expect(timers.remaining('u1', 1000)).toBe(0);
    clock.now += 9000;
    expect(timers.remaining('u1', 1000)).toBe(0);
  });

  it.each([
    [0, 900],
    [0.5, 1000],
    [0.999, 1099.8],
  ])('begin anew after a look at ALM, jittered: chance %d gives %d', (random, remaining) => {
    const { clock, timers } = scene();
    timers.remaining('u1', 1000);
    clock.random = random;
    timers.restart('u1', 1000);
    expect(timers.remaining('u1', 1000)).toBeCloseTo(remaining);
  });

  it('begin anew for another interval', () => {
    const { clock, timers } = scene();
    timers.restart('u1', 1000);
    expect(timers.remaining('u1', 60_000)).toBe(30_000);
    clock.now += 1000;
    expect(timers.remaining('u1', 60_000)).toBe(29_000);
  });

  it('never run with an interval of 0, also after one of another length', () => {
    const { clock, timers } = scene();
    timers.restart('u1', 0);
    expect(timers.remaining('u1', 0)).toBeUndefined();
    timers.restart('u1', 1000);
    expect(timers.remaining('u1', 0)).toBeUndefined();
    clock.random = 0.1;
    expect(timers.remaining('u1', 1000)).toBe(100);
  });

  it('are one for each object', () => {
    const { clock, timers } = scene();
    timers.restart('u1', 1000);
    clock.now += 400;
    timers.restart('u2', 1000);
    expect([timers.remaining('u1', 1000), timers.remaining('u2', 1000)]).toEqual([600, 1000]);
  });

  it('are forgotten with their object', () => {
    const { timers } = scene();
    timers.restart('u1', 1000);
    timers.forget('u1');
    expect(timers.remaining('u1', 1000)).toBe(500);
  });

  it('are never longer than the interval and a tenth', () => {
    const chance = fc.double({ min: 0, max: 0.9999, noNaN: true });
    fc.assert(
      fc.property(chance, chance, fc.integer({ min: 5000, max: 86_400_000 }), (a, b, interval) => {
        const { clock, timers } = scene(a);
        expect(timers.remaining('u1', interval)).toBeLessThan(interval);
        clock.random = b;
        timers.restart('u1', interval);
        const remaining = timers.remaining('u1', interval) ?? 0;
        expect(remaining).toBeGreaterThanOrEqual(interval * 0.8999);
        expect(remaining).toBeLessThanOrEqual(interval * 1.1001);
      }),
    );
  });
});
