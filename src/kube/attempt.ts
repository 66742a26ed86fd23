/** One attempt of a reflector: a list in pages, or a watch, whatever it comes to. */

import { KubeError } from './client.ts';
import type { Clock } from './clock.ts';
import { type Decode, identityOf, isRecord } from './decode.ts';
import { type Limited, limit, TimeLimitError } from './limit.ts';
import type { Log } from './log.ts';
import { qualifiedName } from './path.ts';
import type { KubeReader, Scope, WatchEvent } from './reads.ts';
import { type Attempt, type End, type Phase, SILENCE_MS } from './reflection.ts';
import { onSilence } from './silence.ts';
import type { PartitionWriter } from './store.ts';
import { type KubeObject, keyOf, type ObjectKey, type ObjectMeta } from './types.ts';
import { isOlder } from './version.ts';
import type { Pulse } from './vitals.ts';

export type Shell<T extends KubeObject> = Readonly<{
  scope: Scope;
  decode: Decode<T>;
  reader: KubeReader;
  partition: PartitionWriter<T>;
  log: Log;
  clock: Clock;
  pulse: Pulse;
}>;

export type Tried = Readonly<{ attempt: Attempt; error?: unknown }>;

const SHORTEST_WATCH_S = 300;
const LONGEST_WATCH_S = 600;

/** How much longer than asked for a watch may last: then the connection is dead and nobody said so. */
const GRACE_MS = 15_000;

/** How long the first state may take on a stream. */
const INITIAL_EVENTS_MS = 120_000;

/** How long a list may take, all pages together. */
const LIST_MS = 600_000;

const END_MARK = 'k8s.io/initial-events-end';

/** What an attempt has come to so far. */
type Sight = { version: string | undefined; signs: boolean; openedAt: number | undefined };

/** Never rejects. */
export async function attemptAt<T extends KubeObject>(
  shell: Shell<T>,
  at: Phase,
  signal: AbortSignal,
): Promise<Tried> {
  const version = at.phase === 'watch' ? at.version : undefined;
  const sight: Sight = { version, signs: false, openedAt: undefined };
  const attemptOf = (end: End): Attempt => ({
    end,
    ...(sight.version !== undefined && { version: sight.version }),
    signs: sight.signs,
    openMs: sight.openedAt === undefined ? 0 : shell.clock.now() - sight.openedAt,
  });
  try {
    if (at.phase === 'pages') await listPages(shell, sight, signal);
    else await followWatch(shell, sight, signal);
    return { attempt: attemptOf({ how: 'closed' }) };
  } catch (error) {
    return { attempt: attemptOf(endOf(error, at.phase)), error };
  }
}

async function listPages<T extends KubeObject>(
  shell: Shell<T>,
  sight: Sight,
  signal: AbortSignal,
): Promise<void> {
  const { reader, scope, decode, partition } = shell;
  const limited = limit(signal, LIST_MS, shell.clock);
  partition.beginRelist();
  const objects: T[] = [];
  let version = '';
  try {
    for await (const page of reader.pages(scope, limited.signal)) {
      objects.push(...page.items.flatMap((item) => decode(item) ?? []));
      version = page.resourceVersion;
    }
  } finally {
    limited.release();
  }
  commit(shell, objects, version, 'pages');
  sight.version = version;
}

async function followWatch<T extends KubeObject>(
  shell: Shell<T>,
  sight: Sight,
  signal: AbortSignal,
): Promise<void> {
  const { reader, scope, clock } = shell;
  const spanS = LONGEST_WATCH_S - SHORTEST_WATCH_S;
  const timeoutSeconds = SHORTEST_WATCH_S + Math.floor(clock.random() * spanS);
  const limited = limit(signal, timeoutSeconds * 1000 + GRACE_MS, clock);
  const initial = sight.version === undefined ? beginInitial(shell, limited) : undefined;
  const silence = onSilence(clock, SILENCE_MS, () => limited.abort(new SilenceError('the watch is silent')));
  const opened = () => {
    sight.openedAt = clock.now();
    silence.seen();
  };
  const query = {
    timeoutSeconds,
    initialEvents: initial !== undefined,
    ...(sight.version !== undefined && { resourceVersion: sight.version }),
  };
  try {
    for await (const event of reader.watch(scope, query, limited.signal, opened)) {
      silence.seen();
      if (sight.version !== undefined) show(shell, event, sight);
      else sight.version = initial?.take(event);
    }
  } catch (error) {
    // The deadline is an end like that of the server's own time limit.
    if (!(error instanceof TimeLimitError) || error instanceof SilenceError) throw error;
  } finally {
    silence.end();
    initial?.release();
    limited.release();
  }
}

