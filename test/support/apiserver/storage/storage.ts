/**
 * What etcd is to a real server: every object, and one counter of versions for all of them. It outlives the server
 * that uses it, so that a restart finds the same state; it keeps no history.
 */

import { randomBytes } from 'node:crypto';
import { type ApiObject, withMeta } from '../objects.ts';

/** One write. `before` is absent for a creation, `after` for a removal. */
export type Change = Readonly<{
  version: number;
  /** `group/plural`: all versions of a kind share their objects. */
  bucket: string;
  key: string;
  before?: ApiObject;
  after?: ApiObject;
}>;

export type ChangeListener = (change: Change) => void;

/** All that a storage holds, as JSON can carry it. */
export type StorageDump = Readonly<{
  version: number;
  adminToken: string;
  buckets: Readonly<Record<string, Readonly<Record<string, ApiObject>>>>;
}>;

type Bucket = { readonly objects: Map<string, ApiObject>; sorted: readonly string[] | undefined };

export class Storage {
  /** The administrator's token lives with the state: a kubeconfig stays good over a restart. */
  readonly adminToken: string;
  readonly #buckets = new Map<string, Bucket>();
  readonly #listeners = new Set<ChangeListener>();
  #version: number;

  /** Empty, or as one was that was dumped: the same objects, versions and administrator's token. */
  constructor(kept?: StorageDump) {
    this.adminToken = kept?.adminToken ?? `admin-${randomBytes(16).toString('hex')}`;
    this.#version = kept?.version ?? 1;
    for (const [name, objects] of Object.entries(kept?.buckets ?? {})) {
      this.#buckets.set(name, { objects: new Map(Object.entries(objects)), sorted: undefined });
    }
  }

  get version(): number {
    return this.#version;
  }

  get(bucket: string, key: string): ApiObject | undefined {
    return this.#buckets.get(bucket)?.objects.get(key);
  }

  /** Keys in the order of lists. The array is shared: it is replaced, never changed. */
  keys(bucket: string): readonly string[] {
    const found = this.#buckets.get(bucket);
    if (found === undefined) return [];
    found.sorted ??= [...found.objects.keys()].sort();
    return found.sorted;
  }

  values(bucket: string): readonly ApiObject[] {
    return [...(this.#buckets.get(bucket)?.objects.values() ?? [])];
  }

  buckets(): readonly string[] {
    return [...this.#buckets.keys()];
  }

  /** Stores the object under a new version and tells every listener before it returns. */
  put(bucket: string, key: string, object: ApiObject): ApiObject {
    const { objects } = this.#bucket(bucket);
    const before = objects.get(key);
    const version = this.nextVersion();
    const after = withMeta(object, { resourceVersion: String(version) });
    if (before === undefined) this.#bucket(bucket).sorted = undefined;
    objects.set(key, after);
    this.#tell({ version, bucket, key, after, ...(before === undefined ? {} : { before }) });
    return after;
  }

  remove(bucket: string, key: string): void {
    const { objects } = this.#bucket(bucket);
    const before = objects.get(key);
    if (before === undefined) return;
    objects.delete(key);
    this.#bucket(bucket).sorted = undefined;
    this.#tell({ version: this.nextVersion(), bucket, key, before });
  }

  /** Counts one version on, as a write to something that nobody here looks at would. */
  nextVersion(): number {
    this.#version += 1;
    return this.#version;
  }

  dump(): StorageDump {
    const buckets = [...this.#buckets].map(([name, { objects }]) => [name, Object.fromEntries(objects)]);
    return {
      version: this.#version,
      adminToken: this.adminToken,
      buckets: Object.fromEntries(buckets),
    };
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #bucket(name: string): Bucket {
    const found = this.#buckets.get(name) ?? { objects: new Map<string, ApiObject>(), sorted: undefined };
    this.#buckets.set(name, found);
    return found;
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}
