/** DELETE: preconditions, finalizers and how dependents are dealt with. */

import type { Kind } from '../kinds/kind.ts';
import { type ApiObject, at, isRecord, type Json, storedKey, timestamp, withMeta } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { badRequest, deleteConflict, forbidden, invalid, notFound, successOf } from '../status.ts';
import type { World } from '../world.ts';
import { isReleased } from './update.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export type DeleteOptions = Readonly<{
  uid?: string;
  resourceVersion?: string;
  propagation: Propagation;
  dryRun: boolean;
}>;

const LASTING_NAMESPACES = ['default', 'kube-system', 'kube-public'];
const FINALIZER_OF: Readonly<Record<Propagation, string | undefined>> = {
  Background: undefined,
  Foreground: 'foregroundDeletion',
  Orphan: 'orphan',
};

/** From the body, or from the query where there is none. */
export function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  if (body !== undefined && !isRecord(body)) throw badRequest('the body of the request is not DeleteOptions');
  const text = (...path: readonly string[]) => at(body, ...path) as string | undefined;
  const propagation = text('propagationPolicy') ?? query.get('propagationPolicy') ?? 'Background';
  if (!(propagation in FINALIZER_OF)) {
    const supported = ['Foreground', 'Background', 'Orphan', 'nil'];
    const causes = [cause.notSupported('propagationPolicy', propagation, supported)];
    throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', causes);
  }
  const uid = text('preconditions', 'uid');
  const resourceVersion = text('preconditions', 'resourceVersion');
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    propagation: propagation as Propagation,
    dryRun: query.has('dryRun') || at(body, 'dryRun') !== undefined,
  };
}

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

/** The object with its deletion written down; itself where it was deleted before. */
function marked(world: World, kind: Kind, stored: ApiObject, propagation: Propagation): ApiObject {
  const { metadata } = stored;
  if (metadata.deletionTimestamp !== undefined) return stored;
  const finalizer = FINALIZER_OF[propagation];
  const finalizers = [...(metadata.finalizers ?? []), ...(finalizer === undefined ? [] : [finalizer])];
  const dying = withMeta(stored, {
    deletionTimestamp: timestamp(world.now()),
    deletionGracePeriodSeconds: 0,
    ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
    ...(finalizers.length === 0 ? {} : { finalizers }),
  });
  return kind.markDeleted(dying);
}
