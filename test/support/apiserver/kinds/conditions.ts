/** Conditions in the status of what the server itself looks after. */

import { at, isRecord, type Json, timestamp } from '../objects.ts';

export type Condition = Readonly<{
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
}>;

export function conditionsOf(object: Json): readonly Json[] {
  const conditions = at(object, 'status', 'conditions');
  return Array.isArray(conditions) ? conditions.filter(isRecord) : [];
}

export function conditionOf(object: Json, type: string): Json | undefined {
  return conditionsOf(object).find((condition) => condition['type'] === type);
}

/** The conditions with this one in its place; the time is that of the last change of its status. */
export function withCondition(
  conditions: readonly Json[],
  condition: Condition,
  now: number,
): readonly Json[] {
  const former = conditions.find(({ type }) => type === condition.type);
  const isSame = former?.['status'] === condition.status;
  const lastTransitionTime = isSame ? former?.['lastTransitionTime'] : timestamp(now);
  const next = { ...condition, lastTransitionTime };
  if (former === undefined) return [...conditions, next];
  return conditions.map((one) => (one === former ? next : one));
}
