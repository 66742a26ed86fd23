import { describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../../src/kube/clock.ts';
import { limit, orAbort, TimeLimitError } from '../../src/kube/limit.ts';
import { ManualClock, settle } from './support/clock.ts';

const never = new AbortController().signal;

describe('sleep', () => {
  it('ends with its time', async () => {
    const clock = new ManualClock();
    let awake = false;
    const slept = sleep(clock, 100, never).then(() => {
      awake = true;
    });
    await clock.advance(99);
    expect(awake).toBe(false);
    await clock.advance(1);
    await slept;
  });

  it('ends with the signal, and leaves no timer behind', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const slept = sleep(clock, 100, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(slept).rejects.toThrow('stopped');
    await expect(sleep(clock, 100, stop.signal)).rejects.toThrow('stopped');
    expect(clock.timers).toBe(0);
  });
});

describe('the system clock', () => {
  it('does not fire timers early that are longer than the platform can hold', async () => {
    let fired = false;
    const cancel = systemClock.setTimer(2 ** 40, () => {
      fired = true;
    });
    await settle();
    cancel();
    expect(fired).toBe(false);
  });

  it('fires a timer, and not one that was cancelled', async () => {
    const fired: string[] = [];
    systemClock.setTimer(1, () => fired.push('cancelled'))();
    await new Promise<void>((resolve) => systemClock.setTimer(2, resolve));
    expect(fired).toEqual([]);
  });
});

describe('a limit', () => {
  it('fires with a TimeLimitError after its time', async () => {
    const clock = new ManualClock();
    const { signal } = limit(never, 5000, clock);
    await clock.advance(4999);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.reason).toBeInstanceOf(TimeLimitError);
    expect(String(signal.reason)).toContain('5 s');
  });

  it('fires with the parent and its reason, also where that had fired before', () => {
    const clock = new ManualClock();
    const parent = new AbortController();
    const own = limit(parent.signal, 10, clock);
    parent.abort('why');
    expect([own.signal.reason, limit(parent.signal, 10, clock).signal.reason]).toEqual(['why', 'why']);
  });

  it('that is lifted goes on following its parent; one that is released does not', async () => {
    const clock = new ManualClock();
    const parent = new AbortController();
    const [lifted, released] = [limit(parent.signal, 10, clock), limit(parent.signal, 10, clock)];
    lifted.lift();
    released.release();
    await clock.advance(100);
    expect([lifted.signal.aborted, released.signal.aborted]).toEqual([false, false]);
    parent.abort();
    expect([lifted.signal.aborted, released.signal.aborted]).toEqual([true, false]);
  });

  it('may be cut short with a reason', () => {
    const own = limit(never, 10, new ManualClock());
    own.abort('enough');
    expect(own.signal.reason).toBe('enough');
    own.release();
  });
});

describe('a promise or an abort', () => {
  it('is whichever comes first', async () => {
    const stop = new AbortController();
    const open = orAbort(new Promise<never>(() => undefined), stop.signal);
    const rejected = orAbort(Promise.reject(new Error('own')), stop.signal);
    expect(await orAbort(Promise.resolve(7), stop.signal)).toBe(7);
    await expect(rejected).rejects.toThrow('own');
    stop.abort(new Error('stopped'));
    await expect(open).rejects.toThrow('stopped');
    await expect(orAbort(Promise.reject(new Error('late')), stop.signal)).rejects.toThrow('stopped');
  });
});
