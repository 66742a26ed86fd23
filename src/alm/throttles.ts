import type { Clock } from '../kube/clock.ts';
import type { ObjectKey } from '../kube/types.ts';
import type { Lane } from './line.ts';
import { Throttle, type WaitObserver } from './throttle.ts';

/** One throttle for each connection, which outlives the clients that the connection is given. */
export class Throttles {
  readonly #clock: Clock;
  readonly #observe: (connection: string) => WaitObserver;
  readonly #throttles = new Map<string, Throttle>();

  constructor(clock: Clock, observe: (connection: string) => WaitObserver = () => () => undefined) {
    this.#clock = clock;
    this.#observe = observe;
  }

  of(connection: string): Throttle {
    const known = this.#throttles.get(connection);
    if (known !== undefined) return known;
    const made = new Throttle(this.#clock, this.#observe(connection));
    this.#throttles.set(connection, made);
    return made;
  }

  /** By connection, for whoever reads their views. */
  all(): ReadonlyMap<string, Throttle> {
    return this.#throttles;
  }

  /** The connection is gone. */
  remove(connection: string): void {
    this.#throttles.get(connection)?.close();
    this.#throttles.delete(connection);
  }

  /** A pass for the key is over, whichever connection it was about. */
  passed(lane: Lane, key: ObjectKey): void {
    for (const throttle of this.#throttles.values()) throttle.passed(lane, key);
  }

  stop(): void {
    for (const throttle of this.#throttles.values()) throttle.stop();
  }
}
