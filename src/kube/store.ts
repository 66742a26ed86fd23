/**
 * Objects by key, as the API server has them as far as we know. Fed by partitions, one per reflector; where two hold
 * the same key (a namespace and a label selector may overlap), the newer version counts. Readers never see half a list.
 */

import { Indexes, type IndexFunctions } from './indexes.ts';
import { orAbort } from './limit.ts';
import type { Log } from './log.ts';
import { PartitionState } from './partition.ts';
import { type KubeObject, keyOf, type ObjectKey } from './types.ts';
import { isOlder } from './version.ts';

/** How the store came to know: by a watch event, by a relist, or by the answer to an own write. */
export type Cause = 'event' | 'relist' | 'own';

/** Called after the store has changed, once for each key whose version did. What it throws is logged and dropped. */
export type StoreListener<T> = (
  key: ObjectKey,
  before: T | undefined,
  after: T | undefined,
  cause: Cause,
) => void;

export type StoreReader<T extends KubeObject> = Readonly<{
  get(key: ObjectKey): T | undefined;
  list(): readonly T[];
  /** Throws RangeError for an index that was not declared. */
  byIndex(index: string, value: string): readonly T[];
  size(): number;
  /** Whether every partition has been listed once. */
  synced(): boolean;
  whenSynced(signal: AbortSignal): Promise<void>;
  /** The answer ends it. */
  onChange(listener: StoreListener<T>): () => void;
}>;

/** For those who write at the API server and want to read their own writes. */
export type StoreWriter<T extends KubeObject> = Readonly<{
  /** Takes the answer to an own write, unless the watch has shown the same or something newer already. */
  upsertIfNewer(object: T): void;
  /** An own deletion was answered: the object with this uid is gone. */
  forget(key: ObjectKey, uid: string): void;
}>;

/** For a reflector. */
export type PartitionWriter<T extends KubeObject> = Readonly<{
  apply(object: T): void;
  remove(key: ObjectKey, version: string): void;
  progressTo(version: string): void;
  /** To be called before the list is asked for, so that own writes made meanwhile are not lost. */
  beginRelist(): void;
  /** Swaps the partition whole; what vanished is reported like any other change. */
  commitRelist(objects: readonly T[], version: string): void;
}>;

export type Store<T extends KubeObject> = StoreReader<T> &
  StoreWriter<T> &
  Readonly<{
    /**
     * Adds a partition. `covers` says which own writes belong into it: all those that its reflector would show. Every
     * partition has to be added before the first one is listed, or `synced` speaks too early.
     */
    partition(covers?: (object: T) => boolean): PartitionWriter<T>;
  }>;

export type StoreOptions<T extends KubeObject> = Readonly<{
  indexes?: IndexFunctions<T>;
  log: Pick<Log, 'error'>;
}>;

export function createStore<T extends KubeObject>({ indexes = {}, log }: StoreOptions<T>): Store<T> {
  const state = new StoreState<T>(indexes, log);
  const objectsOf = (keys: Iterable<ObjectKey>) => [...keys].flatMap((key) => state.view.get(key) ?? []);
  return {
    get: (key) => state.view.get(key),
    list: () => [...state.view.values()],
    byIndex: (index, value) => objectsOf(state.indexes.keys(index, value)),
    size: () => state.view.size,
    synced: () => state.synced,
    whenSynced: (signal) => orAbort(state.whenSynced, signal),
    onChange: (listener) => state.listen(listener),
    upsertIfNewer: (object) => state.upsertIfNewer(object),
    forget: (key, uid) => state.forget(key, uid),
    partition: (covers = () => true) => state.partition(covers),
  };
}

type Part<T extends KubeObject> = Readonly<{ objects: PartitionState<T>; covers: (object: T) => boolean }>;

class StoreState<T extends KubeObject> {
  readonly view = new Map<ObjectKey, T>();
  readonly indexes: Indexes<T>;
  readonly whenSynced: Promise<void>;
  readonly #parts: Part<T>[] = [];
  readonly #listeners = new Set<StoreListener<T>>();
  readonly #log: Pick<Log, 'error'>;
  readonly #resolveSynced: () => void;

  constructor(functions: IndexFunctions<T>, log: Pick<Log, 'error'>) {
    this.indexes = new Indexes(functions);
    this.#log = log;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.whenSynced = promise;
    this.#resolveSynced = resolve;
  }

  get synced(): boolean {
    return this.#parts.length > 0 && this.#parts.every(({ objects }) => objects.listed);
  }

  listen(listener: StoreListener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  upsertIfNewer(object: T): void {
    for (const { objects, covers } of this.#parts) {
      if (covers(object)) objects.upsertIfNewer(object);
    }
    this.#refresh([keyOf(object.metadata)], 'own');
  }

  forget(key: ObjectKey, uid: string): void {
    for (const { objects } of this.#parts) objects.forget(key, uid);
    this.#refresh([key], 'own');
  }

  partition(covers: (object: T) => boolean): PartitionWriter<T> {
    const objects = new PartitionState<T>();
    this.#parts.push({ objects, covers });
    return {
      apply: (object) => {
        objects.apply(object);
        this.#refresh([keyOf(object.metadata)], 'event');
      },
      remove: (key, version) => {
        objects.remove(key, version);
        this.#refresh([key], 'event');
      },
      progressTo: (version) => objects.progressTo(version),
      beginRelist: () => objects.beginRelist(),
      commitRelist: (list, version) => {
        this.#refresh(objects.commitRelist(list, version), 'relist');
        if (this.synced) this.#resolveSynced();
      },
    };
  }

  /** Brings view and indexes in line with the partitions for all the keys before it tells anybody. */
  #refresh(keys: Iterable<ObjectKey>, cause: Cause): void {
    const changes = [...keys].flatMap((key) => {
      const before = this.view.get(key);
      const after = this.#newest(key);
      if (isSame(before, after)) return [];
      if (after === undefined) this.view.delete(key);
      else this.view.set(key, after);
      this.indexes.change(key, before, after);
      return [{ key, before, after }];
    });
    for (const { key, before, after } of changes) this.#tell(key, before, after, cause);
  }

  #newest(key: ObjectKey): T | undefined {
    return this.#parts
      .map(({ objects }) => objects.get(key))
      .reduce((best, own) => {
        if (best === undefined || own === undefined) return own ?? best;
        return isOlder(best.metadata.resourceVersion, own.metadata.resourceVersion) ? own : best;
      }, undefined);
  }

  #tell(key: ObjectKey, before: T | undefined, after: T | undefined, cause: Cause): void {
    for (const listener of this.#listeners) {
      try {
        listener(key, before, after, cause);
      } catch (error) {
        this.#log.error({ err: error, key }, 'a listener of the store threw');
      }
    }
  }
}

/** A relist that brings what is known already changes nothing. */
function isSame(before: KubeObject | undefined, after: KubeObject | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  const [old, now] = [before.metadata, after.metadata];
  return old.uid === now.uid && old.resourceVersion === now.resourceVersion;
}
