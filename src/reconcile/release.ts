import type { AlmClientClaim } from '../api/almclientclaim.ts';
import { CLIENT_CREDENTIALS, type ClientCredential } from '../api/clientcredential.ts';
import { FINALIZER } from '../api/group.ts';
import { isListed, ruleFor } from '../domain/access.ts';
import type { DeletionPolicy } from '../domain/desired.ts';
import { type ClaimView, claimName } from '../domain/ownership.ts';
import { fail } from '../domain/reasons.ts';
import { KubeError } from '../kube/client.ts';
import { finalizerRemoval } from '../kube/finalizer.ts';
import { troubleOf } from '../kube/log.ts';
import type { Outcome } from '../kube/outcome.ts';
import { keyOf } from '../kube/types.ts';
import { viewOf } from './claims.ts';
import { isKindGoing } from './definition.ts';
import { BY_OWNER, type CredentialDeps } from './deps.ts';
import { sweep } from './generated.ts';
import { accessViewOf, loginIds, tenantOf } from './lookup.ts';
import { writeStatus } from './status.ts';
import { nextStatus } from './verdict.ts';
import { textAt } from './wakes.ts';

/**
 * A deleted object: what it owes goes onto its claim at once, and the claim's own passes pay. The finalizer waits for
 * them for a while, so that a deletion that ends has been carried out; then it goes all the same, so that nothing
 * hangs. Neither the Secret nor the connection is needed.
 */
export async function release(
  credential: ClientCredential,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { uid, finalizers } = credential.metadata;
  deps.timers.forget(uid);
  deps.drifts.forget(uid);
  deps.proofs.forget(uid);
  if (!finalizers?.includes(FINALIZER)) return { then: 'forget' };
  const claims = await releaseClaims(credential, deps, signal);
  // A secret that was sent without an answer may yet have to prove whose client it is.
  const settled = claims.filter((claim) => viewOf(claim).origin !== undefined);
  for (const { metadata } of settled) await sweep(metadata.uid, undefined, deps, signal);
  const owing = claims.filter((claim) => viewOf(claim).phase === 'Revoking');
  const waitMs = owing.length === 0 ? 0 : patienceMs(credential, deps);
  if (waitMs > 0) {
    await sayRevoking(credential, deps, signal);
    return { then: 'settle', resyncMs: waitMs };
  }
  await removeFinalizer(credential, deps, signal);
  deps.departures.forget(uid);
  announce(credential, claims, deps);
  return { then: 'forget' };
}

/** How long the finalizer waits for ALM. */
export const PATIENCE_MS = 30_000;

/** By the server's clock or by the time since this process noticed, whichever is over first: clocks differ. */
function patienceMs({ metadata }: ClientCredential, deps: CredentialDeps): number {
  const { namespace = deps.operatorNamespace, uid, deletionTimestamp = '' } = metadata;
  if (deps.namespaces?.get(namespace)?.metadata.deletionTimestamp !== undefined) return 0;
  const sinceDeletion = deps.now() - Date.parse(deletionTimestamp);
  return PATIENCE_MS - Math.max(sinceDeletion, deps.departures.noticedFor(uid));
}

/** All claims of this very object, as they are now. */
async function releaseClaims(
  credential: ClientCredential,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<readonly AlmClientClaim[]> {
  const claims = await claimsOf(credential, deps, signal);
  const held = claims.some((claim) => isHeld(viewOf(claim)));
  const going = held && (await isGoing(credential, deps, signal));
  return Promise.all(
    claims.map(async (claim) => {
      const view = viewOf(claim);
      if (!isHeld(view)) return claim;
      const phase = going || owedBy(credential, view, deps) === 'Retain' ? 'Retained' : 'Revoking';
      return deps.claimWriter.change(claim, { phase }, signal);
    }),
  );
}

function isHeld({ phase }: ClaimView): boolean {
  return phase === 'Held' || phase === 'Pending';
}

/** The store may not know yet what another process wrote a moment ago: the claim that the spec names is read live. */
async function claimsOf(
  { metadata, spec }: ClientCredential,
  { claims, claimWriter, defaultConnection }: CredentialDeps,
  signal: AbortSignal,
): Promise<readonly AlmClientClaim[]> {
  const clientId = textAt(spec, 'clientId') ?? '';
  const name = claimName(textAt(spec, 'connectionRef', 'name') ?? defaultConnection, clientId);
  const live = await claimWriter.read(name, signal);
  const others = claims.byIndex(BY_OWNER, metadata.uid).filter((claim) => claim.metadata.name !== name);
  return live !== undefined && viewOf(live).owner.uid === metadata.uid ? [live, ...others] : others;
}

/** A server that will not say whether the kind itself goes is asked until patience ends; then nothing is revoked. */
async function isGoing(
  credential: ClientCredential,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await isKindGoing(deps.kube, credential, signal);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 403 || patienceMs(credential, deps) > 0)
      throw error;
    deps.log.error(
      troubleOf(error),
      'the definition of the kind cannot be read, so that its clients are left in ALM',
    );
    return true;
  }
}

