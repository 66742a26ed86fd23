import { describe, expect, it } from 'vitest';
import type { Lane } from '../../src/alm/line.ts';
import { bench, leave } from './support/throttle.ts';

describe('a place that is kept', () => {
  it('counts as taken among the workers of its controller', () => {
    const { enter, calls } = bench({ concurrency: 5 }, 3);
    const held = [enter('x'), enter('y')];
    enter('a1');
    enter('b1');
    for (const one of held) leave(one);
    expect(calls()).toEqual(['a1', 'b1']);
    expect(enter('c1')).toBe('later');
  });

  it('is not for another controller, whoever its tenant', () => {
    const { enter, calls, lane } = bench({ concurrency: 1 });
    const claims: Lane = { ...lane, name: 'claims' };
    const running = enter('z');
    enter('a1');
    leave(running);
    expect(calls()).toEqual(['a1']);
    expect(enter('a2', claims)).toBe('later');
    expect(typeof enter('a1')).toBe('object');
  });

  it('is free again when a rest or the breaker comes between', async () => {
    for (const disturb of ['rest', 'open'] as const) {
      const { enter, calls, throttle, clock } = bench({ concurrency: 1 });
      const running = enter('z');
      enter('a1');
      leave(running);
      expect(calls()).toEqual(['a1']);
      if (disturb === 'rest') throttle.rest(1_000);
      else for (const object of ['x', 'y']) throttle.failed(object);
      enter('b1');
      await clock.advance(1_000);
      expect(calls()).toEqual(['b1']);
    }
  });

  it('for a trial goes on to one who has not failed, and comes meanwhile', async () => {
    const { fail, enter, calls, clock } = bench();
    fail('a1');
    fail('b1');
    enter('b1');
    await clock.advance(1_000);
    expect(calls()).toEqual(['b1']);
    expect(enter('c1')).toBe('open');
    expect(enter('b1')).toBe('open');
    expect(calls()).toEqual(['c1']);
  });
});

describe('a key that waits', () => {
  it('waits once, however often it asks', () => {
    const { enter, calls, throttle } = bench({ concurrency: 1 });
    const running = enter('z');
    enter('a1');
    enter('a1');
    expect(throttle.view().waiting).toBe(1);
    leave(running);
    expect(calls()).toEqual(['a1']);
    leave(enter('a1'));
    expect(calls()).toEqual([]);
  });

  it('and goes in on a place of its tenant is not called any more', () => {
    const { enter, calls } = bench({ concurrency: 1 });
    const running = enter('z');
    enter('a1');
    enter('a2');
    leave(running);
    expect(calls()).toEqual(['a1']);
    leave(enter('a2'));
    expect(calls()).toEqual([]);
  });

  it('takes turns with those of the other controller', () => {
    const { enter, calls, lane } = bench({ concurrency: 1 });
    const claims: Lane = { ...lane, name: 'claims' };
    let running = enter('z');
    for (const key of ['a1', 'a2', 'b1']) enter(key);
    for (const key of ['c1', 'd1']) enter(key, claims);
    const order: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      leave(running);
      const [next = '-'] = calls();
      order.push(next);
      running = enter(next, 'cd'.includes(next.slice(0, 1)) ? claims : lane);
    }
    expect(order).toEqual(['a1', 'c1', 'b1', 'd1', 'a2']);
  });
});

it('an answer makes the next failure of the object news', () => {
  const { throttle, clock } = bench();
  expect(throttle.doubts.by('a')).toBe(true);
  throttle.answered('a');
  clock.advanceNow(1_000);
  expect(throttle.doubts.by('a')).toBe(true);
});
