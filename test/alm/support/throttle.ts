import type { Ask, Lane } from '../../../src/alm/line.ts';
import { type Entry, Throttle, type Turn } from '../../../src/alm/throttle.ts';
import { ManualClock } from '../../kube/support/clock.ts';

export const LIMITS = { requestsPerSecond: 10, burst: 100, concurrency: 2 };

/** A throttle, and one controller that uses it; a key's first letter is its tenant. */
export function bench(limits: Partial<typeof LIMITS> = {}, workers = 8) {
  const clock = new ManualClock();
  const waits: string[] = [];
  const throttle = new Throttle(clock, (wait) => waits.push(`${wait.for} ${wait.ms}`));
  throttle.configure({ ...LIMITS, ...limits });
  const woken: string[] = [];
  const lane: Lane = { name: 'credentials', workers, wake: (key) => woken.push(key) };
  const ask = (key: string, on = lane): Ask => ({ lane: on, key, tenant: key.slice(0, 1), object: key });
  const enter = (key: string, on = lane) => throttle.enter(ask(key, on));
  /** Enters, fails at ALM, and leaves. */
  const fail = (key: string): void => {
    const turn = turnOf(enter(key));
    throttle.failed(key);
    turn[Symbol.dispose]();
  };
  const answer = (key: string): void => {
    const turn = turnOf(enter(key));
    turn.saw();
    turn[Symbol.dispose]();
  };
  /** Keys woken since the last question. */
  const calls = () => woken.splice(0);
  return { clock, throttle, lane, enter, fail, answer, calls, waits, state: () => throttle.view().breaker };
}

export function turnOf(entry: Entry): Turn {
  if (typeof entry === 'string') throw new Error(`No turn: ${entry}`);
  return entry;
}

export const leave = (entry: Entry) => turnOf(entry)[Symbol.dispose]();