/**
 * What the deletion of the object means for the client: the rule of its connection first, then the object's own word;
 * else what the operator created is revoked, and what it found is left. Protected clients and logins are always left.
 */
export function owedBy(
  { metadata, spec }: ClientCredential,
  { clientId, connection, origin }: ClaimView,
  deps: Pick<CredentialDeps, 'connections' | 'operatorNamespace' | 'namespaces'>,
): DeletionPolicy {
  const view = accessViewOf(connection, deps);
  if (isListed(clientId, view.protectedIds) || isListed(clientId, loginIds(deps))) return 'Retain';
  const tenant = tenantOf(metadata.namespace ?? deps.operatorNamespace, deps);
  if (ruleFor(clientId, tenant, view)?.requireRevoke === true) return 'Revoke';
  const policy = textAt(spec, 'deletionPolicy');
  if (policy === 'Retain' || policy === 'Revoke') return policy;
  return origin === 'Adopted' ? 'Retain' : 'Revoke';
}

async function sayRevoking(
  credential: ClientCredential,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<void> {
  const message =
    'ALM is being asked to revoke the client; this object goes when that is done, or without it half a minute after ' +
    'its deletion';
  const status = nextStatus(credential, { failure: fail('Progressing', message) }, deps);
  await writeStatus(deps.kube, CLIENT_CREDENTIALS, credential, status, deps.credentials, signal);
}

/** Where the tested entry is not at its place, another look tells whether it still has to go. */
async function removeFinalizer(
  { metadata }: ClientCredential,
  { kube, operatorNamespace }: CredentialDeps,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace = operatorNamespace, uid } = metadata;
  const ref = { namespace, name };
  let removal = finalizerRemoval(metadata, FINALIZER);
  try {
    for (let attempt = 1; removal !== undefined; attempt += 1) {
      try {
        await kube.patch(CLIENT_CREDENTIALS, ref, removal, signal);
        return;
      } catch (error) {
        if (!(error instanceof KubeError) || error.status !== 422 || attempt === ATTEMPTS) throw error;
      }
      const live = await kube.get<ClientCredential>(CLIENT_CREDENTIALS, ref, signal);
      removal = live.metadata.uid === uid ? finalizerRemoval(live.metadata, FINALIZER) : undefined;
    }
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
  }
}

const ATTEMPTS = 4;

/** The last word about the object, for whoever looks for it: what became of its client. */
function announce(
  { apiVersion, kind, metadata }: ClientCredential,
  claims: readonly AlmClientClaim[],
  { events, operatorNamespace }: CredentialDeps,
): void {
  const { name, namespace = operatorNamespace, uid } = metadata;
  for (const claim of claims) {
    events.emit({
      regarding: { apiVersion, kind, name, namespace, uid },
      ...fateOf(claim),
      reason: 'Released',
      action: 'Release',
    });
  }
}

function fateOf(claim: AlmClientClaim): Readonly<{ type: 'Normal' | 'Warning'; note: string }> {
  const { clientId, phase } = viewOf(claim);
  const client = `client ${clientId}`;
  const where = `AlmClientClaim ${keyOf(claim.metadata)}`;
  switch (phase) {
    case 'Retained':
      return { type: 'Normal', note: `${client} stays in ALM and works as before` };
    case 'Revoked':
      return { type: 'Normal', note: `${client} is revoked in ALM` };
    case 'Revoking':
      return { type: 'Warning', note: `${client} is not yet revoked in ALM; ${where} carries on` };
    default:
      return {
        type: 'Warning',
        note: `${client} is left as it is; ${where} is in phase ${phase}, which this version of the operator does not know`,
      };
  }
}
