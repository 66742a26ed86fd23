/** DELETE: preconditions, finalizers and how dependents are dealt with. */

import type { Kind } from '../kinds/kind.ts';
import { type ApiObject, type Json, storedKey, timestamp, withMeta } from '../objects.ts';
import { deleteConflict, forbidden, notFound, successOf } from '../status.ts';
import type { World } from '../world.ts';
import type { DeleteOptions, Propagation } from './delete-options.ts';
import { isReleased } from './update.ts';

const LASTING_NAMESPACES = ['default', 'kube-system', 'kube-public'];
/** The finalizers by which dependents are dealt with: the garbage collector takes them off. */
const FINALIZERS_OF: Readonly<Record<Propagation, readonly string[]>> = {
  Background: [],
  Foreground: ['foregroundDeletion'],
  Orphan: ['orphan'],
};
const OF_COLLECTOR = Object.values(FINALIZERS_OF).flat();

/** Answers with the object while something holds it, else with a Status. */
export function remove(
  world: World,
  kind: Kind,
  where: Readonly<{ namespace?: string; name: string }>,
  options: DeleteOptions,
): ApiObject | Json {
  const { name } = where;
  const key = storedKey(where.namespace, name);
  const stored = world.storage.get(kind.bucket, key);
  if (stored === undefined) throw notFound(kind, name);
  checkPreconditions(kind, stored, options);
  if (kind.bucket === 'namespaces' && LASTING_NAMESPACES.includes(name)) {
    throw forbidden(kind, name, 'this namespace may not be deleted');
  }
  const next = marked(world, kind, stored, options.propagation);
  if (isReleased(kind, next)) {
    if (!options.dryRun) world.storage.remove(kind.bucket, key);
    if (!kind.returnsDeleted) return successOf(kind, name, stored.metadata.uid);
    return withMeta(stored, { resourceVersion: String(world.storage.version) });
  }
  if (next === stored || options.dryRun) return next;
  return world.storage.put(kind.bucket, key, next);
}

function checkPreconditions(kind: Kind, { metadata }: ApiObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options;
  if (uid !== undefined && uid !== metadata.uid) {
    const told = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid})`;
    throw deleteConflict(
      kind,
      metadata.name,
      `${told}. The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const told = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion})`;
    throw deleteConflict(kind, metadata.name, `${told}. The object might have been modified`);
  }
}

/** The object with its deletion written down; itself where it was deleted before in the same way. */
function marked(
  world: World,
  kind: Kind,
  stored: ApiObject,
  propagation: Propagation | undefined,
): ApiObject {
  const { metadata } = stored;
  const former = metadata.finalizers ?? [];
  const finalizers = propagation === undefined ? former : withPolicy(former, propagation);
  if (metadata.deletionTimestamp !== undefined) {
    return finalizers.join() === former.join() ? stored : withMeta(stored, { finalizers });
  }
  const dying = withMeta(stored, {
    deletionTimestamp: timestamp(world.now()),
    deletionGracePeriodSeconds: 0,
    ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
    ...(finalizers.length === 0 ? {} : { finalizers }),
  });
  return kind.markDeleted(dying);
}

function withPolicy(finalizers: readonly string[], propagation: Propagation): readonly string[] {
  return [...finalizers.filter((one) => !OF_COLLECTOR.includes(one)), ...FINALIZERS_OF[propagation]];
}
