import { ALM_CLIENT_CLAIMS, type AlmClientClaim } from '../api/almclientclaim.ts';
import { ALM_CONNECTIONS, type AlmConnection } from '../api/almconnection.ts';
import { CLIENT_CREDENTIALS, type ClientCredential } from '../api/clientcredential.ts';
import { type Decode, decodeNamespace, decodeObject, decodeSecretMetadata } from '../kube/decode.ts';
import type { Log } from '../kube/log.ts';
import type { Presence } from '../kube/presence.ts';
import type { KubeReader, Scope } from '../kube/reads.ts';
import { createReflector, type Reflector } from '../kube/reflector.ts';
import { createStore, type Store } from '../kube/store.ts';
import type { KubeObject } from '../kube/types.ts';
import { SECRETS } from './secrets.ts';
import { claimIndexes, connectionIndexes, credentialIndexes, secretIndexes } from './wakes.ts';

/** What is watched, and where it is kept. */

export type Stores = Readonly<{
  credentials: Store<ClientCredential>;
  connections: Store<AlmConnection>;
  claims: Store<AlmClientClaim>;
  secrets: Store<KubeObject>;
  /** Undefined where named namespaces are watched: their Roles give no right to see the namespace itself. */
  namespaces: Store<KubeObject> | undefined;
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
  presence?: Presence;
}>;

export function createStores(options: StoresOptions): Stores {
  const { defaultConnection, reader, log, presence } = options;
  const credentials = createStore<ClientCredential>({ indexes: credentialIndexes(defaultConnection), log });
  const connections = createStore<AlmConnection>({ indexes: connectionIndexes, log });
  const claims = createStore<AlmClientClaim>({ indexes: claimIndexes, log });
  const secrets = createStore<KubeObject>({ indexes: secretIndexes, log });
  const namespaces = options.watchNamespaces === undefined ? createStore<KubeObject>({ log }) : undefined;
  // With named namespaces the right to read Secrets is a namespace's own, and goes with it.
  const isTheirs = ({ resource, namespace }: Scope) =>
    resource === SECRETS && namespace !== undefined && namespace !== options.namespace;
  const reflect = <T extends KubeObject>(store: Store<T>, scope: Scope, decode: Decode<T>) => {
    const covers = ({ metadata }: T) =>
      scope.namespace === undefined || metadata.namespace === scope.namespace;
    const partition = store.partition(covers);
    const manner = { dispensable: isTheirs(scope), ...(presence && { presence }) };
    return createReflector<T>({ scope, decode, reader, partition, log, ...manner });
  };
  const scopes = scopesOf(options);
  const all = [credentials, connections, claims, secrets, ...(namespaces === undefined ? [] : [namespaces])];
  return {
    credentials,
    connections,
    claims,
    secrets,
    namespaces,
    reflectors: [
      ...scopes.credentials.map((scope) => reflect(credentials, scope, decodeObject)),
      reflect(connections, scopes.connections, decodeObject),
      reflect(claims, scopes.claims, decodeObject),
      ...scopes.secrets.map((scope) => reflect(secrets, scope, decodeSecretMetadata)),
      ...(namespaces === undefined ? [] : [reflect(namespaces, NAMESPACES, decodeNamespace)]),
    ],
    synced: () => all.every((store) => store.synced()),
    whenSynced: async (signal) => {
      await Promise.all(all.map((store) => store.whenSynced(signal)));
    },
  };
}

const NAMESPACES: Scope = {
  resource: { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' },
  metadataOnly: true,
};

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
