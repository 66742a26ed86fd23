import type { Clock } from '../../../src/kube/clock.ts';

type Timer = { at: number; run: () => void };

/** A clock that stands still until it is told to move. Chance is `random`, to be set at will. */
export class ManualClock implements Clock {
  random: () => number = () => 0.5;
  #now = 0;
  readonly #timers = new Set<Timer>();

  now = () => this.#now;
  wallMs = () => Date.UTC(2026, 10, 20) + this.#now;
  setTimer = (ms: number, run: () => void) => {
    const timer = { at: this.#now + Math.max(0, ms), run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  get timers(): number {
    return this.#timers.size;
  }

  /** Moves on, firing timers in the order of their times and letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = next.at;
      this.#timers.delete(next);
      next.run();
      await settle();
    }
    this.#now = until;
  }

  /** The same without waiting for promises. */
  advanceNow(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = next.at;
      this.#timers.delete(next);
      next.run();
    }
    this.#now = until;
  }

  #next(until: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets everything run that waits for promises only. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
