import { CLIENT_CREDENTIALS, type ClientCredential } from '../api/clientcredential.ts';
import type { Cause } from '../domain/generated.ts';
import { jitterMs } from '../kube/backoff.ts';
import { findCondition } from '../kube/conditions.ts';
import type { Outcome } from '../kube/outcome.ts';
import type { Condition } from '../kube/types.ts';
import { statusOf } from './assess.ts';
import type { CredentialDeps } from './deps.ts';
import type { Publication } from './publication.ts';
import { writeStatus } from './status.ts';
import { tellVerdict } from './telling.ts';
import { nextStatus, type Verdict } from './verdict.ts';
import type { Wish } from './wish.ts';

/** The end of a pass: status, events, and when to look again. */

/** How soon a failed object with `resyncInterval: 0s` is looked at again. */
const SLOW_MS = 30 * 60_000;

/** Writes the status if it differs, tells what changed, and says when to look again. */
export async function conclude(
  credential: ClientCredential,
  verdict: Verdict,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  tellVerdict(credential.metadata.uid, verdict, deps);
  const status = nextStatus(credential, verdict, deps);
  const written = await writeStatus(
    deps.kube,
    CLIENT_CREDENTIALS,
    credential,
    status,
    deps.credentials,
    signal,
  );
  if (written) announce(credential, statusOf(credential).conditions, status.conditions, verdict, deps);
  if (verdict.publication !== undefined) announcePublication(credential, verdict.publication, deps);
  return outcomeOf(credential, verdict, deps);
}

/** One event for each change at ALM, else one for each change of what Ready says. */
function announce(
  { apiVersion, kind, metadata }: ClientCredential,
  before: readonly Condition[] | undefined,
  after: readonly Condition[] | undefined,
  { end }: Verdict,
  { events, log, operatorNamespace }: CredentialDeps,
): void {
  const was = findCondition(before, 'Ready');
  const is = findCondition(after, 'Ready');
  if (is === undefined) return;
  const operation = end?.end === 'applied' && end.changed ? end.operation : undefined;
  const changed = differs(was, is);
  const [synced, syncedBefore] = [findCondition(after, 'Synced'), findCondition(before, 'Synced')];
  if (changed || differs(syncedBefore, synced)) {
    const { status: ready, reason, message: note } = is;
    log.info({ ready, reason, synced: synced?.reason, note }, 'status changed');
  }
  if (!changed && operation === undefined) return;
  const { name, namespace = operatorNamespace, uid } = metadata;
  const reason = operation ?? is.reason;
  const note = operation === undefined ? is.message : (synced?.message ?? is.message);
  const waits = is.reason === 'Progressing' && findCondition(after, 'Verified')?.reason === 'Verifying';
  const type = is.status === 'True' || reason === 'Suspended' || waits ? 'Normal' : 'Warning';
  events.emit({
    regarding: { apiVersion, kind, name, namespace, uid },
    type,
    reason,
    action: 'Reconcile',
    note,
  });
}

function differs(one: Condition | undefined, other: Condition | undefined): boolean {
  return one?.reason !== other?.reason || one?.status !== other?.status;
}

const PUBLISHED: Readonly<Record<Cause, string>> = {
  first: 'a first secret was generated and published',
  lost: 'it was not there any more, and a new secret was generated and published',
  due: 'rotateEvery was over, and a new secret was generated and published',
  requested: 'a new secret was asked for, generated and published',
};

function announcePublication(
  { apiVersion, kind, metadata }: ClientCredential,
  { cause, version }: Publication,
  { events, log, operatorNamespace }: CredentialDeps,
): void {
  if (cause === undefined) return;
  const { name, namespace = operatorNamespace, uid } = metadata;
  log.info({ secret: version.name, cause }, 'generated secret published');
  events.emit({
    regarding: { apiVersion, kind, name, namespace, uid },
    related: { apiVersion: 'v1', kind: 'Secret', name: version.name, namespace, uid: version.uid },
    type: 'Normal',
    reason: cause === 'first' ? 'Generated' : 'Rotated',
    action: 'Rotate',
    note: `Secret ${version.name}: ${PUBLISHED[cause]}`,
  });
}

function outcomeOf(
  { metadata }: ClientCredential,
  { failure, wish, suspended, verification }: Verdict,
  deps: CredentialDeps,
): Outcome {
  if (verification?.verification === 'unheard') return { then: 'retry' };
  if (verification?.verification === 'verifying') {
    const { againMs } = verification;
    return againMs === undefined ? { then: 'retry' } : { then: 'retryAfter', ms: againMs };
  }
  if (failure?.retryAfterMs !== undefined) {
    return { then: 'retryAfter', ms: failure.retryAfterMs };
  }
  if (failure?.kind === 'transient' || failure?.kind === 'bug') return { then: 'retry' };
  const intervalMs = wish?.resyncMs ?? deps.resyncIntervalMs;
  // Whoever waits or is stalled is looked at again all the same: ALM may learn a role, and wake-ups can be lost.
  if (failure !== undefined) {
    return { then: 'settle', resyncMs: jitterMs(intervalMs === 0 ? SLOW_MS : intervalMs, deps.random()) };
  }
  return resting(metadata.uid, intervalMs, wish, suspended === true, deps);
}

/** Until the next look at ALM or the next rotation; a suspended object is told once that its rotation is due. */
function resting(
  uid: string,
  intervalMs: number,
  wish: Wish | undefined,
  suspended: boolean,
  { timers, now }: CredentialDeps,
): Outcome {
  if (suspended) timers.restart(uid, intervalMs);
  const { nextMs } = wish?.generated ?? {};
  const untilNext = nextMs === undefined ? undefined : Math.max(0, nextMs - now());
  const waits = [timers.remaining(uid, intervalMs), suspended && untilNext === 0 ? undefined : untilNext];
  const resyncMs = Math.min(...waits.filter((ms) => ms !== undefined));
  return resyncMs === Number.POSITIVE_INFINITY ? { then: 'settle' } : { then: 'settle', resyncMs };
}
