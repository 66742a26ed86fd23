/**
 * What a reflector does next, as a pure function of where it stands and what its last attempt came to.
 *
 *            refused, or no end mark                    expired, malformed, gone back, silent for too long
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
  /** How the server was met last. */
  met: Met;
}>;

/** Nobody answered, the server told of its own trouble, or it answered as one that works. */
export type Met = 'absent' | 'troubled' | 'working';

export type End =
  /** By the server, cleanly, or by our own deadline. */
  | Readonly<{ how: 'closed' }>
  /** By us, because an open watch showed nothing for as long as SILENCE_MS. */
  | Readonly<{ how: 'silent' }>
  /** 410, as a status or as an event. */
  | Readonly<{ how: 'expired' }>
  /** The server does not know WatchList. */
  | Readonly<{ how: 'refused' }>
  /** What came cannot be understood; asking for the same again would bring the same. */
  | Readonly<{ how: 'malformed' }>
  /** An event older than what this watch has shown already: what is held may be of a future that is undone. */
  | Readonly<{ how: 'regressed' }>
  /** `status` 0: nobody answered. */
  | Readonly<{ how: 'failed'; status: number; retryAfterMs?: number }>;

export type Attempt = Readonly<{
  end: End;
  /** All is known up to here: the attempt completed a list, or continued from a version. */
  version?: string;
  /** Whether the watch showed an event or a bookmark after that. */
  signs: boolean;
  /** Since the server took the watch; 0 where it did not. */
  openMs: number;
}>;

export type Step = Readonly<{
  position: Position;
  waitMs: number;
  /** Whether the wait is for a server that is away, and may end as soon as others see it back. */
  untilBack: boolean;
}>;

export const initialPosition: Position = {
  at: { phase: 'stream' },
  streams: true,
  failures: 0,
  silentMs: 0,
  met: 'working',
};

/**
 * How long an open watch may show nothing: a healthy server sends a bookmark each minute, so that this is two that did
 * not come, and half a minute. A frozen server, or one behind a connection that died unnoticed, is given up then.
 */
export const SILENCE_MS = 150_000;

const BACKOFF = { baseMs: 800, capMs: 30_000 };

/** For watches that are taken and soon ended, as by a proxy with a short time limit: nobody is in trouble. */
const BRIEF_BACKOFF = { baseMs: 800, capMs: 5000 };

/** A restarting API server asks for 5 s where 0.1 s would do. One that is asked too much (429) means what it says. */
const LONGEST_RETRY_AFTER_MS = 1000;
const LONGEST_THROTTLE_MS = 60_000;

/** What is left of the back-off once a server answers better than before; quiet kinds would miss its return. */
const FAILURES_ON_RETURN = 1;

/**
 * A watch from a version of the future (an etcd restored from a backup) shows neither bookmarks nor events nor an error.
 * Counted over all watches since the last sign, so that quick failures add up to one relist in this time at most.
 */
const SILENT_MS = 120_000;

/** A watch that ends sooner, without a sign, counts as a failure, however cleanly it ended. */
const STEADY_MS = 10_000;

/** A server that refuses to go on from a version so often may do better from the start. */
const REFUSALS_BEFORE_RELIST = 5;

export function step(before: Position, attempt: Attempt, random: number): Step {
  const { end, version, signs, openMs } = attempt;
  const met = metBy(end);
  const failures = isSteady(attempt) ? 0 : isReturn(before.met, met) ? onReturn(before) : before.failures;
  const silentMs = signs ? 0 : before.silentMs + (version === undefined ? 0 : openMs);
  const position = { ...before, failures, silentMs, met };
  switch (end.how) {
    case 'refused':
      return going({ ...position, at: { phase: 'pages' }, streams: false });
    case 'expired':
      return failing(relisting(position), failures === 0 ? 0 : backoffMs(failures - 1, random, BACKOFF));
    case 'malformed':
    case 'regressed':
      return failing(relisting(position), backoffMs(failures, random, BACKOFF));
    case 'silent':
      return afterSilence(position, attempt);
    case 'closed':
      return afterClose(position, attempt, random);
    case 'failed':
      return {
        ...failing(afterFailure(position, attempt, end.status), failureWaitMs(failures, random, end)),
        untilBack: met !== 'working',
      };
  }
}

/** Whether it lasted. What leads to a relist has to have lasted long, or a list and an event would end the back-off. */
function isSteady({ end, version, signs, openMs }: Attempt): boolean {
  if (version === undefined) return false;
  return openMs >= STEADY_MS || (signs && (end.how === 'closed' || end.how === 'failed'));
}

function metBy(end: End): Met {
  if (end.how !== 'failed') return end.how === 'silent' ? 'absent' : 'working';
  if (end.status === 0) return 'absent';
  return end.status >= 500 ? 'troubled' : 'working';
}

function isReturn(before: Met, now: Met): boolean {
  return now !== before && (now === 'working' || before === 'absent');
}

function onReturn({ failures }: Position): number {
  return Math.min(failures, FAILURES_ON_RETURN);
}

/** The connection is suspect first, and the version only when the next watch is silent from its start. */
function afterSilence(position: Position, { version, signs }: Attempt): Step {
  const known = signs || position.at.phase !== 'watch';
  if (version === undefined || !known) return going(relisting(position));
  return going({ ...position, at: { phase: 'watch', version }, silentMs: 0 });
}

function afterClose(position: Position, { version, openMs }: Attempt, random: number): Step {
  // A stream that ended before its end mark may never show one.
  if (version === undefined) {
    return failing({ ...position, at: { phase: 'pages' } }, backoffMs(position.failures, random, BACKOFF));
  }
  const resumed: Position = { ...position, at: { phase: 'watch', version } };
  if (position.at.phase === 'pages') return going(resumed);
  if (position.silentMs >= SILENT_MS) return going(relisting(position));
  if (openMs >= STEADY_MS) return going(resumed);
  return failing(resumed, backoffMs(position.failures, random, BRIEF_BACKOFF));
}

function afterFailure(position: Position, { version }: Attempt, status: number): Position {
  if (version === undefined) return position;
  const hopeless = mayMindTheVersion(status) && position.failures >= REFUSALS_BEFORE_RELIST;
  if (hopeless || position.silentMs >= SILENT_MS) return relisting(position);
  return { ...position, at: { phase: 'watch', version } };
}

/** To who may not watch, and to a server that is away or asked too much, a list is no better than a watch. */
function mayMindTheVersion(status: number): boolean {
  return status === 500 || (status >= 400 && status < 500 && ![401, 403, 429].includes(status));
}

type Failed = Extract<End, { how: 'failed' }>;

function failureWaitMs(failures: number, random: number, { status, retryAfterMs = 0 }: Failed): number {
  const longest = status === 429 ? LONGEST_THROTTLE_MS : LONGEST_RETRY_AFTER_MS;
  return Math.max(backoffMs(failures, random, BACKOFF), Math.min(retryAfterMs, longest));
}

function relisting(position: Position): Position {
  return { ...position, at: { phase: position.streams ? 'stream' : 'pages' }, silentMs: 0 };
}

function going(position: Position): Step {
  return { position, waitMs: 0, untilBack: false };
}

function failing(position: Position, waitMs: number): Step {
  return { position: { ...position, failures: position.failures + 1 }, waitMs, untilBack: false };
}
