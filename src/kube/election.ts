/**
 * What a candidate for a Lease does next, by the rules of client-go's leaderelection. Pure. All `…Ms` of moments are by
 * the candidate's own monotonic clock; wall clocks go into the record for people to read and decide nothing.
 *
 * At most one candidate may write at any time, because
 *   - a holder may write for `renewMs` from the moment it *sent* its last renewal that was taken,
 *   - a rival takes the lease only `leaseMs` after it first *saw* that very version, by compare-and-swap on it,
 *   - `renewMs` is less than `leaseMs`: the rest is for clocks that run at different speeds.
 */

import { microTime } from './microtime.ts';
import type { KubeObject } from './types.ts';

/** For how many milliseconds writing is certainly allowed from now on; 0 where it is not. */
export type Permit = () => number;

export type Timing = Readonly<{
  /** How long rivals wait after they last saw a renewal; whole seconds. */
  leaseMs: number;
  /** How long a holder goes on without a renewal. */
  renewMs: number;
  /** How often a holder renews. Followers look twice as often. */
  retryMs: number;
}>;

export type LeaseSpec = Readonly<{
  holderIdentity?: string | null;
  leaseDurationSeconds?: number | null;
  acquireTime?: string | null;
  renewTime?: string | null;
  leaseTransitions?: number | null;
}>;

export type Lease = KubeObject & Readonly<{ spec?: LeaseSpec }>;

/** A version of the lease that somebody else holds, and when its time is over if no other is seen before. */
type Rival = Readonly<{ uid: string; version: string; expiresMs: number }>;

export type Candidate = Readonly<{
  identity: string;
  timing: Timing;
  seen: Lease | 'absent';
  /** What was seen may be out of date: a look comes before the next write. */
  mustLook: boolean;
  rival: Rival | undefined;
  restUntilMs: number;
  /** Undefined where the lease is not held. */
  heldUntilMs: number | undefined;
  /** Why it is not held any more. */
  lost: string | undefined;
}>;

export type Move =
  | Readonly<{ do: 'rest'; ms: number }>
  | Readonly<{ do: 'look' }>
  | Readonly<{ do: 'create'; spec: LeaseSpec }>
  | Readonly<{ do: 'replace'; lease: Lease; spec: LeaseSpec }>
  | Readonly<{ do: 'leave'; why: string }>;

export type Answer =
  | Readonly<{ got: 'lease'; lease: Lease }>
  | Readonly<{ got: 'absent' }>
  | Readonly<{ got: 'written'; lease: Lease }>
  /** Somebody else wrote meanwhile. */
  | Readonly<{ got: 'conflict' }>
  | Readonly<{ got: 'failed' }>;

/** `random` is a number in [0, 1). */
export type Moment = Readonly<{ sentMs: number; nowMs: number; random: number }>;

/** How many retry periods a renew deadline has room for at least; client-go's JitterFactor. */
const JITTER = 1.2;

const NOT_RENEWED = 'it could not be renewed in time';

export function candidateOf(identity: string, timing: Timing): Candidate {
  return {
    identity,
    timing,
    seen: 'absent',
    mustLook: true,
    rival: undefined,
    restUntilMs: Number.NEGATIVE_INFINITY,
    heldUntilMs: undefined,
    lost: undefined,
  };
}

export function permitMs({ heldUntilMs, lost }: Candidate, nowMs: number): number {
  return heldUntilMs === undefined || lost !== undefined ? 0 : Math.max(0, heldUntilMs - nowMs);
}

export function moveOf(candidate: Candidate, nowMs: number, wallMs: number): Move {
  const { seen, mustLook, restUntilMs, heldUntilMs = Number.POSITIVE_INFINITY, lost } = candidate;
  if (lost !== undefined) return { do: 'leave', why: lost };
  if (nowMs >= heldUntilMs) return { do: 'leave', why: NOT_RENEWED };
  if (nowMs < restUntilMs) return { do: 'rest', ms: Math.min(restUntilMs, heldUntilMs) - nowMs };
  if (mustLook) return { do: 'look' };
  const spec = recordOf(candidate, wallMs);
  return seen === 'absent' ? { do: 'create', spec } : { do: 'replace', lease: seen, spec };
}

/** The candidate after the answer to its last move. */
export function told(candidate: Candidate, answer: Answer, moment: Moment): Candidate {
  switch (answer.got) {
    case 'lease':
      return shown(candidate, answer.lease, moment);
    case 'absent':
      return shownNone(candidate, moment);
    case 'written':
      return taken(candidate, answer.lease, moment);
    case 'conflict':
    case 'failed':
      return resting({ ...candidate, mustLook: true }, moment);
  }
}

