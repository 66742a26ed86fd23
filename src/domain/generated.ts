import { createHash } from 'node:crypto';
import type { Failure } from '../kube/outcome.ts';
import { fail } from './reasons.ts';

/**
 * What is to become of a secret that the operator makes. A new one is staged first, then ALM takes it, then a login
 * proves it, and only then it is published: whoever finds the published Secret can log in with it.
 */

/**
 * The Secret of the declared name. `foreign`: the operator did not make it. `former`: it did, for an earlier object of
 * this name, and the garbage collector is about to take it.
 */
export type Published =
  | Readonly<{ is: 'absent' | 'foreign' | 'former' }>
  | Readonly<{ is: 'ours'; usable: boolean }>;

/** What the claim says: when the secret was replaced last, and for which value of the annotation. */
export type Rotation = Readonly<{ last?: string; token?: string }>;

export type Demand = Readonly<{
  rotation: Rotation | undefined;
  /** The value of the annotation alm-operator.dev/rotate. */
  token: string | undefined;
  /** Undefined: for ever. */
  everyMs: number | undefined;
  /** In [0, 1), the same for one object each time, so that a restart moves nothing. */
  spread: number;
}>;

export type Cause = 'first' | 'lost' | 'due' | 'requested';

export type Turn =
  | Readonly<{ turn: 'refused'; failure: Failure }>
  /** The published secret as it is. */
  | Readonly<{ turn: 'use' }>
  /** A staged one is on its way; without a cause nothing but to clear it away is missing. */
  | Readonly<{ turn: 'resume'; cause: Cause | undefined }>
  | Readonly<{ turn: 'stage'; cause: Cause }>;

export function turnOf(name: string, published: Published, staged: boolean, demand: Wanted): Turn {
  const failure = refusalOf(name, published);
  if (failure !== undefined) return { turn: 'refused', failure };
  const isUsable = published.is === 'ours' && published.usable;
  if (staged) {
    const isWrittenDown = isUsable && demand.due === undefined && demand.rotation?.last !== undefined;
    return { turn: 'resume', cause: isWrittenDown ? undefined : causeOf(demand) };
  }
  if (isUsable && demand.due === undefined) return { turn: 'use' };
  return { turn: 'stage', cause: causeOf(demand) };
}

/** `due`: a rotation is. */
type Wanted = Readonly<{ due: 'due' | 'requested' | undefined; rotation: Rotation | undefined }>;

function causeOf({ due, rotation }: Wanted): Cause {
  return due ?? (rotation?.last === undefined ? 'first' : 'lost');
}

/** Nobody else's Secret is ever written; told before anything is staged. */
export function refusalOf(name: string, { is }: Published): Failure | undefined {
  if (is === 'foreign') {
    return fail(
      'GeneratedSecretConflict',
      `Secret ${name} exists and was not made by the operator for this object; delete it or name another in ` +
        'spec.generatedSecret.name',
    );
  }
  if (is !== 'former') return undefined;
  return fail('SecretNotFound', `Secret ${name} of an earlier object of this name is being collected; wait`);
}

/** Rotations are never closer than this. */
const FLOOR_MS = 3_600_000;

/** Undefined: none is due. */
export function rotationDue(demand: Demand, nowMs: number): 'due' | 'requested' | undefined {
  const { rotation, token } = demand;
  if (token !== undefined && token !== rotation?.token) return 'requested';
  const next = nextRotationMs(demand);
  return next !== undefined && nowMs >= next ? 'due' : undefined;
}

/** When the secret is to be replaced next, in milliseconds since 1970; spread over ±10 % of the interval. */
export function nextRotationMs({ rotation, everyMs, spread }: Demand): number | undefined {
  const last = Date.parse(rotation?.last ?? '');
  if (everyMs === undefined || Number.isNaN(last)) return undefined;
  return last + Math.max(FLOOR_MS, everyMs * (0.9 + 0.2 * spread));
}

/**
 * Whether a secret of the operator's making may replace the one that the client has: not where somebody else may be
 * using that one, unless a rotation was asked for by name, or the operator made it itself. A word that an earlier
 * rotation has answered is none for this one.
 */
export function mayReplace({ rotation, token }: Pick<Demand, 'rotation' | 'token'>): boolean {
  return rotation?.last !== undefined || (token !== undefined && token !== rotation?.token);
}

export function unconsented(clientId: string): Failure {
  return fail(
    'AlreadyExists',
    `ALM has client ${clientId} with a secret that others may use, and a generated one would replace it; set the ` +
      'annotation alm-operator.dev/rotate to consent, or use clientSecretRef',
  );
}

/** In [0, 1), even over uids. */
export function spreadOf(uid: string): number {
  return createHash('sha256').update(uid).digest().readUInt32BE(0) / 2 ** 32;
}
