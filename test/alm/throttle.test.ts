import { describe, expect, it } from 'vitest';
import type { Lane } from '../../src/alm/line.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { bench, LIMITS, leave } from './support/throttle.ts';

const never = new AbortController().signal;

describe('passes', () => {
  it('go through up to the bound; then the key is woken when another has left, and its place is kept', () => {
    const { enter, calls, throttle } = bench();
    const first = enter('a1');
    enter('a2');
    expect(enter('b1')).toBe('later');
    expect(enter('c1')).toBe('later');
    expect(throttle.view()).toEqual({ breaker: 'closed', waiting: 2, passing: 2, restingMs: 0, openMs: 0 });
    expect(calls()).toEqual([]);
    leave(first);
    expect(calls()).toEqual(['b1']);
    expect(enter('a3')).toBe('later');
    leave(enter('b1'));
    expect(calls()).toEqual(['c1']);
  });

  it('take turns by tenant, whoever has many waiting', () => {
    const { enter, calls } = bench({ concurrency: 1 });
    let running = enter('a0');
    for (const key of ['a1', 'a2', 'a3', 'b1', 'c1']) enter(key);
    const order: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      leave(running);
      const [next = '-'] = calls();
      order.push(next);
      running = enter(next);
    }
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  });

  it('of the same tenant may take the place that was kept for one of theirs; others may not', () => {
    const { enter, calls } = bench({ concurrency: 1 });
    const running = enter('z');
    enter('a1');
    leave(running);
    expect(calls()).toEqual(['a1']);
    expect(enter('b1')).toBe('later');
    const other = enter('a2');
    expect(typeof other).toBe('object');
    expect(enter('a1')).toBe('later');
    leave(other);
    expect(calls()).toEqual(['b1']);
  });

  it('that were called and want no turn any more free their place at once', () => {
    const { enter, calls, throttle, lane } = bench({ concurrency: 1 });
    const running = enter('z');
    enter('a1');
    enter('b1');
    leave(running);
    expect(calls()).toEqual(['a1']);
    throttle.passed(lane, 'b1');
    expect(calls()).toEqual([]);
    throttle.passed(lane, 'a1');
    expect(calls()).toEqual(['b1']);
  });

  it('that never come lose their place after a while', async () => {
    const { enter, calls, clock } = bench({ concurrency: 1 });
    const running = enter('z');
    enter('a1');
    enter('b1');
    leave(running);
    calls();
    await clock.advance(9_999);
    expect(calls()).toEqual([]);
    await clock.advance(1);
    expect(calls()).toEqual(['b1']);
  });

  it('leave one worker of their controller to other connections, and the only one where there is one', () => {
    const many = bench({ concurrency: 100 }, 3);
    expect([many.enter('a1'), many.enter('a2')].map((entry) => typeof entry)).toEqual(['object', 'object']);
    expect(many.enter('a3')).toBe('later');
    const claims: Lane = { ...many.lane, name: 'claims' };
    expect(typeof many.enter('a1', claims)).toBe('object');
    const one = bench({ concurrency: 100 }, 1);
    expect(typeof one.enter('a1')).toBe('object');
    expect(one.enter('a2')).toBe('later');
  });

  it('of one controller that has no worker left hold up no other', () => {
    const { enter, calls, lane } = bench({ concurrency: 3 }, 3);
    const claims: Lane = { ...lane, name: 'claims' };
    const held = [enter('a1'), enter('a2'), enter('a3', claims)];
    expect([enter('a4'), enter('b1', claims)]).toEqual(['later', 'later']);
    leave(held[2]!);
    expect(calls()).toEqual(['b1']);
  });

  it('count once in the numbers, and give their place back once', () => {
    const { enter, throttle } = bench();
    const turn = enter('a1');
    leave(turn);
    leave(turn);
    expect(throttle.view().passing).toBe(0);
  });

  it('tell how long they waited', async () => {
    const { enter, clock, waits } = bench({ concurrency: 1 });
    const running = enter('a1');
    enter('b1');
    await clock.advance(700);
    leave(running);
    enter('b1');
    expect(waits).toEqual(['turn 0', 'turn 700']);
  });
});

