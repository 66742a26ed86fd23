/**
 * A namespace after its DELETE: nothing in it is touched for a while, then everything is deleted at once, Secrets
 * first, and the namespace goes when the last finalizer has gone.
 */

import type { Kind } from '../kinds/kind.ts';
import { isTerminating, namespaces } from '../kinds/namespaces.ts';
import { type ApiObject, type Json, timestamp } from '../objects.ts';
import { selected } from '../read/list.ts';
import { qualified } from '../status.ts';
import type { World } from '../world.ts';
import { remove } from '../write/remove.ts';
import type { Later } from './later.ts';

type Remains = Readonly<{ kind: Kind; objects: readonly ApiObject[] }>;

/** `sweepMs`: how long the content stays untouched, and the longest pause between two looks at what remains. */
export function runNamespaces(world: World, later: Later, sweepMs: number): () => void {
  const begin = (name: string) => later.run(sweepMs, () => sweep(world, later, name, sweepMs, sweepMs / 5));
  for (const namespace of world.storage.values(namespaces.bucket)) {
    if (isTerminating(namespace)) begin(namespace.metadata.name);
  }
  return world.storage.subscribe(({ bucket, before, after }) => {
    if (bucket !== namespaces.bucket || after === undefined || !isTerminating(after)) return;
    if (before !== undefined && !isTerminating(before)) begin(after.metadata.name);
  });
}

function sweep(world: World, later: Later, name: string, longestMs: number, pauseMs: number): void {
  const kinds = world.registry.all().filter(({ namespaced }) => namespaced);
  const ordered = [...kinds].sort((a, b) => Number(b.plural === 'secrets') - Number(a.plural === 'secrets'));
  for (const kind of ordered) {
    for (const { metadata } of contentOf(world, kind, name)) {
      if (world.storage.get(kind.bucket, `${name}/${metadata.name}`) === undefined) continue;
      remove(world, kind, metadata, { propagation: 'Background', dryRun: false });
    }
  }
  const remains = ordered
    .map((kind): Remains => ({ kind, objects: contentOf(world, kind, name) }))
    .filter(({ objects }) => objects.length > 0);
  if (conclude(world, name, remains)) return;
  const next = Math.min(2 * pauseMs, longestMs);
  later.run(pauseMs, () => sweep(world, later, name, longestMs, next));
}

function contentOf(world: World, kind: Kind, namespace: string): readonly ApiObject[] {
  return selected(world, { kind, namespace, matches: undefined });
}

/** Returns whether nothing is left to be done. */
function conclude(world: World, name: string, remains: readonly Remains[]): boolean {
  const namespace = world.storage.get(namespaces.bucket, name);
  if (namespace === undefined) return true;
  if (remains.length > 0) {
    const status = { phase: 'Terminating', conditions: conditions(remains, timestamp(world.now())) };
    world.storage.put(namespaces.bucket, name, { ...namespace, status });
    return false;
  }
  const held = (namespace.metadata.finalizers ?? []).length > 0;
  if (held) world.storage.put(namespaces.bucket, name, { ...namespace, spec: { finalizers: [] } });
  else world.storage.remove(namespaces.bucket, name);
  return true;
}

function conditions(remains: readonly Remains[], lastTransitionTime: string): readonly Json[] {
  const counts = new Map<string, number>();
  for (const { metadata } of remains.flatMap(({ objects }) => objects)) {
    for (const finalizer of metadata.finalizers ?? []) {
      counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
    }
  }
  const content = remains.map(
    ({ kind, objects }) => `${qualified(kind)} has ${objects.length} resource instances`,
  );
  const finalizers = [...counts].map(([name, count]) => `${name} in ${count} resource instances`);
  const told = (type: string, status: boolean, reason: string, message: string) => ({
    type,
    status: status ? 'True' : 'False',
    reason,
    message,
    lastTransitionTime,
  });
  return [
    told(
      'NamespaceDeletionDiscoveryFailure',
      false,
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ),
    told(
      'NamespaceDeletionContentFailure',
      false,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    told(
      'NamespaceContentRemaining',
      true,
      'SomeResourcesRemain',
      `Some resources are remaining: ${content.join(', ')}`,
    ),
    told(
      'NamespaceFinalizersRemaining',
      true,
      'SomeFinalizersRemain',
      `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`,
    ),
  ];
}
