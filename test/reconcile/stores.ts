import { createStore, type PartitionWriter, type Store } from '../../src/kube/store.ts';
import type { KubeObject } from '../../src/kube/types.ts';

/** Real stores, filled by hand. */

export type Kept<T extends KubeObject> = Readonly<{ store: Store<T>; partition: PartitionWriter<T> }>;

export function kept<T extends KubeObject>(indexes = {}): Kept<T> {
  const store = createStore<T>({
    indexes,
    log: {
      error: (_fields, message) => {
        throw new Error(message);
      },
    },
  });
  const partition = store.partition();
  return { store, partition };
}

/** The watch catches up: the store holds these objects and no others. */
export function relist<T extends KubeObject>({ partition }: Kept<T>, objects: readonly KubeObject[]): void {
  const versions = objects.map(({ metadata }) => Number(metadata.resourceVersion));
  partition.beginRelist();
  partition.commitRelist(
    structuredClone(objects) as unknown as readonly T[],
    String(Math.max(100, ...versions)),
  );
}
