import type { AlmClientClaim } from '../../src/api/almclientclaim.ts';
import type { AlmConnection } from '../../src/api/almconnection.ts';
import type { ClientCredential } from '../../src/api/clientcredential.ts';
import { type Decode, decodeNamespace, decodeObject, decodeSecretMetadata } from '../../src/kube/decode.ts';
import { createStore, type PartitionWriter, type Store } from '../../src/kube/store.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import type { Stores } from '../../src/reconcile/stores.ts';
import { claimIndexes, connectionIndexes, credentialIndexes } from '../../src/reconcile/wakes.ts';
import { CLAIMS, type Cluster, CONNECTIONS, CREDENTIALS } from './cluster.ts';

/** The watches of one process: each lags as far behind the cluster as the driver lets it. */

export const WATCHED = [CLAIMS, CREDENTIALS, CONNECTIONS, 'secrets', 'namespaces'] as const;
export type Watched = (typeof WATCHED)[number];

/** What a list gave, on its way to the store. */
type Listed = Readonly<{ objects: readonly KubeObject[]; revision: number }>;

/** One watch: a place in the cluster's history. */
export class Feed {
  revision = 0;
  readonly #plural: Watched;
  readonly #cluster: Cluster;
  readonly #partition: PartitionWriter<KubeObject>;
  readonly #decode: Decode;
  readonly #sawEnd: (uid: string) => void;
  #listed: Listed | undefined;

  constructor(
    plural: Watched,
    cluster: Cluster,
    store: Store<KubeObject>,
    decode: Decode,
    sawEnd: (uid: string) => void,
  ) {
    this.#plural = plural;
    this.#cluster = cluster;
    this.#partition = store.partition();
    this.#decode = decode;
    this.#sawEnd = sawEnd;
    this.relist();
  }

  get isBehind(): boolean {
    return this.#listed !== undefined || this.#next() !== undefined;
  }

  /** Lists anew; what happened since the last event is not told one by one. */
  relist(): void {
    const { revision } = this.#cluster;
    this.#partition.beginRelist();
    this.#listed = { objects: this.#cluster.list(this.#plural).flatMap((raw) => this.#read(raw)), revision };
  }

  /** Brings the next event, or the list that is under way. */
  deliver(): void {
    if (this.#listed !== undefined) {
      const { objects, revision } = this.#listed;
      this.#listed = undefined;
      this.revision = revision;
      this.#partition.commitRelist(objects, String(revision));
      return;
    }
    const next = this.#next();
    if (next === undefined) return;
    const { key, before, after, revision } = next;
    this.revision = revision;
    if (before !== undefined && before.metadata.uid !== after?.metadata.uid)
      this.#sawEnd(before.metadata.uid);
    if (after === undefined) this.#partition.remove(key, String(revision));
    for (const object of after === undefined ? [] : this.#read(after)) this.#partition.apply(object);
  }

  #next() {
    return this.#cluster.changes.find(
      ({ plural, revision }) => plural === this.#plural && revision > this.revision,
    );
  }

  #read(raw: unknown): readonly KubeObject[] {
    const object = this.#decode(structuredClone(raw));
    return object === undefined ? [] : [object];
  }
}

export type Watches = Readonly<{ stores: Stores; feeds: Readonly<Record<Watched, Feed>> }>;

export function watch(
  cluster: Cluster,
  sawEnd: (uid: string) => void,
  log: Readonly<{ error: (fields: object, message: string) => void }>,
): Watches {
  const kept = <T extends KubeObject>(indexes = {}) => createStore<T>({ indexes, log });
  const credentials = kept<ClientCredential>(credentialIndexes('default'));
  const connections = kept<AlmConnection>(connectionIndexes);
  const claims = kept<AlmClientClaim>(claimIndexes);
  const secrets = kept<KubeObject>();
  const namespaces = kept<KubeObject>();
  const all = [claims, credentials, connections, secrets, namespaces];
  const feed = (plural: Watched, store: unknown, decode: Decode = decodeObject) =>
    new Feed(plural, cluster, store as Store<KubeObject>, decode, sawEnd);
  return {
    stores: {
      claims,
      credentials,
      connections,
      secrets,
      namespaces,
      reflectors: [],
      synced: () => all.every((store) => store.synced()),
      whenSynced: async (signal) => {
        await Promise.all(all.map((store) => store.whenSynced(signal)));
      },
    },
    feeds: {
      [CLAIMS]: feed(CLAIMS, claims),
      [CREDENTIALS]: feed(CREDENTIALS, credentials),
      [CONNECTIONS]: feed(CONNECTIONS, connections),
      secrets: feed('secrets', secrets, decodeSecretMetadata),
      namespaces: feed('namespaces', namespaces, decodeNamespace),
    },
  };
}
