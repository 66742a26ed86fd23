/** The object that an apply makes: the applied configuration over the live one, and without what is given up. */

import { type FieldSet, has, isEmpty, NOTHING } from './set.ts';
import { type Part, partsOf, type Schema } from './typed.ts';

/** Values of `applied` win; parts that it does not speak of stay. */
export function mergeApplied(live: unknown, applied: unknown, schema: Schema): unknown {
  const [old, now] = [partsOf(live, schema), partsOf(applied, schema)];
  if (old === undefined || now === undefined || Array.isArray(live) !== Array.isArray(applied))
    return applied;
  if (Array.isArray(applied)) return mergedItems(old, now);
  const result: Record<string, unknown> = { ...(live as object) };
  for (const { key, value, schema: inner } of now) {
    const name = key.slice(2);
    result[name] = Object.hasOwn(result, name) ? mergeApplied(result[name], value, inner) : value;
  }
  return result;
}

/**
 * Live items stay in their place; items that both have follow the order of the applied list, and new ones come where
 * they stand in it, in front of the next that both have.
 */
function mergedItems(live: readonly Part[], applied: readonly Part[]): readonly unknown[] {
  const liveByKey = new Map(live.map((part) => [part.key, part]));
  const appliedKeys = new Set(applied.map(({ key }) => key));
  const result: unknown[] = [];
  let next = 0;
  const nextShared = () => applied.findIndex(({ key }, i) => i >= next && liveByKey.has(key));
  const takeApplied = (end: number) => {
    for (const part of applied.slice(next, end)) {
      const old = liveByKey.get(part.key);
      result.push(old === undefined ? part.value : mergeApplied(old.value, part.value, part.schema));
    }
    next = end;
  };
  for (const { key, value } of live) {
    const shared = nextShared();
    if (!appliedKeys.has(key)) result.push(value);
    else if (applied[shared]?.key === key) takeApplied(shared + 1);
  }
  takeApplied(applied.length);
  return result;
}

/**
 * The value without the members of the set, and without what is below them. A list of which nothing is left goes, too,
 * and is undefined; a map stays, empty.
 */
export function withoutFields(value: unknown, set: FieldSet, schema: Schema): unknown {
  const parts = partsOf(value, schema);
  if (parts === undefined || isEmpty(set)) return value;
  const kept = parts
    .filter(({ key }) => !has(set, key))
    .map((part) => ({ ...part, value: withoutFields(part.value, set[part.key] ?? NOTHING, part.schema) }))
    .filter((part) => part.value !== undefined);
  if (Array.isArray(value)) return kept.length === 0 ? undefined : kept.map((part) => part.value);
  return Object.fromEntries(kept.map((part) => [part.key.slice(2), part.value]));
}
