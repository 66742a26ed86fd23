/** Waiting for a state of the cluster: list, then watch, again from the start when the watch is lost. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiHttp } from './http.ts';
import { type Kind, pathOf } from './kinds.ts';
import { type Live, presentable } from './objects.ts';

export type Scope = Readonly<{ kind: Kind; namespace?: string | undefined; name?: string | undefined }>;

export type Patience = Readonly<{
  /** What is waited for, in words. */
  what: string;
  timeoutMs?: number;
}>;

type Objects = ReadonlyMap<string, Live>;
type WatchEvent = Readonly<{ type: string; object: Live }>;

const RETRY_PAUSE_MS = 100;
const SHOWN = 3;

/** Resolves once `done` says so of all objects in the scope; rejects when time is up, with the last ones seen. */
export async function follow(
  http: ApiHttp,
  scope: Scope,
  done: (objects: Objects) => boolean,
  { what, timeoutMs = 15_000 }: Patience,
): Promise<Objects> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  const objects = new Map<string, Live>();
  let problem: unknown;
  try {
    while (!limit.signal.aborted) {
      try {
        if (await followOnce(http, scope, objects, done, limit.signal)) return objects;
      } catch (error) {
        if (!limit.signal.aborted) problem = error;
        await sleep(RETRY_PAUSE_MS, undefined, { signal: limit.signal }).catch(() => {});
      }
    }
    throw new Error(overdue(scope, objects, `${what}, within ${timeoutMs} ms`), { cause: problem });
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

/** True when the state was reached, false when the watch ended first. What `done` throws counts as a lost watch. */
async function followOnce(
  http: ApiHttp,
  { kind, namespace, name }: Scope,
  objects: Map<string, Live>,
  done: (objects: Objects) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const fieldSelector = name === undefined ? undefined : `metadata.name=${name}`;
  const path = pathOf(kind, { namespace });
  const list = (await http.call({ path, query: { fieldSelector }, signal })) as ListAnswer;
  objects.clear();
  for (const item of list.items) objects.set(item.metadata.uid, item);
  if (done(objects)) return true;
  const { resourceVersion } = list.metadata;
  const query = { watch: 'true', fieldSelector, resourceVersion, allowWatchBookmarks: 'true' };
  for await (const event of http.lines({ path, query, signal })) {
    const { type, object } = event as WatchEvent;
    if (type === 'ERROR') return false;
    if (type === 'BOOKMARK') continue;
    if (type === 'DELETED') objects.delete(object.metadata.uid);
    else objects.set(object.metadata.uid, object);
    if (done(objects)) return true;
  }
  return false;
}

type ListAnswer = Readonly<{ metadata: { resourceVersion: string }; items: readonly Live[] }>;

function overdue({ kind, namespace, name }: Scope, objects: Objects, what: string): string {
  const where = [namespace, name].filter((part) => part !== undefined).join('/');
  const seen = [...objects.values()].slice(-SHOWN).map(presentable);
  const count = objects.size > SHOWN ? ` (the last ${SHOWN} of ${objects.size})` : '';
  const last = seen.length === 0 ? 'There is none.' : `Last seen${count}:\n${seen.join('\n')}`;
  return `Not seen: ${what} (${kind.kind} ${where}). ${last}`;
}
