import { jitterMs } from '../kube/backoff.ts';

type Timer = { readonly intervalMs: number; dueAt: number };

/**
 * When each object is due for its periodic look at ALM. In memory only: the first due time is a random point of the
 * interval, so that a restart re-asserts nothing at once, and later ones are jittered by ±10 %.
 */
export class ResyncTimers {
  readonly #timers = new Map<string, Timer>();
  readonly #now: () => number;
  readonly #random: () => number;

  constructor(now: () => number, random: () => number) {
    this.#now = now;
    this.#random = random;
  }

  /** Milliseconds until the object is due, 0 when it is; undefined where the interval is 0 (on change only). */
  remaining(uid: string, intervalMs: number): number | undefined {
    if (intervalMs === 0) {
      this.#timers.delete(uid);
      return undefined;
    }
    const known = this.#timers.get(uid);
    if (known?.intervalMs === intervalMs) return Math.max(0, known.dueAt - this.#now());
    const first = intervalMs * this.#random();
    this.#timers.set(uid, { intervalMs, dueAt: this.#now() + first });
    return first;
  }

  /** ALM has just been asked or written: the interval begins anew. */
  restart(uid: string, intervalMs: number): void {
    if (intervalMs === 0) return;
    this.#timers.set(uid, { intervalMs, dueAt: this.#now() + jitterMs(intervalMs, this.#random()) });
  }

  forget(uid: string): void {
    this.#timers.delete(uid);
  }
}
