import { type Finding, findCondition } from '../kube/conditions.ts';
import type { Failure } from '../kube/outcome.ts';
import type { Condition } from '../kube/types.ts';
import type { Origin } from './ownership.ts';
import type { Operation } from './plan.ts';
import { type Verification, verifiedFinding } from './proof.ts';
import { type Step, stepOf, tellsOfAttempt } from './reasons.ts';

/**
 * What a pass says in the conditions. Ready is for people and says: ALM holds this spec and this Secret, by its last
 * answer. Reconciling and Stalled are for tools (kstatus) and exist only while true.
 */

/** The last state that ALM took, as far as this object's status and claim know. */
export type Standpoint = Readonly<{ origin: Origin; operation: Operation }>;

export type PassResult = Readonly<{
  failure: Failure | undefined;
  /** A change is on its way; undefined where the pass stopped before it could tell. */
  pending: boolean | undefined;
  suspended: boolean;
  /** A generated secret is to be replaced, or is being replaced. */
  rotates: boolean;
  applied: Standpoint | undefined;
  /** Undefined where logins prove nothing about this client; `said` where this pass has tried one. */
  proof:
    | Readonly<{ said: Exclude<Verification['verification'], 'refused' | 'unheard'> | undefined }>
    | undefined;
  /** A remark on the Secret that holds nothing back, null where there is none; undefined where it was not read. */
  warning: string | null | undefined;
  before: readonly Condition[];
  /** The resync interval; undefined with `0s`. */
  resyncMs: number | undefined;
  nowMs: number;
}>;

const STEPS: readonly Step[] = ['Accepted', 'ResolvedRefs', 'Synced', 'Verified'];

export function findingsOf(pass: PassResult): readonly Finding[] {
  const { failure, applied } = pass;
  if (pass.suspended) return suspendedFindings(pass);
  if (failure === undefined) return goodFindings(pass);
  if (applied !== undefined && pass.pending === false && isOnlyUnreached(pass, failure)) {
    return unreachedFindings(pass, failure, applied);
  }
  const ready: Finding = { type: 'Ready', status: 'False', reason: failure.reason, message: failure.message };
  const flag: Finding = {
    ...ready,
    type: failure.kind === 'stalled' ? 'Stalled' : 'Reconciling',
    status: 'True',
  };
  return [ready, ...steps(pass, failure), flag];
}

function goodFindings(pass: PassResult): readonly Finding[] {
  const { applied } = pass;
  if (applied === undefined) return [];
  const proof = verified(pass);
  const steps = [accepted, resolved(pass), synced(applied), ...proof];
  const [shown] = proof;
  if (shown === undefined || (shown.status !== 'False' && shown.reason !== 'Verifying'))
    return [readyTrue(applied), ...steps];
  const { reason, message } = shown;
  const waits = { reason: reason === 'Verifying' ? 'Progressing' : reason, message };
  return [
    { type: 'Ready', status: 'False', ...waits },
    ...steps,
    { type: 'Reconciling', status: 'True', ...waits },
  ];
}

/** A refusal that was told stands until a login succeeds, also while the next attempt is under way. */
function verified({ proof, before }: PassResult): readonly Finding[] {
  if (proof === undefined) return [];
  const old = findCondition(before, 'Verified');
  const { said } = proof;
  if (said !== undefined && !(said === 'verifying' && old?.reason === 'TokenRefused'))
    return [verifiedFinding(said)];
  if (old === undefined) return [];
  const { type, status, reason, message } = old;
  return [{ type, status, reason, message }];
}

/** Ready and Synced keep the values that they had, unless a change is waiting for the end of the suspension. */
function suspendedFindings(pass: PassResult): readonly Finding[] {
  const { applied, pending, before } = pass;
  const holds = applied !== undefined && pending === false;
  const reason = 'Suspended';
  const message = `nothing is written to ALM while spec.suspend is true; ${waiting(holds, pass.rotates)}`;
  if (!holds) {
    return [
      { type: 'Ready', status: 'False', reason, message },
      accepted,
      { type: 'ResolvedRefs', status: 'Unknown', reason, message },
      { type: 'Synced', status: 'False', reason, message },
      ...(pass.proof === undefined
        ? []
        : [{ type: 'Verified', status: 'Unknown', reason, message } as const]),
    ];
  }
  const status = findCondition(before, 'Ready')?.status ?? 'Unknown';
  const known = findCondition(before, 'Synced')?.status ?? 'True';
  return [
    { type: 'Ready', status, reason, message },
    accepted,
    resolved(pass),
    known === 'True' ? synced(applied) : { type: 'Synced', status: known, reason, message },
    ...verified(pass),
  ];
}

