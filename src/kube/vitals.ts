/** What a reflector tells of itself, for health checks and metrics. */

import type { Clock } from './clock.ts';
import type { Phase } from './reflection.ts';

export type Vitals = Readonly<{
  /** What it is at; `idle` before its start and after its end, `pause` between two attempts. */
  phase: Phase['phase'] | 'pause' | 'idle';
  /** The age of the attempt or pause that it is at. */
  attemptMs: number;
  /** The age of what the server showed last: an event, a bookmark, a complete list. Undefined before the first list. */
  lastSignMs: number | undefined;
  /** Complete lists after the first. */
  relists: number;
}>;

/** Twelve minutes: no attempt lasts longer than its own limits allow, of which the longest is some ten minutes. */
const STUCK_MS = 720_000;

/** Whether it hangs where its limits should have ended it: only a restart of the process helps. */
export function isStuck({ phase, attemptMs }: Vitals): boolean {
  return phase !== 'idle' && attemptMs > STUCK_MS;
}

/** Keeps the vitals of one reflector. */
export class Pulse {
  readonly #clock: Clock;
  #phase: Vitals['phase'] = 'idle';
  #since: number;
  #lastSign: number | undefined;
  #lists = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  /** From now on it is at this. */
  at(phase: Vitals['phase']): void {
    this.#phase = phase;
    this.#since = this.#clock.now();
  }

  sign(): void {
    this.#lastSign = this.#clock.now();
  }

  /** A list is complete; a stream goes on as a watch. */
  listed(): void {
    this.#lists += 1;
    if (this.#phase === 'stream') this.#phase = 'watch';
    this.sign();
  }

  vitals(): Vitals {
    const now = this.#clock.now();
    return {
      phase: this.#phase,
      attemptMs: now - this.#since,
      lastSignMs: this.#lastSign === undefined ? undefined : now - this.#lastSign,
      relists: Math.max(0, this.#lists - 1),
    };
  }
}
