import type { ClientCredential } from '../api/clientcredential.ts';

/**
 * Objects on their way out, as this process saw them go: when their deletion was noticed, and those that were deleted
 * past our finalizer. A restart forgets the latter, so that their claims stay as they are.
 */
export class Departures {
  readonly #noticed = new Map<string, number>();
  readonly #gone = new Map<string, ClientCredential>();
  readonly #now: () => number;

  /** `now` is monotonic. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Milliseconds since the first call for this uid. */
  noticedFor(uid: string): number {
    const since = this.#noticed.get(uid) ?? this.#now();
    this.#noticed.set(uid, since);
    return this.#now() - since;
  }

  /** A watch told that the object is gone although its claim was not released. */
  note(credential: ClientCredential): void {
    this.#gone.set(credential.metadata.uid, credential);
  }

  get(uid: string): ClientCredential | undefined {
    return this.#gone.get(uid);
  }

  forget(uid: string): void {
    this.#noticed.delete(uid);
    this.#gone.delete(uid);
  }
}
