import type { AlmClientClaim } from '../api/almclientclaim.ts';
import { keyOf } from '../kube/types.ts';
import { claimOf } from './assess.ts';
import { viewOf } from './claims.ts';
import type { CredentialDeps } from './deps.ts';
import { sweep } from './generated.ts';
import type { Wish } from './wish.ts';

/**
 * What the operator made for an object goes once its successor works; what the object names now stays, whoever made it.
 */
export async function clearFormer(wish: Wish, deps: CredentialDeps, signal: AbortSignal): Promise<void> {
  const { self, secret, generated } = wish;
  const claim = generated === undefined ? claimOf(wish, deps) : undefined;
  // Before the Secret goes: without it, the claim alone would say that ALM has a password of the operator's making.
  if (claim !== undefined) await forgetRotation(claim, wish, deps, signal);
  await sweep(self.uid, secret.name, deps, signal);
  if (claim !== undefined) await sweep(claim.metadata.uid, undefined, deps, signal);
}

/**
 * ALM has a password of somebody else's again, which others may use: to replace that one takes a new word of consent.
 * The token stays, so that the old word is not taken for a new one.
 */
async function forgetRotation(
  claim: AlmClientClaim,
  wish: Wish,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<void> {
  if (viewOf(claim).rotation?.last === undefined || isOfOurMaking(wish, deps)) return;
  await deps.claimWriter.change(claim, { rotation: { last: null } }, signal);
}

function isOfOurMaking({ secret, self }: Wish, { secrets }: CredentialDeps): boolean {
  const owners = secrets.get(keyOf(secret))?.metadata.ownerReferences ?? [];
  return owners.some(({ controller, uid }) => controller === true && uid === self.uid);
}
