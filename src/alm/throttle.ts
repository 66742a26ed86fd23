import type { Clock } from '../kube/clock.ts';
import type { ObjectKey } from '../kube/types.ts';
import {
  abandoned,
  answered,
  type Breaker,
  CLOSED,
  failed,
  hastened,
  isDue,
  type Moment,
  putOff,
  tried,
} from './breaker.ts';
import { Doubts } from './doubts.ts';
import { type Ask, type Lane, Line } from './line.ts';
import type { Pace } from './options.ts';
import { type CallRate, Tempo } from './tempo.ts';

export type Limits = CallRate & Readonly<{ concurrency: number }>;

/** How long somebody waited, for a turn of a pass or for a token of a call. */
export type WaitObserver = (wait: Readonly<{ for: 'turn' | 'token'; ms: number }>) => void;

export type ThrottleView = Readonly<{
  breaker: Breaker['state'];
  /** Keys that wait for their turn. */
  waiting: number;
  /** Passes that have theirs. */
  passing: number;
  restingMs: number;
  /** How long the breaker has not been closed; 0 where it is. */
  openMs: number;
}>;

/** A pass that may make calls; it gives its place back at the end. */
export type Turn = Disposable & Readonly<{ saw(): void }>;

/** `later`: the key is woken when its turn comes. The same for the others, which are worth telling. */
export type Entry = Turn | 'later' | 'open' | 'resting';

type Passing = Readonly<{ ask: Ask; isTrial: boolean }> & { answered: boolean; failed: boolean };

/** Used until the connection says otherwise. */
const UNLIMITED: Limits = { requestsPerSecond: 10_000, burst: 10_000, concurrency: 256 };

/** A rest from which on it is worth telling. */
const TOLD_MS = 10_000;

/**
 * One ALM's share of the operator: calls by a token bucket, passes by a bound that also leaves one worker of each
 * controller to the others, rests that ALM asks for, and the breaker. Whoever cannot go on holds no worker: the key is
 * remembered and woken, tenant by tenant, when its turn comes.
 */
export class Throttle implements Pace {
  readonly doubts: Doubts;
  readonly #clock: Clock;
  readonly #observe: WaitObserver;
  readonly #line = new Line();
  readonly #passing = new Set<Passing>();
  #limits = UNLIMITED;
  readonly #tempo: Tempo;
  #breaker: Breaker = CLOSED;
  #openedMs = 0;
  #cancelTimer: (() => void) | undefined;
  #stopped = false;

  constructor(clock: Clock, observe: WaitObserver = () => undefined) {
    this.#clock = clock;
    this.#observe = observe;
    this.doubts = new Doubts(clock);
    this.#tempo = new Tempo(clock, UNLIMITED, (ms) => observe({ for: 'token', ms }));
  }

  view(): ThrottleView {
    const { waiting } = this.#line;
    return {
      breaker: this.#breaker.state,
      waiting,
      passing: this.#passing.size,
      restingMs: this.restingMs,
      openMs: this.#breaker.state === 'closed' ? 0 : this.#clock.now() - this.#openedMs,
    };
  }

  get restingMs(): number {
    return this.#tempo.restingMs;
  }

  /** Whoever waits goes on waiting, by the new limits. */
  configure(limits: Limits): void {
    this.#limits = limits;
    this.#tempo.configure(limits);
    this.#callNext();
  }

  /** The connection is another one now: what its calls have shown so far counts no more. */
  renew(): void {
    this.#breaker = CLOSED;
    this.#tempo.wakeUp();
    this.doubts.clear();
    this.#callNext();
  }

  /** The connection could log in again. */
  hasten(): void {
    this.#breaker = hastened(this.#breaker, this.#moment());
    this.#callNext();
  }

