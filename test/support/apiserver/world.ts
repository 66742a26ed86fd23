/** What every request works on. */

import type { Registry } from './kinds/registry.ts';
import type { Documents } from './openapi/documents.ts';
import type { History } from './storage/history.ts';
import type { Storage } from './storage/storage.ts';
import type { Hub } from './watch/hub.ts';

export type World = Readonly<{
  storage: Storage;
  history: History;
  hub: Hub;
  registry: Registry;
  openApi: Documents;
  now: () => number;
  /** Whether a watch may ask for the initial state (WatchList). */
  watchList: boolean;
  bookmarkMs: number;
  /** What a watch may leave unread before it is ended. */
  watchBufferBytes: number;
  /** How long a read waits for a version that is not there yet. */
  futureWaitMs: number;
}>;
