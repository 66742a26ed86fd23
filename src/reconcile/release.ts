import { ALM_CLIENT_CLAIMS } from '../api/almclientclaim.ts';
import { CLIENT_CREDENTIALS, type ClientCredential } from '../api/clientcredential.ts';
import { FINALIZER } from '../api/group.ts';
import { isListed } from '../domain/access.ts';
import type { DeletionPolicy } from '../domain/desired.ts';
import type { ClaimView } from '../domain/ownership.ts';
import { KubeError } from '../kube/client.ts';
import type { Outcome } from '../kube/outcome.ts';
import { viewOf } from './claims.ts';
import { BY_OWNER, type CredentialDeps } from './deps.ts';
import { protectedIdsOf } from './lookup.ts';

/**
 * A deleted object: what it owes goes onto its claim, then the finalizer goes. Neither the Secret nor ALM is needed,
 * so that nothing can hold the deletion up.
 */
export async function release(
  credential: ClientCredential,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { metadata } = credential;
  deps.timers.forget(metadata.uid);
  if (!metadata.finalizers?.includes(FINALIZER)) return { then: 'forget' };
  for (const claim of deps.claims.byIndex(BY_OWNER, metadata.uid)) {
    const view = viewOf(claim);
    if (view.phase !== 'Held' && view.phase !== 'Pending') continue;
    const phase = owed(credential, view, deps) === 'Retain' ? 'Retained' : 'Revoking';
    await deps.claimWriter.change(claim, { phase }, signal);
    deps.log.info(
      { resource: ALM_CLIENT_CLAIMS.plural, claim: claim.metadata.name, phase },
      'claim released',
    );
  }
  await removeFinalizer(credential, deps, signal);
  return { then: 'forget' };
}

/** The object's own word; else what the operator created is revoked, and what it found is left. */
function owed(credential: ClientCredential, claim: ClaimView, deps: CredentialDeps): DeletionPolicy {
  if (isListed(claim.clientId, protectedIdsOf(claim.connection, deps))) return 'Retain';
  const { spec } = credential;
  const policy =
    typeof spec === 'object' && spec !== null && 'deletionPolicy' in spec ? spec.deletionPolicy : undefined;
  if (policy === 'Retain' || policy === 'Revoke') return policy;
  return claim.origin === 'Adopted' ? 'Retain' : 'Revoke';
}

/** The version as precondition: whoever changed the list meanwhile keeps what they wrote, and this pass runs again. */
async function removeFinalizer(
  { metadata }: ClientCredential,
  { kube, operatorNamespace }: CredentialDeps,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace = operatorNamespace, uid, resourceVersion, finalizers = [] } = metadata;
  const rest = finalizers.filter((finalizer) => finalizer !== FINALIZER);
  const body = { metadata: { uid, resourceVersion, finalizers: rest } };
  try {
    await kube.patch(CLIENT_CREDENTIALS, { namespace, name }, { type: 'merge', body }, signal);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
  }
}
