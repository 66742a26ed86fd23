/**
 * Whether the API server is there, as all who call it see together: so that one who is answered ends the waiting of all
 * others, who would else meet a server that is back with their longest back-off.
 *
 * While it is away, somebody looks for it every few seconds, in turn, and however many wait: not more than one client of
 * the API server costs that renews a lease.
 */

import type { Clock } from './clock.ts';

export type Presence = Readonly<{
  /** A call has ended; status 0: nobody answered. */
  note(status: number): void;
  /**
   * Resolves after `ms`, or sooner: when it is the caller's turn to look, or within a second after the server is seen to
   * be back. Rejects with the signal's reason.
   */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}>;

/** Between two looks, while anybody waits. */
const LOOK_MS = 4000;

/** Those who waited come back at a random moment of this. */
const SPREAD_MS = 1000;

/** One who waits for what only he meets is not woken by the luck of others more often than this. */
const PATIENCE_MS = 10_000;

export function createPresence(clock: Clock): Presence {
  const state = new PresenceState(clock);
  return { note: (status) => state.note(status), pause: (ms, signal) => state.pause(ms, signal) };
}

type Waiter = { dueAt: number; cancel: () => void; readonly wake: () => void };

class PresenceState {
  readonly #clock: Clock;
  /** The one who has waited longest comes first. */
  readonly #waiters = new Set<Waiter>();
  #away = false;
  /** When those who waited were woken last, or are going to be. */
  #wokenAt = Number.NEGATIVE_INFINITY;
  #cancelLook: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(status: number): void {
    const isThere = status > 0 && status < 500;
    const isBack = isThere && this.#away;
    this.#away = !isThere;
    if (!isBack) return;
    const now = this.#clock.now();
    if (now >= this.#wokenAt) this.#wokenAt = Math.max(now, this.#wokenAt + PATIENCE_MS);
    for (const waiter of this.#waiters) {
      this.#hasten(waiter, this.#wokenAt - now + this.#clock.random() * SPREAD_MS);
    }
  }

  pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const leave = () => {
        signal.removeEventListener('abort', onAbort);
        this.#leave(waiter);
      };
      const onAbort = () => {
        leave();
        reject(signal.reason);
      };
      const wake = () => {
        leave();
        resolve();
      };
      const waiter: Waiter = { dueAt: this.#clock.now() + ms, cancel: this.#clock.setTimer(ms, wake), wake };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#cancelLook ??= this.#lookLater();
    });
  }

  #leave(waiter: Waiter): void {
    waiter.cancel();
    this.#waiters.delete(waiter);
    if (this.#waiters.size > 0) return;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  #hasten(waiter: Waiter, ms: number): void {
    const dueAt = this.#clock.now() + ms;
    if (waiter.dueAt <= dueAt) return;
    waiter.cancel();
    waiter.dueAt = dueAt;
    waiter.cancel = this.#clock.setTimer(ms, waiter.wake);
  }

  #lookLater(): () => void {
    return this.#clock.setTimer(LOOK_MS, () => {
      this.#cancelLook = this.#lookLater();
      const [first] = this.#waiters;
      if (this.#away) first?.wake();
    });
  }
}
