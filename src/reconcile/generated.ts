import type { AlmClientClaim } from '../api/almclientclaim.ts';
import { CLIENT_CREDENTIALS } from '../api/clientcredential.ts';
import { API_VERSION, ROTATE } from '../api/group.ts';
import { passwordIn } from '../domain/desired.ts';
import type { SecretVersion } from '../domain/due.ts';
import { type Cause, type Published, refusalOf, turnOf } from '../domain/generated.ts';
import { fail } from '../domain/reasons.ts';
import { KubeError } from '../kube/client.ts';
import { decodeSecretMetadata } from '../kube/decode.ts';
import type { Failure } from '../kube/outcome.ts';
import { type KubeObject, keyOf, type OwnerReference } from '../kube/types.ts';
import type { Sensitive } from '../sensitive.ts';
import { viewOf } from './claims.ts';
import { BY_CONTROLLER, type CredentialDeps } from './deps.ts';
import { getOrAbsent, liveSecret, SECRETS } from './secrets.ts';
import type { GeneratedWish, Wish } from './wish.ts';

/**
 * Secrets that the operator makes. The order is the contract: staged in the operator's namespace → ALM → proof →
 * published → on the claim when and for which demand → staging removed. Whatever crashes between two steps, the next
 * pass finds the staged Secret and goes on from there.
 */

type GeneratingWish = Wish & Readonly<{ generated: GeneratedWish }>;

export function isGenerating(wish: Wish): wish is GeneratingWish {
  return wish.generated !== undefined;
}

/** The published Secret as it was read in this pass. */
export type Found = Readonly<{ object: KubeObject | undefined; published: Published }>;

/** A failure where the Secret of that name is none of ours. */
export async function findPublished(
  { secret, self }: Wish,
  { kube }: CredentialDeps,
  signal: AbortSignal,
): Promise<Found | Failure> {
  const object = await getOrAbsent<KubeObject>(kube, SECRETS, secret, signal);
  const published = publishedAs(object, secret.key, self);
  return refusalOf(secret.name, published) ?? { object, published };
}

function publishedAs(object: KubeObject | undefined, key: string, self: Wish['self']): Published {
  if (object === undefined) return { is: 'absent' };
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const isKind = owner?.kind === CLIENT_CREDENTIALS.kind && owner.apiVersion === API_VERSION;
  if (!isKind || owner.name !== self.name) return { is: 'foreign' };
  if (owner.uid !== self.uid) return { is: 'former' };
  return { is: 'ours', usable: 'value' in passwordIn(liveSecret(object, true), key) };
}

/** What ALM is to hold, and where it stands. */
export type Material = Readonly<{
  value: Sensitive;
  version: SecretVersion;
  staged: KubeObject | undefined;
  /** Why a new one is on its way. */
  cause: Cause | undefined;
  /** Staged in this pass. */
  isNew: boolean;
}>;

/** The secret of this pass: the published one, a staged one, or a new one, staged now. Only the claim's holder calls it. */
export async function materialOf(
  wish: GeneratingWish,
  claim: AlmClientClaim,
  found: Found,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Material | Failure> {
  const staged = await findStaged(claim, deps, signal);
  const turn = turnOf(wish.secret.name, found.published, staged !== undefined, wish.generated);
  switch (turn.turn) {
    case 'refused':
      return turn.failure;
    case 'use':
      return materialIn(found.object, wish.secret.key, undefined, undefined);
    case 'resume':
      return materialIn(staged, STAGED_KEY, staged, turn.cause);
    case 'stage': {
      const made = await stage(wish, claim, deps, signal);
      const material = materialIn(made, STAGED_KEY, made, turn.cause);
      return 'reason' in material ? material : { ...material, isNew: true };
    }
  }
}

/** Where a staged Secret holds the password. */
export const STAGED_KEY = 'clientSecret';

function materialIn(
  object: KubeObject | undefined,
  key: string,
  staged: KubeObject | undefined,
  cause: Cause | undefined,
): Material | Failure {
  if (object === undefined) return fail('SecretNotFound', 'the generated Secret is gone; a new one is made');
  const { name, uid, resourceVersion } = object.metadata;
  const password = passwordIn(liveSecret(object, true), key);
  if ('reason' in password) return password;
  return { value: password.value, version: { name, key, uid, resourceVersion }, staged, cause, isNew: false };
}

/** The staged Secret bears the name of its claim. One of an earlier claim holds nothing that ALM should have. */
async function findStaged(
  { metadata }: AlmClientClaim,
  { kube, operatorNamespace: namespace }: CredentialDeps,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const object = await getOrAbsent<KubeObject>(kube, SECRETS, { namespace, name: metadata.name }, signal);
  if (object?.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) !== false) return object;
  const { uid, resourceVersion } = object.metadata;
  await kube.delete(SECRETS, { namespace, name: metadata.name }, { uid, resourceVersion }, signal);
  return undefined;
}

