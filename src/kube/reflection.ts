/**
 * What a reflector does next, as a pure function of where it stands and what its last attempt came to.
 *
 *            refused, or no end mark                    expired, malformed, silent for too long
 *        ┌────────────────────────────┐      ┌───────────────────────────────────────────────────┐
 *        │                            ▼      ▼                                                   │
 *   ┌────┴───┐                     ┌──────────┐   listed                              ┌──────────┴─┐
 *   │ stream ├──── listed ───┐     │  pages   ├──────────────────────────────────────▶│   watch    ├──┐
 *   └────────┘               │     └──────────┘                                       └────────────┘  │
 *    (also the way back,     └────────────────────────────────────────────────────────▶   ▲          │
 *     where streams work)                                                                 └──────────┘
 *                                                               closed, failed: again from the last version
 *
 * Every end has a next state, so that nothing but the signal ends a reflector.
 */

import { backoffMs } from './backoff.ts';

export type Phase =
  /** Nothing is known: WatchList, which lists and then watches on one stream. */
  | Readonly<{ phase: 'stream' }>
  /** Nothing is known: list in pages. */
  | Readonly<{ phase: 'pages' }>
  /** All is known up to this version. */
  | Readonly<{ phase: 'watch'; version: string }>;

export type Position = Readonly<{
  at: Phase;
  /** Whether the server is believed to offer WatchList. */
  streams: boolean;
  /** Attempts in a row that came to nothing; drives the back-off. */
  failures: number;
  /** How long watches have been open in a row without showing a sign of life. */
  silentMs: number;
}>;

export type End =
  /** By the server, cleanly, or by our own deadline. */
  | Readonly<{ how: 'closed' }>
  /** 410, as a status or as an event. */
  | Readonly<{ how: 'expired' }>
  /** The server does not know WatchList. */
  | Readonly<{ how: 'refused' }>
  /** What came cannot be understood; asking for the same again would bring the same. */
  | Readonly<{ how: 'malformed' }>
  /** `answered`: the server itself said no; otherwise the way to it failed. */
  | Readonly<{ how: 'failed'; answered: boolean; retryAfterMs?: number }>;

export type Attempt = Readonly<{
  end: End;
  /** All is known up to here: the attempt completed a list, or continued from a version. */
  version?: string;
  /** Whether the watch showed an event or a bookmark after that. */
  signs: boolean;
  openMs: number;
}>;

export type Step = Readonly<{ position: Position; waitMs: number }>;

export const initialPosition: Position = { at: { phase: 'stream' }, streams: true, failures: 0, silentMs: 0 };

const BACKOFF = { baseMs: 800, capMs: 30_000 };

/** A restarting API server asks for 5 s where 0.1 s would do. */
const LONGEST_RETRY_AFTER_MS = 1000;

/**
 * Bookmarks come once a minute. A watch from a version of the future (an etcd restored from a backup) shows neither
 * bookmarks nor events nor an error. Counted over all watches since the last sign, so that quick failures add up to one
 * relist in this time at most.
 */
const SILENT_MS = 120_000;

/** A watch that ends sooner counts as a failure, however cleanly it ended. */
const STEADY_MS = 10_000;

/** A server that refuses to go on from a version so often may do better from the start. */
const REFUSALS_BEFORE_RELIST = 5;

export function step(before: Position, attempt: Attempt, random: number): Step {
  const { end, version, signs, openMs } = attempt;
  const steady = signs || (end.how === 'closed' && version !== undefined && openMs >= STEADY_MS);
  const failures = steady ? 0 : before.failures;
  const silentMs = signs ? 0 : before.silentMs + (version === undefined ? 0 : openMs);
  const position = { ...before, failures, silentMs };
  switch (end.how) {
    case 'refused':
      return { position: { ...position, at: { phase: 'pages' }, streams: false }, waitMs: 0 };
    case 'expired':
      return failing(relisting(position), failures === 0 ? 0 : backoffMs(failures - 1, random, BACKOFF));
    case 'malformed':
      return failing(relisting(position), backoffMs(failures, random, BACKOFF));
    case 'closed':
      return afterClose(position, attempt, random);
    case 'failed':
      return failing(
        afterFailure(position, attempt, end.answered),
        failureWaitMs(failures, random, end.retryAfterMs),
      );
  }
}

function afterClose(position: Position, { version, openMs }: Attempt, random: number): Step {
  // A stream that ended before its end mark may never show one.
  if (version === undefined) {
    return failing({ ...position, at: { phase: 'pages' } }, backoffMs(position.failures, random, BACKOFF));
  }
  if (position.at.phase === 'pages')
    return { position: { ...position, at: { phase: 'watch', version } }, waitMs: 0 };
  if (position.silentMs >= SILENT_MS) return { position: relisting(position), waitMs: 0 };
  const resumed: Position = { ...position, at: { phase: 'watch', version } };
  if (openMs >= STEADY_MS) return { position: resumed, waitMs: 0 };
  return failing(resumed, backoffMs(position.failures, random, BACKOFF));
}

function afterFailure(position: Position, { version }: Attempt, answered: boolean): Position {
  if (version === undefined) return position;
  const hopeless = answered && position.failures >= REFUSALS_BEFORE_RELIST;
  if (hopeless || position.silentMs >= SILENT_MS) return relisting(position);
  return { ...position, at: { phase: 'watch', version } };
}

function failureWaitMs(failures: number, random: number, retryAfterMs = 0): number {
  return Math.max(backoffMs(failures, random, BACKOFF), Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
}

function relisting(position: Position): Position {
  return { ...position, at: { phase: position.streams ? 'stream' : 'pages' }, silentMs: 0 };
}

function failing(position: Position, waitMs: number): Step {
  return { position: { ...position, failures: position.failures + 1 }, waitMs };
}
