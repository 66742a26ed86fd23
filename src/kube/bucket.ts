import type { Clock } from './clock.ts';

/** How much may happen at once, and how much a second in the long run. */
export type Rate = Readonly<{ burst: number; perSecond: number }>;

/** A token bucket: full at first, refilled steadily, never above the burst. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #clock: Pick<Clock, 'now'>;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, clock: Pick<Clock, 'now'>) {
    this.#rate = rate;
    this.#clock = clock;
    this.#tokens = rate.burst;
    this.#at = clock.now();
  }

  /** Takes a token if there is one. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes a token, on credit if need be, and says how long to wait until it is covered. */
  reserve(): number {
    this.#refill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#rate.perSecond) * 1000;
  }

  /** How many tokens there are; below zero where some were lent. */
  get tokens(): number {
    this.#refill();
    return this.#tokens;
  }

  /** True when nothing of the past is left in it, so that it may be forgotten. */
  get full(): boolean {
    this.#refill();
    return this.#tokens >= this.#rate.burst;
  }

  #refill(): void {
    const now = this.#clock.now();
    const gained = (Math.max(0, now - this.#at) / 1000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + gained);
    this.#at = now;
  }
}
