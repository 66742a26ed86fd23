/**
 * A namespace after its DELETE: nothing in it is touched for a while, then everything is deleted at once, Secrets
 * first, and the namespace goes when the last finalizer has gone.
 */

import { isDeepStrictEqual } from 'node:util';
import { type Condition, conditionsOf, withCondition } from '../kinds/conditions.ts';
import type { Kind } from '../kinds/kind.ts';
import { isTerminating, namespaces } from '../kinds/namespaces.ts';
import type { ApiObject } from '../objects.ts';
import { selected } from '../read/list.ts';
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

/** Says how far it has come. Returns whether nothing is left to be done. */
function conclude(world: World, name: string, remains: readonly Remains[]): boolean {
  const namespace = world.storage.get(namespaces.bucket, name);
  if (namespace === undefined) return true;
  const told = tell(world, namespace, findings(remains));
  if (remains.length > 0) return false;
  const held = (told.metadata.finalizers ?? []).length > 0;
  if (held) world.storage.put(namespaces.bucket, name, { ...told, spec: { finalizers: [] } });
  else world.storage.remove(namespaces.bucket, name);
  return true;
}

function tell(world: World, namespace: ApiObject, found: readonly Condition[]): ApiObject {
  const conditions = found.reduce(
    (told, condition) => withCondition(told, condition, world.now()),
    conditionsOf(namespace),
  );
  const status = { ...(namespace['status'] as object), conditions };
  if (isDeepStrictEqual(status, namespace['status'])) return namespace;
  return world.storage.put(namespaces.bucket, namespace.metadata.name, { ...namespace, status });
}

/** Discovery and deletion never fail here. */
const ALWAYS: readonly Condition[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure',
    status: 'False',
    reason: 'ResourcesDiscovered',
    message: 'All resources successfully discovered',
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    status: 'False',
    reason: 'ParsedGroupVersions',
    message: 'All legacy kube types successfully parsed',
  },
  {
    type: 'NamespaceDeletionContentFailure',
    status: 'False',
    reason: 'ContentDeleted',
    message: 'All content successfully deleted, may be waiting on finalization',
  },
];

function findings(remains: readonly Remains[]): readonly Condition[] {
  return [...ALWAYS, contentOfRemains(remains), finalizersOfRemains(remains)];
}

function contentOfRemains(remains: readonly Remains[]): Condition {
  const type = 'NamespaceContentRemaining';
  if (remains.length === 0) {
    const message = 'All content successfully removed';
    return { type, status: 'False', reason: 'ContentRemoved', message };
  }
  const told = remains.map(({ kind, objects }) => {
    // The dot is there for the core group, too, which has no name.
    return `${kind.plural}.${kind.group} has ${objects.length} resource instances`;
  });
  const message = `Some resources are remaining: ${told.sort().join(', ')}`;
  return { type, status: 'True', reason: 'SomeResourcesRemain', message };
}

function finalizersOfRemains(remains: readonly Remains[]): Condition {
  const type = 'NamespaceFinalizersRemaining';
  const counts = new Map<string, number>();
  for (const { metadata } of remains.flatMap(({ objects }) => objects)) {
    for (const name of metadata.finalizers ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (counts.size === 0) {
    const message = 'All content-preserving finalizers finished';
    return { type, status: 'False', reason: 'ContentHasNoFinalizers', message };
  }
  const told = [...counts].map(([name, count]) => `${name} in ${count} resource instances`);
  const message = `Some content in the namespace has finalizers remaining: ${told.sort().join(', ')}`;
  return { type, status: 'True', reason: 'SomeFinalizersRemain', message };
}
