import type { ClientCredential } from '../api/clientcredential.ts';
import { FINALIZER } from '../api/group.ts';
import { isPending, type Why } from '../domain/due.ts';
import type { End } from '../domain/plan.ts';
import { fail } from '../domain/reasons.ts';
import { KubeError } from '../kube/client.ts';
import { EdgeError, type Outcome } from '../kube/outcome.ts';
import type { ObjectKey } from '../kube/types.ts';
import { claimOf, dueFor, isStaged, standing, storedSecret } from './assess.ts';
import { type Attempt, hold, movedOn } from './attempt.ts';
import { conclude } from './conclude.ts';
import type { CredentialDeps } from './deps.ts';
import { clearFormer } from './former.ts';
import { versionOf } from './proofs.ts';
import { release } from './release.ts';
import { tellAttempt } from './telling.ts';
import { attemptInTurn, freeingPlace, type Held, later, quietMs } from './turn.ts';
import { verificationFor } from './verification.ts';
import { notReady, type Wish, wishOf } from './wish.ts';

/**
 * One pass for a ClientCredential: what the stores say, then (only where something is due) live reads, claim and ALM,
 * then the status if it differs.
 */
export function credentialReconciler(deps: CredentialDeps) {
  return async (key: ObjectKey, signal: AbortSignal): Promise<Outcome> => {
    return freeingPlace(key, deps, () => looks(key, deps, signal));
  };
}

async function looks(key: ObjectKey, deps: CredentialDeps, signal: AbortSignal): Promise<Outcome> {
  let credential = deps.credentials.get(key);
  for (let look = 0; credential !== undefined && look < LOOKS; look += 1) {
    const pass = await oneLook(credential, key, deps, signal);
    if (!('stale' in pass)) return pass;
    credential = pass.stale;
  }
  return credential === undefined ? { then: 'forget' } : { then: 'retry' };
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
    deps.changes.look(credential.metadata.uid);
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
    { secret: storedSecret(wish, deps), held: origin !== undefined, staged: isStaged(wish, deps) },
    deps,
  );
  const known = { wish, origin, pending: isPending(why) };
  const disowned = origin === undefined;
  if (wish.spec.suspend === true) return pause(credential, { ...known, disowned }, deps, signal);
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
  const tried = await attemptInTurn(credential, key, wish, session, deps, signal);
  if (tried.result === 'held') return waits(credential, tried, known, deps, signal);
  return after(tried, known, deps, signal);
}

/** Nothing is done; what waits for the end of the suspension is said. */
async function pause(
  credential: ClientCredential,
  known: Known & Readonly<{ disowned: boolean }>,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { wish } = known;
  const rotates = wish.generated?.due !== undefined || isStaged(wish, deps);
  return conclude(credential, { ...known, suspended: true, rotates }, deps, signal);
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

/** Its key is woken when its turn comes. */
async function waits(
  credential: ClientCredential,
  { failure }: Held,
  known: Known,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  if (failure === undefined) return later(deps);
  const isQuiet = failure.reason === 'CircuitOpen' && !known.pending;
  const ms = isQuiet ? quietMs(known.wish.connection, deps) : 0;
  return ms > 0 ? { then: 'retryAfter', ms } : conclude(credential, { ...known, failure }, deps, signal);
}

type Known = Readonly<{ wish: Wish; origin: 'Created' | 'Adopted' | undefined; pending: boolean }>;

async function after(
  tried: Attempt,
  known: Known,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome | Again> {
  const { wish } = known;
  tellAttempt(tried, wish.connection, deps);
  switch (tried.result) {
    case 'stale':
      return { stale: tried.live };
    case 'parked':
      return { then: 'settle' };
    case 'lost':
      return { then: 'retry' };
    case 'failed': {
      const { failure, warning, why } = tried;
      const { clientId } = wish.want;
      deps.log.debug(
        { clientId, connection: wish.connection, why, reason: failure.reason },
        'the attempt failed',
      );
      const pending = why === undefined ? known.pending : isPending(why);
      const disowned = why?.includes('claim') ?? false;
      return conclude(tried.live, { ...known, pending, disowned, failure, warning }, deps, signal);
    }
    case 'done':
      return done(tried, known, deps, signal);
  }
}

/** ALM has answered; a login may still have to prove it. */
async function done(
  { live, end, secret, warning, why, publication }: Extract<Attempt, { result: 'done' }>,
  known: Known,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { wish } = known;
  const { uid } = wish.self;
  if (end.end === 'applied' && end.drift) deps.drifts.repaired(uid);
  else deps.drifts.forget(uid);
  if (end.end === 'applied') {
    noteWrite(wish, deps);
    deps.proofs.sent(uid, versionOf(secret));
  }
  logEnd(end, why, wish, deps);
  const verification = verificationFor(live, end, wish, secret, deps);
  if (verification?.verification !== 'unheard') deps.timers.restart(uid, wish.resyncMs);
  const failure = verification?.verification === 'refused' ? { failure: verification.failure } : {};
  const isProved = verification === undefined || PROVED.has(verification.verification);
  if (isProved) await clearFormer(wish, deps, signal);
  const outcome = { end, secret, warning, verification, publication };
  const verdict = { ...known, ...failure, ...outcome, origin: end.origin, pending: false };
  return conclude(live, { ...verdict, wish: afterwards(live, wish, deps) }, deps, signal);
}

const PROVED: ReadonlySet<string> = new Set(['issued', 'unprovable']);

/** With what this pass wrote on the claim. */
function afterwards(live: ClientCredential, wish: Wish, deps: CredentialDeps): Wish {
  const again = wish.generated === undefined ? undefined : wishOf(live, deps);
  return again?.ok === true ? again.wish : wish;
}

/** Whether the client can log in is told by the status, when that changes. */
function logEnd(
  end: Exclude<End, { end: 'failed' }>,
  why: readonly Why[],
  { want: { clientId }, connection }: Wish,
  { log }: CredentialDeps,
): void {
  const about = { clientId, connection, why };
  if (end.end === 'unchanged') log.debug(about, 'ALM was asked, and nothing written');
  else log.info({ ...about, operation: end.operation, drift: end.drift }, 'client written to ALM');
}

function noteWrite({ connection, want }: Wish, deps: CredentialDeps): void {
  if (deps.sessions.noteWrite(connection, want.clientId, 'shown')) deps.probe(connection);
}
