/**
 * Garbage collection by owner references: dependents go after their last owner, before it (foreground), or are set
 * free (orphan). A reference to a kind that is not served proves nothing and is left alone.
 */

import type { Kind } from '../kinds/kind.ts';
import { type ApiObject, type OwnerReference, storedKey, withMeta } from '../objects.ts';
import type { Change } from '../storage/storage.ts';
import type { World } from '../world.ts';
import { remove } from '../write/remove.ts';
import { isReleased } from '../write/update.ts';
import type { Later } from './later.ts';

const DELAY_MS = 2;

type Place = Readonly<{ bucket: string; key: string }>;

const referencesOf = (object: ApiObject | undefined) => object?.metadata.ownerReferences ?? [];
const isDeleting = ({ metadata }: ApiObject) => metadata.deletionTimestamp !== undefined;

export function runCollector(world: World, later: Later): () => void {
  const dependents = new Dependents();
  const look = (place: Place) => later.run(DELAY_MS, () => collect(world, dependents, place));
  for (const bucket of world.storage.buckets()) {
    for (const key of world.storage.keys(bucket)) {
      const object = world.storage.get(bucket, key);
      if (object === undefined) continue;
      dependents.move({ bucket, key }, [], referencesOf(object));
      if (concernsCollector(object)) look({ bucket, key });
    }
  }
  return world.storage.subscribe((change) => {
    dependents.move(change, referencesOf(change.before), referencesOf(change.after));
    for (const place of toLookAt(world, dependents, change)) look(place);
  });
}

function concernsCollector({ metadata }: ApiObject): boolean {
  const waits = (metadata.finalizers ?? []).some(
    (name) => name === 'orphan' || name === 'foregroundDeletion',
  );
  return (
    referencesOf({ metadata } as ApiObject).length > 0 || (waits && metadata.deletionTimestamp !== undefined)
  );
}

/** The object itself, while it stands; after it has gone its dependents, and the owners that may wait for it. */
function toLookAt(world: World, dependents: Dependents, change: Change): readonly Place[] {
  const { bucket, key, before, after } = change;
  if (after !== undefined) return concernsCollector(after) ? [{ bucket, key }] : [];
  if (before === undefined) return [];
  const owners = referencesOf(before).flatMap((reference) => {
    const kind = world.registry.named(reference.apiVersion, reference.kind);
    return kind === undefined ? [] : [{ bucket: kind.bucket, key: ownerKey(kind, before, reference) }];
  });
  return [...dependents.of(before.metadata.uid), ...owners];
}

function collect(world: World, dependents: Dependents, { bucket, key }: Place): void {
  const object = world.storage.get(bucket, key);
  const kind = world.registry.inBucket(bucket);
  if (object === undefined || kind === undefined) return;
  const finalizers = object.metadata.finalizers ?? [];
  if (isDeleting(object) && finalizers.includes('orphan')) orphan(world, dependents, kind, object);
  else if (isDeleting(object) && finalizers.includes('foregroundDeletion')) {
    deleteDependents(world, dependents, kind, object);
  } else if (!isDeleting(object)) keepOwners(world, kind, object);
}

/** References to owners that are gone are taken off; an object that has no other goes. */
function keepOwners(world: World, kind: Kind, object: ApiObject): void {
  const references = referencesOf(object);
  const kept = references.filter((reference) => !isGone(world, object, reference));
  if (kept.length === references.length) return;
  const { namespace, name } = object.metadata;
  if (kept.length === 0) remove(world, kind, object.metadata, { propagation: 'Background', dryRun: false });
  else {
    const next = withMeta(object, { ownerReferences: kept });
    world.storage.put(kind.bucket, storedKey(namespace, name), next);
  }
}

function isGone(world: World, object: ApiObject, reference: OwnerReference): boolean {
  const kind = world.registry.named(reference.apiVersion, reference.kind);
  if (kind === undefined) return false;
  const owner = world.storage.get(kind.bucket, ownerKey(kind, object, reference));
  return owner?.metadata.uid !== reference.uid;
}

/** An owner lives in its dependent's namespace, or in none. */
function ownerKey(kind: Kind, { metadata }: ApiObject, { name }: OwnerReference): string {
  return storedKey(kind.namespaced ? metadata.namespace : undefined, name);
}

function deleteDependents(world: World, dependents: Dependents, kind: Kind, owner: ApiObject): void {
  const { uid } = owner.metadata;
  for (const place of dependents.of(uid)) {
    const object = world.storage.get(place.bucket, place.key);
    const dependentKind = world.registry.inBucket(place.bucket);
    if (object === undefined || dependentKind === undefined || isDeleting(object)) continue;
    remove(world, dependentKind, object.metadata, { propagation: 'Background', dryRun: false });
  }
  const blocked = dependents
    .of(uid)
    .some(({ bucket, key }) =>
      referencesOf(world.storage.get(bucket, key)).some(
        (one) => one.uid === uid && one.blockOwnerDeletion === true,
      ),
    );
  if (!blocked) release(world, kind, owner, 'foregroundDeletion');
}

function orphan(world: World, dependents: Dependents, kind: Kind, owner: ApiObject): void {
  const { uid } = owner.metadata;
  for (const { bucket, key } of dependents.of(uid)) {
    const object = world.storage.get(bucket, key);
    if (object === undefined) continue;
    const { ownerReferences: _former, ...metadata } = object.metadata;
    const kept = referencesOf(object).filter((reference) => reference.uid !== uid);
    const rest = kept.length === 0 ? metadata : { ...metadata, ownerReferences: kept };
    world.storage.put(bucket, key, { ...object, metadata: rest });
  }
  release(world, kind, owner, 'orphan');
}

function release(world: World, kind: Kind, owner: ApiObject, finalizer: string): void {
  const { namespace, name } = owner.metadata;
  const finalizers = (owner.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  const next = withMeta(owner, { finalizers });
  const key = storedKey(namespace, name);
  if (isReleased(kind, next)) world.storage.remove(kind.bucket, key);
  else world.storage.put(kind.bucket, key, next);
}

/** Who names whom as an owner, by the owner's uid. */
class Dependents {
  readonly #byOwner = new Map<string, Map<string, Place>>();

  of(uid: string): readonly Place[] {
    return [...(this.#byOwner.get(uid)?.values() ?? [])];
  }

  move({ bucket, key }: Place, from: readonly OwnerReference[], to: readonly OwnerReference[]): void {
    if (from === to) return;
    const name = `${bucket} ${key}`;
    for (const { uid } of from) {
      const places = this.#byOwner.get(uid);
      places?.delete(name);
      if (places?.size === 0) this.#byOwner.delete(uid);
    }
    for (const { uid } of to) {
      const places = this.#byOwner.get(uid) ?? new Map<string, Place>();
      this.#byOwner.set(uid, places.set(name, { bucket, key }));
    }
  }
}
