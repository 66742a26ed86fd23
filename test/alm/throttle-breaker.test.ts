import { describe, expect, it } from 'vitest';
import { bench, leave, turnOf } from './support/throttle.ts';

describe('the breaker', () => {
  it('lets nobody in while it is open, and one at a time after its step', async () => {
    const { fail, enter, calls, clock, state } = bench({ concurrency: 8 });
    fail('a1');
    expect(state()).toBe('closed');
    fail('b1');
    expect(state()).toBe('open');
    for (const key of ['c1', 'd1', 'e1']) expect(enter(key)).toBe('open');
    await clock.advance(999);
    expect(calls()).toEqual([]);
    await clock.advance(1);
    expect(calls()).toEqual(['c1']);
    expect(enter('d1')).toBe('open');
    const trial = enter('c1');
    expect([typeof trial, state()]).toEqual(['object', 'halfOpen']);
    expect(enter('d1')).toBe('open');
    await clock.advance(60_000);
    expect(calls()).toEqual([]);
    leave(trial);
  });

  it('opens again for longer after a trial that failed, and calls another then', async () => {
    const { fail, enter, calls, clock, throttle } = bench();
    fail('a1');
    fail('b1');
    for (const key of ['c1', 'd1']) enter(key);
    await clock.advance(1_000);
    expect(calls()).toEqual(['c1']);
    const trial = enter('c1');
    throttle.failed('c1');
    leave(trial);
    await clock.advance(1_999);
    expect(calls()).toEqual([]);
    await clock.advance(1);
    expect(calls()).toEqual(['d1']);
  });

  it('closes after a trial that was answered, and everybody gets a turn', async () => {
    const { fail, enter, answer, calls, clock, state } = bench({ concurrency: 8 });
    fail('a1');
    fail('b1');
    for (const key of ['a1', 'b1', 'c1', 'd1']) enter(key);
    await clock.advance(1_000);
    expect(calls()).toEqual(['c1']);
    answer('c1');
    expect(state()).toBe('closed');
    expect(calls()).toEqual(['a1', 'b1', 'd1']);
  });

  it('tries somebody who has not failed first, so that two that always fail cannot hold up the others', async () => {
    const { fail, enter, calls, clock, answer, state } = bench();
    fail('a1');
    fail('a2');
    for (const key of ['a1', 'a2', 'a3']) enter(key);
    await clock.advance(1_000);
    expect(calls()).toEqual(['a3']);
    expect(enter('a1')).toBe('open');
    answer('a3');
    expect(state()).toBe('closed');
  });

  it('tries one that has failed where nobody else waits', async () => {
    const { fail, enter, calls, clock } = bench();
    fail('a1');
    fail('b1');
    enter('b1');
    await clock.advance(1_000);
    expect(calls()).toEqual(['b1']);
    expect(typeof enter('b1')).toBe('object');
  });

  it('calls the next one at once where a trial made no call', async () => {
    const { fail, enter, calls, clock, state } = bench();
    fail('a1');
    fail('b1');
    enter('c1');
    enter('d1');
    await clock.advance(1_000);
    leave(enter(calls()[0]!));
    expect(state()).toBe('open');
    expect(calls()).toEqual(['d1']);
  });

  it('takes a trial that was put off for no answer', async () => {
    const { fail, enter, clock, throttle, state, calls } = bench();
    fail('a1');
    fail('b1');
    enter('c1');
    enter('d1');
    await clock.advance(1_000);
    calls();
    const trial = turnOf(enter('c1'));
    trial.saw();
    throttle.putOff('c1');
    trial[Symbol.dispose]();
    expect(state()).toBe('open');
    await clock.advance(1_999);
    expect(calls()).toEqual([]);
    await clock.advance(1);
    expect(calls()).toEqual(['d1']);
  });

  it('is not closed by a pass that was answered once and then failed, nor by one that was never answered', () => {
    const { fail, enter, throttle, state } = bench();
    fail('a1');
    const turn = turnOf(enter('b1'));
    turn.saw();
    throttle.failed('b1');
    turn[Symbol.dispose]();
    expect(state()).toBe('open');
    const other = bench();
    other.fail('a1');
    leave(other.enter('c1'));
    other.fail('b1');
    expect(other.state()).toBe('open');
  });

  it('is closed by whoever was on the way when it opened and is answered', () => {
    const { fail, enter, state } = bench({ concurrency: 8 });
    const slow = turnOf(enter('s1'));
    fail('a1');
    fail('b1');
    expect(state()).toBe('open');
    slow.saw();
    slow[Symbol.dispose]();
    expect(state()).toBe('closed');
  });

  it('takes back the places that were kept when it opens', () => {
    const { fail, enter, calls, throttle } = bench({ concurrency: 2 });
    const [one, two] = [enter('x'), enter('y')];
    enter('a1');
    leave(one);
    expect(calls()).toEqual(['a1']);
    throttle.failed('y');
    leave(two);
    fail('a1');
    expect(enter('a2')).toBe('open');
  });

  it('gives a trial at once when the connection can log in again', () => {
    const { fail, enter, calls, throttle } = bench();
    fail('a1');
    fail('b1');
    enter('c1');
    throttle.hasten();
    expect(calls()).toEqual(['c1']);
  });

  it('tells how long it has not been closed, and whoever comes that it is not', async () => {
    const { fail, enter, answer, clock, throttle } = bench();
    fail('a1');
    await clock.advance(500);
    fail('b1');
    expect([enter('a1'), enter('c1')]).toEqual(['open', 'open']);
    await clock.advance(5_000);
    expect(throttle.view().openMs).toBe(5_000);
    answer('c1');
    expect(throttle.view().openMs).toBe(0);
  });
});
