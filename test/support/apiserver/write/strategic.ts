/**
 * Strategic merge patches (apimachinery, util/strategicpatch): merge patches that know from the schema which lists are
 * merged by value or by a key, with directives for what a merge cannot say. Only built-in kinds take them.
 *
 *   $patch: replace | delete | merge        in a map or in an entry of a keyed list
 *   $deleteFromPrimitiveList/<field>        values to take out of a list of values
 *   $setElementOrder/<field>                the order that the merged list is to have
 *   $retainKeys                             the only keys of the map that are to stay
 */

import { isDeepStrictEqual } from 'node:util';
import { isRecord, type Json } from '../objects.ts';
import { goJson } from '../schema/json.ts';
import { unnamed } from '../status.ts';

type Schema = Json | undefined;
type Merged = Record<string, unknown>;

const DELETE_VALUES = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';
const RETAIN = '$retainKeys';

/** Throws 500, as the server does, for directives that make no sense. */
export function strategicMerge(current: Json, patch: Json, schema: Schema): Json {
  const { $patch: directive, [RETAIN]: retained, ...changes } = patch;
  if (directive === 'replace') return withoutDirectives(changes) as Json;
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw unknownDirective(patch);
  }
  const merged: Merged = { ...current };
  for (const field of fieldsOf(changes)) mergeField(merged, field, changes, propertyOf(schema, field));
  return Array.isArray(retained) ? only(merged, retained) : merged;
}

function unknownDirective(patch: Json) {
  return unnamed(`unknown patch type: ${patch['$patch']} in map: ${goMap(patch)}`);
}

/** A flat map as Go prints it. */
function goMap(map: Json): string {
  const keys = Object.keys(map).sort();
  return `map[${keys.map((key) => `${key}:${map[key]}`).join(' ')}]`;
}

/** Each field that a patch speaks of, in a value or in a directive. */
function fieldsOf(changes: Json): ReadonlySet<string> {
  const fields = Object.keys(changes).map((key) => key.replace(DELETE_VALUES, '').replace(ORDER, ''));
  return new Set(fields);
}

function propertyOf(schema: Schema, field: string): Schema {
  const properties = schema?.['properties'];
  const found = isRecord(properties) ? properties[field] : schema?.['additionalProperties'];
  return isRecord(found) ? found : undefined;
}

function only(merged: Merged, retained: readonly unknown[]): Json {
  return Object.fromEntries(Object.entries(merged).filter(([key]) => retained.includes(key)));
}

function mergeField(merged: Merged, field: string, changes: Json, schema: Schema): void {
  const deleted = changes[`${DELETE_VALUES}${field}`];
  const order = changes[`${ORDER}${field}`];
  const change = changes[field];
  if (change === null) delete merged[field];
  else if (isMergedList(schema) && (Array.isArray(change) || deleted !== undefined || order !== undefined)) {
    merged[field] = mergeList(listOf(merged[field]), listOf(change), { deleted, order, schema });
  } else if (isRecord(change)) {
    const current = merged[field];
    merged[field] = isRecord(current) ? strategicMerge(current, change, schema) : withoutDirectives(change);
  } else if (change !== undefined) merged[field] = change;
}

function isMergedList(schema: Schema): boolean {
  return schema?.['x-kubernetes-patch-strategy'] === 'merge';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What a patch sets where there was nothing: no nulls, and no directives but what they leave. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isRecord(value)) return value;
  if (value['$patch'] === 'delete') return {};
  const kept = Object.entries(value).filter(([key, inner]) => inner !== null && !key.startsWith('$'));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutDirectives(inner)]));
}

type Directives = Readonly<{ deleted: unknown; order: unknown; schema: Schema }>;

function mergeList(current: readonly unknown[], patch: readonly unknown[], directives: Directives) {
  const { deleted, order, schema } = directives;
  const key = String(schema?.['x-kubernetes-patch-merge-key'] ?? '');
  const wanted = Array.isArray(order) ? order : undefined;
  if (wanted !== undefined) checkOrder(patch, wanted, key);
  if (key !== '') {
    if (patch.some((entry) => isRecord(entry) && entry['$patch'] === 'replace')) {
      return patch.filter((entry) => isRecord(entry) && entry['$patch'] === undefined).map(withoutDirectives);
    }
    return ordered(current, mergeByKey(current, patch, key, schema), wanted ?? patch, key);
  }
  const gone = listOf(deleted);
  const kept = current.filter((value) => !gone.includes(value));
  return ordered(current, [...kept, ...patch.filter((value) => !kept.includes(value))], wanted ?? patch, key);
}

function mergeByKey(
  current: readonly unknown[],
  patch: readonly unknown[],
  key: string,
  schema: Schema,
): readonly unknown[] {
  const items = isRecord(schema?.['items']) ? schema['items'] : undefined;
  const merged = [...current];
  for (const entry of patch) {
    if (!isRecord(entry)) throw unnamed(`list element types are not identical: ${goJson([current, patch])}`);
    checkEntry(entry, key);
    const place = merged.findIndex((one) => isRecord(one) && one[key] === entry[key]);
    const found = merged[place];
    if (entry['$patch'] === 'delete') merged.splice(place < 0 ? merged.length : place, 1);
    else if (!isRecord(found)) merged.push(withoutDirectives(entry));
    else merged[place] = strategicMerge(found, entry, items);
  }
  return merged;
}

function checkEntry(entry: Json, key: string): void {
  const { $patch: directive } = entry;
  if (directive === 'merge') throw unnamed('merging lists cannot yet be specified in the patch');
  if (directive !== undefined && directive !== 'delete') throw unknownDirective(entry);
  if (entry[key] === undefined) {
    throw unnamed(`map: ${goMap(entry)} does not contain declared merge key: ${key}`);
  }
}

/** The order that is asked for may name more than the patch changes, but nothing less, and in the same order. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], key: string): void {
  const known = order.map((entry) => identity(entry, key));
  const named = patch
    .filter((entry) => !isRecord(entry) || entry['$patch'] === undefined)
    .map((entry) => identity(entry, key));
  const sorted = known.filter((entry) => named.includes(entry));
  if (isDeepStrictEqual(sorted, [...new Set(named)])) return;
  const told = (list: readonly unknown[]) => `[${list.map(String).join(' ')}]`;
  throw unnamed(
    `The order in patch list:\n${told(named)}\n doesn't match $setElementOrder list:\n${told(known)}\n`,
  );
}

function identity(entry: unknown, key: string): unknown {
  return key !== '' && isRecord(entry) ? entry[key] : entry;
}

/**
 * What the patch names comes in its order, the rest in the order of before; between the two, former neighbours keep
 * their order and what is new comes first.
 */
function ordered(
  before: readonly unknown[],
  merged: readonly unknown[],
  order: readonly unknown[],
  key: string,
): readonly unknown[] {
  const rank = (list: readonly unknown[], entry: unknown) =>
    list.findIndex((one) => isDeepStrictEqual(identity(one, key), identity(entry, key)));
  const named = merged
    .filter((entry) => rank(order, entry) >= 0)
    .sort((a, b) => rank(order, a) - rank(order, b));
  const others = merged.filter((entry) => rank(order, entry) < 0);
  const result: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const [left, right] = [rank(before, named[0]), rank(before, others[0])];
    result.push(left >= 0 && right >= 0 && left > right ? others.shift() : named.shift());
  }
  return [...result, ...named, ...others];
}
