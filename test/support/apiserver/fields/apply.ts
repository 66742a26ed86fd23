/**
 * Server-side apply: what becomes of an object, and of its owners, when somebody applies a configuration to it. What they
 * applied before and apply no longer goes, unless others own it; what others own is only changed by force.
 */

import { ApiError } from '../status.ts';
import { compare, spokenFor } from './describe.ts';
import {
  afterWrite,
  type Conflict,
  conflictsOf,
  type Entry,
  isBy,
  loseTo,
  nonEmpty,
  owned,
  type Writer,
} from './managers.ts';
import { mergeApplied, withoutFields } from './merge.ts';
import { difference, type FieldSet, isEmpty, NOTHING, nodeOf, setOf, union } from './set.ts';
import { partSchema, propertyOf, type Schema } from './typed.ts';

export type Applying = Readonly<{
  live: unknown;
  applied: unknown;
  schema: Schema;
  entries: readonly Entry[];
  writer: Writer;
  force: boolean;
  time: string;
  /** Fields that may be taken from others without force. */
  allowed?: FieldSet;
}>;

export type Applied = Readonly<{ object: unknown; entries: readonly Entry[] }>;

/** Throws 409 with every field that belongs to somebody else. */
export function applyConfiguration(applying: Applying): Applied {
  const { live, applied, schema, entries, writer, force, time, allowed = NOTHING } = applying;
  const others = entries.filter((entry) => !isBy(writer)(entry));
  const before = entries.find(isBy(writer));
  const former = before?.fields ?? NOTHING;
  const spoken = spokenFor(applied, schema);
  const ownedByAny = others.reduce((sum, { fields }) => union(sum, fields), spoken);
  const merged = mergeApplied(live, applied, schema);
  const noLonger = difference(withContainers(former, schema), withContainers(ownedByAny, schema));
  // A list of items that has none is nobody's, so that it is not given up either.
  const emptied = difference(noLonger, withContainers(spokenFor(merged, schema), schema));
  const givenUp = difference(noLonger, emptied);
  const object = withoutFields(merged, givenUp, schema);
  const { changed, removed } = compare(live, object, schema);
  const conflicts = force ? [] : conflictsOf(others, difference(owned(changed), allowed));
  if (conflicts.length > 0) throw conflictError(conflicts);
  const isSame = isEmpty(changed) && isEmpty(removed);
  const mine: Entry = { ...writer, time: isSame ? (before?.time ?? '') : time, fields: owned(spoken) };
  return { object, entries: [...nonEmpty(loseTo(others, changed, removed)), ...nonEmpty([mine])] };
}

/** The set with every declared field that something in it is below of. */
function withContainers(set: FieldSet, schema: Schema): FieldSet {
  return setOf(
    Object.keys(set).filter((key) => key !== '.'),
    (key) => {
      const node = set[key] ?? NOTHING;
      const declared = key.startsWith('f:') && propertyOf(schema, key.slice(2)) !== undefined;
      const isMember = declared || '.' in node || isEmpty(node);
      return nodeOf(isMember, withContainers(node, partSchema(schema, key)));
    },
  );
}

function conflictError(found: readonly Conflict[]): ApiError {
  const conflicts = [...found].sort((a, b) => (a.told < b.told ? -1 : 1));
  const count = conflicts.reduce((sum, { paths }) => sum + paths.length, 0);
  const [first] = conflicts;
  const told =
    count === 1
      ? `1 conflict: conflict with ${first?.told}: ${first?.paths[0]}`
      : `${count} conflicts: ${conflicts.map(listed).join('\n')}`;
  const causes = conflicts.flatMap(({ told: who, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  return new ApiError(409, 'Conflict', `Apply failed with ${told}`, { causes });
}

function listed({ told, paths }: Conflict): string {
  return [`conflicts with ${told}:`, ...paths.map((path) => `- ${path}`)].join('\n');
}

/** What a write that is no apply makes of the owners. */
export function trackUpdate(
  entries: readonly Entry[],
  writer: Writer,
  [before, after]: readonly [unknown, unknown],
  schema: Schema,
  time: string,
): readonly Entry[] {
  const { changed, removed } = compare(before, after, schema);
  return afterWrite(entries, writer, { changed: owned(changed), removed: owned(removed) }, time);
}
