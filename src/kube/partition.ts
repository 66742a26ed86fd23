/**
 * What one reflector knows: the objects of its scope, newest version each. Writes arrive by three ways that race with
 * each other (watch events, relists, answers to own writes), and the rules here make their order not matter:
 *
 * - an older version never replaces a newer one, and an older DELETED event removes no re-created object;
 * - an answer to a write that the watch has already passed is believed only where it is newer than what is held: an
 *   absent object has been deleted since;
 * - a relist replaces everything, even by older versions (a restored etcd), but for own writes answered while it ran.
 */

import { type KubeObject, keyOf, type ObjectKey, type ObjectMeta } from './types.ts';
import { compareVersions, isOlder } from './version.ts';

export class PartitionState<T extends KubeObject> {
  #objects = new Map<ObjectKey, T>();
  /** Own writes answered since the running relist began. */
  #written: Map<ObjectKey, T> | undefined;
  /** Uids of own deletions that the watch has not shown yet. */
  readonly #deleted = new Map<ObjectKey, string>();
  #progress: string | undefined;
  #listed = false;

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(key);
  }

  /** Whether it was ever listed whole. */
  get listed(): boolean {
    return this.#listed;
  }

  /** An ADDED or MODIFIED event. */
  apply(object: T): void {
    const key = keyOf(object.metadata);
    this.progressTo(object.metadata.resourceVersion);
    if (this.#deleted.get(key) === object.metadata.uid) return;
    this.#put(key, object);
  }

  /** A DELETED event; `version` is that of the deletion. */
  remove(key: ObjectKey, version: string): void {
    this.progressTo(version);
    const held = this.#objects.get(key);
    if (held !== undefined && isOlder(version, held.metadata.resourceVersion)) return;
    this.#deleted.delete(key);
    this.#objects.delete(key);
  }

  /** The watch has shown everything up to here. */
  progressTo(version: string): void {
    if (this.#progress === undefined || isOlder(this.#progress, version)) this.#progress = version;
  }

  upsertIfNewer(object: T): void {
    const key = keyOf(object.metadata);
    this.#written?.set(key, object);
    const passed = this.#progress !== undefined && !isOlder(this.#progress, object.metadata.resourceVersion);
    if (passed && !this.#objects.has(key)) return;
    this.#put(key, object);
  }

  forget(key: ObjectKey, uid: string): void {
    this.#written?.delete(key);
    if (this.#objects.get(key)?.metadata.uid !== uid) return;
    this.#objects.delete(key);
    this.#deleted.set(key, uid);
  }

  beginRelist(): void {
    this.#written = new Map();
  }

  /** Answers every key that was or is held. */
  commitRelist(objects: readonly T[], version: string): ReadonlySet<ObjectKey> {
    const before = this.#objects;
    const written = this.#written ?? new Map<ObjectKey, T>();
    this.#objects = new Map(objects.map((object) => [keyOf(object.metadata), object]));
    this.#progress = version;
    this.#listed = true;
    this.#written = undefined;
    this.#dropDeleted();
    for (const object of written.values()) this.upsertIfNewer(object);
    return new Set([...before.keys(), ...this.#objects.keys()]);
  }

  /** An own deletion that the list does not show any more is over; one that it shows is not. */
  #dropDeleted(): void {
    for (const [key, uid] of this.#deleted) {
      if (this.#objects.get(key)?.metadata.uid === uid) this.#objects.delete(key);
      else this.#deleted.delete(key);
    }
  }

  #put(key: ObjectKey, object: T): void {
    const held = this.#objects.get(key);
    if (held !== undefined && !replaces(object.metadata, held.metadata)) return;
    this.#objects.set(key, object);
  }
}

/** Versions that cannot be compared are taken in the order in which they come. */
function replaces(next: ObjectMeta, held: ObjectMeta): boolean {
  const order = compareVersions(next.resourceVersion, held.resourceVersion);
  return order === undefined || order > 0;
}