/** Collects the state with which a stream begins, and swaps it in at its end mark. */
function beginInitial<T extends KubeObject>(shell: Shell<T>, limited: Limited) {
  const { decode, partition, clock } = shell;
  const objects = new Map<ObjectKey, T>();
  const cancel = clock.setTimer(INITIAL_EVENTS_MS, () =>
    limited.abort(new TimeLimitError('the initial events did not come to an end')),
  );
  partition.beginRelist();
  return {
    /** The version of the state, once it is complete. */
    take: ({ type, object }: WatchEvent): string | undefined => {
      if (type === 'BOOKMARK') {
        const { version, isEndMark } = bookmarkOf(object);
        if (!isEndMark) return undefined;
        cancel();
        commit(shell, [...objects.values()], version, 'stream');
        return version;
      }
      const decoded = type === 'DELETED' ? undefined : decode(object);
      const key = keyOf(placeOf(object));
      if (decoded === undefined) objects.delete(key);
      else objects.set(key, decoded);
      return undefined;
    },
    release: cancel,
  };
}

function commit<T extends KubeObject>(
  { partition, log, scope, pulse }: Shell<T>,
  objects: readonly T[],
  version: string,
  by: 'stream' | 'pages',
): void {
  partition.commitRelist(objects, version);
  pulse.listed();
  log.info({ ...aboutOf(scope), objects: objects.length, version, by }, 'listed');
}

/** One event after the state is known. */
function show<T extends KubeObject>(
  { decode, partition, pulse }: Shell<T>,
  event: WatchEvent,
  sight: Sight,
): void {
  const { type, object } = event;
  if (type === 'BOOKMARK') {
    const { version } = bookmarkOf(object);
    sight.signs = true;
    pulse.sign();
    // Some servers name the last change of the kind, which may be older than the list.
    if (sight.version !== undefined && isOlder(version, sight.version)) return;
    sight.version = version;
    partition.progressTo(version);
    return;
  }
  const place = placeOf(object);
  if (sight.version !== undefined && isOlder(place.resourceVersion, sight.version)) throw new RegressError();
  sight.signs = true;
  pulse.sign();
  const decoded = type === 'DELETED' ? undefined : decode(object);
  if (decoded === undefined) partition.remove(keyOf(place), place.resourceVersion);
  else partition.apply(decoded);
  sight.version = place.resourceVersion;
}

function bookmarkOf(object: WatchEvent['object']): Readonly<{ version: string; isEndMark: boolean }> {
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  const { resourceVersion, annotations } = metadata;
  if (typeof resourceVersion !== 'string' || resourceVersion === '')
    throw new MalformedError('a bookmark has no version');
  return { version: resourceVersion, isEndMark: isRecord(annotations) && annotations[END_MARK] === 'true' };
}

function placeOf(object: WatchEvent['object']): ObjectMeta {
  const place = identityOf(object);
  if (place === undefined) throw new MalformedError('an event has no name, uid or version');
  return place;
}

class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** The server ended nothing and showed nothing. */
class SilenceError extends TimeLimitError {}

class RegressError extends Error {
  override readonly name = 'RegressError';
  override readonly message = 'an event is older than the one before';
}

function endOf(error: unknown, phase: Phase['phase']): End {
  if (error instanceof SilenceError) return { how: 'silent' };
  if (error instanceof RegressError) return { how: 'regressed' };
  if (error instanceof TimeLimitError) return { how: 'failed', status: 0 };
  if (!(error instanceof KubeError)) return { how: 'malformed' };
  const { status, reason, retryAfterMs } = error;
  if (status === 410) return { how: 'expired' };
  if (phase === 'stream' && (status === 400 || status === 422)) return { how: 'refused' };
  if (reason === 'MalformedEvent' || reason === 'MalformedAnswer') return { how: 'malformed' };
  return { how: 'failed', status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** What the log says of which reflector it is. */
export function aboutOf({ resource, namespace }: Scope) {
  return { resource: qualifiedName(resource), ...(namespace !== undefined && { namespace }) };
}
