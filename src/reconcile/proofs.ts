import type { SecretVersion } from '../domain/due.ts';
import { WINDOW_MS } from '../domain/proof.ts';

export function versionOf({ uid, resourceVersion, key }: SecretVersion): string {
  return `${uid} ${resourceVersion} ${key}`;
}

type Sent = Readonly<{ version: string; atMs: number }>;

/** When ALM took which version of a secret, by uid of the object, as far as this process saw it. A restart forgets it. */
export class Proofs {
  readonly #sent = new Map<string, Sent>();
  readonly #now: () => number;

  /** `now` is monotonic. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** ALM took this version just now: a new window begins. */
  sent(uid: string, version: string): void {
    this.#sent.set(uid, { version, atMs: this.#now() });
  }

  /** Milliseconds since ALM took this version; undefined where this process did not see it. */
  sinceMs(uid: string, version: string): number | undefined {
    const sent = this.#sent.get(uid);
    return sent?.version === version ? this.#now() - sent.atMs : undefined;
  }

  /** Whether a login with this version may still be refused without meaning anything. */
  isOpen(uid: string, version: string): boolean {
    return (this.sinceMs(uid, version) ?? WINDOW_MS) < WINDOW_MS;
  }

  forget(uid: string): void {
    this.#sent.delete(uid);
  }
}
