import { ALM_CLIENT_CLAIMS, type AlmClientClaim, claimStatus } from '../api/almclientclaim.ts';
import { CLIENT_CREDENTIALS, type ClientCredential } from '../api/clientcredential.ts';
import { parseStatus } from '../api/parse.ts';
import type { ClaimView } from '../domain/ownership.ts';
import type { Shown } from '../domain/verdict.ts';
import { jitterMs } from '../kube/backoff.ts';
import { type Finding, findCondition, stamp } from '../kube/conditions.ts';
import type { Failure, Outcome } from '../kube/outcome.ts';
import type { Condition } from '../kube/types.ts';
import type { ClaimDeps } from './claimdeps.ts';
import { viewOf } from './claims.ts';
import { ownerOf } from './revoke.ts';
import { getOrAbsent } from './secrets.ts';
import { writeStatus } from './status.ts';

/** What a claim says in its status and events. In the good case it says nothing. */

export type Word = Readonly<{ reason: string; message: string }>;

function conditionsOf({ status }: AlmClientClaim): readonly Condition[] {
  return parseStatus(claimStatus, status).conditions ?? [];
}

export function shownBy(claim: AlmClientClaim): Shown {
  return { conditions: conditionsOf(claim), generation: claim.metadata.generation };
}

/** Why the client is not revoked yet, as told last. */
export function reasonOwed(claim: AlmClientClaim): string | undefined {
  return findCondition(conditionsOf(claim), 'Revoked')?.reason;
}

/** Whether the status says exactly this. */
export function isSaid(claim: AlmClientClaim, findings: readonly Finding[]): boolean {
  const conditions = conditionsOf(claim);
  return (
    conditions.length === findings.length &&
    findings.every(({ type, status, reason, message }) => {
      const said = findCondition(conditions, type);
      return said?.status === status && said.reason === reason && said.message === message;
    })
  );
}

/** True where it was news. */
export async function say(
  claim: AlmClientClaim,
  findings: readonly Finding[],
  deps: ClaimDeps,
  signal: AbortSignal,
): Promise<boolean> {
  if (isSaid(claim, findings)) return false;
  const { generation = 0 } = claim.metadata;
  const conditions = stamp(findings, conditionsOf(claim), generation, new Date(deps.now()));
  const status = { observedGeneration: generation, conditions };
  return writeStatus(deps.kube, ALM_CLIENT_CLAIMS, claim, status, deps.claims, signal);
}

export function emit(
  { apiVersion, kind, metadata }: AlmClientClaim,
  type: 'Normal' | 'Warning',
  { reason, message }: Word,
  { events, operatorNamespace }: ClaimDeps,
): void {
  const { name, namespace = operatorNamespace, uid } = metadata;
  const regarding = { apiVersion, kind, name, namespace, uid };
  events.emit({ regarding, type, reason, action: 'Reconcile', note: message });
}

/** Says why the client is not revoked yet, with an event where the reason is another than before. */
export async function sayOwed(
  claim: AlmClientClaim,
  { kind, reason, message, retryAfterMs }: Failure,
  deps: ClaimDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const before = reasonOwed(claim);
  const written = await say(claim, [{ type: 'Revoked', status: 'False', reason, message }], deps, signal);
  const isNews = written && before !== reason;
  if (isNews) emit(claim, 'Warning', { reason, message }, deps);
  deps.log[isNews ? 'info' : 'debug'](
    { clientId: viewOf(claim).clientId, reason, note: message },
    'the client is not revoked yet',
  );
  if (retryAfterMs !== undefined) return { then: 'retryAfter', ms: retryAfterMs };
  return kind === 'waiting' || kind === 'stalled' ? lookAgain(deps) : { then: 'retry' };
}

/** How soon a claim that still owes something is looked at again where the operator has no resync interval. */
const SLOW_MS = 30 * 60_000;

/** Wake-ups can be lost, and ALM may change its mind. */
export function lookAgain({ resyncIntervalMs, random }: ClaimDeps): Outcome {
  const intervalMs = resyncIntervalMs === 0 ? SLOW_MS : resyncIntervalMs;
  return { then: 'settle', resyncMs: jitterMs(intervalMs, random()) };
}

/** What the status of a claim says that owes nothing. */
export function findingsOf(view: ClaimView, deps: ClaimDeps): readonly Finding[] {
  const { phase, clientId, owner } = view;
  if (phase === 'Revoked') return [{ type: 'Revoked', status: 'True', ...revokedWord(clientId) }];
  if (phase === 'Retained' || ownerOf(view, deps) !== undefined) return [];
  const message =
    `ClientCredential ${owner.namespace}/${owner.name} of uid ${owner.uid} does not exist, and nobody saw it deleted; ` +
    'its client works as before; apply it again, or delete this claim to leave the client to itself';
  return [{ type: 'Orphaned', status: 'True', reason: 'OwnerNotFound', message }];
}

export function revokedWord(clientId: string): Word {
  const message = `client ${clientId} was overwritten in ALM with a secret that nobody knows, and nobody can log in`;
  return { reason: 'Revoked', message };
}

/** An owner that the store does not know yet may exist all the same: a warning is worth one look. */
export async function sayState(
  claim: AlmClientClaim,
  view: ClaimView,
  deps: ClaimDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const findings = findingsOf(view, deps);
  const orphaned = findings.find(({ type }) => type === 'Orphaned');
  if (orphaned !== undefined) {
    const { namespace, name, uid } = view.owner;
    const owner = await getOrAbsent<ClientCredential>(
      deps.kube,
      CLIENT_CREDENTIALS,
      { namespace, name },
      signal,
    );
    if (owner?.metadata.uid === uid) return { then: 'settle' };
  }
  const news = await say(claim, findings, deps, signal);
  if (news && orphaned !== undefined) {
    deps.log.info(
      { clientId: view.clientId, owner: `${view.owner.namespace}/${view.owner.name}` },
      'claim orphaned',
    );
    emit(claim, 'Warning', { reason: 'Orphaned', message: orphaned.message }, deps);
  }
  return { then: 'settle' };
}
