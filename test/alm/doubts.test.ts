import { describe, expect, it } from 'vitest';
import { Doubts } from '../../src/alm/doubts.ts';
import { ManualClock } from '../kube/support/clock.ts';

function bench() {
  const clock = new ManualClock();
  return { clock, doubts: new Doubts(clock) };
}

describe('a failure of an object', () => {
  it('is worth a look once, until the object was answered', () => {
    const { doubts, clock } = bench();
    expect(doubts.by('a')).toBe(true);
    clock.advanceNow(600_000);
    expect(doubts.by('a')).toBe(false);
    doubts.settled('a');
    expect(doubts.by('a')).toBe(true);
  });

  it('is worth none a moment after another was, and may be later', () => {
    const { doubts, clock } = bench();
    doubts.by('a');
    clock.advanceNow(999);
    expect(doubts.by('b')).toBe(false);
    clock.advanceNow(1);
    expect(doubts.by('b')).toBe(true);
  });

  it('is worth less the more have failed, but for a minute without any', () => {
    const { doubts, clock } = bench();
    const looked: number[] = [];
    for (let second = 0; second < 200; second += 1) {
      if (doubts.by(`object-${second}`)) looked.push(second);
      clock.advanceNow(1_000);
    }
    expect(looked).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
    clock.advanceNow(60_000);
    expect(doubts.by('late')).toBe(true);
    clock.advanceNow(1_000);
    expect(doubts.by('later')).toBe(true);
  });
});

describe('an answer to anybody', () => {
  it('makes the next failure worth a look after a second, but not what is asked for whoever is answered', () => {
    const { doubts, clock } = bench();
    const looked: number[] = [];
    for (let second = 0; second < 6; second += 1) {
      if (doubts.by(`object-${second}`)) looked.push(second);
      doubts.settled('other');
      clock.advanceNow(1_000);
    }
    expect(looked).toEqual([0, 1, 2, 3, 4, 5]);
    expect(doubts.look()).toBe(31_000);
  });
});

describe('a look whoever asks', () => {
  it('comes no sooner than said, and once', () => {
    const { doubts, clock } = bench();
    expect(doubts.look(1_000)).toBe(1_000);
    clock.advanceNow(999);
    expect(doubts.look()).toBeUndefined();
    clock.advanceNow(1);
    expect(doubts.look()).toBe(1_000);
  });

  it('comes at growing distances', () => {
    const { doubts, clock } = bench();
    const distances: number[] = [];
    for (let times = 0; times < 9; times += 1) {
      const inMs = doubts.look() ?? Number.NaN;
      distances.push(inMs);
      clock.advanceNow(inMs);
    }
    expect(distances).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('is asked for anew once all is forgotten', () => {
    const { doubts } = bench();
    doubts.by('a');
    doubts.look(30_000);
    doubts.clear();
    expect([doubts.look(), doubts.by('a')]).toEqual([0, false]);
  });
});
