import { describe, expect, it } from 'vitest';
import { createPresence } from '../../src/kube/presence.ts';
import { ManualClock } from './support/clock.ts';

const never = new AbortController().signal;

function setup() {
  const clock = new ManualClock();
  const presence = createPresence(clock);
  const woken: string[] = [];
  const pause = (name: string, ms: number, signal = never) =>
    void presence.pause(ms, signal).then(() => woken.push(name));
  return { clock, presence, woken, pause };
}

describe('who waits for the API server', () => {
  it('waits as long as it said while nothing is known', async () => {
    const { clock, woken, pause } = setup();
    pause('a', 20_000);
    await clock.advance(19_999);
    expect(woken).toEqual([]);
    await clock.advance(1);
    expect(woken).toEqual(['a']);
    expect(clock.timers).toBe(0);
  });

  it('is woken within a second after others were answered again', async () => {
    const { clock, presence, woken, pause } = setup();
    presence.note(0);
    pause('a', 30_000);
    pause('b', 30_000);
    const chances = [0.2, 0.9];
    clock.random = () => chances.shift() ?? 0.5;
    presence.note(200);
    await clock.advance(200);
    expect(woken).toEqual(['a']);
    await clock.advance(700);
    expect(woken).toEqual(['a', 'b']);
    expect(clock.timers).toBe(0);
  });

  it('is not made to wait longer by it', async () => {
    const { clock, presence, woken, pause } = setup();
    presence.note(503);
    pause('a', 100);
    presence.note(404);
    await clock.advance(100);
    expect(woken).toEqual(['a']);
  });

  it.each([200, 201, 403, 404, 409, 410, 429])('takes a %d for an answer', async (status) => {
    const { clock, presence, woken, pause } = setup();
    presence.note(0);
    pause('a', 3000);
    presence.note(status);
    await clock.advance(1000);
    expect(woken).toEqual(['a']);
  });

  it.each([0, 500, 503])('takes a %d for none', async (status) => {
    const { clock, presence, woken, pause } = setup();
    presence.note(0);
    pause('a', 3000);
    presence.note(status);
    await clock.advance(2999);
    expect(woken).toEqual([]);
  });

  it('is not woken by answers where nobody missed the server', async () => {
    const { clock, presence, woken, pause } = setup();
    presence.note(200);
    pause('a', 30_000);
    for (let second = 0; second < 29; second += 1) {
      presence.note(200);
      await clock.advance(1000);
    }
    expect(woken).toEqual([]);
  });

  it('is woken every ten seconds at most where only its own calls fail', async () => {
    const { clock, presence } = setup();
    const attempts: number[] = [];
    const stop = new AbortController();
    const fail = async () => {
      for (;;) {
        attempts.push(clock.now());
        presence.note(500);
        await presence.pause(30_000, stop.signal);
      }
    };
    const failing = fail().catch(() => undefined);
    for (let step = 0; step < 600; step += 1) {
      presence.note(200);
      await clock.advance(100);
    }
    expect(attempts.length).toBeLessThanOrEqual(8);
    stop.abort();
    await failing;
    expect(clock.timers).toBe(0);
  });

  it('that comes when the server is back already is woken all the same, when it is time again', async () => {
    const { clock, presence, woken, pause } = setup();
    presence.note(0);
    presence.note(200);
    await clock.advance(2000);
    presence.note(0);
    pause('late', 30_000);
    presence.note(200);
    await clock.advance(7999);
    expect(woken).toEqual([]);
    await clock.advance(1001);
    expect(woken).toEqual(['late']);
  });

  it('lets go with its signal, before and while it waits', async () => {
    const { clock, presence } = setup();
    const stop = new AbortController();
    const waiting = presence.pause(30_000, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(presence.pause(30_000, stop.signal)).rejects.toThrow('stopped');
    expect(clock.timers).toBe(0);
  });
});

describe('while the API server is away', () => {
  it('those who wait look for it in turn, one each four seconds', async () => {
    const { clock, presence, woken } = setup();
    presence.note(0);
    const stop = new AbortController();
    const look = async (name: string) => {
      for (;;) {
        await presence.pause(30_000, stop.signal);
        woken.push(name);
        presence.note(0);
      }
    };
    const looking = ['a', 'b', 'c'].map((name) => look(name).catch(() => undefined));
    await clock.advance(24_000);
    expect(woken).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    stop.abort();
    await Promise.all(looking);
    expect(clock.timers).toBe(0);
  });
});
