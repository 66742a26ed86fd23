import { TokenBucket } from '../kube/bucket.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import { EdgeError } from '../kube/outcome.ts';
import { failureOf } from './failures.ts';
import type { Pace } from './options.ts';

/** Calls a second in the long run, and at once after a pause. */
export type CallRate = Readonly<{ requestsPerSecond: number; burst: number }>;

/** A call within a pass waits out a shorter rest. */
const PATIENCE_MS = 2_000;

/** A token that is there but for a rounding error is there. */
const NEARLY = 1e-6;

/** When the next call to one ALM may be made: a token bucket over all calls, and the rests that ALM asks for. */
export class Tempo implements Pace {
  readonly #clock: Clock;
  readonly #waited: (ms: number) => void;
  #rate: CallRate;
  #bucket: TokenBucket;
  #restUntilMs = 0;

  constructor(clock: Clock, rate: CallRate, waited: (ms: number) => void) {
    this.#clock = clock;
    this.#rate = rate;
    this.#bucket = bucketOf(rate, clock);
    this.#waited = waited;
  }

  /** How much of the rest that ALM asked for is left. */
  get restingMs(): number {
    return Math.max(0, this.#restUntilMs - this.#clock.now());
  }

  /** How many calls could be made now without waiting. */
  get ready(): number {
    return this.restingMs > 0 ? 0 : Math.max(0, Math.floor(this.#bucket.tokens + NEARLY));
  }

  /** In how many milliseconds `count` calls will be; 0 where they are. */
  readyInMs(count: number): number {
    const lacking = count - this.#bucket.tokens;
    const refillMs = lacking > NEARLY ? (lacking / this.#rate.requestsPerSecond) * 1000 : 0;
    return Math.max(this.restingMs, refillMs);
  }

  configure(rate: CallRate): void {
    const { requestsPerSecond, burst } = this.#rate;
    if (requestsPerSecond === rate.requestsPerSecond && burst === rate.burst) return;
    this.#rate = rate;
    this.#bucket = bucketOf(rate, this.#clock);
  }

  rest(ms: number): void {
    this.#restUntilMs = Math.max(this.#restUntilMs, this.#clock.now() + ms);
  }

  wakeUp(): void {
    this.#restUntilMs = 0;
  }

  async next(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { restingMs } = this;
    if (restingMs > PATIENCE_MS) throw new EdgeError(failureOf('resting', restingMs));
    const waitMs = Math.max(restingMs, this.#bucket.reserve());
    this.#waited(waitMs);
    if (waitMs > 0) await sleep(this.#clock, waitMs, signal);
  }
}

function bucketOf({ requestsPerSecond, burst }: CallRate, clock: Clock): TokenBucket {
  return new TokenBucket({ burst, perSecond: requestsPerSecond }, clock);
}
