import type { AlmClientClaim } from '../../src/api/almclientclaim.ts';
import type { AlmConnection } from '../../src/api/almconnection.ts';
import type { ClientCredential } from '../../src/api/clientcredential.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { keyOf } from '../../src/kube/types.ts';
import { Workqueue } from '../../src/kube/workqueue.ts';
import { Departures } from '../../src/reconcile/departures.ts';
import { Sessions } from '../../src/reconcile/sessions.ts';
import { ClaimQueue } from '../../src/reconcile/waiting.ts';
import { claimIndexes, connectionIndexes, credentialIndexes } from '../../src/reconcile/wakes.ts';
import { connectWakes, usersWaker } from '../../src/reconcile/wiring.ts';
import { ManualClock } from '../kube/support/clock.ts';
import { NAMESPACE } from './manifests.ts';
import { type Kept, kept, relist } from './stores.ts';

/** Stores, queues, and what joins them: a change goes in, and the keys that it wakes come out. */

type Meta = Partial<KubeObject['metadata']>;
type Kind = 'credential' | 'connection' | 'claim' | 'secret' | 'namespace';

/** Objects by `kind name`; the name of a namespaced one is `namespace/name`. */
export class Wires {
  readonly departures = new Departures(() => 0);
  readonly sessions = new Sessions();
  readonly #queues = {
    credentials: new Workqueue({ clock: new ManualClock() }),
    connections: new Workqueue({ clock: new ManualClock() }),
    claims: new Workqueue({ clock: new ManualClock() }),
  };
  readonly claimQueue = new ClaimQueue((key) => this.#queues.credentials.add(key));
  readonly #credentials = kept<ClientCredential>(credentialIndexes('default'));
  readonly #connections = kept<AlmConnection>(connectionIndexes);
  readonly #claims = kept<AlmClientClaim>(claimIndexes);
  readonly #secrets = kept();
  readonly #namespaces = kept();
  readonly probed: (connection: string) => void;
  #version = 100;

  constructor() {
    const stores = {
      credentials: this.#credentials.store,
      connections: this.#connections.store,
      claims: this.#claims.store,
      secrets: this.#secrets.store,
      namespaces: this.#namespaces.store,
      reflectors: [],
      synced: () => true,
      whenSynced: async () => undefined,
    };
    for (const each of [this.#credentials, this.#connections, this.#claims, this.#secrets, this.#namespaces])
      relist(each as Kept<KubeObject>, []);
    connectWakes(stores, this.#queues, this.claimQueue, this.departures);
    this.probed = usersWaker(stores, this.sessions, this.#queues);
  }

  /** A watch tells of an object that came or changed. The generation moves with the spec, as a server moves it. */
  put(kind: Kind, key: string, spec: object = {}, metadata: Meta = {}): void {
    const { store, partition } = this.#of(kind);
    const old = store.get(key) as (KubeObject & { spec?: unknown }) | undefined;
    const generation = old?.metadata.generation ?? 0;
    const moved = old === undefined || JSON.stringify(old.spec) !== JSON.stringify(spec);
    const [name, namespace] = key.split('/').toReversed() as [string, string?];
    this.#version += 1;
    partition.apply({
      apiVersion: 'g/v1',
      kind,
      metadata: {
        name,
        ...(namespace !== undefined && { namespace }),
        uid: `uid-of-${key}`,
        resourceVersion: String(this.#version),
        generation: generation + (moved ? 1 : 0),
        ...metadata,
      },
      spec,
    } as KubeObject);
  }

  /** A watch tells that it is gone. */
  drop(kind: Kind, key: string): void {
    this.#version += 1;
    this.#of(kind).partition.remove(key, String(this.#version));
  }

  /** A relist does not show it any more. */
  miss(kind: Kind, key: string): void {
    const { store, partition } = this.#of(kind);
    this.#version += 1;
    partition.beginRelist();
    const left = store.list().filter(({ metadata }) => keyOf(metadata) !== key);
    partition.commitRelist(left, String(this.#version));
  }

  /** The answer to an own deletion is in. */
  forget(kind: Kind, key: string): void {
    this.#of(kind).store.forget(key, `uid-of-${key}`);
  }

  /** The keys that wait, in the words `queue key`, which are taken out. */
  async woken(): Promise<readonly string[]> {
    const words: string[] = [];
    for (const [name, queue] of Object.entries(this.#queues)) {
      while (queue.counts().ready > 0) {
        const key = await queue.get(new AbortController().signal);
        if (key === undefined) break;
        queue.done(key);
        words.push(`${name} ${key.replace(`${NAMESPACE}/`, '')}`);
      }
    }
    return words.toSorted();
  }

  #of(kind: Kind): Kept<KubeObject> {
    const all = {
      credential: this.#credentials,
      connection: this.#connections,
      claim: this.#claims,
      secret: this.#secrets,
      namespace: this.#namespaces,
    };
    return all[kind] as Kept<KubeObject>;
  }
}
