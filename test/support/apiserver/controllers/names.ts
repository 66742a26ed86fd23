/** Which names a definition gets: those that no other definition of its group has (apiextensions, naming_controller.go). */

import type { Condition } from '../kinds/conditions.ts';
import { at, isRecord, type Json } from '../objects.ts';

export type Names = Readonly<Record<string, unknown>>;

const REASONS: Readonly<Record<string, string>> = {
  plural: 'PluralConflict',
  singular: 'SingularConflict',
  shortNames: 'ShortNamesConflict',
  kind: 'KindConflict',
  listKind: 'ListKindConflict',
};
const OF_RESOURCE = ['plural', 'singular', 'shortNames'];
const OF_KIND = ['kind', 'listKind'];

const ACCEPTED: Condition = {
  type: 'NamesAccepted',
  status: 'True',
  reason: 'NoConflicts',
  message: 'no conflicts found',
};

/** A field whose name is taken keeps what it had. The condition tells of the last conflict. */
export function acceptNames(
  wanted: Names,
  former: Names,
  others: readonly Names[],
): Readonly<{ names: Names; condition: Condition }> {
  const taken = (fields: readonly string[]) =>
    new Set(others.flatMap((other) => fields.flatMap(texts(other))));
  const ofResource = taken(OF_RESOURCE);
  const ofKind = taken(OF_KIND);
  let condition = ACCEPTED;
  const names: Record<string, unknown> = { ...wanted };
  for (const [field, reason] of Object.entries(REASONS)) {
    const used = OF_KIND.includes(field) ? ofKind : ofResource;
    const conflict = texts(wanted)(field).find((name) => used.has(name));
    if (conflict === undefined) continue;
    condition = { ...ACCEPTED, status: 'False', reason, message: `"${conflict}" is already in use` };
    names[field] = former[field];
  }
  const always = { plural: names['plural'] ?? '', kind: names['kind'] ?? '' };
  return { names: withoutAbsent({ ...names, ...always }), condition };
}

export function namesOf(definition: Json, ...path: readonly string[]): Names {
  const names = at(definition, ...path);
  return isRecord(names) ? names : {};
}

function texts(names: Names): (field: string) => readonly string[] {
  return (field) =>
    [names[field] ?? []].flat().filter((name) => typeof name === 'string' && name !== '') as string[];
}

function withoutAbsent(names: Names): Names {
  return Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined));
}
