import type { AlmClientClaim } from '../api/almclientclaim.ts';
import { isListed } from '../domain/access.ts';
import type { ClaimView } from '../domain/ownership.ts';
import { unsettled } from '../domain/revoke.ts';
import type { Outcome } from '../kube/outcome.ts';
import { keyOf } from '../kube/types.ts';
import type { ClaimDeps } from './claimdeps.ts';
import { viewOf } from './claims.ts';
import {
  emit,
  lookAgain,
  reasonOwed,
  revokedWord,
  say,
  sayOwed,
  sayState,
  shownBy,
  type Word,
} from './claimstatus.ts';
import { sweep } from './generated.ts';
import { accessViewOf, connectionNamed } from './lookup.ts';
import { owedBy } from './release.ts';
import {
  AGAIN_MS,
  type Overwrites,
  ownerOf,
  type Paid,
  type Place,
  pay,
  placeOf,
  settleAttempt,
} from './revoke.ts';
import { noteFailure } from './suspicion.ts';
import { later, takeTurn, witnessed } from './turn.ts';
import { textAt } from './wakes.ts';

/** What becomes of a claim that is Revoking: ALM is asked, and the claim says what came of it. */

/** A claim as it was read in this pass, which has it to itself. */
export type Debtor = Readonly<{
  claim: AlmClientClaim;
  view: ClaimView;
  overwrites: Overwrites;
  deps: ClaimDeps;
  signal: AbortSignal;
}>;

export async function revoke(task: Debtor): Promise<Outcome> {
  const { claim, view, deps, signal } = task;
  const guard = guardOf(view, deps);
  if (guard !== undefined) return retain(task, guard);
  const place = placeOf(view, deps);
  // The first probe after a start wakes the claims of its connection.
  if (place === undefined) return lookAgain(deps);
  if ('reason' in place) return sayOwed(claim, place, deps, signal);
  const { connection, clientId: object, owner } = view;
  const key = keyOf({ namespace: deps.operatorNamespace, name: claim.metadata.name });
  const turn = takeTurn(connection, { key, tenant: owner.namespace, object }, shownBy(claim), deps);
  if ('result' in turn)
    return turn.failure === undefined ? later(deps) : sayOwed(claim, turn.failure, deps, signal);
  using held = turn;
  const there = { ...place, session: witnessed(place.session, held) };
  return await (view.origin === undefined ? settle(task, there) : overwriteOrDelete(task, there));
}

/** What keeps a client from being revoked for ever. The list of a connection that is away is not known. */
function guardOf({ clientId, connection }: ClaimView, deps: ClaimDeps): Word | undefined {
  if (connectionNamed(connection, deps) === undefined) return undefined;
  const { loginIds, protectedIds } = accessViewOf(connection, deps);
  if (isListed(clientId, loginIds)) {
    const message = `client ${clientId} is left in ALM as it is, because the operator itself logs in with it`;
    return { reason: 'OwnLoginClient', message };
  }
  if (!isListed(clientId, protectedIds)) return undefined;
  const message = `client ${clientId} is left in ALM as it is, because AlmConnection ${connection} protects it`;
  return { reason: 'ProtectedClientId', message };
}

async function retain(task: Debtor, guard: Word | undefined): Promise<Outcome> {
  const { claim, view, deps, signal } = task;
  const change =
    view.origin === undefined ? { phase: 'Retained' } : { phase: 'Retained', origin: view.origin };
  await sweep(claim.metadata.uid, undefined, deps, signal);
  const retained = await deps.claimWriter.change(claim, change, signal);
  deps.departures.forget(view.owner.uid);
  if (guard !== undefined)
    deps.log.info({ clientId: view.clientId, reason: guard.reason }, 'client left in ALM');
  if (guard !== undefined) emit(retained, 'Warning', guard, deps);
  return sayState(retained, viewOf(retained), deps, signal);
}

/** Nothing is written to ALM for a claim without an origin: whose client it is has to be proved first. */
async function settle(task: Debtor, place: Place): Promise<Outcome> {
  const { claim, view, deps, signal } = task;
  const owner = ownerOf(view, deps);
  const found = await settleAttempt(view, owner, place, deps, signal);
  if (found === 'gone') return conclude(task, { end: 'gone' });
  if (typeof found === 'object') return conclude(task, { end: 'failed', failure: found });
  if (found === 'unknown' || owner === undefined) {
    // What was sent may still be on its way: as long as the object waits for us, the login is worth repeating.
    const waits = owner !== undefined && deps.departures.get(owner.metadata.uid) === undefined;
    return sayOwed(claim, unsettled(view.clientId, waits), deps, signal);
  }
  // With consent to adoption nobody can tell whose client it was before; it counts as found.
  const policy = textAt(owner.spec, 'adoptionPolicy') ?? 'Never';
  const settled = { ...view, origin: policy === 'Never' ? ('Created' as const) : ('Adopted' as const) };
  if (owedBy(owner, settled, deps) === 'Retain') return retain({ ...task, view: settled }, undefined);
  const owned = await deps.claimWriter.change(claim, { phase: 'Revoking', origin: settled.origin }, signal);
  return overwriteOrDelete({ ...task, claim: owned, view: settled }, place);
}

async function overwriteOrDelete(task: Debtor, place: Place): Promise<Outcome> {
  const { claim, view, overwrites, deps, signal } = task;
  return conclude(task, await pay(claim, view.clientId, place, overwrites, deps, signal));
}

async function conclude(task: Debtor, paid: Paid): Promise<Outcome> {
  const { claim, view, deps, signal } = task;
  const { clientId, connection, owner } = view;
  switch (paid.end) {
    case 'failed':
      noteFailure(paid.failure, view, deps);
      return sayOwed(claim, paid.failure, deps, signal);
    case 'verifying':
      await sayVerifying(claim, clientId, deps, signal);
      return { then: 'retryAfter', ms: AGAIN_MS };
    case 'gone': {
      await deps.claimWriter.remove(claim, signal);
      deps.departures.forget(owner.uid);
      sayRevoked(claim, { reason: 'Revoked', message: `ALM has no client ${clientId} any more` }, deps);
      return { then: 'forget' };
    }
    case 'revoked': {
      await sweep(claim.metadata.uid, undefined, deps, signal);
      const revoked = await deps.claimWriter.change(claim, { phase: 'Revoked' }, signal);
      deps.departures.forget(owner.uid);
      if (deps.sessions.noteWrite(connection, clientId, 'shown')) deps.probe(connection);
      sayRevoked(revoked, revokedWord(clientId), deps);
      return sayState(revoked, viewOf(revoked), deps, signal);
    }
  }
}

function sayRevoked(claim: AlmClientClaim, word: Word, deps: ClaimDeps): void {
  deps.log.info({ clientId: viewOf(claim).clientId }, 'client revoked');
  emit(claim, 'Normal', word, deps);
}

/** A refusal that was told already is told until there is a proof. */
async function sayVerifying(
  claim: AlmClientClaim,
  clientId: string,
  deps: ClaimDeps,
  signal: AbortSignal,
): Promise<void> {
  if (reasonOwed(claim) === 'TokenRefused') return;
  const message = `client ${clientId} was overwritten in ALM with a secret that nobody knows; a login has yet to prove it`;
  const reason = 'Verifying';
  await say(claim, [{ type: 'Revoked', status: 'False', reason, message }], deps, signal);
}
