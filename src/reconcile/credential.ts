import { CLIENT_CREDENTIALS, type ClientCredential } from '../api/clientcredential.ts';
import { FINALIZER } from '../api/group.ts';
import { isPending, type Why } from '../domain/plan.ts';
import { fail } from '../domain/reasons.ts';
import { jitterMs } from '../kube/backoff.ts';
import { KubeError } from '../kube/client.ts';
import { findCondition } from '../kube/conditions.ts';
import { EdgeError, type Outcome } from '../kube/outcome.ts';
import type { Condition, ObjectKey } from '../kube/types.ts';
import { claimOf, dueFor, notReady, standing, statusOf, storedSecret, type Wish, wishOf } from './assess.ts';
import { type Attempt, attempt, hold, movedOn } from './attempt.ts';
import type { CredentialDeps } from './deps.ts';
import { release } from './release.ts';
import { writeStatus } from './status.ts';
import { noteFailure } from './suspicion.ts';
import { nextStatus, type Verdict } from './verdict.ts';

/**
 * One pass for a ClientCredential: what the stores say, then (only where something is due) live reads, claim and ALM,
 * then the status if it differs.
 */
export function credentialReconciler(deps: CredentialDeps) {
  return async (key: ObjectKey, signal: AbortSignal): Promise<Outcome> => {
    let credential = deps.credentials.get(key);
    for (let look = 0; credential !== undefined && look < LOOKS; look += 1) {
      const pass = await oneLook(credential, key, deps, signal);
      if (!('stale' in pass)) return pass;
      credential = pass.stale;
    }
    return credential === undefined ? { then: 'forget' } : { then: 'retry' };
  };
}

/** How often a pass begins anew on an object that changes under it. */
const LOOKS = 3;

