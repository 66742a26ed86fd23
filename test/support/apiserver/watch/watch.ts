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

import { reached } from '../read/future.ts';
import { type Selection, selected } from '../read/list.ts';
import type { ListOptions } from '../read/options.ts';
import type { Form } from '../read/represent.ts';
import { expired } from '../status.ts';
import type { World } from '../world.ts';
import { errorLine, seenAs, WatchLines } from './lines.ts';

/** The open answer of a watch. */
export type Outlet = Readonly<{
  write(chunk: string | Buffer): void;
  end(): void;
  /** Bytes that the reader has not taken yet. */
  waiting(): number;
  onClose(listener: () => void): void;
}>;

const CHUNK_CHARACTERS = 64 * 1024;
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
  const inView = (object: Parameters<NonNullable<typeof matches>>[0]) =>
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
  if (after === undefined) writeState(world, selection, options, lines, outlet);
  writeAll(
    outlet,
    changes.map((change) => {
      const seen = seenAs(change, inView);
      return seen === undefined ? '' : lines.event(seen.type, seen.object);
    }),
  );
  follow(world, selection, options, outlet, {
    lines,
    inView,
    after: after ?? world.storage.version,
  });
}

function startsFromState({ initialEvents, version }: ListOptions): boolean {
  return initialEvents ?? (version === undefined || version === 0);
}

function writeState(
  world: World,
  selection: Selection,
  options: ListOptions,
  lines: WatchLines,
  outlet: Outlet,
): void {
  writeAll(
    outlet,
    selected(world, selection).map((object) => lines.event('ADDED', object)),
  );
  if (options.initialEvents === true && options.bookmarks) outlet.write(lines.bookmark(true));
}

function writeAll(outlet: Outlet, lines: readonly string[]): void {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    outlet.write(chunk);
    chunk = '';
  }
  if (chunk !== '') outlet.write(chunk);
}

type Following = Readonly<{ lines: WatchLines; inView: Parameters<typeof seenAs>[1]; after: number }>;

function follow(
  world: World,
  { kind }: Selection,
  options: ListOptions,
  outlet: Outlet,
  { lines, inView, after }: Following,
): void {
  const leave = world.hub.join(kind.bucket, {
    see: (change) => {
      if (change.change.version <= after) return;
      const line = lines.change(change, inView);
      if (line !== undefined) outlet.write(line);
      if (outlet.waiting() > world.watchBufferBytes) outlet.end();
    },
    end: () => outlet.end(),
  });
  const bookmark = () => {
    // Somebody who came from the future hears nothing until it is there.
    if (world.storage.version >= after) outlet.write(lines.bookmark(false));
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
