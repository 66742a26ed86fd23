import type { ObjectKey } from '../kube/types.ts';
import type { QueueObserver, WorkqueueCounts } from '../kube/workqueue.ts';
import type { Meter } from './meter.ts';

/** Which keys of a queue are with workers, and since when. */
export class QueueWatch implements QueueObserver {
  readonly #running = new Map<ObjectKey, number>();
  readonly #name: string;
  readonly #meter: Meter;
  readonly #now: () => number;
  readonly counts: () => WorkqueueCounts;

  /** `now` is monotonic. */
  constructor(name: string, counts: () => WorkqueueCounts, meter: Meter, now: () => number) {
    this.#name = name;
    this.counts = counts;
    this.#meter = meter;
    this.#now = now;
  }

  taken(key: ObjectKey, waitedMs: number): void {
    this.#running.set(key, this.#now());
    this.#meter.observe('workqueue_queue_duration_seconds', { name: this.#name }, waitedMs / 1000);
  }

  done(key: ObjectKey): void {
    const began = this.#running.get(key);
    if (began === undefined) return;
    this.#running.delete(key);
    const seconds = (this.#now() - began) / 1000;
    this.#meter.observe('workqueue_work_duration_seconds', { name: this.#name }, seconds);
  }

  get working(): number {
    return this.#running.size;
  }

  unfinishedS(): number {
    return this.#agesS().reduce((sum, age) => sum + age, 0);
  }

  longestS(): number {
    return Math.max(0, ...this.#agesS());
  }

  #agesS(): readonly number[] {
    const now = this.#now();
    return [...this.#running.values()].map((began) => (now - began) / 1000);
  }
}
