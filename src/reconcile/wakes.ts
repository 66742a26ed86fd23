import { isDeepStrictEqual } from 'node:util';
import type { AlmClientClaim } from '../api/almclientclaim.ts';
import type { AlmConnection } from '../api/almconnection.ts';
import type { ClientCredential } from '../api/clientcredential.ts';
import { FINALIZER, REQUESTED_AT, ROTATE } from '../api/group.ts';
import { canonicalEndpoint } from '../domain/connection.ts';
import type { IndexFunctions } from '../kube/indexes.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../kube/types.ts';
import {
  BY_CLIENT,
  BY_CONNECTION,
  BY_CONTROLLER,
  BY_ENDPOINT,
  BY_NAMESPACE,
  BY_OWNER,
  BY_SECRET,
} from './deps.ts';

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

/** More than labels and status. */
export function isChanged(before: KubeObject | undefined, after: KubeObject | undefined): boolean {
  return (
    before?.metadata.uid !== after?.metadata.uid ||
    before?.metadata.generation !== after?.metadata.generation ||
    before?.metadata.deletionTimestamp !== after?.metadata.deletionTimestamp
  );
}

export function namespaceChanged(before: KubeObject | undefined, after: KubeObject | undefined): boolean {
  return (
    before?.metadata.uid !== after?.metadata.uid ||
    before?.metadata.deletionTimestamp !== after?.metadata.deletionTimestamp ||
    !isDeepStrictEqual(before?.metadata.labels, after?.metadata.labels)
  );
}

/** The owner's finalizer may wait for it. */
export function releases(
  before: AlmClientClaim | undefined,
  after: AlmClientClaim | undefined,
): before is AlmClientClaim {
  return textAt(before?.spec, 'phase') === 'Revoking' && textAt(after?.spec, 'phase') !== 'Revoking';
}

/** Nobody holds the client any more. What was only an attempt frees nothing that others waited for. */
export function frees(
  before: AlmClientClaim | undefined,
  after: AlmClientClaim | undefined,
): before is AlmClientClaim {
  const was = textAt(before?.spec, 'phase');
  if (was === undefined || was === 'Pending' || was === 'Revoked') return false;
  return after === undefined || textAt(after.spec, 'phase') === 'Revoked';
}

/** Whom the claim is for, so that tenants take turns. */
/** A claim that comes into being is Pending; one that comes back from a backup gives its owner what it had lost. */
export function isRestored(claim: AlmClientClaim | undefined): claim is AlmClientClaim {
  return claim !== undefined && textAt(claim.spec, 'phase') !== 'Pending';
}

export function ownerNamespaceOf(claim: AlmClientClaim | undefined): string {
  return textAt(claim?.spec, 'owner', 'namespace') ?? '';
}

export function isHeldBy({ spec }: AlmClientClaim): boolean {
  const phase = textAt(spec, 'phase');
  return phase === 'Held' || phase === 'Pending';
}

export function loginIdOf(connection: AlmConnection | undefined): string | undefined {
  return (
    textAt(connection?.spec, 'auth', 'clientCredentials', 'clientId') ??
    textAt(connection?.spec, 'auth', 'password', 'clientId')
  );
}

/** None where there is no connection, or where its endpoint cannot be read. */
export function endpointOf(connection: AlmConnection | undefined): readonly string[] {
  const endpoint = textAt(connection?.spec, 'endpoint');
  return endpoint !== undefined && URL.canParse(endpoint) ? [canonicalEndpoint(endpoint)] : [];
}

export function credentialIndexes(defaultConnection: string): IndexFunctions<ClientCredential> {
  return {
    [BY_CONNECTION]: ({ spec }) => [textAt(spec, 'connectionRef', 'name') ?? defaultConnection],
    [BY_SECRET]: ({ spec, metadata }) =>
      secretKeys(metadata.namespace, [
        textAt(spec, 'clientSecretRef', 'name'),
        textAt(spec, 'generatedSecret', 'name'),
      ]),
    [BY_CLIENT]: ({ spec }) => {
      const clientId = textAt(spec, 'clientId');
      return clientId === undefined ? [] : [clientId.toLowerCase()];
    },
    [BY_NAMESPACE]: ({ metadata }) => (metadata.namespace === undefined ? [] : [metadata.namespace]),
  };
}

export const secretIndexes: IndexFunctions<KubeObject> = {
  [BY_CONTROLLER]: ({ metadata }) =>
    (metadata.ownerReferences ?? []).filter(({ controller }) => controller === true).map(({ uid }) => uid),
};

export const connectionIndexes: IndexFunctions<AlmConnection> = {
  [BY_ENDPOINT]: endpointOf,
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
  /** Only those that still owe something there. */
  [BY_CONNECTION]: ({ spec }) => {
    const connection = textAt(spec, 'connection');
    return connection !== undefined && textAt(spec, 'phase') === 'Revoking' ? [connection] : [];
  },
  [BY_CLIENT]: ({ spec }) => {
    const endpoint = textAt(spec, 'endpoint');
    const clientId = textAt(spec, 'clientId');
    return endpoint === undefined || clientId === undefined ? [] : [clientIndex(endpoint, clientId)];
  },
};

/** One client of one ALM, whatever the connection is called. Ids that differ only in case count as one. */
export function clientIndex(endpoint: string, clientId: string): string {
  return `${endpoint} ${clientId.toLowerCase()}`;
}

function secretKeys(namespace: string | undefined, names: readonly (string | undefined)[]): ObjectKey[] {
  return names.flatMap((name) => {
    if (name === undefined) return [];
    return keyOf(namespace === undefined ? { name } : { namespace, name });
  });
}

/** The text at that path, whatever else the value is. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>((at, member) => (isRecord(at) ? at[member] : undefined), value);
  return typeof found === 'string' ? found : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
