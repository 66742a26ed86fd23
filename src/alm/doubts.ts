import { backoffMs } from '../kube/backoff.ts';
import type { Clock } from '../kube/clock.ts';
import { STEPS } from './breaker.ts';

/**
 * When a failure of an object is worth a look at its connection, which costs calls too: the first failure since the
 * object was answered last is, and looks that are asked for come at growing distances.
 */
export class Doubts {
  readonly #clock: Clock;
  readonly #asked = new Set<string>();
  #lookAtMs = Number.NEGATIVE_INFINITY;
  #step = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In how many milliseconds to look; undefined where that is not worth it. */
  by(object: string): number | undefined {
    if (this.#asked.has(object)) return undefined;
    this.#asked.add(object);
    return this.look();
  }

  /** The same whoever asks: at least `soonestMs` from now, once a step, and undefined while a look is still to come. */
  look(soonestMs = 0): number | undefined {
    const nowMs = this.#clock.now();
    if (this.#lookAtMs > nowMs) return undefined;
    const sinceMs = nowMs - this.#lookAtMs;
    this.#step = sinceMs > STEPS.capMs ? 0 : this.#step + 1;
    const stepMs = this.#step === 0 ? 0 : backoffMs(this.#step - 1, this.#clock.random(), STEPS);
    this.#lookAtMs = nowMs + Math.max(soonestMs, stepMs - sinceMs, 0);
    return this.#lookAtMs - nowMs;
  }

  /** The object was answered: its next failure is news. */
  settled(object: string): void {
    this.#asked.delete(object);
  }

  clear(): void {
    this.#asked.clear();
    this.#step = 0;
    this.#lookAtMs = Number.NEGATIVE_INFINITY;
  }
}
