import { backoffMs } from '../kube/backoff.ts';
import type { Clock } from '../kube/clock.ts';
import { STEPS } from './breaker.ts';

/**
 * When a failure of an object is worth a look at its connection, which costs calls too: the first failure since the
 * object was answered last is, and looks come at growing distances while nobody is answered. They begin anew after a
 * longest distance without one.
 */
export class Doubts {
  readonly #clock: Clock;
  readonly #asked = new Set<string>();
  #lookAtMs = Number.NEGATIVE_INFINITY;
  /** Looks in a row, and those of them since anybody was answered. */
  #row = 0;
  #unanswered = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a failure of this object is worth a look now. One that is not may be worth one the next time. */
  by(object: string): boolean {
    if (this.#asked.has(object) || this.#waitMs(this.#unanswered) > 0) return false;
    this.#asked.add(object);
    this.#look(0);
    return true;
  }

  /** In how many milliseconds a look is worth it, whoever asks and is answered: undefined while one is to come. */
  look(soonestMs = 0): number | undefined {
    if (this.#lookAtMs > this.#clock.now()) return undefined;
    const inMs = Math.max(soonestMs, this.#waitMs(this.#row));
    this.#look(inMs);
    return inMs;
  }

  /** The object was answered: its next failure is news. */
  settled(object: string): void {
    this.#asked.delete(object);
    this.#unanswered = Math.min(this.#unanswered, 1);
  }

  clear(): void {
    this.#asked.clear();
    this.#lookAtMs = Number.NEGATIVE_INFINITY;
  }

  #waitMs(row: number): number {
    const sinceMs = this.#clock.now() - this.#lookAtMs;
    if (row === 0 || sinceMs > STEPS.capMs) return 0;
    return Math.max(0, backoffMs(row - 1, this.#clock.random(), STEPS) - sinceMs);
  }

  #look(inMs: number): void {
    const nowMs = this.#clock.now();
    if (nowMs - this.#lookAtMs > STEPS.capMs) {
      this.#row = 0;
      this.#unanswered = 0;
    }
    this.#row += 1;
    this.#unanswered += 1;
    this.#lookAtMs = nowMs + inMs;
  }
}
