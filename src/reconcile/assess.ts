import type { AlmClientClaim } from '../api/almclientclaim.ts';
import {
  type ClientCredential,
  type CredentialSpec,
  type CredentialStatus,
  credentialSpec,
  credentialStatus,
} from '../api/clientcredential.ts';
import { parseDuration } from '../api/duration.ts';
import { REQUESTED_AT } from '../api/group.ts';
import { parseSpec, parseStatus } from '../api/parse.ts';
import { isListed, refusalOf, ruleFor } from '../domain/access.ts';
import { canonicalEndpoint } from '../domain/connection.ts';
import { type AdoptionPolicy, DEFAULT_SECRET_KEY, recordOf } from '../domain/desired.ts';
import { claimName, conflict, type Owner, type Standing, standingOf } from '../domain/ownership.ts';
import { type AppliedView, type SecretVersion, type Why, whyDue } from '../domain/plan.ts';
import { fail } from '../domain/reasons.ts';
import type { ClientRecord } from '../domain/record.ts';
import { findCondition } from '../kube/conditions.ts';
import type { Failure } from '../kube/outcome.ts';
import { keyOf } from '../kube/types.ts';
import { viewOf } from './claims.ts';
import { BY_CLIENT, BY_OWNER, type CredentialDeps } from './deps.ts';
import { accessViewOf, connectionNamed, specOf, tenantOf } from './lookup.ts';
import { clientIndex } from './wakes.ts';

/** The first half of a pass: what the stores say about one object. No request is made. */

export type Wish = Readonly<{
  spec: CredentialSpec;
  want: ClientRecord;
  policy: AdoptionPolicy;
  connection: string;
  endpoint: string;
  secret: Readonly<{ namespace: string; name: string; key: string }>;
  self: Owner;
  claim: string;
  isProtected: boolean;
  /** The rule of the connection overrides deletionPolicy. */
  requireRevoke: boolean;
  /** 0: on change only. */
  resyncMs: number;
}>;

/** Without a failure there is nothing to say yet: the namespace is about to be known, and its coming wakes the key. */
export type Assessment =
  | Readonly<{ ok: true; wish: Wish }>
  | Readonly<{ ok: false; failure: Failure | undefined }>;

export function wishOf(credential: ClientCredential, deps: CredentialDeps): Assessment {
  const parsed = parseSpec(credentialSpec, credential.spec);
  if (!parsed.ok) return refuse(fail('InvalidSpec', `${parsed.field} ${parsed.problem}; correct the spec`));
  const spec = parsed.value;
  const ref = spec.clientSecretRef;
  if (ref === undefined) {
    const message = 'spec.generatedSecret is not available in this release; use spec.clientSecretRef';
    return refuse(fail('InvalidSpec', message));
  }
  const { name, namespace = deps.operatorNamespace, uid } = credential.metadata;
  const admitted = admit(spec, namespace, deps);
  if (!admitted.ok) return admitted;
  const wish: Wish = {
    ...admitted.terms,
    spec,
    secret: { namespace, name: ref.name, key: ref.key ?? DEFAULT_SECRET_KEY },
    self: { namespace, name, uid },
    claim: claimName(admitted.terms.connection, spec.clientId),
    resyncMs: parseDuration(spec.resyncInterval ?? '') ?? deps.resyncIntervalMs,
  };
  const taken = takenElsewhere(wish, deps);
  return movedFrom(wish, deps) ?? (taken === undefined ? { ok: true, wish } : refuse(taken));
}

type Terms = Pick<Wish, 'want' | 'policy' | 'connection' | 'endpoint' | 'isProtected' | 'requireRevoke'>;

/** What the connection lets this namespace declare. */
function admit(
  spec: CredentialSpec,
  namespace: string,
  deps: CredentialDeps,
): Readonly<{ ok: true; terms: Terms }> | Extract<Assessment, { ok: false }> {
  const connection = spec.connectionRef?.name ?? deps.defaultConnection;
  const object = connectionNamed(connection, deps);
  if (object === undefined) return refuse(noConnection(connection, deps.operatorNamespace));
  const endpoint = specOf(object)?.endpoint;
  if (endpoint === undefined) return refuse(notReady(connection));
  const tenant = tenantOf(namespace, deps);
  if (tenant.labels === undefined && deps.namespaces !== undefined) return { ok: false, failure: undefined };
  const want = recordOf(spec);
  const policy = spec.adoptionPolicy ?? 'Never';
  const view = accessViewOf(connection, deps);
  const refusal = refusalOf({ tenant, want, policy }, view);
  if (refusal !== undefined) return refuse(refusal);
  const isProtected = isListed(spec.clientId, view.protectedIds);
  const requireRevoke = ruleFor(spec.clientId, tenant, view)?.requireRevoke === true;
  const terms = {
    want,
    policy,
    connection,
    endpoint: canonicalEndpoint(endpoint),
    isProtected,
    requireRevoke,
  };
  return { ok: true, terms };
}

function refuse(failure: Failure): Extract<Assessment, { ok: false }> {
  return { ok: false, failure };
}

function noConnection(name: string, namespace: string): Failure {
  return fail(
    'ConnectionNotFound',
    `AlmConnection ${name} does not exist in namespace ${namespace}; create it or name another in spec.connectionRef`,
  );
}

export function notReady(name: string): Failure {
  return fail('ConnectionNotReady', `AlmConnection ${name} is not ready; its own conditions say why`);
}

/** A claim of this very object for another connection or id: what it holds there would be forgotten silently. */
function movedFrom(wish: Wish, deps: CredentialDeps): Assessment | undefined {
  const other = deps.claims
    .byIndex(BY_OWNER, wish.self.uid)
    .find(({ metadata }) => metadata.name !== wish.claim);
  if (other === undefined) return undefined;
  const { clientId, connection } = viewOf(other);
  return refuse(
    fail(
      'ConnectionMoved',
      `this object holds clientId ${clientId} on connection ${connection}, not on ${wish.connection}; name that ` +
        'connection again, or delete this object and create another',
    ),
  );
}

/** The same client of the same ALM under the name of another connection: one of two that mean one ALM, or a former one. */
export function takenElsewhere({ endpoint, want, claim }: Wish, deps: CredentialDeps): Failure | undefined {
  const other = deps.claims
    .byIndex(BY_CLIENT, clientIndex(endpoint, want.clientId))
    .filter(({ metadata }) => metadata.name !== claim)
    .map(viewOf)
    .find(({ phase }) => phase !== 'Revoked');
  return other && conflict(other);
}

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

export function dueFor(
  wish: Wish,
  credential: ClientCredential,
  seen: Readonly<{ secret: SecretVersion | undefined; held: boolean }>,
  deps: CredentialDeps,
): readonly Why[] {
  const status = statusOf(credential);
  const token = requestedAt(credential);
  return whyDue({
    want: wish.want,
    secret: seen.secret,
    endpoint: wish.endpoint,
    applied: appliedView(status),
    held: seen.held,
    requested: token !== undefined && token !== status.lastHandledReconcileAt,
    // What an earlier pass could not find out, or ALM refused, is still to be settled, also after a restart.
    resyncDue:
      deps.timers.remaining(wish.self.uid, wish.resyncMs) === 0 ||
      (findCondition(status.conditions, 'Synced')?.status ?? 'True') !== 'True',
  });
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
