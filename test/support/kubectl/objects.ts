/** Objects as tests write and read them, and the questions that tests ask of them. Pure. */

import type { Condition, KubeObject } from '../../../src/kube/types.ts';

export type Manifest = Readonly<Record<string, unknown>> &
  Readonly<{
    apiVersion: string;
    kind: string;
    metadata: Readonly<Record<string, unknown>> & Readonly<{ name: string; namespace?: string }>;
  }>;

/** Any object as the API server gives it. */
export type Live = KubeObject &
  Readonly<{
    spec?: Readonly<Record<string, unknown>>;
    status?: Readonly<Record<string, unknown>> & Readonly<{ conditions?: readonly Condition[] }>;
    data?: Readonly<Record<string, string>>;
  }>;

type WithConditions = KubeObject & Readonly<{ status?: Readonly<{ conditions?: readonly Condition[] }> }>;

export function conditionOf(object: WithConditions, type: string): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/**
 * Says of an object whether a condition has this status, and this reason if given. A condition that says which spec it
 * speaks of must speak of the present one.
 */
export function hasCondition(
  type: string,
  status: string,
  reason?: string,
): (object: WithConditions) => boolean {
  return (object) => {
    const condition = conditionOf(object, type);
    if (condition?.status !== status) return false;
    if (reason !== undefined && condition.reason !== reason) return false;
    const { observedGeneration } = condition;
    return observedGeneration === undefined || observedGeneration >= (object.metadata.generation ?? 0);
  };
}

/** An object for a failing test to show: without managed fields and without a Secret's values. */
export function presentable(object: KubeObject): string {
  const { managedFields: _fields, annotations, ...metadata } = object.metadata as Record<string, unknown>;
  const { data, stringData, ...rest } = object as Record<string, unknown>;
  const hidden = { data: keysOf(data), stringData: keysOf(stringData) };
  return JSON.stringify(
    { ...rest, ...hidden, metadata: { ...metadata, annotations: keysOf(annotations) } },
    null,
    2,
  );
}

function keysOf(values: unknown): readonly string[] | undefined {
  return typeof values === 'object' && values !== null ? Object.keys(values) : undefined;
}