async function stage(
  { generated }: GeneratingWish,
  claim: AlmClientClaim,
  { kube, operatorNamespace: namespace, newSecret, secrets }: CredentialDeps,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { apiVersion, kind } = claim;
  const { name, uid } = claim.metadata;
  const owner: OwnerReference = { apiVersion, kind, name, uid, controller: true };
  const annotations = generated.token === undefined ? {} : { [ROTATE]: generated.token };
  const draft = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, ownerReferences: [owner], annotations },
    type: 'Opaque',
    data: { [STAGED_KEY]: encoded(newSecret(generated.length).reveal()) },
  };
  const object = await kube.create<KubeObject>(SECRETS, draft, signal);
  remember(object, secrets);
  return object;
}

/** Stores know metadata alone. */
function remember(object: KubeObject, secrets: CredentialDeps['secrets']): void {
  const metadata = decodeSecretMetadata(object);
  if (metadata !== undefined) secrets.upsertIfNewer(metadata);
}

export type Publication = Readonly<{ version: SecretVersion; cause: Cause | undefined }>;

/** ALM lets the client in with it: from now on everybody may find it. Undefined where all is as declared already. */
export async function publish(
  wish: GeneratingWish,
  { value, staged, cause }: Material,
  { object }: Found,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Publication | undefined> {
  const wanted = contentsOf(wish, value);
  if (staged === undefined && object !== undefined && isCurrent(object, wanted)) return undefined;
  const written = await write(wish, wanted, object, deps, signal);
  const { name, uid, resourceVersion } = written.metadata;
  if (staged !== undefined) await finish(wish, staged, deps, signal);
  return { version: { name, key: wish.secret.key, uid, resourceVersion }, cause };
}

type Contents = Readonly<{
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /** Base64. */
  data: Readonly<Record<string, string>>;
}>;

function contentsOf({ generated, secret, want, tokenUrl }: GeneratingWish, value: Sensitive): Contents {
  const { clientIdKey, tokenUrlKey, template } = generated;
  const plain = {
    [secret.key]: value.reveal(),
    ...(clientIdKey !== undefined && { [clientIdKey]: want.clientId }),
    ...(tokenUrlKey !== undefined && { [tokenUrlKey]: tokenUrl }),
  };
  const data = Object.entries(plain).map(([key, text]) => [key, encoded(text)]);
  return {
    labels: template?.labels ?? {},
    annotations: template?.annotations ?? {},
    data: Object.fromEntries(data),
  };
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Labels and annotations that others add stay. */
function isCurrent(object: KubeObject, { labels, annotations, data }: Contents): boolean {
  const { metadata } = object;
  const held = liveSecret(object, true).data;
  return (
    includes(metadata.labels, labels) &&
    includes(metadata.annotations, annotations) &&
    includes(held, data) &&
    Object.keys(held).length === Object.keys(data).length
  );
}

function includes(
  all: Readonly<Record<string, string>> | undefined,
  some: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(some).every(([key, value]) => all?.[key] === value);
}

async function write(
  { self, secret }: GeneratingWish,
  { labels, annotations, data }: Contents,
  object: KubeObject | undefined,
  { kube, secrets }: CredentialDeps,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { name, namespace } = secret;
  const { kind } = CLIENT_CREDENTIALS;
  const owner = { apiVersion: API_VERSION, kind, name: self.name, uid: self.uid, controller: true };
  const head = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', data };
  const draft = { ...head, metadata: { name, namespace, labels, annotations, ownerReferences: [owner] } };
  const next = object && {
    ...head,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, ...labels },
      annotations: { ...object.metadata.annotations, ...annotations },
    },
  };
  const written =
    next === undefined
      ? await kube.create<KubeObject>(SECRETS, draft, signal)
      : await kube.replace<KubeObject>(SECRETS, next, signal);
  remember(written, secrets);
  return written;
}

/** Written down before the staged Secret goes, so that nothing is rotated twice. */
async function finish(
  wish: GeneratingWish,
  staged: KubeObject,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<void> {
  const claim = deps.claims.get(keyOf({ namespace: deps.operatorNamespace, name: wish.claim }));
  const token = staged.metadata.annotations?.[ROTATE];
  const rotation = { last: new Date(deps.now()).toISOString(), ...(token !== undefined && { token }) };
  if (claim !== undefined && viewOf(claim).owner.uid === wish.self.uid)
    await deps.claimWriter.change(claim, { rotation }, signal);
  await unstage(staged, deps, signal);
}

export async function unstage(
  { metadata }: KubeObject,
  { kube, secrets }: Pick<CredentialDeps, 'kube' | 'secrets'>,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace = '', uid, resourceVersion } = metadata;
  try {
    await kube.delete(SECRETS, { namespace, name }, { uid, resourceVersion }, signal);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
  }
  secrets.forget(keyOf({ namespace, name }), uid);
}

/** Secrets of the operator's making that nobody needs any more: of a former name, or staged for nothing. */
export async function sweep(
  owner: string,
  keep: string | undefined,
  deps: Pick<CredentialDeps, 'generatesSecrets' | 'kube' | 'secrets'>,
  signal: AbortSignal,
): Promise<void> {
  if (!deps.generatesSecrets) return;
  for (const secret of deps.secrets.byIndex(BY_CONTROLLER, owner)) {
    if (secret.metadata.name !== keep) await unstage(secret, deps, signal);
  }
}