/** What gives the lease up, so that another takes it without a wait. Undefined where it is somebody else's. */
export function releaseOf(identity: string, { spec }: Lease, wallMs: number): LeaseSpec | undefined {
  if (spec?.holderIdentity !== identity) return undefined;
  const now = microTime(wallMs);
  return { ...spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
}

function shown(candidate: Candidate, lease: Lease, moment: Moment): Candidate {
  const { identity, heldUntilMs } = candidate;
  const holder = lease.spec?.holderIdentity ?? '';
  const sure: Candidate = { ...candidate, seen: lease, mustLook: false };
  if (holder === identity) return { ...sure, rival: undefined };
  if (heldUntilMs !== undefined)
    return { ...sure, lost: holder === '' ? 'somebody released it' : `${holder} holds it` };
  if (holder === '') return { ...sure, rival: undefined };
  const rival = rivalOf(candidate, lease, moment.nowMs);
  if (moment.nowMs >= rival.expiresMs) return { ...sure, rival };
  return resting({ ...sure, mustLook: true, rival }, moment);
}

/** A lease that was deleted under its holder is not free before the holder has had the time to notice. */
function shownNone(candidate: Candidate, moment: Moment): Candidate {
  const { rival } = candidate;
  const gone: Candidate = { ...candidate, seen: 'absent', mustLook: false };
  const isFree = rival === undefined || moment.nowMs >= rival.expiresMs;
  return isFree ? gone : resting({ ...gone, mustLook: true }, moment);
}

/** An answer that comes when its own time is over gives nothing, and one that comes too late revives nothing. */
function taken(candidate: Candidate, lease: Lease, { sentMs, nowMs }: Moment): Candidate {
  const { timing, heldUntilMs } = candidate;
  const written: Candidate = { ...candidate, seen: lease, rival: undefined };
  const until = sentMs + timing.renewMs;
  if (nowMs >= (heldUntilMs ?? until)) return { ...written, mustLook: true };
  return { ...written, mustLook: false, heldUntilMs: until, restUntilMs: sentMs + timing.retryMs };
}

/** A holder in trouble has a deadline, so that it tries again soon; a follower has time. */
function resting(candidate: Candidate, { nowMs, random }: Moment): Candidate {
  const { timing, heldUntilMs } = candidate;
  const ms = heldUntilMs === undefined ? (timing.retryMs / 2) * (0.8 + 0.4 * random) : timing.retryMs / 4;
  return { ...candidate, restUntilMs: nowMs + ms };
}

/** By the record's own duration: its writer counts on that, whatever this candidate was started with. */
function rivalOf({ rival, timing }: Candidate, { metadata, spec }: Lease, nowMs: number): Rival {
  const { uid, resourceVersion: version } = metadata;
  if (rival?.uid === uid && rival.version === version) return rival;
  const seconds = spec?.leaseDurationSeconds ?? timing.leaseMs / 1000;
  return { uid, version, expiresMs: nowMs + seconds * 1000 };
}

function recordOf({ identity, timing, seen }: Candidate, wallMs: number): LeaseSpec {
  const spec = seen === 'absent' ? undefined : seen.spec;
  const now = newTime(spec?.renewTime, wallMs);
  const own = { holderIdentity: identity, leaseDurationSeconds: timing.leaseMs / 1000, renewTime: now };
  if (spec?.holderIdentity === identity) return { ...spec, ...own };
  const leaseTransitions = seen === 'absent' ? 0 : (spec?.leaseTransitions ?? 0) + 1;
  return { ...spec, ...own, acquireTime: now, leaseTransitions };
}

/** Never the one before, even if the wall clock stands still: a write that changes nothing is no sign of life. */
function newTime(before: string | null | undefined, wallMs: number): string {
  const time = microTime(wallMs);
  return time === before ? microTime(wallMs + 1) : time;
}

/** What is wrong with a timing, and the name of what has to change. */
export function timingProblems(timing: Timing): readonly Readonly<{ of: keyof Timing; problem: string }>[] {
  const { leaseMs, renewMs, retryMs } = timing;
  const problems: { of: keyof Timing; problem: string }[] = [];
  if (renewMs >= leaseMs)
    problems.push({ of: 'renewMs', problem: 'must be shorter than the lease duration' });
  if (renewMs <= JITTER * retryMs)
    problems.push({ of: 'retryMs', problem: 'must fit 1.2 times into the renew deadline' });
  return problems;
}
