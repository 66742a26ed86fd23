/** What resyncs repaired, counted in a row, so that two operators on one ALM do not fight for ever. */
export class Drifts {
  readonly #counts = new Map<string, number>();

  repaired(uid: string): void {
    this.#counts.set(uid, (this.#counts.get(uid) ?? 0) + 1);
  }

  /** ALM held the record, or it was written for another reason. */
  forget(uid: string): void {
    this.#counts.delete(uid);
  }

  isContested(uid: string): boolean {
    return (this.#counts.get(uid) ?? 0) >= REPAIRS;
  }
}

const REPAIRS = 3;