async function oneLook(
  credential: ClientCredential,
  key: ObjectKey,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome | Again> {
  try {
    if (credential.metadata.deletionTimestamp !== undefined) return await release(credential, deps, signal);
    return await once(credential, key, deps, signal);
  } catch (error) {
    if (!isExpected(error, signal)) await sayBug(credential, deps, signal);
    throw error;
  }
}

/** What the API server could not do is not the object's state: the key comes again, and the log has said why. */
function isExpected(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || error instanceof KubeError || error instanceof EdgeError;
}

async function sayBug(
  credential: ClientCredential,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<void> {
  const message = 'the operator met an error that it does not know; its log has the details';
  await conclude(credential, { failure: fail('InternalError', message) }, deps, signal);
}

/** How soon a failed object with `resyncInterval: 0s` is looked at again. */
const SLOW_MS = 30 * 60_000;

type Again = Readonly<{ stale: ClientCredential }>;

async function once(
  credential: ClientCredential,
  key: ObjectKey,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome | Again> {
  const assessed = wishOf(credential, deps);
  if (!assessed.ok) {
    if (assessed.failure === undefined) return { then: 'settle' };
    return conclude(credential, { failure: assessed.failure }, deps, signal);
  }
  const { wish } = assessed;
  const claim = claimOf(wish, deps);
  const found = standing(wish, claim);
  const origin = found.standing === 'ours' ? found.origin : undefined;
  const why = dueFor(
    wish,
    credential,
    { secret: storedSecret(wish, deps), held: origin !== undefined },
    deps,
  );
  const known = { wish, origin, pending: isPending(why) };
  const disowned = origin === undefined;
  if (wish.spec.suspend === true)
    return conclude(credential, { ...known, suspended: true, disowned }, deps, signal);
  if (found.standing === 'refused') {
    deps.claimQueue.wait(wish.claim, key);
    return conclude(credential, { ...known, disowned: true, failure: found.failure }, deps, signal);
  }
  if (why.length === 0) return rest(credential, known, deps, signal);
  const session = deps.sessions.of(wish.connection);
  // The first probe after a start wakes every credential of the connection; until then nothing is known or said.
  if (session === undefined) return { then: 'settle' };
  if (!session.usable || session.endpoint !== wish.endpoint) {
    return conclude(credential, { ...known, failure: notReady(wish.connection) }, deps, signal);
  }
  const tried = await attempt(credential, wish, session, deps, signal);
  return after(tried, known, deps, signal);
}

/** Nothing is due; but a finalizer that somebody took away comes back, or a deletion might go unseen. */
async function rest(
  credential: ClientCredential,
  known: Known,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome | Again> {
  if (credential.metadata.finalizers?.includes(FINALIZER)) return conclude(credential, known, deps, signal);
  const live = await hold(credential, deps, signal);
  if (live === 'gone') return { then: 'retry' };
  return movedOn(credential, live) ? { stale: live } : conclude(live, known, deps, signal);
}

type Known = Readonly<{ wish: Wish; origin: 'Created' | 'Adopted' | undefined; pending: boolean }>;

async function after(
  tried: Attempt,
  known: Known,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome | Again> {
  const { wish } = known;
  switch (tried.result) {
    case 'stale':
      return { stale: tried.live };
    case 'parked':
      return { then: 'settle' };
    case 'lost':
      return { then: 'retry' };
    case 'failed': {
      const { failure, warning, why } = tried;
      noteFailure(failure, { connection: wish.connection, clientId: wish.want.clientId }, deps);
      const pending = why === undefined ? known.pending : isPending(why);
      const disowned = why?.includes('claim') ?? false;
      return conclude(tried.live, { ...known, pending, disowned, failure, warning }, deps, signal);
    }
    case 'done': {
      const { end, secret, warning, why } = tried;
      deps.timers.restart(wish.self.uid, wish.resyncMs);
      if (end.end === 'applied' && end.drift) deps.drifts.repaired(wish.self.uid);
      else deps.drifts.forget(wish.self.uid);
      if (end.end === 'applied') noteWrite(wish, deps);
      logEnd(tried.live, end.end === 'applied' ? end.operation : 'unchanged', why, deps);
      const verdict = { ...known, origin: end.origin, pending: false, end, secret, warning };
      return conclude(tried.live, verdict, deps, signal);
    }
  }
}

function logEnd(
  { metadata }: ClientCredential,
  end: string,
  why: readonly Why[],
  { log }: CredentialDeps,
): void {
  log.info(
    { namespace: metadata.namespace, name: metadata.name, end, why },
    'ALM holds the client as declared',
  );
}

function noteWrite({ connection, want }: Wish, deps: CredentialDeps): void {
  if (deps.sessions.noteWrite(connection, want.clientId, 'shown')) deps.probe(connection);
}

async function conclude(
  credential: ClientCredential,
  verdict: Verdict,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome> {
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
  const changed = was?.reason !== is.reason || was.status !== is.status;
  if (!changed && operation === undefined) return;
  const { name, namespace = operatorNamespace, uid } = metadata;
  const reason = operation ?? is.reason;
  const note = operation === undefined ? is.message : (findCondition(after, 'Synced')?.message ?? is.message);
  log.info({ namespace, name, ready: is.status, reason }, 'status changed');
  const type = is.status === 'True' || reason === 'Suspended' ? 'Normal' : 'Warning';
  events.emit({
    regarding: { apiVersion, kind, name, namespace, uid },
    type,
    reason,
    action: 'Reconcile',
    note,
  });
}

function outcomeOf(
  { metadata }: ClientCredential,
  { failure, wish, suspended }: Verdict,
  deps: CredentialDeps,
): Outcome {
  if (failure?.kind === 'transient' && failure.retryAfterMs !== undefined) {
    return { then: 'retryAfter', ms: failure.retryAfterMs };
  }
  if (failure?.kind === 'transient' || failure?.kind === 'bug') return { then: 'retry' };
  const intervalMs = wish?.resyncMs ?? deps.resyncIntervalMs;
  // Whoever waits or is stalled is looked at again all the same: ALM may learn a role, and wake-ups can be lost.
  if (failure !== undefined) {
    return { then: 'settle', resyncMs: jitterMs(intervalMs === 0 ? SLOW_MS : intervalMs, deps.random()) };
  }
  if (suspended === true) deps.timers.restart(metadata.uid, intervalMs);
  const resyncMs = deps.timers.remaining(metadata.uid, intervalMs);
  return resyncMs === undefined ? { then: 'settle' } : { then: 'settle', resyncMs };
}
