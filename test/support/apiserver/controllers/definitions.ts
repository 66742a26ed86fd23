/**
 * The life of a CustomResourceDefinition: established a few milliseconds after its creation, in force at once after
 * an update, and after a DELETE alive until the last of its objects is gone.
 */

import { isDeepStrictEqual } from 'node:util';
import { CLEANUP, definitions } from '../kinds/crds.ts';
import { REFUSES_CREATE } from '../kinds/custom.ts';
import { bucketOf } from '../kinds/kind.ts';
import { type ApiObject, at, isRecord, type Json, timestamp, withMeta } from '../objects.ts';
import type { Change } from '../storage/storage.ts';
import type { World } from '../world.ts';
import { remove } from '../write/remove.ts';
import type { Later } from './later.ts';

const CLEANUP_MS = 5;

export function runDefinitions(world: World, later: Later, establishMs: number): () => void {
  for (const definition of world.storage.values(definitions.bucket))
    adopt(world, later, definition, establishMs);
  return world.storage.subscribe((change) => {
    if (change.bucket === definitions.bucket) onDefinition(world, later, change, establishMs);
    else if (change.after === undefined) onInstanceGone(world, later, change.bucket);
  });
}

function adopt(world: World, later: Later, definition: ApiObject, establishMs: number): void {
  if (isEstablished(definition)) world.registry.serve(definition);
  else later.run(establishMs, () => establish(world, definition.metadata.name));
  if (definition.metadata.deletionTimestamp !== undefined) {
    later.run(CLEANUP_MS, () => cleanUp(world, definition.metadata.name));
  }
}

function onDefinition(world: World, later: Later, { before, after }: Change, establishMs: number): void {
  if (after === undefined) {
    if (before === undefined) return;
    world.registry.withdraw(before.metadata.name);
    world.hub.end(bucketOfDefinition(before));
    return;
  }
  const { name, deletionTimestamp } = after.metadata;
  if (before === undefined) later.run(establishMs, () => establish(world, name));
  if (isEstablished(after)) world.registry.serve(after);
  if (before === undefined) return;
  if (!isDeepStrictEqual(before['spec'], after['spec'])) world.hub.end(bucketOfDefinition(after));
  if (deletionTimestamp !== undefined && before.metadata.deletionTimestamp === undefined) {
    later.run(CLEANUP_MS, () => cleanUp(world, name));
  }
}

function onInstanceGone(world: World, later: Later, bucket: string): void {
  if (world.storage.keys(bucket).length > 0) return;
  if (world.registry.inBucket(bucket)?.refusesCreate !== REFUSES_CREATE) return;
  const [group = '', plural = ''] = bucket.split('/');
  later.run(CLEANUP_MS, () => cleanUp(world, `${plural}.${group}`));
}

function establish(world: World, name: string): void {
  const definition = world.storage.get(definitions.bucket, name);
  if (definition === undefined || isEstablished(definition)) return;
  const condition = conditionAt(world.now());
  const spec = definition['spec'] as Json;
  const versions = (spec['versions'] as readonly Json[]).filter((version) => version['storage'] === true);
  world.storage.put(definitions.bucket, name, {
    ...definition,
    status: {
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      acceptedNames: spec['names'],
      storedVersions: versions.map((version) => version['name']),
    },
  });
}

function conditionAt(now: number) {
  return (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    reason,
    message,
    lastTransitionTime: timestamp(now),
  });
}

/** Marks every object as deleted; lets the definition go when none is left. */
function cleanUp(world: World, name: string): void {
  const definition = world.storage.get(definitions.bucket, name);
  if (definition?.metadata.deletionTimestamp === undefined) return;
  const bucket = bucketOfDefinition(definition);
  const kind = world.registry.inBucket(bucket);
  for (const { metadata } of kind === undefined ? [] : world.storage.values(bucket)) {
    if (kind !== undefined) remove(world, kind, metadata, { propagation: 'Background', dryRun: false });
  }
  if (world.storage.keys(bucket).length > 0) return;
  const finalizers = (definition.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP);
  if (finalizers.length === 0) world.storage.remove(definitions.bucket, name);
  else world.storage.put(definitions.bucket, name, withMeta(definition, { finalizers }));
}

function bucketOfDefinition(definition: ApiObject): string {
  return bucketOf(String(at(definition, 'spec', 'group')), String(at(definition, 'spec', 'names', 'plural')));
}

function isEstablished(definition: ApiObject): boolean {
  const conditions = at(definition, 'status', 'conditions');
  if (!Array.isArray(conditions)) return false;
  return conditions.some((one) => isRecord(one) && one['type'] === 'Established' && one['status'] === 'True');
}
