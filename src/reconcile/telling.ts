import type { Failure } from '../kube/outcome.ts';
import type { Attempt } from './attempt.ts';
import type { CredentialDeps } from './deps.ts';
import type { Verdict } from './verdict.ts';

/** What a pass has to tell the observer. */

export function tellAttempt(tried: Attempt, connection: string, { observer }: CredentialDeps): void {
  if (tried.result === 'failed') {
    if (showsDrift(tried)) observer.driftFound(connection);
    return;
  }
  if (tried.result !== 'done') return;
  const { end, publication } = tried;
  if (end.end === 'applied' && (end.drift || end.operation === 'Recreated')) {
    observer.driftFound(connection);
    observer.driftRepaired(connection);
  }
  if (end.proof !== undefined) observer.proof(connection, end.proof);
  if (publication?.cause !== undefined) observer.rotated(publication.cause);
}

/** Replicas of ALM that have yet to hear of a new client show no drift. */
function showsDrift({ failure, why = [] }: Extract<Attempt, { result: 'failed' }>): boolean {
  return failure.reason === 'Contested' || (why.includes('drift') && !why.includes('claim'));
}

/** Whether the change that was seen has arrived, is on its way, or is none for ALM. */
export function tellVerdict(
  uid: string,
  { end, failure, wish }: Verdict,
  { changes, observer }: CredentialDeps,
): void {
  if (end?.end === 'applied' && wish !== undefined) {
    const arrived = changes.arrive(uid);
    if (arrived !== undefined) observer.arrived(wish.connection, arrived.change, arrived.ms);
    return;
  }
  if (failure === undefined || isForSomebodyElse(failure)) changes.dismiss(uid);
}

/** The time that somebody takes to correct an object, or to create what it names, is none of the operator's. */
function isForSomebodyElse({ kind, reason }: Failure): boolean {
  return kind === 'stalled' || MISSING.has(reason);
}

const MISSING: ReadonlySet<string> = new Set([
  'ConnectionNotFound',
  'SecretNotFound',
  'SecretKeyNotFound',
  'SecretEmpty',
]);
