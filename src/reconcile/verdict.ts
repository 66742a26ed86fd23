import type { ClientCredential, CredentialStatus } from '../api/clientcredential.ts';
import { formatDuration } from '../api/duration.ts';
import type { DeletionPolicy } from '../domain/desired.ts';
import type { SecretVersion } from '../domain/due.ts';
import type { Origin } from '../domain/ownership.ts';
import type { End, Operation } from '../domain/plan.ts';
import type { Verification } from '../domain/proof.ts';
import { findingsOf, type Standpoint } from '../domain/verdict.ts';
import { findCondition, stamp, toSeconds } from '../kube/conditions.ts';
import type { Failure } from '../kube/outcome.ts';
import { requestedAt, statusOf } from './assess.ts';
import type { CredentialDeps } from './deps.ts';
import type { Publication } from './publication.ts';
import type { Wish } from './wish.ts';

/** The status that a pass leaves behind, made from the one that it found and from what it learnt. */

export type Verdict = Readonly<{
  wish?: Wish;
  origin?: Origin | undefined;
  pending?: boolean;
  /** The client is not, or was not until now, this object's: what it once sent says nothing any more. */
  disowned?: boolean;
  suspended?: boolean;
  /** A new generated secret is due, or on its way. */
  rotates?: boolean;
  failure?: Failure;
  end?: Exclude<End, { end: 'failed' }>;
  /** The version that was read live. */
  secret?: SecretVersion;
  warning?: string | null | undefined;
  /** What a login showed; absent where none was due. */
  verification?: Verification | undefined;
  /** A generated secret was published. */
  publication?: Publication | undefined;
}>;

type Context = Pick<CredentialDeps, 'now' | 'resyncIntervalMs'>;

export function nextStatus(credential: ClientCredential, verdict: Verdict, deps: Context): CredentialStatus {
  const known = statusOf(credential);
  const before = verdict.disowned === true ? withoutClient(known) : known;
  const { generation = 0 } = credential.metadata;
  const { wish, failure, suspended = false } = verdict;
  const origin = verdict.disowned === true ? undefined : (verdict.origin ?? originOf(before.origin));
  const applied = freshApplied(verdict, before.applied, generation, deps.now()) ?? before.applied;
  const effective = effectiveOf(verdict, origin, before);
  const connection = wish?.connection ?? before.connection;
  // Handled: ALM was asked, also where a login has yet to prove it; or the same look would give the same answer.
  const handles =
    (failure === undefined || failure.kind === 'stalled' || verdict.end !== undefined) && !suspended;
  const token = handles ? requestedAt(credential) : undefined;
  const handled = token ?? before.lastHandledReconcileAt;
  return {
    observedGeneration: generation,
    conditions: conditionsOf(before, verdict, standpointOf(origin, applied?.operation), generation, deps),
    ...(origin !== undefined && { origin }),
    ...(connection !== undefined && { connection }),
    ...(effective !== undefined && { effective }),
    ...(applied !== undefined && { applied }),
    ...rotationOf(wish, before),
    ...(handled !== undefined && { lastHandledReconcileAt: handled }),
  };
}

function withoutClient({
  applied: _,
  effective: __,
  origin: ___,
  ...rest
}: CredentialStatus): CredentialStatus {
  return rest;
}

function conditionsOf(
  { conditions: before = [] }: CredentialStatus,
  { failure, pending, suspended = false, rotates = false, warning, wish, verification }: Verdict,
  applied: Standpoint | undefined,
  generation: number,
  { now, resyncIntervalMs }: Context,
) {
  const intervalMs = wish?.resyncMs ?? resyncIntervalMs;
  const resyncMs = intervalMs === 0 ? undefined : intervalMs;
  const proves = wish?.proves ?? findCondition(before, 'Verified') !== undefined;
  const proof = proves ? { said: saidBy(verification) } : undefined;
  const state = { failure, pending, suspended, rotates, applied, proof, warning };
  return stamp(findingsOf({ ...state, before, resyncMs, nowMs: now() }), before, generation, new Date(now()));
}

/** A refusal is told as the failure that it is; without an answer there is nothing new to say. */
function saidBy(verification: Verification | undefined) {
  const said = verification?.verification;
  return said === 'refused' || said === 'unheard' ? undefined : said;
}

/** As the claim has it, which outlives the object. */
function rotationOf(
  wish: Wish | undefined,
  before: CredentialStatus,
): Pick<CredentialStatus, 'rotation' | 'lastHandledRotateAt'> {
  if (wish === undefined) {
    const { rotation, lastHandledRotateAt: token } = before;
    return {
      ...(rotation !== undefined && { rotation }),
      ...(token !== undefined && { lastHandledRotateAt: token }),
    };
  }
  const { last, token } = wish.generated?.rotation ?? {};
  if (last === undefined) return {};
  const next = wish.generated?.nextMs;
  const rotation = { last, ...(next !== undefined && { next: toSeconds(new Date(next)) }) };
  return { rotation, ...(token !== undefined && { lastHandledRotateAt: token }) };
}

/**
 * A re-assertion leaves no trace, or every resync would wake every watcher. That an edit asked for nothing new of a
 * generated Secret is written down, so that it is asked once.
 */
function freshApplied(
  { end, secret, wish, publication }: Verdict,
  before: CredentialStatus['applied'],
  generation: number,
  nowMs: number,
): CredentialStatus['applied'] {
  if (end === undefined || secret === undefined || wish === undefined) return undefined;
  const wrote = end.end === 'applied' && end.changed;
  if (!wrote && publication === undefined)
    return wish.generated === undefined || before === undefined ? undefined : { ...before, generation };
  const operation = end.end === 'applied' ? end.operation : (before?.operation ?? 'Updated');
  return { generation, endpoint: wish.endpoint, secret, operation, time: toSeconds(new Date(nowMs)) };
}

/** The record that was sent last, and the policies as they are resolved now. */
function effectiveOf(
  { end, wish }: Verdict,
  origin: Origin | undefined,
  { effective: before }: CredentialStatus,
): CredentialStatus['effective'] {
  const sent = end?.end === 'applied' ? wish?.want : before;
  if (sent === undefined || wish === undefined) return before;
  const { clientId, authorisedGrantTypes, accessTokenValidity, refreshTokenValidity, roles } = sent;
  return {
    clientId,
    authorisedGrantTypes,
    accessTokenValidity,
    refreshTokenValidity,
    roles,
    adoptionPolicy: wish.policy,
    deletionPolicy: deletionPolicyOf(wish, origin),
    resyncInterval: formatDuration(wish.resyncMs),
  };
}

function deletionPolicyOf(
  { spec, isProtected, requireRevoke }: Wish,
  origin: Origin | undefined,
): DeletionPolicy {
  if (isProtected) return 'Retain';
  if (requireRevoke) return 'Revoke';
  return spec.deletionPolicy ?? (origin === 'Adopted' ? 'Retain' : 'Revoke');
}

const OPERATIONS: ReadonlySet<string> = new Set<Operation>(['Created', 'Adopted', 'Updated', 'Recreated']);

/** An operation that this version does not know still says that ALM took the record. */
function standpointOf(origin: Origin | undefined, operation: string | undefined): Standpoint | undefined {
  if (origin === undefined || operation === undefined) return undefined;
  return { origin, operation: isOperation(operation) ? operation : 'Updated' };
}

function isOperation(word: string): word is Operation {
  return OPERATIONS.has(word);
}

function originOf(word: string | undefined): Origin | undefined {
  return word === 'Created' || word === 'Adopted' ? word : undefined;
}
