import { ALM_CLIENT_CLAIMS, type AlmClientClaim } from '../api/almclientclaim.ts';
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
import { BY_CONTROLLER, type CredentialDeps } from './deps.ts';
import { getOrAbsent, liveSecret, SECRETS } from './secrets.ts';
import type { GeneratedWish, Wish } from './wish.ts';

/**
 * Secrets that the operator makes. The order is the contract: staged in the operator's namespace → ALM → proof →
 * published → on the claim when and for which demand → staging removed. Whatever crashes between two steps, the next
 * pass finds the staged Secret and goes on from there.
 */

export type GeneratingWish = Wish & Readonly<{ generated: GeneratedWish }>;

export function isGenerating(wish: Wish): wish is GeneratingWish {
  return wish.generated !== undefined;
}

/** The published Secret as it was read in this pass, and the key that has the password. */
export type Found = Readonly<{ object: KubeObject | undefined; published: Published; key: string }>;

/** A failure where the Secret of that name is none of ours. Under `formerKey` it may have what was published before. */
export async function findPublished(
  { secret, self }: Wish,
  formerKey: string | undefined,
  { kube }: CredentialDeps,
  signal: AbortSignal,
): Promise<Found | Failure> {
  const object = await getOrAbsent<KubeObject>(kube, SECRETS, secret, signal);
  const key = object === undefined ? secret.key : keyIn(object, [secret.key, formerKey ?? secret.key]);
  const published = publishedAs(object, key, self);
  return refusalOf(secret.name, published) ?? { object, published, key };
}

function keyIn(object: KubeObject, [key, former]: readonly [string, string]): string {
  const { data } = liveSecret(object, true);
  return !Object.hasOwn(data, key) && Object.hasOwn(data, former) ? former : key;
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
  const staged = await findStaged(claim, keyOf(wish.self), deps, signal);
  if (staged !== undefined && 'reason' in staged) return staged;
  const turn = turnOf(wish.secret.name, found.published, staged !== undefined, wish.generated);
  switch (turn.turn) {
    case 'refused':
      return turn.failure;
    case 'use':
      return published(wish, found);
    case 'resume':
      return materialIn(staged, STAGED_KEY, staged, turn.cause);
    case 'stage': {
      const made = await stage(wish, claim, deps, signal);
      const material = materialIn(made, STAGED_KEY, made, turn.cause);
      return 'reason' in material ? material : { ...material, isNew: true };
    }
  }
}

/** What was published under another key is to be published under the declared one. */
function published({ secret }: Wish, { object, key }: Found): Material | Failure {
  const material = materialIn(object, key, undefined, undefined);
  if ('reason' in material) return material;
  return { ...material, version: { ...material.version, key: secret.key } };
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
  key: string,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<KubeObject | Failure | undefined> {
  const { kube, operatorNamespace: namespace } = deps;
  const object = await getOrAbsent<KubeObject>(kube, SECRETS, { namespace, name: metadata.name }, signal);
  if (object === undefined) return undefined;
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind !== ALM_CLIENT_CLAIMS.kind || owner.name !== metadata.name) {
    return fail(
      'GeneratedSecretConflict',
      `Secret ${metadata.name} in namespace ${namespace} stands where a new password for ${key} is to wait, and was ` +
        'not made by the operator; delete it',
    );
  }
  if (owner.uid === metadata.uid && 'value' in passwordIn(liveSecret(object, true), STAGED_KEY))
    return object;
  await unstage(object, deps, signal);
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
    data: { [STAGED_KEY]: encoded(newSecret(generated.length)) },
  };
  const object = await kube.create<KubeObject>(SECRETS, draft, signal);
  remember(object, secrets);
  return object;
}

/** As a Secret holds it. */
export function encoded(secret: Sensitive): string {
  return Buffer.from(secret.reveal()).toString('base64');
}

/** Stores know metadata alone. */
export function remember(object: KubeObject, secrets: CredentialDeps['secrets']): void {
  const metadata = decodeSecretMetadata(object);
  if (metadata !== undefined) secrets.upsertIfNewer(metadata);
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
