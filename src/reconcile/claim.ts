import type { AlmClientClaim } from '../api/almclientclaim.ts';
import type { ClientCredential } from '../api/clientcredential.ts';
import type { ClaimView } from '../domain/ownership.ts';
import { KubeError } from '../kube/client.ts';
import { troubleOf } from '../kube/log.ts';
import type { Outcome } from '../kube/outcome.ts';
import { keyOf, type ObjectKey, refOf } from '../kube/types.ts';
import type { ClaimDeps } from './claimdeps.ts';
import { type Debtor, revoke } from './claimrevoke.ts';
import { viewOf } from './claims.ts';
import { emit, findingsOf, isSaid, sayState } from './claimstatus.ts';
import { isKindGoing } from './definition.ts';
import { owedBy } from './release.ts';
import { Overwrites } from './revoke.ts';
import { freeingPlace } from './turn.ts';

/**
 * One pass for an AlmClientClaim. It alone revokes, and only what a deletion turned Revoking:
 *
 *   Pending, Held ── owner seen to go past its finalizer ─▶ Revoking or Retained
 *        └ owner not there ─▶ reported as orphaned, and left alone
 *   Revoking ── ALM agreed, and it was proved ─▶ gone or Revoked
 *        └ protected, or a login of the operator by now ─▶ Retained
 *
 * A claim at rest costs no request, and in the good case no claim has a status.
 */
export function claimReconciler(deps: ClaimDeps) {
  const overwrites = new Overwrites();

  return async (key: ObjectKey, signal: AbortSignal): Promise<Outcome> => {
    const known = deps.claims.get(key);
    if (known === undefined) return { then: 'forget' };
    if (isAtRest(known, deps)) return { then: 'settle' };
    const { name } = refOf(key);
    using turn = deps.claimQueue.enter(name, key, deps.enqueue);
    // Woken when the other pass has ended.
    if (turn === undefined) return { then: 'settle' };
    return await freeingPlace(key, deps, async () => {
      const claim = await deps.claimWriter.read(name, signal);
      if (claim === undefined) return { then: 'forget' };
      return work({ claim, view: viewOf(claim), overwrites, deps, signal });
    });
  };
}

type Duty = 'none' | 'release' | 'revoke' | 'say' | 'report';

/** What the stores say that is to be done about a claim. */
function dutyOf({ metadata }: AlmClientClaim, view: ClaimView, deps: ClaimDeps): Duty {
  // Whoever deletes a claim by hand has us forget the client.
  if (metadata.deletionTimestamp !== undefined) return 'none';
  switch (view.phase) {
    case 'Pending':
    case 'Held':
      return dutyOfHeld(view, deps);
    case 'Revoking':
      return 'revoke';
    case 'Retained':
    case 'Revoked':
      return 'say';
    default:
      return 'report';
  }
}

function dutyOfHeld({ owner }: ClaimView, deps: ClaimDeps): Duty {
  const { namespace, name, uid } = owner;
  if (deps.credentials.get(keyOf({ namespace, name }))?.metadata.uid === uid) return 'say';
  if (deps.departures.get(uid) !== undefined) return 'release';
  return deps.watches(namespace) ? 'say' : 'none';
}

function isAtRest(claim: AlmClientClaim, deps: ClaimDeps): boolean {
  const view = viewOf(claim);
  const duty = dutyOf(claim, view, deps);
  return duty === 'none' || (duty === 'say' && isSaid(claim, findingsOf(view, deps)));
}

/** On a live read, with the claim to itself. */
async function work(task: Debtor): Promise<Outcome> {
  const { claim, view, deps } = task;
  switch (dutyOf(claim, view, deps)) {
    case 'none':
      return { then: 'settle' };
    case 'say':
      return sayState(claim, view, deps, task.signal);
    case 'release':
      return release(task);
    case 'revoke':
      return revoke(task);
    case 'report':
      return report(task);
  }
}

/** The claim of an object that was deleted without its finalizer: what it owes is decided as it would have been. */
async function release(task: Debtor): Promise<Outcome> {
  const { claim, view, deps, signal } = task;
  const departed = deps.departures.get(view.owner.uid);
  if (departed === undefined) return { then: 'settle' };
  const retain = owedBy(departed, view, deps) === 'Retain' || (await isGoing(departed, deps, signal));
  const phase = retain ? 'Retained' : 'Revoking';
  deps.log.info({ owner: `${view.owner.namespace}/${view.owner.name}` }, 'the owner of a claim is gone');
  const released = await deps.claimWriter.change(claim, { phase }, signal);
  if (retain) deps.departures.forget(view.owner.uid);
  return work({ ...task, claim: released, view: viewOf(released) });
}

/** Where the API server does not let us know, the clients stay: nobody may have asked for their end. */
async function isGoing(
  departed: ClientCredential,
  { kube, log }: ClaimDeps,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await isKindGoing(kube, departed, signal);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 403) throw error;
    log.error(
      troubleOf(error),
      'the definition of the kind cannot be read, so that its clients are left in ALM',
    );
    return true;
  }
}

/** Left alone: only the version that wrote it knows what it asks for. */
async function report({ claim, view, deps }: Debtor): Promise<Outcome> {
  const message =
    view.phase === 'Unreadable'
      ? 'the spec of this claim cannot be read, so that it is left alone; correct it, or delete the claim'
      : `this version of the operator does not know the phase ${view.phase}, so that the claim is left alone; upgrade ` +
        'the operator';
  deps.log.warn({ clientId: view.clientId, phase: view.phase }, 'a claim that cannot be understood');
  emit(claim, 'Warning', { reason: 'InvalidSpec', message }, deps);
  return { then: 'settle' };
}
