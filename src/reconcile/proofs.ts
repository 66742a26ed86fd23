import type { SecretVersion } from '../domain/due.ts';

export function versionOf({ uid, resourceVersion, key }: SecretVersion): string {
  return `${uid} ${resourceVersion} ${key}`;
}

type Unanswered = Readonly<{ claim: string; atMs: number }>;

type Sent = Readonly<{ version: string; atMs: number; isOpen: boolean }>;

/** When ALM took which version of a secret, by uid of the object, as far as this process saw it. A restart forgets it. */
export class Proofs {
  readonly #sent = new Map<string, Sent>();
  readonly #unanswered = new Map<string, Unanswered>();
  readonly #now: () => number;

  /** `now` is monotonic. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** ALM took this version just now: a new window begins. */
  sent(uid: string, version: string): void {
    this.#sent.set(uid, { version, atMs: this.#now(), isOpen: true });
  }

  /** Milliseconds since ALM took this version; undefined where this process did not see it. */
  sinceMs(uid: string, version: string): number | undefined {
    const sent = this.#sent.get(uid);
    return sent?.version === version ? this.#now() - sent.atMs : undefined;
  }

  /** Whether ALM took this version and no login has shown yet what that is worth. */
  isOpen(uid: string, version: string): boolean {
    const sent = this.#sent.get(uid);
    return sent?.version === version && sent.isOpen;
  }

  /** The window is over: what was sent is worth nothing until it is sent again. */
  refused(uid: string): void {
    const sent = this.#sent.get(uid);
    if (sent !== undefined) this.#sent.set(uid, { ...sent, isOpen: false });
  }

  /** Milliseconds since a pass first met this claim with an answer missing. */
  unansweredMs(uid: string, claim: string): number {
    const known = this.#unanswered.get(uid);
    if (known?.claim === claim) return this.#now() - known.atMs;
    this.#unanswered.set(uid, { claim, atMs: this.#now() });
    return 0;
  }

  forget(uid: string): void {
    this.#sent.delete(uid);
    this.#unanswered.delete(uid);
  }
}
