import type { Change } from './observer.ts';

type Seen = Readonly<{ change: Change; atMs: number }>;

/**
 * Which changes have yet to arrive at ALM, by uid of the ClientCredential: one for each object at most, the oldest. An
 * object does not tell when it was changed, so a change counts from the moment at which a watch showed it; a restart
 * forgets it.
 *
 *   noted ── a pass looks ─▶ taken ── ALM took it ─▶ told, and gone
 *                              └── nothing was due, or somebody else's turn ─▶ gone
 *
 * What is noted while a pass is at work may have come too late for it, and stays for the next.
 */
export class Changes {
  readonly #noted = new Map<string, Seen>();
  readonly #taken = new Map<string, Seen>();
  readonly #now: () => number;

  /** `now` is monotonic. */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(uid: string, change: Change): void {
    if (!this.#noted.has(uid)) this.#noted.set(uid, { change, atMs: this.#now() });
  }

  /** A pass begins to look at the object. */
  look(uid: string): void {
    const noted = this.#noted.get(uid);
    if (noted === undefined) return;
    this.#noted.delete(uid);
    if (!this.#taken.has(uid)) this.#taken.set(uid, noted);
  }

  /** What ALM has taken by now, if it was a change, and how long that took. */
  arrive(uid: string): Readonly<{ change: Change; ms: number }> | undefined {
    const taken = this.#taken.get(uid);
    this.#taken.delete(uid);
    return taken && { change: taken.change, ms: this.#now() - taken.atMs };
  }

  /** Nothing is on its way to ALM for what was seen. */
  dismiss(uid: string): void {
    this.#taken.delete(uid);
  }

  forget(uid: string): void {
    this.#noted.delete(uid);
    this.#taken.delete(uid);
  }

  get size(): number {
    return new Set([...this.#noted.keys(), ...this.#taken.keys()]).size;
  }
}
