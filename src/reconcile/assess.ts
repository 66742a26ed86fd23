import type { AlmClientClaim } from '../api/almclientclaim.ts';
import { type ClientCredential, type CredentialStatus, credentialStatus } from '../api/clientcredential.ts';
import { REQUESTED_AT } from '../api/group.ts';
import { parseStatus } from '../api/parse.ts';
import { type AppliedView, type SecretVersion, type Why, whyDue } from '../domain/due.ts';
import { type Standing, standingOf } from '../domain/ownership.ts';
import { findCondition } from '../kube/conditions.ts';
import { keyOf } from '../kube/types.ts';
import { viewOf } from './claims.ts';
import type { CredentialDeps } from './deps.ts';

import type { Wish } from './wish.ts';

/** How far an object is, as the stores say. No request is made. */

export function claimOf({ claim }: Wish, deps: CredentialDeps): AlmClientClaim | undefined {
  return deps.claims.get(keyOf({ namespace: deps.operatorNamespace, name: claim }));
}

export function standing(wish: Wish, claim: AlmClientClaim | undefined): Standing {
  const { self, endpoint, policy } = wish;
  const meeting = { self, endpoint, policy, clientId: wish.want.clientId };
  return standingOf(claim === undefined ? undefined : viewOf(claim), meeting);
}

/** The version of the Secret that the store knows; undefined where it knows none. */
export function storedSecret({ secret }: Wish, deps: CredentialDeps): SecretVersion | undefined {
  const metadata = deps.secrets.get(keyOf(secret))?.metadata;
  if (metadata === undefined) return undefined;
  const { uid, resourceVersion } = metadata;
  return { name: secret.name, key: secret.key, uid, resourceVersion };
}

/** Whether a generated secret waits to be published, as far as the store knows. */
export function isStaged({ claim, generated }: Wish, deps: CredentialDeps): boolean {
  const key = keyOf({ namespace: deps.operatorNamespace, name: claim });
  return generated !== undefined && deps.secrets.get(key) !== undefined;
}

export function dueFor(
  wish: Wish,
  credential: ClientCredential,
  seen: Readonly<{ secret: SecretVersion | undefined; held: boolean; staged: boolean }>,
  deps: CredentialDeps,
): readonly Why[] {
  const status = statusOf(credential);
  const token = requestedAt(credential);
  const requested = token !== undefined && token !== status.lastHandledReconcileAt;
  // What an earlier pass could not find out, or ALM refused, is still to be settled, also after a restart.
  const resyncDue =
    deps.timers.remaining(wish.self.uid, wish.resyncMs) === 0 ||
    (findCondition(status.conditions, 'Synced')?.status ?? 'True') !== 'True';
  return whyDue({
    want: wish.want,
    secret: seen.secret,
    endpoint: wish.endpoint,
    applied: appliedView(status),
    held: seen.held,
    requested,
    resyncDue,
    unproved: wish.proves && isUnproved(status, requested || resyncDue),
    rotating:
      wish.generated !== undefined &&
      (wish.generated.due !== undefined || seen.staged || isEdited(credential, status)),
  });
}

/** What a generated Secret carries besides the password shows in no version of it. */
function isEdited({ metadata }: ClientCredential, { applied }: CredentialStatus): boolean {
  return applied !== undefined && applied.generation !== metadata.generation;
}

/** What cannot be proved is tried again where the client is looked at anyway. */
function isUnproved({ conditions }: CredentialStatus, looksAnyway: boolean): boolean {
  const verified = findCondition(conditions, 'Verified');
  if (verified?.status === 'True') return false;
  return verified?.reason !== 'Unprovable' || looksAnyway;
}

export function statusOf(credential: ClientCredential): CredentialStatus {
  return parseStatus(credentialStatus, credential.status);
}

export function requestedAt({ metadata }: ClientCredential): string | undefined {
  return metadata.annotations?.[REQUESTED_AT];
}

function appliedView({ applied, effective }: CredentialStatus): AppliedView | undefined {
  if (applied === undefined || effective === undefined) return undefined;
  return { record: effective, secret: applied.secret, endpoint: applied.endpoint };
}
