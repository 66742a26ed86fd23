import { CLIENT_CREDENTIALS } from '../api/clientcredential.ts';
import { API_VERSION, ROTATE } from '../api/group.ts';
import type { SecretVersion } from '../domain/due.ts';
import type { Cause } from '../domain/generated.ts';
import { fail } from '../domain/reasons.ts';
import { KubeError } from '../kube/client.ts';
import { troubleOf } from '../kube/log.ts';
import type { Failure } from '../kube/outcome.ts';
import { type KubeObject, keyOf } from '../kube/types.ts';
import type { Sensitive } from '../sensitive.ts';
import { viewOf } from './claims.ts';
import type { CredentialDeps } from './deps.ts';
import { encoded, type Found, type GeneratingWish, type Material, remember, unstage } from './generated.ts';
import { liveSecret, SECRETS } from './secrets.ts';

/** The last steps of a generated secret: published → on the claim → staging removed. */

export type Publication = Readonly<{ version: SecretVersion; cause: Cause | undefined }>;

/** ALM lets the client in with it: from now on everybody may find it. Undefined where all is as declared already. */
export async function publish(
  wish: GeneratingWish,
  { value, staged, cause }: Material,
  { object }: Found,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Publication | Failure | undefined> {
  const wanted = contentsOf(wish, value);
  if (staged === undefined && object !== undefined && isCurrent(object, wanted)) return undefined;
  const isNew = staged !== undefined;
  const written = await writeOrSay(wish, wanted, object, isNew, deps, signal);
  if ('reason' in written) return written;
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
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    labels: template?.labels ?? {},
    annotations: template?.annotations ?? {},
    data: {
      [secret.key]: encoded(value),
      ...(clientIdKey !== undefined && { [clientIdKey]: base64(want.clientId) }),
      ...(tokenUrlKey !== undefined && { [tokenUrlKey]: base64(tokenUrl) }),
    },
  };
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

/** ALM may have a new secret by now: that the API server does not have it published must not go untold. */
async function writeOrSay(
  wish: GeneratingWish,
  wanted: Contents,
  object: KubeObject | undefined,
  isNew: boolean,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<KubeObject | Failure> {
  try {
    return await write(wish, wanted, object, deps, signal);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const { name } = wish.secret;
    if (!REFUSALS.has(error.status)) {
      // What is not new works as it is; and whoever was faster is seen at the next look.
      if (!isNew || OVERTAKEN.has(error.status)) throw error;
      deps.log.warn({ secret: name, ...troubleOf(error) }, 'a generated secret could not be published');
      return unpublished(name, error);
    }
    deps.log.error({ secret: name, ...troubleOf(error) }, 'a generated secret cannot be published');
    return fail(
      'SecretNotAllowed',
      `ALM has the generated password, but the API server refuses to have Secret ${name} written ` +
        `(${error.status}); let the operator write it there, or name another in spec.generatedSecret.name`,
    );
  }
}

/** By an admission policy, for want of a right, for a namespace that goes, or for a Secret that may not change. */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 422]);

/** Somebody else wrote or removed it, or its namespace is gone. */
const OVERTAKEN: ReadonlySet<number> = new Set([404, 409]);

function unpublished(name: string, { retryAfterMs }: KubeError): Failure {
  const message =
    `ALM has the generated password, but the API server did not confirm that Secret ${name} has it; the operator ` +
    'keeps it and tries again';
  return { ...fail('SecretNotPublished', message), ...(retryAfterMs !== undefined && { retryAfterMs }) };
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
