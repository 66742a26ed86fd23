/** Who owns which fields: metadata.managedFields, and what a write makes of them. */

import { isRecord, type Json } from '../objects.ts';
import type { Comparison } from './describe.ts';
import { difference, type FieldSet, intersection, isEmpty, NOTHING, pathsIn, union, without } from './set.ts';

/** Entries are told apart by all but the time and the fields. */
export type Writer = Readonly<{
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource: string;
}>;

/** `time` is empty where the writer changed nothing, and only joined those who had set the fields. */
export type Entry = Writer & Readonly<{ time: string; fields: FieldSet }>;

export type Conflict = Readonly<{ told: string; paths: readonly string[] }>;

/** What the server sets itself, and nobody owns. */
const UNOWNED = [
  ['f:apiVersion'],
  ['f:kind'],
  ...[
    ...['name', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation'],
    ...['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields'],
  ].map((name) => ['f:metadata', `f:${name}`]),
];

export function owned(set: FieldSet): FieldSet {
  const { 'f:metadata': metadata, ...rest } = UNOWNED.reduce(without, set);
  // Metadata itself is the server's, whoever owns what is in it.
  const { '.': _self, ...fields } = metadata ?? NOTHING;
  return isEmpty(fields) ? rest : { 'f:metadata': fields, ...rest };
}

/** Undefined where what a client sent is no list of entries. */
export function entriesOf(managedFields: unknown): readonly Entry[] | undefined {
  if (!Array.isArray(managedFields)) return undefined;
  const entries = managedFields.map(entryOf);
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

function entryOf(raw: unknown): Entry | undefined {
  if (!isRecord(raw) || (raw['operation'] !== 'Apply' && raw['operation'] !== 'Update')) return undefined;
  const text = (name: string) => String(raw[name] ?? '');
  const fields = isRecord(raw['fieldsV1']) ? (raw['fieldsV1'] as FieldSet) : NOTHING;
  const [manager, apiVersion, subresource] = [text('manager'), text('apiVersion'), text('subresource')];
  return { manager, operation: raw['operation'], apiVersion, subresource, time: text('time'), fields };
}

/** In the order of the server: those who apply first, then by time. */
export function managedFieldsOf(entries: readonly Entry[]): readonly Json[] {
  const order = ({ operation, time, manager, apiVersion, subresource }: Entry) =>
    [operation, time, manager, apiVersion, subresource].join('\0');
  return [...entries]
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      ...{ manager, operation, apiVersion, ...(time === '' ? {} : { time }) },
      ...{ fieldsType: 'FieldsV1', fieldsV1: fields },
      ...(subresource === '' ? {} : { subresource }),
    }));
}

export function isBy(writer: Writer): (entry: Entry) => boolean {
  return ({ manager, operation, apiVersion, subresource }) =>
    manager === writer.manager &&
    operation === writer.operation &&
    apiVersion === writer.apiVersion &&
    subresource === writer.subresource;
}

/** Others lose what changed or is gone; the time moves only for one who took something. */
export function afterWrite(
  entries: readonly Entry[],
  writer: Writer,
  { changed, removed }: Comparison,
  time: string,
): readonly Entry[] {
  const mine = entries.find(isBy(writer)) ?? { ...writer, time, fields: NOTHING };
  const kept = loseTo(
    entries.filter((entry) => entry !== mine),
    changed,
    removed,
  );
  const fields = union(difference(mine.fields, removed), changed);
  return nonEmpty([...kept, { ...mine, fields, time: isEmpty(changed) ? mine.time : time }]);
}

export function loseTo(entries: readonly Entry[], changed: FieldSet, removed: FieldSet): readonly Entry[] {
  return entries.map((entry) => ({
    ...entry,
    fields: difference(difference(entry.fields, changed), removed),
  }));
}

export function nonEmpty(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ fields }) => !isEmpty(fields));
}

/** Which of the others' fields a change would take from them. */
export function conflictsOf(others: readonly Entry[], changed: FieldSet): readonly Conflict[] {
  return others.flatMap((entry) => {
    const paths = pathsIn(intersection(entry.fields, changed));
    return paths.length === 0 ? [] : [{ told: toldOf(entry), paths }];
  });
}

function toldOf({ manager, subresource, operation, apiVersion }: Entry): string {
  const where = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const how = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(manager)}${where}${how}`;
}
