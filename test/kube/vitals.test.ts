import { describe, expect, it } from 'vitest';
import { Overdue } from '../../src/kube/overdue.ts';
import { SILENCE_MS } from '../../src/kube/reflection.ts';
import { onSilence } from '../../src/kube/silence.ts';
import { isStuck, type Vitals } from '../../src/kube/vitals.ts';
import { ManualClock } from './support/clock.ts';

describe('a reflector is stuck', () => {
  const at = (phase: Vitals['phase'], attemptMs: number): Vitals => ({
    phase,
    attemptMs,
    lastSignMs: undefined,
    relists: 0,
  });

  it.each<[Vitals['phase'], number, boolean]>([
    ['watch', 615_000, false],
    ['watch', 720_001, true],
    ['stream', 720_001, true],
    ['pages', 600_000, false],
    ['pages', 720_001, true],
    ['pause', 60_000, false],
    ['pause', 720_001, true],
    ['idle', 1e9, false],
  ])('or not: %s for %d ms: %s', (phase, attemptMs, stuck) => {
    expect(isStuck(at(phase, attemptMs))).toBe(stuck);
  });
});

describe('silence', () => {
  it('is what follows the last sign, and costs one timer however many there were', async () => {
    const clock = new ManualClock();
    let fired = 0;
    const silence = onSilence(clock, SILENCE_MS, () => (fired += 1));
    for (let second = 0; second < 200; second += 1) {
      await clock.advance(1000);
      silence.seen();
      expect(clock.timers).toBe(1);
    }
    await clock.advance(SILENCE_MS - 1);
    expect(fired).toBe(0);
    await clock.advance(1);
    expect(fired).toBe(1);
    expect(clock.timers).toBe(0);
  });

  it('ends', async () => {
    const clock = new ManualClock();
    let fired = 0;
    const silence = onSilence(clock, 10, () => (fired += 1));
    silence.end();
    await clock.advance(1000);
    expect([fired, clock.timers]).toEqual([0, 0]);
  });
});

describe('what is overdue', () => {
  it('is named once its time is up, once however often it hangs, and no more when it ends', async () => {
    const clock = new ManualClock();
    const overdue = new Overdue(clock);
    const ends: (() => void)[] = [];
    const run = (value: string) => new Promise<string>((resolve) => ends.push(() => resolve(value)));
    const watched = overdue.watching('pass', 1000, run);
    const results = [watched('a'), watched('b')];
    await clock.advance(1000);
    expect(overdue.names()).toEqual([]);
    await clock.advance(1);
    expect(overdue.names()).toEqual(['pass']);
    for (const end of ends) end();
    expect(await Promise.all(results)).toEqual(['a', 'b']);
    expect(overdue.names()).toEqual([]);
  });

  it('is not what failed', async () => {
    const clock = new ManualClock();
    const overdue = new Overdue(clock);
    const watched = overdue.watching('pass', 1000, async () => {
      throw new Error('failed');
    });
    await expect(watched()).rejects.toThrow('failed');
    await clock.advance(5000);
    expect(overdue.names()).toEqual([]);
  });
});
