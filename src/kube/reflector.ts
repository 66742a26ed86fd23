/**
 * Keeps a partition of a store equal to what the API server has: the driver of the state machine in reflection.ts.
 */

import { aboutOf, attemptAt, type Tried } from './attempt.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import type { Decode } from './decode.ts';
import { type Log, troubleOf } from './log.ts';
import { qualifiedName } from './path.ts';
import type { Presence } from './presence.ts';
import type { KubeReader, Scope } from './reads.ts';
import { type Attempt, initialPosition, type Position, type Step, step } from './reflection.ts';
import type { PartitionWriter } from './store.ts';
import type { KubeObject } from './types.ts';
import { Pulse, type Vitals } from './vitals.ts';

export type Reflector = Readonly<{
  /** Qualified name of what is watched. */
  resource: string;
  /** What it reflects, for people: `secrets`, or `secrets of team-a`. */
  name: string;
  vitals(): Vitals;
  /** Resolves once the signal has fired and nothing runs any more. Never rejects: no error ends a reflector. */
  run(signal: AbortSignal): Promise<void>;
}>;

export type ReflectorOptions<T extends KubeObject> = Readonly<{
  scope: Scope;
  decode: Decode<T>;
  reader: KubeReader;
  partition: PartitionWriter<T>;
  log: Log;
  clock?: Clock;
  /** Ends the waiting for a server that is away as soon as others see it back. */
  presence?: Pick<Presence, 'pause'>;
  /** As long as it has never been read and may not be (403), it counts as empty: nobody waits for its first list. */
  dispensable?: boolean;
}>;

export function createReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector {
  const { scope, log, clock = systemClock } = options;
  const pulse = new Pulse(clock);
  const shell = { ...options, clock, pulse };
  return {
    resource: qualifiedName(scope.resource),
    name: `${scope.resource.plural}${scope.namespace === undefined ? '' : ` of ${scope.namespace}`}`,
    vitals: () => pulse.vitals(),
    run: async (signal) => {
      let position = initialPosition;
      while (!signal.aborted) {
        pulse.at(position.at.phase);
        const tried = await attemptAt(shell, position.at, signal);
        if (signal.aborted) break;
        const next = step(position, tried.attempt, clock.random());
        report(log, scope, position, tried, next);
        if (isForbidden(tried) && pulse.vitals().lastSignMs === undefined) goWithout(shell);
        position = next.position;
        await pause(shell, next, signal);
      }
      pulse.at('idle');
    },
  };
}

function isForbidden({ attempt: { end } }: Tried): boolean {
  return end.how === 'failed' && end.status === 403;
}

function goWithout<T extends KubeObject>({
  dispensable,
  partition,
  pulse,
  log,
  scope,
}: ReflectorOptions<T> & Pick<Waiting, 'pulse'>): void {
  if (dispensable !== true) return;
  partition.commitRelist([], '0');
  pulse.sign();
  log.warn(aboutOf(scope), 'nothing may be read here, and the rest goes on without it');
}

type Waiting = Readonly<{ clock: Clock; pulse: Pulse; presence?: Pick<Presence, 'pause'> }>;

async function pause(
  { clock, pulse, presence }: Waiting,
  { waitMs, untilBack }: Step,
  signal: AbortSignal,
): Promise<void> {
  if (waitMs <= 0) return;
  pulse.at('pause');
  const waited =
    untilBack && presence !== undefined ? presence.pause(waitMs, signal) : sleep(clock, waitMs, signal);
  await waited.catch(() => undefined);
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
  if (end.how === 'regressed')
    return { level: 'warn', message: 'the API server has gone back to older versions' };
  const relist = at.phase !== 'pages' && next.at.phase !== 'watch';
  return relist ? { level: 'info', message: 'listing anew' } : { level: 'debug', message: 'watching on' };
}
