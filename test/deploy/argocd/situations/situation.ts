/** An object in some state, and what a GitOps tool should make of it. Pure. */

import { type Finding, stamp } from '../../../../src/kube/conditions.ts';
import type { Condition } from '../../../../src/kube/types.ts';
import type { KstatusVerdict } from '../../../support/kstatus.ts';

export type Health = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Unknown';

export type SituationObject = Readonly<{
  apiVersion: string;
  kind: string;
  metadata: Readonly<Record<string, unknown>> & Readonly<{ generation: number; deletionTimestamp?: string }>;
  spec: Readonly<Record<string, unknown>>;
  status?: Readonly<{ observedGeneration: number; conditions?: readonly Condition[] }>;
}>;

export type Situation = Readonly<{
  name: string;
  object: SituationObject;
  health: Health;
  /** Part of what Argo CD shows beside it. */
  message?: string;
  /** Where kstatus, which knows nothing of this project, cannot come to the same. */
  apart?: KstatusVerdict;
}>;

export type Change = Readonly<{
  metadata?: Readonly<Record<string, unknown>>;
  spec?: Readonly<Record<string, unknown>>;
  status?: SituationObject['status'];
}>;

export const NOON = Date.parse('2026-03-01T12:00:00Z');
export const GENERATION = 3;
export const DELETED = {
  deletionTimestamp: '2026-03-01T12:00:00Z',
  finalizers: ['alm-operator.dev/release'],
};

export function object(kind: string, { metadata, spec, status }: Change): SituationObject {
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind,
    metadata: { name: 'orders', namespace: 'team-orders', generation: GENERATION, ...metadata },
    spec: { ...spec },
    ...(status !== undefined && { status }),
  };
}

export function observed(
  findings: readonly Finding[],
  before: readonly Condition[] = [],
): SituationObject['status'] {
  return { observedGeneration: GENERATION, conditions: stamp(findings, before, GENERATION, new Date(NOON)) };
}

/** What no operator of this version writes. kstatus takes what it does not know for good. */
export function foreign(make: (change: Change) => SituationObject): readonly Situation[] {
  const word = (type: string, status: string) =>
    ({
      type,
      status,
      reason: 'Later',
      message: 'of a later version',
      lastTransitionTime: '2026-03-01T12:00:00Z',
    }) as Condition;
  const saying = (...conditions: readonly Condition[]) =>
    make({ status: { observedGeneration: GENERATION, conditions } });
  return [
    { name: 'no status', object: make({}), health: 'Progressing', apart: 'Current' },
    { name: 'no conditions', object: saying(), health: 'Progressing', apart: 'Current' },
    {
      name: 'an unknown truth',
      object: saying(word('Ready', 'Perhaps')),
      health: 'Progressing',
      apart: 'Current',
    },
    {
      name: 'an unknown condition',
      object: saying(word('Ready', 'True'), word('Polished', 'False')),
      health: 'Healthy',
    },
    {
      name: 'an unknown reason',
      object: saying(word('Stalled', 'True'), word('Ready', 'False')),
      health: 'Degraded',
    },
    {
      name: 'flags that are not up',
      object: saying(word('Stalled', 'False'), word('Reconciling', 'Unknown'), word('Ready', 'True')),
      health: 'Healthy',
    },
    { name: 'Ready, and nothing known', object: saying(word('Ready', 'Unknown')), health: 'Progressing' },
  ];
}
