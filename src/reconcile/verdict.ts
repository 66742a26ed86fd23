import type { ClientCredential, CredentialStatus } from '../api/clientcredential.ts';
import { formatDuration } from '../api/duration.ts';
import type { DeletionPolicy } from '../domain/desired.ts';
import type { Origin } from '../domain/ownership.ts';
import type { End, Operation, SecretVersion } from '../domain/plan.ts';
import { findingsOf, type Standpoint } from '../domain/verdict.ts';
import { stamp, toSeconds } from '../kube/conditions.ts';
import type { Failure } from '../kube/outcome.ts';
import { requestedAt, statusOf, type Wish } from './assess.ts';
import type { CredentialDeps } from './deps.ts';

/** The status that a pass leaves behind, made from the one that it found and from what it learnt. */

export type Verdict = Readonly<{
  wish?: Wish;
  origin?: Origin | undefined;
  pending?: boolean;
  /** The client is not, or was not until now, this object's: what it once sent says nothing any more. */
  disowned?: boolean;
  suspended?: boolean;
  failure?: Failure;
  end?: Exclude<End, { end: 'failed' }>;
  /** The version that was read live. */
  secret?: SecretVersion;
  warning?: string | null | undefined;
}>;

type Context = Pick<CredentialDeps, 'now' | 'resyncIntervalMs'>;

export function nextStatus(credential: ClientCredential, verdict: Verdict, deps: Context): CredentialStatus {
  const known = statusOf(credential);
  const before = verdict.disowned === true ? withoutClient(known) : known;
  const { generation = 0 } = credential.metadata;
  const { wish, failure, suspended = false } = verdict;
  const origin = verdict.disowned === true ? undefined : (verdict.origin ?? originOf(before.origin));
  const applied = freshApplied(verdict, generation, deps.now()) ?? before.applied;
  const effective = effectiveOf(verdict, origin, before);
  const connection = wish?.connection ?? before.connection;
  const token = failure === undefined && !suspended ? requestedAt(credential) : undefined;
  const handled = token ?? before.lastHandledReconcileAt;
  return {
    observedGeneration: generation,
    conditions: conditionsOf(before, verdict, standpointOf(origin, applied?.operation), generation, deps),
    ...(origin !== undefined && { origin }),
    ...(connection !== undefined && { connection }),
    ...(effective !== undefined && { effective }),
    ...(applied !== undefined && { applied }),
    ...(before.rotation !== undefined && { rotation: before.rotation }),
    ...(handled !== undefined && { lastHandledReconcileAt: handled }),
    ...(before.lastHandledRotateAt !== undefined && { lastHandledRotateAt: before.lastHandledRotateAt }),
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
  { failure, pending, suspended = false, warning, wish }: Verdict,
  applied: Standpoint | undefined,
  generation: number,
  { now, resyncIntervalMs }: Context,
) {
  const intervalMs = wish?.resyncMs ?? resyncIntervalMs;
  const resyncMs = intervalMs === 0 ? undefined : intervalMs;
  const pass = { failure, pending, suspended, applied, warning, before, resyncMs, nowMs: now() };
  return stamp(findingsOf(pass), before, generation, new Date(now()));
}

/** A re-assertion leaves no trace, or every resync would wake every watcher. */
function freshApplied(
  { end, secret, wish }: Verdict,
  generation: number,
  nowMs: number,
): CredentialStatus['applied'] {
  if (end?.end !== 'applied' || !end.changed || secret === undefined || wish === undefined) return undefined;
  const { operation } = end;
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