describe('calls', () => {
  it('follow each other at the rate, after the burst', async () => {
    const { throttle, clock, waits } = bench({ burst: 2 });
    let made = 0;
    const call = async () => {
      await throttle.next(never);
      made += 1;
    };
    const calls = [call(), call(), call(), call(), call()];
    await clock.advance(0);
    expect(made).toBe(2);
    await clock.advance(100);
    expect(made).toBe(3);
    await clock.advance(200);
    await Promise.all(calls);
    expect(made).toBe(5);
    expect(waits).toEqual(['token 0', 'token 0', 'token 100', 'token 200', 'token 300']);
  });

  it('that wait end with their signal', async () => {
    const { throttle, clock } = bench({ burst: 1 });
    await throttle.next(never);
    const stop = new AbortController();
    const waiting = throttle.next(stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(throttle.next(stop.signal)).rejects.toThrow('enough');
    expect(clock.timers).toBe(0);
  });

  it('without a token left let no further pass begin, until there is one', async () => {
    const { throttle, enter, calls, clock } = bench({ burst: 1, concurrency: 8 });
    await throttle.next(never);
    expect(enter('a1')).toBe('later');
    expect(enter('b1')).toBe('later');
    await clock.advance(99);
    expect(calls()).toEqual([]);
    await clock.advance(1);
    expect(calls()).toEqual(['a1']);
    expect(typeof enter('a1')).toBe('object');
  });
});

describe('a rest that ALM asks for', () => {
  it('stops every call and every pass until it is over, and wakes who waited', async () => {
    const { throttle, enter, calls, clock } = bench();
    throttle.rest(30_000);
    const refused = await throttle.next(never).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(EdgeError);
    expect((refused as EdgeError).failure).toMatchObject({
      kind: 'transient',
      reason: 'RateLimited',
      retryAfterMs: 30_000,
    });
    expect(enter('a1')).toBe('resting');
    await clock.advance(20_001);
    expect(enter('b1')).toBe('later');
    expect(throttle.view().restingMs).toBe(9_999);
    await clock.advance(9_998);
    expect(calls()).toEqual([]);
    await clock.advance(1);
    expect(calls()).toEqual(['a1', 'b1']);
  });

  it('is waited out within a pass where it is short, and never cut short by a shorter one', async () => {
    const { throttle, clock } = bench();
    throttle.rest(2_000);
    throttle.rest(500);
    let made = false;
    const call = throttle.next(never).then(() => {
      made = true;
    });
    await clock.advance(1_999);
    expect(made).toBe(false);
    await clock.advance(1);
    await call;
    expect(made).toBe(true);
  });

  it('takes back the places that were kept', () => {
    const { throttle, enter, calls } = bench({ concurrency: 1 });
    const running = enter('z');
    enter('a1');
    leave(running);
    expect(calls()).toEqual(['a1']);
    throttle.rest(5_000);
    expect(enter('a1')).toBe('later');
  });
});

describe('a connection that changes', () => {
  it('loses none of those who wait, and they go by the new limits', () => {
    const { enter, calls, throttle } = bench({ concurrency: 1 });
    enter('z');
    for (const key of ['a1', 'b1', 'c1']) enter(key);
    throttle.configure({ ...LIMITS, concurrency: 3 });
    expect(calls()).toEqual(['a1', 'b1']);
    expect(throttle.view().waiting).toBe(1);
  });

  it('begins anew: closed, rested, and every failure is news', () => {
    const { fail, enter, calls, throttle, state } = bench();
    expect(throttle.doubts.by('a1')).toBe(true);
    fail('a1');
    fail('b1');
    enter('c1');
    throttle.rest(60_000);
    throttle.renew();
    expect([state(), throttle.view().restingMs, throttle.doubts.by('a1')]).toEqual(['closed', 0, true]);
    expect(calls()).toEqual(['c1']);
  });

  it('keeps the tokens that are spent where the rate stays the same', async () => {
    const { throttle, enter } = bench({ burst: 1 });
    await throttle.next(never);
    throttle.configure({ ...LIMITS, burst: 1, concurrency: 5 });
    expect(enter('a1')).toBe('later');
    throttle.configure({ ...LIMITS, burst: 2 });
    expect(typeof enter('a1')).toBe('object');
  });

  it('wakes everybody when it goes, and has no timer left', () => {
    const { fail, enter, calls, throttle, clock } = bench();
    fail('a1');
    fail('b1');
    for (const key of ['c1', 'd1']) enter(key);
    expect(clock.timers).toBe(1);
    throttle.close();
    expect(calls()).toEqual(['c1', 'd1']);
    expect(clock.timers).toBe(0);
    expect(throttle.view().waiting).toBe(0);
  });

  it('has no timer while nobody waits', () => {
    const { fail, answer, clock } = bench();
    answer('a1');
    fail('a1');
    fail('b1');
    expect(clock.timers).toBe(0);
  });
});
