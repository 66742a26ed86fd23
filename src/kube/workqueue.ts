/**
 * Keys that are to be worked on. A key waits at most once, the earlier due time wins, it is never with two workers, and
 * one that is added while it is worked on is worked on again. All state changes in functions without `await`.
 */

import { type Backoff, backoffMs } from './backoff.ts';
import { type Rate, TokenBucket } from './bucket.ts';
import type { Clock } from './clock.ts';
import { Heap } from './heap.ts';
import { Turns } from './turns.ts';
import type { ObjectKey } from './types.ts';

export type WorkqueueOptions = Readonly<{
  clock: Clock;
  /** Ready keys of different partitions take turns; the key's namespace when absent. */
  partition?: (key: ObjectKey) => string;
  /** Per key. */
  backoff?: Backoff;
  /** Over all keys; bounds `retry` and nothing else. */
  retries?: Rate;
  observe?: QueueObserver;
}>;

/** What becomes of keys, for metrics. `waitedMs`: since the key was due. */
export type QueueObserver = Readonly<{
  taken(key: ObjectKey, waitedMs: number): void;
  done(key: ObjectKey): void;
}>;

export type WorkqueueCounts = Readonly<{
  /** Due now, and waiting for a worker. */
  ready: number;
  /** Due later, or due but still with a worker. */
  delayed: number;
  working: number;
  /** Since the start. */
  added: number;
  retried: number;
}>;

type Waiting = { readonly key: ObjectKey; readonly dueAt: number };
type Taker = Readonly<{ resolve: (key: ObjectKey | undefined) => void }>;

const namespaceOf = (key: ObjectKey) => key.slice(0, Math.max(0, key.indexOf('/')));
const DEFAULT_BACKOFF: Backoff = { baseMs: 1000, capMs: 300_000 };
const DEFAULT_RETRIES: Rate = { burst: 100, perSecond: 10 };

/** How many entries that no longer count the heap may hold beyond as many as those that do. */
const SLACK = 64;

export class Workqueue {
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #bucket: TokenBucket;
  /** The one entry that counts for each waiting key; the heap may hold older ones, which are passed over. */
  readonly #waiting = new Map<ObjectKey, Waiting>();
  #delayed = new Heap<Waiting>();
  /** Also those that are still with a worker. */
  readonly #ready = new Turns<ObjectKey>();
  readonly #partition: (key: ObjectKey) => string;
  readonly #working = new Set<ObjectKey>();
  readonly #failures = new Map<ObjectKey, number>();
  readonly #takers = new Set<Taker>();
  readonly #observe: QueueObserver | undefined;
  #cancelTimer: (() => void) | undefined;
  #armedFor: number | undefined;
  #added = 0;
  #retried = 0;
  #closed = false;

  constructor(options: WorkqueueOptions) {
    const { clock, backoff = DEFAULT_BACKOFF, retries = DEFAULT_RETRIES, partition = namespaceOf } = options;
    this.#clock = clock;
    this.#partition = partition;
    this.#backoff = backoff;
    this.#bucket = new TokenBucket(retries, clock);
    this.#observe = options.observe;
  }

  add(key: ObjectKey): void {
    this.addAfter(key, 0);
  }

  addAfter(key: ObjectKey, ms: number): void {
    if (this.#closed) return;
    this.#added += 1;
    const dueAt = this.#clock.now() + Math.max(0, ms);
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined && waiting.dueAt <= dueAt) return;
    const entry = { key, dueAt };
    this.#waiting.set(key, entry);
    this.#delayed.push(entry, dueAt);
    if (this.#delayed.size > 2 * this.#waiting.size + SLACK) this.#compact();
    this.#pump();
  }

  /** Adds the key after its back-off, which doubles each time until `forget`; answers the delay. */
  retry(key: ObjectKey): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#retried += 1;
    const ms = Math.max(backoffMs(failures, this.#clock.random(), this.#backoff), this.#bucket.reserve());
    this.addAfter(key, ms);
    return ms;
  }

  /** Ends the key's back-off; what waits goes on waiting. */
  forget(key: ObjectKey): void {
    this.#failures.delete(key);
  }

  /**
   * The key that has been due the longest, of the partition whose turn it is; to be given back with `done`. Undefined
   * once the queue is shut down; rejects with the signal's reason.
   */
  get(signal: AbortSignal): Promise<ObjectKey | undefined> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        this.#takers.delete(taker);
        reject(signal.reason);
      };
      const taker: Taker = {
        resolve: (key) => {
          signal.removeEventListener('abort', onAbort);
          resolve(key);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#takers.add(taker);
      this.#pump();
    });
  }

  /** The worker is through with the key. */
  done(key: ObjectKey): void {
    if (!this.#working.delete(key)) return;
    this.#observe?.done(key);
    this.#pump();
  }

  counts(): WorkqueueCounts {
    this.#pump();
    return {
      ready: this.#ready.size,
      delayed: this.#waiting.size - this.#ready.size,
      working: this.#working.size,
      added: this.#added,
      retried: this.#retried,
    };
  }

  /** Takes nothing in and hands nothing out any more. Keys that are with workers may still be given back. */
  shutdown(): void {
    this.#closed = true;
    this.#waiting.clear();
    this.#ready.clear();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (const taker of this.#takers) taker.resolve(undefined);
    this.#takers.clear();
  }

  #pump(): void {
    if (this.#closed) {
      this.shutdown();
      return;
    }
    this.#ripen();
    this.#handOut();
    this.#arm();
  }

  /** Moves what is due over to `ready`, in the order of the due times. */
  #ripen(): void {
    const now = this.#clock.now();
    for (let entry = this.#delayed.peek(); entry !== undefined; entry = this.#delayed.peek()) {
      if (this.#waiting.get(entry.key) === entry && entry.dueAt > now) return;
      this.#delayed.pop();
      if (this.#waiting.get(entry.key) === entry) this.#ready.add(this.#partition(entry.key), entry.key);
    }
  }

  #handOut(): void {
    for (const taker of this.#takers) {
      const key = this.#ready.take((ready) => !this.#working.has(ready));
      if (key === undefined) return;
      const dueAt = this.#waiting.get(key)?.dueAt ?? this.#clock.now();
      this.#observe?.taken(key, this.#clock.now() - dueAt);
      this.#waiting.delete(key);
      this.#working.add(key);
      this.#takers.delete(taker);
      taker.resolve(key);
    }
  }

  #arm(): void {
    const next = this.#delayed.peek();
    if (next?.dueAt === this.#armedFor) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#armedFor = next?.dueAt;
    if (next === undefined) return;
    this.#cancelTimer = this.#clock.setTimer(Math.max(0, next.dueAt - this.#clock.now()), () => {
      this.#armedFor = undefined;
      this.#pump();
    });
  }

  #compact(): void {
    this.#delayed = new Heap();
    for (const entry of this.#waiting.values()) this.#delayed.push(entry, entry.dueAt);
  }
}
