import type { ObjectKey } from '../kube/types.ts';

type Enqueue = (key: ObjectKey) => void;

/**
 * Keys that wait for a claim: because another pass works on it, or because somebody else holds it. A waiting key holds
 * no worker; it is woken once and then looks for itself. Keys are those of ClientCredentials, unless whoever waits
 * names another queue of its own.
 */
export class ClaimQueue {
  readonly #busy = new Set<string>();
  readonly #waiting = new Map<string, Map<Enqueue, Set<ObjectKey>>>();
  readonly #enqueue: Enqueue;

  constructor(enqueue: Enqueue) {
    this.#enqueue = enqueue;
  }

  /** Passes for one claim never overlap: undefined where one runs already, and `key` is woken when it has ended. */
  enter(claim: string, key: ObjectKey, enqueue: Enqueue = this.#enqueue): Disposable | undefined {
    if (this.#busy.has(claim)) {
      this.wait(claim, key, enqueue);
      return undefined;
    }
    this.#busy.add(claim);
    return {
      [Symbol.dispose]: () => {
        this.#busy.delete(claim);
        this.wake(claim);
      },
    };
  }

  wait(claim: string, key: ObjectKey, enqueue: Enqueue = this.#enqueue): void {
    const waiting = this.#waiting.get(claim) ?? new Map<Enqueue, Set<ObjectKey>>();
    this.#waiting.set(claim, waiting.set(enqueue, (waiting.get(enqueue) ?? new Set()).add(key)));
  }

  wake(claim: string): void {
    const waiting = this.#waiting.get(claim);
    this.#waiting.delete(claim);
    for (const [enqueue, keys] of waiting ?? []) for (const key of keys) enqueue(key);
  }
}
