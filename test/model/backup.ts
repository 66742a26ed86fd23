import { CLAIMS, type Cluster, CONNECTIONS, CREDENTIALS, DEFINITIONS, type Stored } from './cluster.ts';
import { DEFINITION, keyIn } from './slots.ts';

/**
 * A backup put back into a new cluster: other uids, no status, nothing that was on its way out. Claims and what is around
 * them come first; credentials when the answer is called.
 */
export function restore(cluster: Cluster): () => void {
  const credentials = cluster
    .list(CREDENTIALS)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  for (const { metadata } of cluster.list(CREDENTIALS)) cluster.wipe(CREDENTIALS, keyIn(metadata));
  for (const plural of ['secrets', CONNECTIONS, CLAIMS]) {
    for (const object of cluster.list(plural)) {
      cluster.wipe(plural, keyIn(object.metadata));
      cluster.restore(plural, object);
    }
  }
  return () => {
    for (const object of credentials) bringBack(object, cluster);
  };
}

/** Where there is a place for it, and nobody made another meanwhile. */
function bringBack(object: Stored, cluster: Cluster): void {
  const places = [
    cluster.get(DEFINITIONS, DEFINITION),
    cluster.get('namespaces', object.metadata.namespace ?? ''),
  ];
  const stays = places.every(
    (place) => place !== undefined && place.metadata.deletionTimestamp === undefined,
  );
  if (stays && cluster.get(CREDENTIALS, keyIn(object.metadata)) === undefined)
    cluster.restore(CREDENTIALS, object);
}
