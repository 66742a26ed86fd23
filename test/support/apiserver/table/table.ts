/** Objects as rows (meta.k8s.io/v1 Table), the form in which kubectl prints them. */

import type { Kind } from '../kinds/kind.ts';
import type { Json } from '../objects.ts';
import { badRequest } from '../status.ts';

/** What each row carries of its object beside the cells. */
export type Include = 'None' | 'Metadata' | 'Object';

/** `rows` leaves the column definitions out: within a watch only the first event has them. */
export type TableForm = `${'table' | 'rows'}:${Include}`;

export const TABLE = { kind: 'Table', apiVersion: 'meta.k8s.io/v1' } as const;

/** `include`: the query parameter includeObject. */
export function tableForm(include: string | null): TableForm {
  if (include === null || include === '') return 'table:Metadata';
  if (include === 'None' || include === 'Metadata' || include === 'Object') return `table:${include}`;
  const why = `includeObject: Invalid value: "${include}": must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: ${why}`);
}

export function isTable(form: string): form is TableForm {
  return form.startsWith('table:') || form.startsWith('rows:');
}

/** The form of every event of a watch but the first. */
export function withoutColumns<Form extends string>(form: Form): Form | TableForm {
  return isTable(form) ? (`rows:${includedBy(form)}` as TableForm) : form;
}

export function includedBy(form: TableForm): Include {
  return form.slice(form.indexOf(':') + 1) as Include;
}

export type Row = Readonly<{ cells: readonly unknown[]; object: Json | null }>;

/** `shown`: what the row carries of the object. */
export function row(kind: Kind, object: Json, shown: Json | null, now: number): Row {
  return { cells: kind.columns.map(({ cell }) => cell(object, now)), object: shown };
}

export function table(kind: Kind, form: TableForm, metadata: Json, rows: readonly Row[]): Json {
  const columnDefinitions = form.startsWith('rows:') ? null : kind.columns.map(definition);
  return { ...TABLE, metadata, columnDefinitions, rows };
}

function definition({ name, type, format = '', description, priority = 0 }: Kind['columns'][number]): Json {
  return { name, type, format, description, priority };
}
