/** The columns of tables: those that many kinds share, and those that a definition asks for. */

import { at, isRecord, type Json } from '../objects.ts';
import { goJson } from '../schema/json.ts';
import { age } from './age.ts';
import { jsonPath } from './jsonpath.ts';

export type Column = Readonly<{
  name: string;
  type: string;
  format?: string;
  description: string;
  /** Above 0: only in wide output. */
  priority?: number;
  /** A string, number or boolean; null prints blank. The object may be one of a bookmark, with hardly any metadata. */
  cell: (object: Json, now: number) => unknown;
}>;

export const NAME: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'What the object is called within its namespace.',
  cell: (object) => at(object, 'metadata', 'name') ?? '',
};

export const AGE: Column = {
  name: 'Age',
  type: 'string',
  description: 'How long ago the object was created.',
  cell: (object, now) => age(at(object, 'metadata', 'creationTimestamp'), now),
};

/** A column that shows the text at a path. */
export function textColumn(name: string, description: string, ...path: readonly string[]): Column {
  return { name, type: 'string', description, cell: (object) => String(at(object, ...path) ?? '') };
}

/** A column that counts the entries of maps or lists. */
export function countColumn(name: string, description: string, ...fields: readonly string[]): Column {
  const sizeOf = (value: unknown) =>
    typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  const cell = (object: Json) => fields.reduce((sum, field) => sum + sizeOf(object[field]), 0);
  return { name, type: 'string', description, cell };
}

/** The columns of a definition's version; without any, the age alone. */
export function customColumns(additionalPrinterColumns: unknown): readonly Column[] {
  const listed = Array.isArray(additionalPrinterColumns) ? additionalPrinterColumns.filter(isRecord) : [];
  return [NAME, ...(listed.length === 0 ? [customColumn(ONLY_AGE)] : listed.map(customColumn))];
}

const ONLY_AGE = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

function customColumn(listed: Json): Column {
  const path = String(listed['jsonPath']);
  const type = String(listed['type']);
  const find = jsonPath(path);
  const described =
    listed['description'] ?? `Custom resource definition column (in JSONPath format): ${path}`;
  return {
    name: String(listed['name']),
    type,
    format: String(listed['format'] ?? ''),
    description: String(described),
    priority: Number(listed['priority'] ?? 0),
    cell: (object, now) => customCell(type, find(object)[0], now),
  };
}

/** Only the first value that the path leads to counts, and only if it fits the type. */
function customCell(type: string, value: unknown, now: number): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? age(value, now) : null;
    default:
      return typeof value === 'object' ? goJson(value) : String(value);
  }
}
