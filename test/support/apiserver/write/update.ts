/**
 * PUT, and what a PATCH comes to: preconditions, what each subresource may change, generation, the write that changes
 * nothing, and the one that lets a deleted object go.
 */

import { isDeepStrictEqual } from 'node:util';
import { admitted } from '../admission/admitted.ts';
import type { Kind } from '../kinds/kind.ts';
import { type ApiObject, type Draft, type Json, type Meta, storedKey } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { conflict, invalid, MODIFIED, notFound, uidConflict, unnamed } from '../status.ts';
import type { World } from '../world.ts';
import { accept } from './admit.ts';
import { create, type Written } from './create.ts';
import { type Address, draftOf } from './draft.ts';
import type { WriteOptions } from './options.ts';
import { isSame, withOwners } from './owners.ts';

export type Subresource = '' | 'status';
export type Target = Readonly<{ kind: Kind; namespace?: string; name: string; subresource: Subresource }>;

export function replace(world: World, target: Target, body: Json, options: WriteOptions): Written {
  const { kind, namespace, name } = target;
  const address: Address = { name, ...(namespace === undefined ? {} : { namespace }) };
  const draft = draftOf(kind, address, body);
  const stored = world.storage.get(kind.bucket, storedKey(namespace, name));
  const { uid } = draft.metadata;
  if (stored === undefined) {
    if (!kind.createsOnUpdate || target.subresource !== '') throw notFound(kind, name);
    if (uid !== undefined) throw uidConflict(kind, name, registryKey(target), uid, '');
    return create(world, kind, address, draft, options);
  }
  if (uid !== undefined && uid !== stored.metadata.uid) {
    throw uidConflict(kind, name, registryKey(target), uid, stored.metadata.uid);
  }
  return revise(world, target, stored, draft, options);
}

/** Where the storage of a real server keeps the object; a message tells it. */
function registryKey({ kind, namespace, name }: Target): string {
  const group = kind.builtIn && kind.group !== 'apiextensions.k8s.io' ? '' : `${kind.group}/`;
  return `/registry/${group}${kind.plural}/${storedKey(namespace, name)}`;
}

/**
 * Stores what the draft changes in the object, within what the subresource and the kind allow. All of the draft is
 * decoded: `admit` takes out what the subresource does not reach.
 */
export function revise(
  world: World,
  target: Target,
  stored: ApiObject,
  draft: Draft,
  options: WriteOptions,
): Written {
  const { kind, subresource } = target;
  const old = kind.complete(stored);
  checkVersion(kind, old, draft);
  const metadata = subresource === 'status' ? old.metadata : metaOf(old, draft);
  const object = { ...draft, metadata };
  const { fieldValidation, strictErrors, dryRun } = options;
  const found = subresource === 'status' ? [] : checkFixed(old, draft);
  const accepted = admitted(
    world,
    accept(kind, { object, old, fieldValidation, strictErrors, subresource }, found),
    { ...target, operation: 'UPDATE', old, dryRun },
  );
  const after = counted(kind, old, accepted.object as ApiObject);
  const sent = draft.metadata.managedFields;
  const next = withOwners(world, { kind, subresource, before: old, after, sent }, options);
  return { status: 200, object: commit(world, target, stored, next, dryRun), warnings: accepted.warnings };
}

function checkVersion(kind: Kind, old: ApiObject, draft: Draft): void {
  const given = draft.metadata.resourceVersion;
  if (given === undefined || given === '0') {
    if (kind.unconditionalUpdate) return;
    const message = 'Invalid value: 0: must be specified for an update';
    const field = 'metadata.resourceVersion';
    throw invalid({ group: kind.group, kind: kind.plural }, old.metadata.name, [
      { reason: 'FieldValueInvalid', message, field },
    ]);
  }
  if (!/^[0-9]+$/.test(given)) throw unnamed(`strconv.ParseUint: parsing "${given}": invalid syntax`);
  if (given !== old.metadata.resourceVersion) throw conflict(kind, old.metadata.name, MODIFIED);
}

/** Of the metadata only what belongs to clients changes. */
function metaOf(old: ApiObject, draft: Draft): Meta {
  const { labels, annotations, ownerReferences, finalizers } = draft.metadata;
  const { labels: _l, annotations: _a, ownerReferences: _o, finalizers: _f, ...system } = old.metadata;
  return {
    ...system,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
    ...(finalizers === undefined ? {} : { finalizers }),
  };
}

const FIXED = ['uid', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

function checkFixed(old: ApiObject, draft: Draft): readonly cause.Cause[] {
  return FIXED.filter((field) => (draft.metadata[field] ?? old.metadata[field]) !== old.metadata[field]).map(
    (field) => cause.invalid(`metadata.${field}`, draft.metadata[field], 'field is immutable'),
  );
}

/** generation counts changes of anything but metadata and, where that is a subresource, status. */
function counted(kind: Kind, old: ApiObject, next: ApiObject): ApiObject {
  if (!kind.generation || isDeepStrictEqual(desired(kind, old), desired(kind, next))) return next;
  const generation = (old.metadata.generation ?? 0) + 1;
  return { ...next, metadata: { ...next.metadata, generation } };
}

function desired(kind: Kind, { metadata: _m, status, ...rest }: ApiObject): unknown {
  return kind.status ? rest : { ...rest, status };
}

/**
 * An equal object is not written again. One that is deleted and that nothing holds any more is removed: the answer
 * shows it as sent, the DELETED event as it was stored before.
 */
function commit(world: World, target: Target, old: ApiObject, next: ApiObject, dryRun: boolean): ApiObject {
  const { kind, namespace, name } = target;
  if (isSame(old, next)) return old;
  if (dryRun) return next;
  const key = storedKey(namespace, name);
  if (isReleased(kind, next)) {
    world.storage.remove(kind.bucket, key);
    return next;
  }
  return world.storage.put(kind.bucket, key, next);
}

export function isReleased(kind: Kind, { metadata, ...rest }: ApiObject): boolean {
  if (metadata.deletionTimestamp === undefined || (metadata.finalizers ?? []).length > 0) return false;
  return !kind.held({ metadata, ...rest });
}
