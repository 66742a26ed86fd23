import type { ObjectKey } from '../kube/types.ts';

/**
 * Keys that wait for a claim: because another pass works on it, or because somebody else holds it. A waiting key holds
 * no worker; it is woken once and then looks for itself.
 */
export class ClaimQueue {
  readonly #busy = new Set<string>();
  readonly #waiting = new Map<string, Set<ObjectKey>>();
  readonly #enqueue: (key: ObjectKey) => void;

  constructor(enqueue: (key: ObjectKey) => void) {
    this.#enqueue = enqueue;
  }

  /** Passes for one claim never overlap: undefined where one runs already, and `key` is woken when it has ended. */
  enter(claim: string, key: ObjectKey): Disposable | undefined {
    if (this.#busy.has(claim)) {
      this.wait(claim, key);
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

  wait(claim: string, key: ObjectKey): void {
    const keys = this.#waiting.get(claim);
    if (keys === undefined) this.#waiting.set(claim, new Set([key]));
    else keys.add(key);
  }

  wake(claim: string): void {
    const keys = this.#waiting.get(claim);
    this.#waiting.delete(claim);
    for (const key of keys ?? []) this.#enqueue(key);
  }
}
