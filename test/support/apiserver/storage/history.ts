/**
 * The last changes of each kind: what watches resume from, and what an older page of a list is rebuilt from. It begins
 * with the server (a restart forgets it) and reaches back `size` changes a kind.
 */

import type { ApiObject } from '../objects.ts';
import type { Change, Storage } from './storage.ts';

type Log = { changes: Change[]; floor: number };

/** All objects of one bucket as they were at one version. */
export type View = Readonly<{ keys: readonly string[]; get(key: string): ApiObject | undefined }>;

export class History {
  readonly #storage: Storage;
  readonly #size: number;
  readonly #logs = new Map<string, Log>();
  #floor: number;

  constructor(storage: Storage, size: number) {
    this.#storage = storage;
    this.#size = size;
    this.#floor = storage.version;
  }

  record(change: Change): void {
    const log = this.#log(change.bucket);
    log.changes.push(change);
    const dropped = log.changes.at(-this.#size - 1);
    if (dropped !== undefined) log.floor = dropped.version;
    // In blocks, so that one change costs constant time: the floor alone says what still counts.
    if (log.changes.length > 2 * this.#size) log.changes = log.changes.slice(-this.#size);
  }

  /** The oldest version from which this kind's changes are all known. */
  floor(bucket: string): number {
    return this.#logs.get(bucket)?.floor ?? this.#floor;
  }

  /** Every change after a version, oldest first; undefined where the history does not reach back that far. */
  since(bucket: string, version: number): readonly Change[] | undefined {
    if (version < this.floor(bucket)) return undefined;
    const changes = this.#logs.get(bucket)?.changes ?? [];
    return changes.slice(firstAfter(changes, version));
  }

  /** The state at a version; undefined where the history does not reach back that far. */
  viewAt(bucket: string, version: number): View | undefined {
    const later = this.since(bucket, version);
    if (later === undefined) return undefined;
    const current = (key: string) => this.#storage.get(bucket, key);
    if (later.length === 0) return { keys: this.#storage.keys(bucket), get: current };
    const former = new Map<string, ApiObject | undefined>();
    for (const { key, before } of later) if (!former.has(key)) former.set(key, before);
    const keys = new Set([...this.#storage.keys(bucket), ...former.keys()]);
    return {
      keys: [...keys].sort(),
      get: (key) => (former.has(key) ? former.get(key) : current(key)),
    };
  }

  /** Forgets everything up to now. */
  compact(): void {
    this.#logs.clear();
    this.#floor = this.#storage.version;
  }

  #log(bucket: string): Log {
    const log = this.#logs.get(bucket) ?? { changes: [], floor: this.#floor };
    this.#logs.set(bucket, log);
    return log;
  }
}

function firstAfter(changes: readonly Change[], version: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle]?.version ?? 0) > version) high = middle;
    else low = middle + 1;
  }
  return low;
}
