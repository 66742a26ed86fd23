import type { Condition } from './types.ts';

/** A condition as a decision states it: no clock, no generation, no history. */
export type Finding = Readonly<Pick<Condition, 'type' | 'status' | 'reason' | 'message'>>;

/**
 * Gives findings their history. The transition time moves only with `status`, and types not found again are dropped,
 * so that equal findings give equal lists and an unchanged world causes no write. Times have whole seconds, as the
 * API server stores them.
 */
export function stamp(
  findings: readonly Finding[],
  before: readonly Condition[],
  observedGeneration: number,
  now: Date,
): readonly Condition[] {
  return findings.map((finding) => {
    const old = before.find((condition) => condition.type === finding.type);
    const lastTransitionTime = old?.status === finding.status ? old.lastTransitionTime : toSeconds(now);
    return { ...finding, observedGeneration, lastTransitionTime };
  });
}

export function toSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export function findCondition<C extends Pick<Condition, 'type'>>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}
