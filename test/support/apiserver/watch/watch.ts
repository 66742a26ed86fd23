/**
 * One watch, from its start to its end.
 *
 *   from a version ── history reaches back ──▶ replay ─┐
 *        │ too old: ERROR 410, end                     ├──▶ live events, bookmarks ──▶ timeout, end of the kind,
 *   from now ──▶ every object as ADDED ────────────────┘                               or a reader too slow
 *                (WatchList: then the end bookmark)
 *
 * The step from the first state to live events happens in one tick, so that no change falls between.
 */

import type { ApiObject } from '../objects.ts';
import { reached } from '../read/future.ts';
import { type Selection, selected } from '../read/list.ts';
import type { ListOptions } from '../read/options.ts';
import type { Form } from '../read/represent.ts';
import type { Matches } from '../read/selectors.ts';
import { expired } from '../status.ts';
import type { Change } from '../storage/storage.ts';
import type { World } from '../world.ts';
import { Feed, type Outlet } from './feed.ts';
import { errorLine, seenAs, WatchLines } from './lines.ts';

const LAST_BOOKMARK_MS = 2_000;

/** Resolves when the answer may begin: a WatchList of a future version gives no sign until it has come. */
export async function watchable(world: World, options: ListOptions, signal: AbortSignal): Promise<void> {
  if (options.initialEvents !== true || options.version === undefined) return;
  await reached(world, options.version, durationMs(options), signal);
}

export function watch(
  world: World,
  selection: Selection,
  options: ListOptions,
  form: Form,
  outlet: Outlet,
): void {
  const { kind, namespace, matches } = selection;
  const inView: Matches = (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) && matches?.(object) !== false;
  const after = startsFromState(options) ? undefined : options.version || world.storage.version;
  const changes = after === undefined ? [] : world.history.since(kind.bucket, after);
  if (changes === undefined) {
    const why = `too old resource version: ${after} (${world.history.floor(kind.bucket)})`;
    outlet.write(errorLine(expired(why)));
    outlet.end();
    return;
  }
  const lines = new WatchLines(world, kind, form);
  const backlog =
    after === undefined
      ? state(lines, selected(world, selection), options, world.storage.version)
      : replay(lines, changes, inView);
  const feed = new Feed(outlet, backlog, world.watchBufferBytes);
  follow(world, selection, options, outlet, {
    ...{ lines, feed, inView, after: after ?? world.storage.version },
  });
}

function startsFromState({ initialEvents, version }: ListOptions): boolean {
  return initialEvents ?? (version === undefined || version === 0);
}

/** Every object as it was when the watch began, put into words one by one. */
function* state(
  lines: WatchLines,
  objects: readonly ApiObject[],
  options: ListOptions,
  version: number,
): Generator<string> {
  for (const object of objects) yield lines.event('ADDED', object);
  if (options.initialEvents === true && options.bookmarks) yield lines.bookmark(version, true);
}

function* replay(lines: WatchLines, changes: readonly Change[], inView: Matches): Generator<string> {
  for (const change of changes) {
    const seen = seenAs(change, inView);
    if (seen !== undefined) yield lines.event(seen.type, seen.object);
  }
}

type Following = Readonly<{
  lines: WatchLines;
  feed: Feed;
  inView: Matches;
  after: number;
}>;

function follow(
  world: World,
  { kind }: Selection,
  options: ListOptions,
  outlet: Outlet,
  { lines, feed, inView, after }: Following,
): void {
  const leave = world.hub.join(kind.bucket, {
    see: (change) => {
      if (change.change.version <= after) return;
      const line = lines.change(change, inView);
      if (line !== undefined) feed.push(line);
    },
    end: () => outlet.end(),
  });
  const bookmark = () => {
    // Somebody who came from the future hears nothing until it is there.
    const { version } = world.storage;
    if (version >= after) feed.push(lines.bookmark(version, false));
  };
  const lasts = durationMs(options);
  const timers = [
    setTimeout(() => outlet.end(), lasts),
    ...(options.bookmarks ? [setInterval(bookmark, world.bookmarkMs)] : []),
    ...(options.bookmarks && lasts > LAST_BOOKMARK_MS
      ? [setTimeout(bookmark, lasts - LAST_BOOKMARK_MS)]
      : []),
  ];
  outlet.onClose(() => {
    leave();
    timers.forEach(clearTimeout);
  });
}

/** As asked, else half an hour to an hour. */
function durationMs({ timeoutSeconds }: ListOptions): number {
  return 1000 * (timeoutSeconds ?? 1800 + Math.random() * 1800);
}