  enter(ask: Ask): Entry {
    if (!this.#admits(ask)) {
      this.#line.join(ask, this.#clock.now());
      this.#callNext();
      if (this.#breaker.state !== 'closed') return 'open';
      return this.restingMs >= TOLD_MS ? 'resting' : 'later';
    }
    const sinceMs = this.#line.enter(ask);
    this.#observe({ for: 'turn', ms: sinceMs === undefined ? 0 : this.#clock.now() - sinceMs });
    const isTrial = this.#breaker.state === 'open';
    this.#breaker = tried(this.#breaker, ask.object);
    const passing: Passing = { ask, isTrial, answered: false, failed: false };
    this.#passing.add(passing);
    return {
      saw: () => {
        passing.answered = true;
      },
      [Symbol.dispose]: () => this.#leave(passing),
    };
  }

  /** A pass for the key is over: if the key had been called and its pass wanted no turn, the next one is. */
  passed(lane: Lane, key: ObjectKey): void {
    if (this.#line.passed(lane, key)) this.#callNext();
  }

  /** A call about the object failed in a way that may be ALM's fault. */
  failed(object: string): void {
    this.#mark(object);
    const before = this.#breaker.state;
    if (before === 'closed') this.#openedMs = this.#clock.now();
    this.#breaker = failed(this.#breaker, object, this.#moment());
    if (before !== this.#breaker.state) this.#line.recall();
    this.#callNext();
  }

  /** ALM asked for patience in a call about the object. */
  putOff(object: string): void {
    this.#mark(object);
    this.#breaker = putOff(this.#breaker, object, this.#moment());
    this.#callNext();
  }

  /** ALM answered a call about the object, whatever it said. */
  answered(object: string): void {
    this.#breaker = answered();
    this.doubts.settled(object);
    this.#callNext();
  }

  rest(ms: number): void {
    this.#tempo.rest(ms);
    this.#line.recall();
    this.#callNext();
  }

  next(signal: AbortSignal): Promise<void> {
    return this.#tempo.next(signal);
  }

  /** The connection is gone: whoever waits looks for itself. */
  close(): void {
    this.stop();
    this.#line.disperse();
  }

  /** Calls nobody any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  #leave(passing: Passing): void {
    if (!this.#passing.delete(passing)) return;
    const { object } = passing.ask;
    if (passing.answered && !passing.failed) this.answered(object);
    const { state } = this.#breaker;
    if (passing.isTrial && state === 'halfOpen') this.#breaker = abandoned(this.#breaker, this.#moment());
    this.#callNext();
  }

  #mark(object: string): void {
    for (const passing of this.#passing) if (passing.ask.object === object) passing.failed = true;
  }

  #admits(ask: Ask): boolean {
    if (this.#stopped) return false;
    const isKept = this.#line.isKeptFor(ask);
    if (this.#breaker.state !== 'closed')
      return isDue(this.#breaker, this.#moment()) && this.#mayTry(ask.object) && (isKept || this.#room() > 0);
    return isKept || (this.#room() > 0 && this.#hasRoom(ask.lane));
  }

  /** Objects that failed may be at fault themselves: any other one that waits goes first. */
  #mayTry(object: string): boolean {
    const { failed: all } = this.#breaker;
    return !all.has(object) || !this.#line.has((other) => !all.has(other));
  }

  /** How many more could go now, beyond those that were called. */
  #room(): number {
    if (this.restingMs > 0) return 0;
    const kept = this.#line.kept();
    if (this.#breaker.state !== 'closed') return isDue(this.#breaker, this.#moment()) ? 1 - kept : 0;
    return Math.min(this.#limits.concurrency - this.#passing.size, this.#tempo.ready) - kept;
  }

  #hasRoom({ name, workers }: Lane): boolean {
    const passing = [...this.#passing].filter(({ ask }) => ask.lane.name === name).length;
    return passing + this.#line.kept(name) < Math.max(1, workers - 1);
  }

  #callNext(): void {
    if (this.#stopped) return;
    this.#line.lapse(this.#clock.now());
    while (this.#line.waiting > 0 && this.#room() > 0) {
      const called = this.#call();
      if (called === undefined) break;
      called.lane.wake(called.key);
    }
    this.#arm();
  }

  #call(): Ask | undefined {
    const nowMs = this.#clock.now();
    const lanes = (lane: Lane) => this.#hasRoom(lane);
    const { state, failed: all } = this.#breaker;
    const unblemished =
      state === 'closed' ? undefined : this.#line.call(lanes, (one) => !all.has(one), nowMs);
    return unblemished ?? this.#line.call(lanes, () => true, nowMs);
  }

  #arm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const atMs = Math.min(
      this.#line.lapsesMs,
      this.#line.waiting > 0 ? this.#roomAtMs() : Number.POSITIVE_INFINITY,
    );
    if (atMs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(1, Math.ceil(atMs - this.#clock.now()));
    this.#cancelTimer = this.#clock.setTimer(waitMs, () => this.#callNext());
  }

  /** When time alone makes room; infinity where somebody else has to. */
  #roomAtMs(): number {
    const nowMs = this.#clock.now();
    const breaker = this.#breaker;
    const isClosed = breaker.state === 'closed';
    const readyMs = nowMs + (isClosed ? this.#tempo.readyInMs(1 + this.#line.kept()) : this.restingMs);
    const atMs = Math.max(readyMs, breaker.state === 'open' ? breaker.dueMs : nowMs);
    return breaker.state === 'halfOpen' || atMs <= nowMs ? Number.POSITIVE_INFINITY : atMs;
  }

  #moment(): Moment {
    return { nowMs: this.#clock.now(), random: this.#clock.random() };
  }
}