function waiting(holds: boolean, rotates: boolean): string {
  if (!holds) return 'a change waits for its end';
  return rotates ? 'a rotation waits for its end' : 'no change waits';
}

/**
 * A failed look is no evidence of absence: what ALM took it still holds, by its last answer. After two intervals
 * without an answer that is no longer worth a True.
 */
function unreachedFindings(pass: PassResult, failure: Failure, applied: Standpoint): readonly Finding[] {
  const { reason, message } = failure;
  const unknown: Finding = { type: 'Synced', status: 'Unknown', reason, message };
  const since = findCondition(pass.before, 'Synced');
  const silentMs = since?.status === 'Unknown' ? pass.nowMs - Date.parse(since.lastTransitionTime) : 0;
  const stale = pass.resyncMs !== undefined && silentMs >= 2 * pass.resyncMs;
  const ready: Finding = stale ? { type: 'Ready', status: 'Unknown', reason, message } : readyTrue(applied);
  return [ready, accepted, resolved(pass), unknown, ...verified(pass)];
}

/** Where ALM's last answer was a refusal, silence after it makes nothing better. */
function isOnlyUnreached({ before }: PassResult, failure: Failure): boolean {
  if (failure.reason === 'RecordDiffers' || failure.reason === 'TokenRefused') return false;
  if (findCondition(before, 'Ready')?.status === 'False') return false;
  return failure.kind === 'transient' || failure.kind === 'bug' || NOT_ASKED.has(failure.reason);
}

export type Shown = Readonly<{ conditions: readonly Condition[]; generation: number | undefined }>;

/** An attempt at this generation failed, and why is still shown: that is worth more than what the next one waits for. */
export function showsOwnFailure({ conditions, generation = 0 }: Shown): boolean {
  return conditions.some(
    ({ status, reason, observedGeneration }) =>
      status !== 'True' && observedGeneration === generation && tellsOfAttempt(reason),
  );
}

/** What keeps an object from asking ALM without being about the object. */
const NOT_ASKED: ReadonlySet<string> = new Set(['ConnectionNotReady', 'CircuitOpen']);

/** Steps before the failing one are True; it is False, or Unknown where nobody answered; later ones were not reached. */
function steps(pass: PassResult, failure: Failure): readonly Finding[] {
  const { reason, message } = failure;
  const at = STEPS.indexOf(stepOf(failure));
  const taken = STEPS.filter((type) => type !== 'Verified' || pass.proof !== undefined);
  return taken.map((type, index): Finding => {
    if (index < at) return passed(type, pass, failure);
    if (index > at) return { type, status: 'Unknown', reason, message };
    return { type, status: failure.reason === 'OutcomeUnknown' ? 'Unknown' : 'False', reason, message };
  });
}

/** A step that went well before another failed; what ALM took is known of what was applied alone. */
function passed(type: Step, pass: PassResult, { reason, message }: Failure): Finding {
  if (type === 'Accepted') return accepted;
  if (type === 'ResolvedRefs') return resolved(pass);
  return pass.applied === undefined ? { type, status: 'Unknown', reason, message } : synced(pass.applied);
}

const accepted: Finding = {
  type: 'Accepted',
  status: 'True',
  reason: 'Valid',
  message: 'the spec is valid and the object may manage this client',
};

function resolved({ warning, before }: PassResult): Finding {
  const usable = 'connection and Secret are usable';
  const finding: Finding = { type: 'ResolvedRefs', status: 'True', reason: 'Resolved', message: usable };
  if (typeof warning === 'string') return { ...finding, message: `${usable}; warning: ${warning}` };
  const old = findCondition(before, 'ResolvedRefs');
  return warning === undefined && old?.status === 'True' ? { ...finding, message: old.message } : finding;
}

const SYNCED: Readonly<Record<Operation, string>> = {
  Created: 'ALM accepted the new client',
  Adopted: 'ALM accepted this record for a client that it already had',
  Updated: 'ALM accepted the changed client',
  Recreated: 'ALM had lost the client and accepted it anew',
};

function synced({ operation }: Standpoint): Finding {
  // "Adopted" is a state of Ready; to ALM an adoption is an update.
  return {
    type: 'Synced',
    status: 'True',
    reason: operation === 'Adopted' ? 'Updated' : operation,
    message: SYNCED[operation],
  };
}

function readyTrue({ origin }: Standpoint): Finding {
  return {
    type: 'Ready',
    status: 'True',
    reason: origin === 'Adopted' ? 'Adopted' : 'Applied',
    message: 'ALM holds this client as declared',
  };
}
