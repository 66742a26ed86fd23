/** Campaigns for a Lease and holds it: the driver of the decisions in election.ts. */

import { type KubeClient, KubeError } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import {
  type Answer,
  type Candidate,
  candidateOf,
  type Lease,
  type LeaseSpec,
  type Move,
  moveOf,
  type Permit,
  permitMs,
  releaseOf,
  type Timing,
  told,
} from './election.ts';
import { limit } from './limit.ts';
import type { Log } from './log.ts';
import type { ObjectMeta, Resource } from './types.ts';

export type ElectorOptions = Readonly<{
  /** Its writes must not depend on the permit. */
  client: Pick<KubeClient, 'get' | 'create' | 'replace'>;
  namespace: string;
  name: string;
  /** No other process, past or present, may have the same. */
  identity: string;
  timing: Timing;
  log: Log;
  clock?: Clock;
}>;

export type Elector = Readonly<{
  /** To be asked right before each write. Fires `lost` where the time is over and nobody has noticed yet. */
  permit: Permit;
  /** Fires once, with an Error that says why, when the lease was held and is not any more. It is not won again. */
  lost: AbortSignal;
  /** Whether the lease is held, for those who only want to know. */
  holds(): boolean;
  /** Ends when the signal fires or the lease is lost; never rejects. `won` is called once, when it is held. */
  run(won: () => void, signal: AbortSignal): Promise<void>;
  /** After `run` has ended and nothing is being written any more: lets another take it at once. Bounded, best effort. */
  release(): Promise<void>;
}>;

const LEASES: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
};

const RELEASE_MS = 3_000;

/** `wrote`: the lease may be ours even if no answer said so. */
type State = { candidate: Candidate; wrote: boolean; trouble: string | undefined; holder: string };

type Shell = Omit<ElectorOptions, 'clock'> & Readonly<{ clock: Clock; state: State; lost: AbortController }>;

export function createElector(options: ElectorOptions): Elector {
  const { identity, timing, clock = systemClock } = options;
  const candidate = candidateOf(identity, timing);
  const state: State = { candidate, wrote: false, trouble: undefined, holder: '' };
  const shell: Shell = { ...options, clock, state, lost: new AbortController() };
  return {
    permit: () => {
      const ms = permitMs(state.candidate, clock.now());
      if (ms === 0) notice(shell);
      return ms;
    },
    lost: shell.lost.signal,
    holds: () => permitMs(state.candidate, clock.now()) > 0,
    run: (won, signal) => run(shell, won, signal),
    release: () => release(shell),
  };
}

async function run(shell: Shell, won: () => void, signal: AbortSignal): Promise<void> {
  const { clock, state, lost } = shell;
  const over = AbortSignal.any([signal, lost.signal]);
  while (!over.aborted) {
    const move = moveOf(state.candidate, clock.now(), clock.wallMs());
    if (move.do === 'leave') notice(shell);
    else if (move.do === 'rest') await sleep(clock, move.ms, over).catch(() => undefined);
    else if (await advanced(shell, move, over)) won();
  }
}

type Request = Exclude<Move, { do: 'rest' | 'leave' }>;

/** True where the lease is held from now on. */
async function advanced(shell: Shell, move: Request, over: AbortSignal): Promise<boolean> {
  const { clock, state, timing, identity, log } = shell;
  const before = state.candidate;
  const sentMs = clock.now();
  const leftMs = before.heldUntilMs === undefined ? timing.renewMs : before.heldUntilMs - sentMs;
  const answer = await asked(shell, move, Math.min(timing.renewMs / 2, leftMs), over);
  if (over.aborted) return false;
  state.candidate = told(before, answer, { sentMs, nowMs: clock.now(), random: clock.random() });
  if (answer.got === 'lease') sayHolder(shell, answer.lease);
  const isWon = before.heldUntilMs === undefined && state.candidate.heldUntilMs !== undefined;
  if (isWon) log.info({ lease: shell.name, identity }, 'lease won');
  return isWon;
}

/** The answer to a request, whatever became of it. */
async function asked(shell: Shell, move: Request, ms: number, over: AbortSignal): Promise<Answer> {
  const limited = limit(over, ms, shell.clock);
  try {
    const answer = await perform(shell, move, limited.signal);
    shell.state.trouble = undefined;
    return answer;
  } catch (error) {
    const told = answerIn(error, move);
    if (told === undefined) sayTrouble(shell, move, error, over);
    return told ?? { got: 'failed' };
  } finally {
    limited.release();
  }
}

/** What a refusal says of the lease, where it says anything. */
function answerIn(error: unknown, move: Request): Answer | undefined {
  const status = error instanceof KubeError ? error.status : 0;
  if (status === 404 && move.do === 'look') return { got: 'absent' };
  const isGone = status === 404 && move.do === 'replace';
  return status === 409 || isGone ? { got: 'conflict' } : undefined;
}

/** Once for each trouble, however long it goes on. */
function sayTrouble({ state, log, name }: Shell, move: Request, error: unknown, over: AbortSignal): void {
  const trouble = error instanceof KubeError ? error.reason : 'Timeout';
  const level = over.aborted || state.trouble === trouble ? 'debug' : 'warn';
  state.trouble = trouble;
  log[level]({ lease: name, move: move.do, err: error }, 'the lease cannot be read or written');
}

async function perform(shell: Shell, move: Request, signal: AbortSignal): Promise<Answer> {
  const { client, namespace, name, state } = shell;
  if (move.do === 'look') {
    const lease = await client.get<Lease>(LEASES, { namespace, name }, signal);
    return { got: 'lease', lease };
  }
  state.wrote = true;
  const lease =
    move.do === 'create'
      ? await client.create<Lease>(LEASES, leaseOf({ namespace, name }, move.spec), signal)
      : await client.replace<Lease>(LEASES, leaseOf(move.lease.metadata, move.spec), signal);
  return { got: 'written', lease };
}

function leaseOf<T extends Pick<ObjectMeta, 'name' | 'namespace'>>(metadata: T, spec: LeaseSpec) {
  return { apiVersion: `${LEASES.group}/${LEASES.version}`, kind: LEASES.kind, metadata, spec };
}

/** The lease that was held is not any more. */
function notice({ state, clock, lost }: Shell): void {
  if (state.candidate.heldUntilMs === undefined || lost.signal.aborted) return;
  const move = moveOf(state.candidate, clock.now(), clock.wallMs());
  if (move.do === 'leave') lost.abort(new Error(move.why));
}

function sayHolder({ state, log, name, identity }: Shell, { spec }: Lease): void {
  const holder = spec?.holderIdentity ?? '';
  if (holder !== '' && holder !== identity && holder !== state.holder)
    log.info({ lease: name, holder }, 'waiting for the lease');
  state.holder = holder;
}

async function release({ clock, state, log, name, client, namespace, identity }: Shell): Promise<void> {
  if (!state.wrote) return;
  // From here on nothing may be written, whatever becomes of the release.
  state.candidate = { ...state.candidate, heldUntilMs: undefined };
  const limited = limit(new AbortController().signal, RELEASE_MS, clock);
  try {
    const lease = await client.get<Lease>(LEASES, { namespace, name }, limited.signal);
    const spec = releaseOf(identity, lease, clock.wallMs());
    if (spec === undefined) return;
    await client.replace(LEASES, leaseOf(lease.metadata, spec), limited.signal);
    log.info({ lease: name }, 'lease released');
  } catch (error) {
    log.warn({ lease: name, err: error }, 'the lease could not be released; others wait for its end');
  } finally {
    limited.release();
  }
}
