import { ALM_CLIENT_CLAIMS, type AlmClientClaim } from '../api/almclientclaim.ts';
import { ALM_CONNECTIONS, type AlmConnection } from '../api/almconnection.ts';
import { CLIENT_CREDENTIALS, type ClientCredential } from '../api/clientcredential.ts';
import { type Decode, decodeObject, decodeSecretMetadata } from '../kube/decode.ts';
import type { Log } from '../kube/log.ts';
import type { KubeReader, Scope } from '../kube/reads.ts';
import { createReflector, type Reflector } from '../kube/reflector.ts';
import { createStore, type Store } from '../kube/store.ts';
import { type KubeObject, keyOf, refOf } from '../kube/types.ts';
import type { Workqueue } from '../kube/workqueue.ts';
import { BY_CONNECTION, BY_SECRET } from './deps.ts';
import { SECRETS } from './secrets.ts';
import type { Sessions } from './sessions.ts';
import type { ClaimQueue } from './waiting.ts';
import {
  claimIndexes,
  connectionChanged,
  connectionIndexes,
  credentialIndexes,
  wakesItself,
} from './wakes.ts';

/** What is watched, where it is kept, and whom a change of it wakes. */

export type Stores = Readonly<{
  credentials: Store<ClientCredential>;
  connections: Store<AlmConnection>;
  claims: Store<AlmClientClaim>;
  secrets: Store<KubeObject>;
  reflectors: readonly Reflector[];
  synced: () => boolean;
  whenSynced: (signal: AbortSignal) => Promise<void>;
}>;

export type StoresOptions = Readonly<{
  namespace: string;
  defaultConnection: string;
  watchNamespaces: readonly string[] | undefined;
  secretLabelSelector: string | undefined;
  reader: KubeReader;
  log: Log;
}>;

export function createStores(options: StoresOptions): Stores {
  const { defaultConnection, reader, log } = options;
  const credentials = createStore<ClientCredential>({ indexes: credentialIndexes(defaultConnection), log });
  const connections = createStore<AlmConnection>({ indexes: connectionIndexes, log });
  const claims = createStore<AlmClientClaim>({ indexes: claimIndexes, log });
  const secrets = createStore<KubeObject>({ log });
  const reflect = <T extends KubeObject>(store: Store<T>, scope: Scope, decode: Decode<T>) => {
    const covers = ({ metadata }: T) =>
      scope.namespace === undefined || metadata.namespace === scope.namespace;
    return createReflector<T>({ scope, decode, reader, partition: store.partition(covers), log });
  };
  const scopes = scopesOf(options);
  const all = [credentials, connections, claims, secrets];
  return {
    credentials,
    connections,
    claims,
    secrets,
    reflectors: [
      ...scopes.credentials.map((scope) => reflect(credentials, scope, decodeObject)),
      reflect(connections, scopes.connections, decodeObject),
      reflect(claims, scopes.claims, decodeObject),
      ...scopes.secrets.map((scope) => reflect(secrets, scope, decodeSecretMetadata)),
    ],
    synced: () => all.every((store) => store.synced()),
    whenSynced: async (signal) => {
      await Promise.all(all.map((store) => store.whenSynced(signal)));
    },
  };
}

/** One watch over everything, or one for each namespace; the operator's own is always among them. */
function scopesOf({ namespace, watchNamespaces, secretLabelSelector: labelSelector }: StoresOptions) {
  const places =
    watchNamespaces === undefined
      ? [{}]
      : [...new Set([...watchNamespaces, namespace])].map((place) => ({ namespace: place }));
  const secrets = places.map((place): Scope => {
    const narrowed = labelSelector !== undefined && !('namespace' in place && place.namespace === namespace);
    return { resource: SECRETS, metadataOnly: true, ...place, ...(narrowed && { labelSelector }) };
  });
  // The label rule exempts the operator's own namespace, which one watch over everything would narrow with the rest.
  const exempt = labelSelector !== undefined && watchNamespaces === undefined;
  return {
    credentials: places.map((place): Scope => ({ resource: CLIENT_CREDENTIALS, ...place })),
    connections: { resource: ALM_CONNECTIONS, namespace },
    claims: { resource: ALM_CLIENT_CLAIMS, namespace },
    secrets: exempt ? [...secrets, { resource: SECRETS, metadataOnly: true, namespace }] : secrets,
  };
}

/** After a probe: credentials look again where what they can do with the connection has changed. */
export function usersWaker(
  { credentials }: Stores,
  sessions: Sessions,
  queue: Workqueue,
): (connection: string) => void {
  const before = new Map<string, string>();
  return (connection) => {
    const session = sessions.of(connection);
    const now = session?.usable ? `${session.endpoint} ${session.readable}` : 'unusable';
    if (before.get(connection) === now) return;
    before.set(connection, now);
    for (const { metadata } of credentials.byIndex(BY_CONNECTION, connection)) queue.add(keyOf(metadata));
  };
}

type Queues = Readonly<{ credentialQueue: Workqueue; connectionQueue: Workqueue; claimQueue: ClaimQueue }>;

export function connectWakes(stores: Stores, { credentialQueue, connectionQueue, claimQueue }: Queues): void {
  stores.credentials.onChange((key, before, after) => {
    if (wakesItself(before, after)) credentialQueue.add(key);
  });
  stores.secrets.onChange((key) => {
    for (const { metadata } of stores.credentials.byIndex(BY_SECRET, key))
      credentialQueue.add(keyOf(metadata));
    for (const { metadata } of stores.connections.byIndex(BY_SECRET, key))
      connectionQueue.add(keyOf(metadata));
  });
  stores.connections.onChange((key, before, after) => {
    if (!connectionChanged(before, after)) return;
    connectionQueue.add(key);
    const users = stores.credentials.byIndex(BY_CONNECTION, refOf(key).name);
    for (const { metadata } of users) credentialQueue.add(keyOf(metadata));
  });
  stores.claims.onChange((key) => claimQueue.wake(refOf(key).name));
}
