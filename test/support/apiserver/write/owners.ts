/** Notes in an object's metadata.managedFields what a write makes of the owners of its fields. */

import { isDeepStrictEqual } from 'node:util';
import { trackUpdate } from '../fields/apply.ts';
import { type Entry, entriesOf, managedFieldsOf, type Writer } from '../fields/managers.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { type ApiObject, isRecord, type Json, timestamp } from '../objects.ts';
import type { World } from '../world.ts';
import type { WriteOptions } from './options.ts';
import type { Subresource } from './update.ts';

export type Change = Readonly<{
  kind: Kind;
  subresource: Subresource;
  /** Absent for a creation. */
  before?: ApiObject;
  after: ApiObject;
  /** metadata.managedFields as the client sent them: they stand for those of before, if there are any. */
  sent: unknown;
}>;

export function withOwners(world: World, change: Change, options: WriteOptions): ApiObject {
  const { after, before, sent } = change;
  if (isReset(sent)) return withEntries(after, []);
  if (options.owners !== undefined) return withEntries(after, options.owners);
  const given = entriesOf(sent);
  const former = given?.length ? given : (entriesOf(before?.metadata.managedFields) ?? []);
  // An object that nobody owns anything of is not looked after until somebody applies to it.
  if (before !== undefined && former.length === 0) return after;
  return withEntries(after, tracked(world, change, former, options.manager));
}

/** A list with one empty entry: forget who owns what. */
function isReset(sent: unknown): boolean {
  return Array.isArray(sent) && sent.length === 1 && isRecord(sent[0]) && Object.keys(sent[0]).length === 0;
}

function tracked(
  world: World,
  { kind, subresource, before, after }: Change,
  former: readonly Entry[],
  manager: string,
): readonly Entry[] {
  const writer: Writer = { manager, operation: 'Update', apiVersion: apiVersionOf(kind), subresource };
  const pair = [before, after].map((object) => reached(kind, subresource, object)) as [Json, Json];
  return trackUpdate(former, writer, pair, kind.schema, timestamp(world.now()));
}

/** What a write through the subresource can change, and clients can own, in the words of the kind. */
export function reached(kind: Kind, subresource: Subresource, object: ApiObject | undefined): Json {
  if (object === undefined) return {};
  const { status, ...rest } = kind.show(object);
  if (subresource === 'status') return status === undefined ? {} : { status };
  const main: Json = kind.status || status === undefined ? rest : { ...rest, status };
  const fields = Object.entries(main).filter(([field]) => !kind.unowned.includes(field));
  return Object.fromEntries(kind.builtIn ? fields.filter(([, value]) => !isUnset(value)) : fields);
}

/** Go knows no difference between what is not there and what is null or empty text. */
function isUnset(value: unknown): boolean {
  return value === null || value === '';
}

function withEntries(object: ApiObject, entries: readonly Entry[]): ApiObject {
  const { managedFields: _former, ...metadata } = object.metadata;
  const managedFields = managedFieldsOf(entries);
  return { ...object, metadata: { ...metadata, ...(entries.length === 0 ? {} : { managedFields }) } };
}

/** Whether nothing changed but, perhaps, the times at which somebody set what is set anyway. */
export function isSame(before: ApiObject, after: ApiObject): boolean {
  return isDeepStrictEqual(before, after) || isDeepStrictEqual(timeless(before), timeless(after));
}

function timeless({ metadata, ...rest }: ApiObject): unknown {
  const managedFields = metadata.managedFields?.map(({ time: _time, ...entry }) => entry);
  return { ...rest, metadata: { ...metadata, managedFields } };
}
