import type { Clock } from '../../src/kube/clock.ts';

type Timer = Readonly<{ at: number; run: () => void; isAlive: () => boolean }>;

/** Time that stands still until it is told to move. The timers of a process that died never fire. */
export class ModelClock {
  readonly random: () => number;
  #now = 0;
  readonly #timers = new Set<Timer>();

  constructor(seed: number) {
    this.random = chance(seed);
  }

  get now(): number {
    return this.#now;
  }

  get wallMs(): number {
    return Date.UTC(2026, 2, 1, 12) + this.#now;
  }

  /** The clock as one process sees it. */
  of(isAlive: () => boolean): Clock {
    return {
      now: () => this.#now,
      wallMs: () => this.wallMs,
      random: this.random,
      setTimer: (ms, run) => {
        const timer = { at: this.#now + Math.max(0, ms), run, isAlive };
        this.#timers.add(timer);
        return () => void this.#timers.delete(timer);
      },
    };
  }

  /** Moves on to the next timer, but not beyond `until`. False where none was due by then. */
  step(until: number): boolean {
    const next = this.#next();
    this.#now = Math.max(this.#now, Math.min(until, next?.at ?? until));
    if (next === undefined || next.at > until) return false;
    this.#timers.delete(next);
    next.run();
    return true;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (!timer.isAlive()) this.#timers.delete(timer);
      else if (next === undefined || timer.at < next.at) next = timer;
    }
    return next;
  }
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
