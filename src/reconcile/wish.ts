import { type ClientCredential, type CredentialSpec, credentialSpec } from '../api/clientcredential.ts';
import { parseDuration } from '../api/duration.ts';
import { ROTATE } from '../api/group.ts';
import { parseSpec } from '../api/parse.ts';
import { isListed, refusalOf, ruleFor } from '../domain/access.ts';
import { canonicalEndpoint } from '../domain/connection.ts';
import { type AdoptionPolicy, DEFAULT_SECRET_KEY, recordOf } from '../domain/desired.ts';
import {
  type Demand,
  mayReplace,
  nextRotationMs,
  type Rotation,
  rotationDue,
  spreadOf,
} from '../domain/generated.ts';
import { claimName, conflict, type Owner } from '../domain/ownership.ts';
import { canLogIn } from '../domain/plan.ts';
import { fail } from '../domain/reasons.ts';
import type { ClientRecord } from '../domain/record.ts';
import type { Failure } from '../kube/outcome.ts';
import { keyOf } from '../kube/types.ts';
import { viewOf } from './claims.ts';
import { BY_CLIENT, BY_OWNER, type CredentialDeps } from './deps.ts';
import { accessViewOf, connectionNamed, specOf, tenantOf } from './lookup.ts';
import { clientIndex } from './wakes.ts';

/** What an object asks for, and whether it may: what the stores say, before anything is asked. */

/** A secret of the operator's making. */
export type GeneratedWish = Readonly<{
  length: number;
  clientIdKey: string | undefined;
  tokenUrlKey: string | undefined;
  template: NonNullable<CredentialSpec['generatedSecret']>['template'];
  /** The value of the annotation that asks for a new one. */
  token: string | undefined;
  due: 'due' | 'requested' | undefined;
  /** When it is to be replaced next, in milliseconds since 1970. */
  nextMs: number | undefined;
  /** It may take the place of a secret that the operator did not make. */
  replaces: boolean;
  rotation: Rotation | undefined;
}>;

export type Wish = Readonly<{
  spec: CredentialSpec;
  /** Undefined: the object names a Secret. */
  generated: GeneratedWish | undefined;
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
  tokenUrl: string;
  /** A login can prove the client, and the connection wants that. */
  proves: boolean;
  /** The connection wants it at each resync too. */
  provesAtResync: boolean;
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
  const { name, namespace = deps.operatorNamespace, uid } = credential.metadata;
  const admitted = admit(spec, namespace, deps);
  if (!admitted.ok) return admitted;
  const { terms } = admitted;
  const self = { namespace, name, uid };
  const claim = claimName(terms.connection, spec.clientId);
  const generated = spec.generatedSecret && generatedOf(spec.generatedSecret, credential, claim, deps);
  const refusal = generated && refusalToGenerate(terms, deps);
  if (refusal !== undefined) return refuse(refusal);
  const ref = spec.clientSecretRef ?? spec.generatedSecret;
  const wish: Wish = {
    ...terms,
    spec,
    generated,
    secret: { namespace, name: ref?.name ?? '', key: ref?.key ?? DEFAULT_SECRET_KEY },
    self,
    claim,
    resyncMs: parseDuration(spec.resyncInterval ?? '') ?? deps.resyncIntervalMs,
  };
  const taken = takenElsewhere(wish, deps);
  return movedFrom(wish, deps) ?? (taken === undefined ? { ok: true, wish } : refuse(taken));
}

function refusalToGenerate(
  { isProtected, want }: Terms,
  { generatesSecrets }: CredentialDeps,
): Failure | undefined {
  if (!generatesSecrets) {
    const message =
      'spec.generatedSecret is switched off; use spec.clientSecretRef, or run the operator with --generated-secrets';
    return fail('SecretNotAllowed', message);
  }
  if (!isProtected) return undefined;
  const message = `clientId ${want.clientId} is protected, and its secret is never generated; use spec.clientSecretRef`;
  return fail('ProtectedClientId', message);
}

/** What the object asks for, and how far its claim says that it got. */
function generatedOf(
  { length, clientIdKey, tokenUrlKey, rotateEvery, template }: NonNullable<CredentialSpec['generatedSecret']>,
  { metadata }: ClientCredential,
  claim: string,
  deps: CredentialDeps,
): GeneratedWish {
  const known = deps.claims.get(keyOf({ namespace: deps.operatorNamespace, name: claim }));
  const demand: Demand = {
    rotation: known && viewOf(known).rotation,
    token: metadata.annotations?.[ROTATE],
    everyMs: rotateEvery === undefined ? undefined : parseDuration(rotateEvery),
    spread: spreadOf(metadata.uid),
  };
  return {
    length: length ?? DEFAULT_LENGTH,
    clientIdKey,
    tokenUrlKey,
    template,
    token: demand.token,
    due: rotationDue(demand, deps.now()),
    nextMs: nextRotationMs(demand),
    replaces: mayReplace(demand),
    rotation: demand.rotation,
  };
}

const DEFAULT_LENGTH = 40;

type Terms = Omit<Wish, 'spec' | 'secret' | 'self' | 'claim' | 'resyncMs' | 'generated'>;

/** What the connection lets this namespace declare. */
function admit(
  spec: CredentialSpec,
  namespace: string,
  deps: CredentialDeps,
): Readonly<{ ok: true; terms: Terms }> | Extract<Assessment, { ok: false }> {
  const connection = spec.connectionRef?.name ?? deps.defaultConnection;
  const object = connectionNamed(connection, deps);
  if (object === undefined) return refuse(noConnection(connection, deps.operatorNamespace));
  const { endpoint, verification } = specOf(object) ?? {};
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
  const proves = canLogIn(want) && verification !== 'Never';
  const provesAtResync = proves && verification === 'EachResync';
  const terms = {
    proves,
    provesAtResync,
    want,
    policy,
    connection,
    endpoint: canonicalEndpoint(endpoint),
    tokenUrl: `${canonicalEndpoint(endpoint)}${TOKEN_PATH}`,
    isProtected,
    requireRevoke,
  };
  return { ok: true, terms };
}

/** Where ALM gives tokens (reference: the token request of Spring Security OAuth). */
const TOKEN_PATH = '/oauth/token';

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
