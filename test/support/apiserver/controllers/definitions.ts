/**
 * The life of a CustomResourceDefinition: its names are accepted at once, it is established a few milliseconds after,
 * in force at once after an update, and after a DELETE alive until the last of its objects is gone.
 */

import { isDeepStrictEqual } from 'node:util';
import { type Condition, conditionOf, conditionsOf, withCondition } from '../kinds/conditions.ts';
import { CLEANUP, definitions } from '../kinds/crds.ts';
import { REFUSES_CREATE } from '../kinds/custom.ts';
import { bucketOf } from '../kinds/kind.ts';
import { type ApiObject, at, withMeta } from '../objects.ts';
import type { Change } from '../storage/storage.ts';
import type { World } from '../world.ts';
import { remove } from '../write/remove.ts';
import type { Later } from './later.ts';
import { acceptNames, namesOf } from './names.ts';

const NAMES_MS = 1;
const CLEANUP_MS = 5;

const INSTALLING = established('False', 'Installing', 'the initial names have been accepted');
const NOT_ACCEPTED = established('False', 'NotAccepted', 'not all names are accepted');
const ESTABLISHED = established('True', 'InitialNamesAccepted', 'the initial names have been accepted');
const IN_PROGRESS: Condition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
};

function established(status: 'True' | 'False', reason: string, message: string): Condition {
  return { type: 'Established', status, reason, message };
}

export function runDefinitions(world: World, later: Later, establishMs: number): () => void {
  for (const definition of world.storage.values(definitions.bucket)) {
    adopt(world, later, definition, establishMs);
  }
  return world.storage.subscribe((change) => {
    if (change.bucket === definitions.bucket) onDefinition(world, later, change, establishMs);
    else if (change.after === undefined) onInstanceGone(world, later, change.bucket);
  });
}

function adopt(world: World, later: Later, definition: ApiObject, establishMs: number): void {
  const { name, deletionTimestamp } = definition.metadata;
  if (is(definition, ESTABLISHED)) world.registry.serve(definition);
  else later.run(NAMES_MS, () => settleNames(world, name));
  if (is(definition, INSTALLING)) later.run(establishMs, () => establish(world, name));
  if (deletionTimestamp !== undefined) later.run(CLEANUP_MS, () => cleanUp(world, name));
}

function onDefinition(world: World, later: Later, { before, after }: Change, establishMs: number): void {
  if (after === undefined) {
    if (before !== undefined) onGone(world, later, before);
    return;
  }
  const { name, deletionTimestamp } = after.metadata;
  if (!isDeepStrictEqual(namesOf(before ?? {}, 'spec', 'names'), namesOf(after, 'spec', 'names'))) {
    later.run(NAMES_MS, () => settleNames(world, name));
  }
  if (is(after, INSTALLING) && !is(before, INSTALLING)) later.run(establishMs, () => establish(world, name));
  if (is(after, ESTABLISHED)) world.registry.serve(after);
  if (before === undefined) return;
  if (!isDeepStrictEqual(before['spec'], after['spec'])) world.hub.end(bucketOfDefinition(after));
  if (deletionTimestamp !== undefined && before.metadata.deletionTimestamp === undefined) {
    later.run(CLEANUP_MS, () => cleanUp(world, name));
  }
}

/** Its names are free for those that wait for them. */
function onGone(world: World, later: Later, definition: ApiObject): void {
  world.registry.withdraw(definition.metadata.name);
  world.hub.end(bucketOfDefinition(definition));
  for (const other of inGroupOf(world, definition)) {
    if (conditionOf(other, 'NamesAccepted')?.['status'] === 'True') continue;
    later.run(NAMES_MS, () => settleNames(world, other.metadata.name));
  }
}

function onInstanceGone(world: World, later: Later, bucket: string): void {
  if (world.storage.keys(bucket).length > 0) return;
  if (world.registry.inBucket(bucket)?.refusesCreate !== REFUSES_CREATE) return;
  const [group = '', plural = ''] = bucket.split('/');
  later.run(CLEANUP_MS, () => cleanUp(world, `${plural}.${group}`));
}

/** What was established once stays so, whatever becomes of its names. */
function settleNames(world: World, name: string): void {
  const definition = world.storage.get(definitions.bucket, name);
  if (definition === undefined) return;
  const others = inGroupOf(world, definition).map((other) => namesOf(other, 'status', 'acceptedNames'));
  const wanted = namesOf(definition, 'spec', 'names');
  const { names, condition } = acceptNames(wanted, namesOf(definition, 'status', 'acceptedNames'), others);
  const follows = condition.status === 'True' ? INSTALLING : NOT_ACCEPTED;
  tell(world, definition, is(definition, ESTABLISHED) ? [condition] : [condition, follows], names);
}

function establish(world: World, name: string): void {
  const definition = world.storage.get(definitions.bucket, name);
  if (definition !== undefined && is(definition, INSTALLING)) tell(world, definition, [ESTABLISHED]);
}

/** Marks every object as deleted; lets the definition go when none is left. */
function cleanUp(world: World, name: string): void {
  const definition = world.storage.get(definitions.bucket, name);
  if (definition?.metadata.deletionTimestamp === undefined) return;
  const told = tell(world, definition, [IN_PROGRESS]);
  const bucket = bucketOfDefinition(definition);
  const kind = world.registry.inBucket(bucket);
  for (const { metadata } of kind === undefined ? [] : world.storage.values(bucket)) {
    if (kind !== undefined) remove(world, kind, metadata, { propagation: 'Background', dryRun: false });
  }
  if (world.storage.keys(bucket).length > 0) return;
  const finalizers = (told.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP);
  if (finalizers.length === 0) world.storage.remove(definitions.bucket, name);
  else world.storage.put(definitions.bucket, name, withMeta(told, { finalizers }));
}

/** Stores the definition with these conditions and names, unless it has them already. */
function tell(
  world: World,
  definition: ApiObject,
  conditions: readonly Condition[],
  acceptedNames = at(definition, 'status', 'acceptedNames'),
): ApiObject {
  const all = conditions.reduce(
    (told, condition) => withCondition(told, condition, world.now()),
    conditionsOf(definition),
  );
  const status = { ...(definition['status'] as object), conditions: all, acceptedNames };
  if (isDeepStrictEqual(status, definition['status'])) return definition;
  return world.storage.put(definitions.bucket, definition.metadata.name, { ...definition, status });
}

function inGroupOf(world: World, definition: ApiObject): readonly ApiObject[] {
  return world.storage
    .values(definitions.bucket)
    .filter(({ metadata }) => metadata.name !== definition.metadata.name)
    .filter((other) => at(other, 'spec', 'group') === at(definition, 'spec', 'group'));
}

function bucketOfDefinition(definition: ApiObject): string {
  return bucketOf(String(at(definition, 'spec', 'group')), String(at(definition, 'spec', 'names', 'plural')));
}

function is(definition: ApiObject | undefined, { type, status, reason }: Condition): boolean {
  const found = definition === undefined ? undefined : conditionOf(definition, type);
  return found?.['status'] === status && found['reason'] === reason;
}
