import { z } from 'zod';
import type { AlmClientOptions, AskSecret } from '../alm/options.ts';
import type { ConnectionSpec } from '../api/almconnection.ts';
import { parseDuration } from '../api/duration.ts';
import { DEFAULT_SECRET_KEY } from '../domain/desired.ts';
import { fail } from '../domain/reasons.ts';
import { EdgeError, type Failure } from '../kube/outcome.ts';
import type { KubeObject, Resource } from '../kube/types.ts';
import { Sensitive } from '../sensitive.ts';
import { getOrAbsent, readSecret, type SecretReader } from './secrets.ts';

/** From an AlmConnection's spec to what the ALM client needs: addresses, certificates, and how to ask for passwords. */

export const CONFIG_MAPS: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' };

/** `version` changes when any of the inputs does, so that an unchanged connection keeps its client and its token. */
export type Prepared = Readonly<{ options: Omit<AlmClientOptions, 'now' | 'proxy'>; version: string }>;

type Context = Readonly<{ reader: SecretReader; namespace: string; signal: AbortSignal }>;

export async function prepare(
  spec: ConnectionSpec,
  reader: SecretReader,
  signal: AbortSignal,
): Promise<Prepared | Failure> {
  const context = { reader, namespace: reader.operatorNamespace, signal };
  const login = await loginOf(spec.auth, context);
  if ('reason' in login) return login;
  const tls = await tlsOf(spec.tls, context);
  if ('reason' in tls) return tls;
  return {
    options: {
      endpoint: spec.endpoint,
      auth: login.auth,
      tls: tls.tls,
      timeoutMs: parseDuration(spec.limits?.timeout ?? '10s') ?? 10_000,
      concurrency: spec.limits?.concurrency ?? 8,
    },
    version: JSON.stringify([spec, login.versions, tls.versions]),
  };
}

type Login = Readonly<{ auth: AlmClientOptions['auth']; versions: readonly string[] }>;

async function loginOf(auth: ConnectionSpec['auth'], context: Context): Promise<Login | Failure> {
  const { clientCredentials, password } = auth;
  if (clientCredentials !== undefined) {
    const { clientId, clientSecretRef, scope } = clientCredentials;
    const secret = await passwordSource(clientSecretRef, DEFAULT_SECRET_KEY, context);
    if ('reason' in secret) return secret;
    const login = { kind: 'clientCredentials' as const, clientId, secret: secret.ask };
    return { auth: scope === undefined ? login : { ...login, scope }, versions: [secret.version] };
  }
  if (password === undefined) return { auth: { kind: 'none' }, versions: [] };
  const { clientId, clientSecretRef, username, passwordRef } = password;
  const secret = await passwordSource(clientSecretRef, DEFAULT_SECRET_KEY, context);
  if ('reason' in secret) return secret;
  const user = await passwordSource(passwordRef, 'password', context);
  if ('reason' in user) return user;
  const login = { kind: 'password' as const, clientId, secret: secret.ask, username, password: user.ask };
  return { auth: login, versions: [secret.version, user.version] };
}

type SecretKeyRef = Readonly<{ name: string; key?: string }>;
type PasswordSource = Readonly<{ ask: AskSecret; version: string }>;

/** Checks that the password is there, and gives a way to ask for it again at each login instead of keeping it. */
async function passwordSource(
  { name, key }: SecretKeyRef,
  resolvedKey: string,
  { reader, namespace, signal }: Context,
): Promise<PasswordSource | Failure> {
  const where = { namespace, name, key: key ?? resolvedKey };
  const read = await readSecret(reader, where, signal);
  if ('reason' in read) return read;
  const ask: AskSecret = async (loginSignal) => {
    const again = await readSecret(reader, where, loginSignal);
    if ('reason' in again) throw new EdgeError(again);
    return again.password.value;
  };
  const { uid, resourceVersion } = read.version;
  return { ask, version: `${uid}/${resourceVersion}` };
}

type Tls = Readonly<{ tls: AlmClientOptions['tls']; versions: readonly string[] }>;

async function tlsOf(spec: ConnectionSpec['tls'], context: Context): Promise<Tls | Failure> {
  const { caBundle, caRef, serverName, clientCertificateRef, insecureSkipVerify } = spec ?? {};
  const ca = caRef === undefined ? { text: caBundle, version: '' } : await authority(caRef, context);
  if ('reason' in ca) return ca;
  const pair = clientCertificateRef && (await keyPair(clientCertificateRef.name, context));
  if (pair !== undefined && 'reason' in pair) return pair;
  return {
    tls: {
      ...(ca.text !== undefined && { ca: ca.text }),
      ...(serverName !== undefined && { serverName }),
      ...(pair !== undefined && { cert: pair.cert, key: pair.key }),
      ...(insecureSkipVerify !== undefined && { insecureSkipVerify }),
    },
    versions: [ca.version, pair?.version ?? ''],
  };
}

const data = z.object({ data: z.record(z.string(), z.string()).optional() });

type Found = Readonly<{ text: string; version: string }>;

async function authority(
  { kind, name, key = 'ca.crt' }: Readonly<{ kind: 'ConfigMap' | 'Secret'; name: string; key?: string }>,
  context: Context,
): Promise<Found | Failure> {
  const resource = kind === 'Secret' ? { ...CONFIG_MAPS, plural: 'secrets', kind } : CONFIG_MAPS;
  return entry(resource, name, key, context);
}

async function keyPair(
  name: string,
  context: Context,
): Promise<Readonly<{ cert: string; key: Sensitive; version: string }> | Failure> {
  const resource = { ...CONFIG_MAPS, plural: 'secrets', kind: 'Secret' };
  const cert = await entry(resource, name, 'tls.crt', context);
  if ('reason' in cert) return cert;
  const key = await entry(resource, name, 'tls.key', context);
  if ('reason' in key) return key;
  return { cert: cert.text, key: new Sensitive(key.text), version: cert.version };
}

async function entry(
  resource: Resource,
  name: string,
  key: string,
  context: Context,
): Promise<Found | Failure> {
  const { reader, namespace, signal } = context;
  const object = await getOrAbsent<KubeObject>(reader.kube, resource, { namespace, name }, signal);
  if (object === undefined) {
    const message = `${resource.kind} ${name} does not exist in namespace ${namespace}; create it`;
    return lacking(resource, fail('SecretNotFound', message));
  }
  const parsed = data.safeParse(object);
  const text = parsed.success ? parsed.data.data?.[key] : undefined;
  if (text === undefined) {
    const message = `${resource.kind} ${name} has no key ${key}; add it or name another key`;
    return lacking(resource, fail('SecretKeyNotFound', message));
  }
  const { uid, resourceVersion } = object.metadata;
  const plain = resource.kind === 'Secret' ? Buffer.from(text, 'base64').toString('utf8') : text;
  return { text: plain, version: `${uid}/${resourceVersion}` };
}

/** ConfigMaps are not watched, so nothing would wake a connection that waits for one: it looks again by itself. */
function lacking({ kind }: Resource, failure: Failure): Failure {
  return kind === 'ConfigMap' ? { ...failure, kind: 'transient' } : failure;
}
