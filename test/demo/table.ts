/** The table that `kubectl get` shows, from the columns of the kind. Pure. */

import type { Column, KindDefinition } from '../../src/api/kind.ts';
import type { Live } from '../support/kubectl/objects.ts';

export function kubectlTable(kind: KindDefinition, objects: readonly Live[], now: Date): string {
  const columns = kind.columns.filter(({ wide }) => wide !== true);
  const head = ['NAMESPACE', 'NAME', ...columns.map(({ name }) => name.toUpperCase())];
  const rows = objects
    .toSorted((a, b) => placeOf(a).localeCompare(placeOf(b)))
    .map((object) => [
      object.metadata.namespace ?? '',
      object.metadata.name,
      ...columns.map((column) => cell(object, column, now)),
    ]);
  return aligned([head, ...rows]);
}

function placeOf({ metadata: { namespace, name } }: Live): string {
  return `${namespace}/${name}`;
}

function cell(object: Live, { jsonPath, type }: Column, now: Date): string {
  const value = valueAt(object, jsonPath);
  if (value === undefined) return '';
  if (type === 'date')
    return `${Math.max(0, Math.round((now.getTime() - Date.parse(String(value))) / 1000))}s`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The two forms that the kinds use: `.a.b` and `.status.conditions[?(@.type=="T")].x`. */
function valueAt(object: Live, path: string): unknown {
  const [, type, member] = /^\.status\.conditions\[\?\(@\.type=="(\w+)"\)\]\.(\w+)$/.exec(path) ?? [];
  if (type !== undefined && member !== undefined) {
    const condition = object.status?.conditions?.find((one) => one.type === type);
    return condition?.[member as 'status' | 'reason' | 'message'];
  }
  return path
    .slice(1)
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], object);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
