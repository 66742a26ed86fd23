import { backoffMs } from '../kube/backoff.ts';
import type { Clock } from '../kube/clock.ts';
import { STEPS } from './breaker.ts';

/**
 * When a failure of an object is worth a look at its connection, which costs calls too: the first failure since the
 * object was answered last is, and looks that are asked for come at growing distances. They begin anew after a longest
 * distance without one.
 */
export class Doubts {
  readonly #clock: Clock;
  readonly #asked = new Set<string>();
  #lookAtMs = Number.NEGATIVE_INFINITY;
  /** Looks asked for in a row. */
  #row = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a failure of this object is worth a look now. One that is not may be worth one the next time. */
  by(object: string): boolean {
    if (this.#asked.has(object) || this.#waitMs() > 0) return false;
    this.#asked.add(object);
    this.#look(0);
    return true;
  }

  /** In how many milliseconds a look is worth it, whoever asks: undefined while one is still to come. */
  look(soonestMs = 0): number | undefined {
    if (this.#lookAtMs > this.#clock.now()) return undefined;
    const inMs = Math.max(soonestMs, this.#waitMs());
    this.#look(inMs);
    return inMs;
  }

  /** The object was answered: its next failure is news. */
  settled(object: string): void {
    this.#asked.delete(object);
  }

  clear(): void {
    this.#asked.clear();
    this.#lookAtMs = Number.NEGATIVE_INFINITY;
  }

  #waitMs(): number {
    const sinceMs = this.#clock.now() - this.#lookAtMs;
    if (sinceMs > STEPS.capMs) this.#row = 0;
    return this.#row === 0 ? 0 : Math.max(0, backoffMs(this.#row - 1, this.#clock.random(), STEPS) - sinceMs);
  }

  #look(inMs: number): void {
    this.#row += 1;
    this.#lookAtMs = this.#clock.now() + inMs;
  }
}
