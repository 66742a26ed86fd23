import type { AlmConnection } from '../api/almconnection.ts';
import type { ClientCredential } from '../api/clientcredential.ts';
import { FINALIZER, REQUESTED_AT, ROTATE } from '../api/group.ts';
import type { IndexFunctions } from '../kube/indexes.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../kube/types.ts';
import { BY_CONNECTION, BY_OWNER, BY_SECRET } from './deps.ts';

/** Which change wakes which key. Pure; specs are read as they are stored, for also an invalid one may be mended. */

/** Own writes (status, finalizer added) and labels wake nobody. */
export function wakesItself(
  before: ClientCredential | undefined,
  after: ClientCredential | undefined,
): boolean {
  if (before === undefined || after === undefined) return true;
  const [old, now] = [before.metadata, after.metadata];
  return (
    old.uid !== now.uid ||
    old.generation !== now.generation ||
    old.deletionTimestamp !== now.deletionTimestamp ||
    (old.finalizers?.includes(FINALIZER) === true && now.finalizers?.includes(FINALIZER) !== true) ||
    [REQUESTED_AT, ROTATE].some((name) => old.annotations?.[name] !== now.annotations?.[name])
  );
}

export function connectionChanged(
  before: AlmConnection | undefined,
  after: AlmConnection | undefined,
): boolean {
  return (
    before?.metadata.uid !== after?.metadata.uid ||
    before?.metadata.generation !== after?.metadata.generation ||
    before?.metadata.deletionTimestamp !== after?.metadata.deletionTimestamp
  );
}

export function credentialIndexes(defaultConnection: string): IndexFunctions<ClientCredential> {
  return {
    [BY_CONNECTION]: ({ spec }) => [textAt(spec, 'connectionRef', 'name') ?? defaultConnection],
    [BY_SECRET]: ({ spec, metadata }) =>
      secretKeys(metadata.namespace, [textAt(spec, 'clientSecretRef', 'name')]),
  };
}

export const connectionIndexes: IndexFunctions<AlmConnection> = {
  [BY_SECRET]: ({ spec, metadata }) =>
    secretKeys(metadata.namespace, [
      textAt(spec, 'auth', 'clientCredentials', 'clientSecretRef', 'name'),
      textAt(spec, 'auth', 'password', 'clientSecretRef', 'name'),
      textAt(spec, 'auth', 'password', 'passwordRef', 'name'),
      textAt(spec, 'tls', 'clientCertificateRef', 'name'),
      textAt(spec, 'tls', 'caRef', 'kind') === 'Secret' ? textAt(spec, 'tls', 'caRef', 'name') : undefined,
    ]),
};

export const claimIndexes: IndexFunctions<KubeObject & Readonly<{ spec?: unknown }>> = {
  [BY_OWNER]: ({ spec }) => {
    const uid = textAt(spec, 'owner', 'uid');
    return uid === undefined ? [] : [uid];
  },
};

function secretKeys(namespace: string | undefined, names: readonly (string | undefined)[]): ObjectKey[] {
  return names.flatMap((name) => {
    if (name === undefined) return [];
    return keyOf(namespace === undefined ? { name } : { namespace, name });
  });
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>((at, member) => (isRecord(at) ? at[member] : undefined), value);
  return typeof found === 'string' ? found : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
