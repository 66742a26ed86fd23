/**
 * Keeps a partition of a store equal to what the API server has: the driver of the state machine in reflection.ts.
 */

import { KubeError } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { type Decode, identityOf, isRecord } from './decode.ts';
import { type Limited, limit, TimeLimitError } from './limit.ts';
import { type Log, troubleOf } from './log.ts';
import { qualifiedName } from './path.ts';
import type { KubeReader, Scope, WatchEvent } from './reads.ts';
import {
  type Attempt,
  type End,
  initialPosition,
  type Phase,
  type Position,
  type Step,
  step,
} from './reflection.ts';
import type { PartitionWriter } from './store.ts';
import { type KubeObject, keyOf, type ObjectKey, type ObjectMeta } from './types.ts';

export type Reflector = Readonly<{
  /** Qualified name of what is watched. */
  resource: string;
  vitals(): Vitals;
  /** Resolves once the signal has fired and nothing runs any more. Never rejects: no error ends a reflector. */
  run(signal: AbortSignal): Promise<void>;
}>;

export type Vitals = Readonly<{
  /** Milliseconds since the API server last showed a list, an event or a bookmark; undefined before the first list. */
  lastSignMs: number | undefined;
  /** Lists since the first one. */
  relists: number;
}>;

export type ReflectorOptions<T extends KubeObject> = Readonly<{
  scope: Scope;
  decode: Decode<T>;
  reader: KubeReader;
  partition: PartitionWriter<T>;
  log: Log;
  clock?: Clock;
}>;

const SHORTEST_WATCH_S = 300;
const LONGEST_WATCH_S = 600;

/** How much longer than asked for a watch may last: then the connection is dead and nobody said so. */
const GRACE_MS = 15_000;

/** How long the first state may take on a stream. */
const INITIAL_EVENTS_MS = 120_000;

const END_MARK = 'k8s.io/initial-events-end';

export function createReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector {
  const { scope, log, clock = systemClock } = options;
  const shell: Shell<T> = { ...options, clock, pulse: { lists: 0, signAt: undefined } };
  const { pulse } = shell;
  return {
    resource: qualifiedName(scope.resource),
    vitals: () => ({
      lastSignMs: pulse.signAt === undefined ? undefined : clock.now() - pulse.signAt,
      relists: Math.max(0, pulse.lists - 1),
    }),
    run: async (signal) => {
      let position = initialPosition;
      while (!signal.aborted) {
        const tried = await attemptAt(shell, position.at, signal);
        if (signal.aborted) return;
        const next = step(position, tried.attempt, clock.random());
        report(log, scope, position, tried, next);
        position = next.position;
        if (next.waitMs > 0) await sleep(clock, next.waitMs, signal).catch(() => undefined);
      }
    },
  };
}

type Shell<T extends KubeObject> = ReflectorOptions<T> & Readonly<{ clock: Clock; pulse: Pulse }>;

/** What the API server has shown since the start, and when last. */
type Pulse = { lists: number; signAt: number | undefined };

/** What an attempt has come to so far. */
type Sight = { version: string | undefined; signs: boolean };

type Tried = Readonly<{ attempt: Attempt; error?: unknown }>;

async function attemptAt<T extends KubeObject>(
  shell: Shell<T>,
  at: Phase,
  signal: AbortSignal,
): Promise<Tried> {
  const started = shell.clock.now();
  const sight: Sight = { version: at.phase === 'watch' ? at.version : undefined, signs: false };
  const attemptOf = (end: End): Attempt => ({
    end,
    ...(sight.version !== undefined && { version: sight.version }),
    signs: sight.signs,
    openMs: shell.clock.now() - started,
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
  partition.beginRelist();
  const objects: T[] = [];
  let version = '';
  for await (const page of reader.pages(scope, signal)) {
    objects.push(...page.items.flatMap((item) => decode(item) ?? []));
    version = page.resourceVersion;
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
  const query = {
    timeoutSeconds,
    initialEvents: initial !== undefined,
    ...(sight.version !== undefined && { resourceVersion: sight.version }),
  };
  try {
    for await (const event of reader.watch(scope, query, limited.signal)) {
      if (sight.version !== undefined) show(shell, event, sight);
      else sight.version = initial?.take(event);
    }
  } catch (error) {
    // The deadline is an end like that of the server's own time limit.
    if (!(error instanceof TimeLimitError)) throw error;
  } finally {
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
  { partition, log, scope, clock, pulse }: Shell<T>,
  objects: readonly T[],
  version: string,
  by: 'stream' | 'pages',
): void {
  partition.commitRelist(objects, version);
  pulse.lists += 1;
  pulse.signAt = clock.now();
  log.info({ ...aboutOf(scope), objects: objects.length, version, by }, 'listed');
}

/** One event after the state is known. */
function show<T extends KubeObject>(shell: Shell<T>, event: WatchEvent, sight: Sight): void {
  const { decode, partition, clock, pulse } = shell;
  const { type, object } = event;
  sight.signs = true;
  pulse.signAt = clock.now();
  if (type === 'BOOKMARK') {
    sight.version = bookmarkOf(object).version;
    partition.progressTo(sight.version);
    return;
  }
  const place = placeOf(object);
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

function endOf(error: unknown, phase: Phase['phase']): End {
  if (!(error instanceof KubeError)) return { how: 'malformed' };
  const { status, reason, retryAfterMs } = error;
  if (status === 410) return { how: 'expired' };
  if (phase === 'stream' && (status === 400 || status === 422)) return { how: 'refused' };
  if (reason === 'MalformedEvent' || reason === 'MalformedAnswer') return { how: 'malformed' };
  return { how: 'failed', answered: status > 0, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function report(log: Log, scope: Scope, before: Position, { attempt, error }: Tried, next: Step): void {
  const { failures, at } = next.position;
  const { level, message } = wordsFor(before, attempt, next.position);
  const waitMs = Math.round(next.waitMs);
  const fields = { ...aboutOf(scope), end: attempt.end.how, next: at.phase, waitMs, failures };
  log[level](error === undefined ? fields : { ...fields, ...troubleOf(error) }, message);
}

/** A single failure is everyday life; one that repeats, or that keeps the first list away, is not. */
function wordsFor(
  { at }: Position,
  { end, version }: Attempt,
  next: Position,
): Readonly<{ level: 'debug' | 'info' | 'warn'; message: string }> {
  if (end.how === 'malformed')
    return { level: 'warn', message: 'the API server sent what cannot be understood' };
  if (end.how === 'failed') {
    const lasting = next.failures > 1 || version === undefined;
    return {
      level: lasting ? 'warn' : 'debug',
      message: 'reading from the API server failed, and is tried again',
    };
  }
  const relist = at.phase !== 'pages' && next.at.phase !== 'watch';
  return relist ? { level: 'info', message: 'listing anew' } : { level: 'debug', message: 'watching on' };
}

function aboutOf({ resource, namespace }: Scope) {
  return { resource: qualifiedName(resource), ...(namespace !== undefined && { namespace }) };
}
