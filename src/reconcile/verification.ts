import type { ClientCredential } from '../api/clientcredential.ts';
import { sameRecord } from '../domain/desired.ts';
import type { SecretVersion } from '../domain/due.ts';
import type { End } from '../domain/plan.ts';
import { type Verification, verificationOf } from '../domain/proof.ts';
import { findCondition } from '../kube/conditions.ts';
import type { Condition } from '../kube/types.ts';
import { statusOf } from './assess.ts';
import type { CredentialDeps } from './deps.ts';
import { versionOf } from './proofs.ts';
import type { Wish } from './wish.ts';

/** What earlier passes found out about the login of a client, and what that makes of this one's. */

type Done = Exclude<End, { end: 'failed' }>;

/** After the end was noted as sent. Undefined where no login was due. */
export function verificationFor(
  live: ClientCredential,
  end: Done,
  { self }: Wish,
  secret: SecretVersion,
  { proofs, now }: CredentialDeps,
): Verification | undefined {
  const changed = end.end === 'applied' && end.changed;
  const proved = !changed && said(live)?.status === 'True';
  const sinceMs = proofs.sinceMs(self.uid, versionOf(secret)) ?? waitedMs(live, now());
  const verification = end.proof && verificationOf(end.proof, sinceMs, proved);
  if (verification?.verification === 'refused') proofs.refused(self.uid);
  return verification;
}

/** A process that was started meanwhile goes by when the waiting began, or began anew with another change. */
function waitedMs(live: ClientCredential, nowMs: number): number | undefined {
  const verified = said(live);
  if (verified?.reason !== 'Verifying') return undefined;
  const began = [verified.lastTransitionTime, statusOf(live).applied?.time];
  return nowMs - Math.max(...began.filter((time) => time !== undefined).map(Date.parse));
}

/** The last window has ended without a login, and the back-off with it: the record is due once more. */
export function wasRefused(
  live: ClientCredential,
  { self }: Wish,
  secret: SecretVersion,
  { proofs }: CredentialDeps,
): boolean {
  return said(live)?.reason === 'TokenRefused' && !proofs.isOpen(self.uid, versionOf(secret));
}

/** What was written last has yet to let the client in, so that a look at the record does not settle it. */
export function awaitsLogin(live: ClientCredential): boolean {
  const reason = said(live)?.reason;
  return reason === 'Verifying' || reason === 'TokenRefused';
}

/** Validities and roles show in no login; grants do. */
export function changesGrants(live: ClientCredential, { want }: Wish): boolean {
  const { effective } = statusOf(live);
  if (effective === undefined) return true;
  const { authorisedGrantTypes } = effective;
  return !sameRecord(want, { ...want, authorisedGrantTypes });
}

function said(live: ClientCredential): Condition | undefined {
  return findCondition(statusOf(live).conditions, 'Verified');
}
