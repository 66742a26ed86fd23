/**
 * What kstatus says of an object of a kind that it does not know, by its documentation and generic rules
 * (kubernetes-sigs/cli-utils, pkg/kstatus): Flux judges health checks by it. Pure.
 */

import type { Condition } from '../../src/kube/types.ts';

export type KstatusVerdict = 'Current' | 'InProgress' | 'Failed' | 'Terminating';

export type Judged = Readonly<{
  metadata: Readonly<{ generation?: number; deletionTimestamp?: string }>;
  status?: Readonly<{
    observedGeneration?: number;
    conditions?: readonly Readonly<Pick<Condition, 'type'> & { status: string }>[];
  }>;
}>;

const READY: ReadonlyMap<string, KstatusVerdict> = new Map([
  ['True', 'Current'],
  ['False', 'InProgress'],
  ['Unknown', 'InProgress'],
]);

/** What nothing speaks against is taken to be there: kstatus cannot know better. */
export function kstatusOf({ metadata, status = {} }: Judged): KstatusVerdict {
  if ((metadata.deletionTimestamp ?? '') !== '') return 'Terminating';
  const { observedGeneration, conditions = [] } = status;
  const { generation } = metadata;
  if (generation !== undefined && observedGeneration !== undefined && generation !== observedGeneration)
    return 'InProgress';
  for (const { type, status: truth } of conditions) {
    if (truth !== 'True') continue;
    if (type === 'Reconciling') return 'InProgress';
    if (type === 'Stalled') return 'Failed';
  }
  const ready = conditions.find(({ type }) => type === 'Ready');
  return READY.get(ready?.status ?? '') ?? 'Current';
}
