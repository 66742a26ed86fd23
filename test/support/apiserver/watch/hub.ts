/** Hands every change to the watches of its kind, in the order of versions. */

import type { Change } from '../storage/storage.ts';
import { ChangeLines } from './lines.ts';

export type Watcher = Readonly<{ see(lines: ChangeLines): void; end(): void }>;

export class Hub {
  readonly #watchers = new Map<string, Set<Watcher>>();

  publish(change: Change): void {
    const watchers = this.#watchers.get(change.bucket);
    if (watchers === undefined || watchers.size === 0) return;
    const lines = new ChangeLines(change);
    for (const watcher of watchers) watcher.see(lines);
  }

  join(bucket: string, watcher: Watcher): () => void {
    const watchers = this.#watchers.get(bucket) ?? new Set<Watcher>();
    this.#watchers.set(bucket, watchers.add(watcher));
    return () => watchers.delete(watcher);
  }

  /** Ends the watches of a kind cleanly, as when its definition changes or goes. */
  end(bucket: string): void {
    for (const watcher of [...(this.#watchers.get(bucket) ?? [])]) watcher.end();
  }
}
