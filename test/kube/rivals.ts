/**
 * Candidates for one lease, each with a clock of its own, on a network that delays and loses requests and answers. Time
 * is a number; what happens when is drawn from a script.
 */

import {
  type Answer,
  type Candidate,
  candidateOf,
  type Lease,
  type LeaseSpec,
  type Move,
  moveOf,
  permitMs,
  releaseOf,
  type Timing,
  told,
} from '../../src/kube/election.ts';

/** How one move of a candidate goes. */
export type Fate = Readonly<{
  upMs: number;
  downMs: number;
  lost: 'nothing' | 'request' | 'answer';
  /** The process stands still before it notices the answer. */
  stoppedMs: number;
  /** Afterwards it ends, giving the lease up if it has it, and another process takes its place. */
  ends: 'no' | 'killed' | 'released';
}>;

/** Its monotonic clock starts anywhere and runs at this rate; its wall clock may stand still. */
export type Machine = Readonly<{ startMs: number; rate: number; wall: 'right' | 'stopped' | 'back' }>;

type Process = { candidate: Candidate; readonly machine: Machine };
type Event = Readonly<{ at: number; run: () => void }>;

const QUIET: Fate = { upMs: 1, downMs: 1, lost: 'nothing', stoppedMs: 0, ends: 'no' };
/** How long a request is waited for, as a part of the deadline. */
const PATIENCE = 0.5;

export class Rivals {
  /** Moments at which more than one could have written. */
  readonly overlaps: string[] = [];
  /** How often the lease was won. */
  won = 0;
  readonly #timing: Timing;
  readonly #processes: Process[];
  readonly #fates: Fate[];
  #events: Event[] = [];
  #now = 0;
  #version = 1;
  #lease: Lease | undefined;
  #born = 0;

  constructor(timing: Timing, machines: readonly Machine[], fates: readonly Fate[]) {
    this.#timing = timing;
    this.#fates = [...fates];
    this.#processes = machines.map((machine) => ({ machine, candidate: this.#newcomer() }));
    for (const process of this.#processes) this.#turn(process);
  }

  run(untilMs: number): void {
    for (let next = this.#next(); next.at <= untilMs; next = this.#next()) {
      this.#events = this.#events.filter((event) => event !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      const writers = this.holders();
      if (writers.length > 1) this.overlaps.push(`${writers.join(' and ')} at ${this.#now}`);
    }
    this.#now = untilMs;
  }

  holders(): readonly string[] {
    return this.#processes.filter((one) => permitMs(one.candidate, this.#clock(one)) > 0).map(nameOf);
  }

  get fatesLeft(): number {
    return this.#fates.length;
  }

  #next(): Event {
    return this.#events.reduce((first, event) => (event.at < first.at ? event : first));
  }

  #after(ms: number, run: () => void): void {
    this.#events.push({ at: this.#now + ms, run });
  }

  #newcomer(): Candidate {
    this.#born += 1;
    return candidateOf(`candidate-${this.#born}`, this.#timing);
  }

  #clock({ machine }: Process): number {
    return machine.startMs + this.#now * machine.rate;
  }

  #wall({ machine }: Process): number {
    const base = Date.UTC(2026, 10, 20);
    if (machine.wall === 'stopped') return base;
    return machine.wall === 'back' ? base - this.#now : base + this.#now;
  }

  #turn(process: Process): void {
    const move = moveOf(process.candidate, this.#clock(process), this.#wall(process));
    if (move.do === 'rest') this.#after(move.ms / process.machine.rate, () => this.#turn(process));
    else if (move.do === 'leave') this.#replace(process);
    else this.#send(process, move, this.#fates.shift() ?? QUIET);
  }

  #replace(process: Process): void {
    process.candidate = this.#newcomer();
    this.#after(1, () => this.#turn(process));
  }

  #send(process: Process, move: Move, fate: Fate): void {
    const sentMs = this.#clock(process);
    const patienceMs = (this.#timing.renewMs * PATIENCE) / process.machine.rate;
    const { candidate } = process;
    const leftMs = candidate.heldUntilMs === undefined ? patienceMs : candidate.heldUntilMs - sentMs;
    const waitMs = Math.min(patienceMs, leftMs / process.machine.rate);
    const tookMs = fate.upMs + fate.downMs;
    let answer: Answer = { got: 'failed' };
    if (fate.lost !== 'request')
      this.#after(fate.upMs, () => {
        const given = this.#serve(move);
        if (fate.lost === 'nothing' && tookMs <= waitMs) answer = given;
      });
    const heard = fate.lost === 'nothing' && tookMs <= waitMs ? tookMs : waitMs;
    this.#after(heard + fate.stoppedMs, () => {
      const nowMs = this.#clock(process);
      process.candidate = told(candidate, answer, { sentMs, nowMs, random: 0.5 });
      const isWon = candidate.heldUntilMs === undefined && process.candidate.heldUntilMs !== undefined;
      if (isWon) this.won += 1;
      this.#end(process, fate);
    });
  }

  #end(process: Process, { ends }: Fate): void {
    if (ends === 'no') {
      this.#turn(process);
      return;
    }
    const lease = this.#lease;
    const { identity } = process.candidate;
    const spec = lease && releaseOf(identity, lease, this.#wall(process));
    this.#replace(process);
    if (ends === 'released' && lease !== undefined && spec !== undefined)
      this.#serve({ do: 'replace', lease, spec });
  }

  #serve(move: Move): Answer {
    const lease = this.#lease;
    if (move.do === 'look') return lease === undefined ? { got: 'absent' } : { got: 'lease', lease };
    if (move.do === 'create') return lease === undefined ? this.#store(move.spec) : { got: 'conflict' };
    if (move.do !== 'replace') throw new Error(`${move.do} is no request`);
    const isCurrent = move.lease.metadata.resourceVersion === lease?.metadata.resourceVersion;
    return isCurrent ? this.#store(move.spec) : { got: 'conflict' };
  }

  /** A write that changes nothing makes no version, as with the real thing. */
  #store(spec: LeaseSpec): Answer {
    if (JSON.stringify(spec) !== JSON.stringify(this.#lease?.spec)) this.#version += 1;
    const metadata = { name: 'l', namespace: 'n', uid: 'u', resourceVersion: String(this.#version) };
    const lease: Lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    this.#lease = lease;
    return { got: 'written', lease };
  }
}

function nameOf({ candidate }: Process): string {
  return candidate.identity;
}
