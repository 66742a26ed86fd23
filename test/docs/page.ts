/** The reference page of one kind, from its definition alone. Pure. */

import { customResourceDefinition } from '../../src/api/crd.ts';
import type { Column, KindDefinition } from '../../src/api/kind.ts';
import { anchorOf, type ConditionRow } from './conditions.ts';
import type { Example } from './examples.ts';
import { type Field, fieldsOf, rulesOf, type Schema } from './fields.ts';

type Names = Readonly<{
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
}>;

type Definition = Readonly<{
  spec: Readonly<{
    scope: string;
    names: Names;
    versions: readonly [Readonly<{ schema: Readonly<{ openAPIV3Schema: Schema }> }>];
  }>;
}>;

const NESTED = 'A required field is required where the object around it is given.';

export function referencePage(
  kind: KindDefinition,
  conditions: readonly ConditionRow[],
  example: Example,
): string {
  const { spec: definition } = customResourceDefinition(kind) as Definition;
  const { spec, status } = definition.versions[0].schema.openAPIV3Schema['properties'] as Record<
    string,
    Schema
  >;
  const sections = [
    [`# ${kind.resource.kind}`],
    ['<!-- Written by `npm run docs` from src/api. Change it there. -->'],
    [kind.description],
    names(kind, definition.scope, definition.names),
    ['## Example', '', example.introduction, '', '```yaml', example.yaml.trimEnd(), '```'],
    ['## spec', '', sentenceOf(spec), NESTED, '', ...specTable(fieldsOf(spec ?? {}))],
    ...rules(spec ?? {}),
    ['## status', '', sentenceOf(status), '', ...statusTable(fieldsOf(status ?? {}))],
    ['## Conditions', '', ...conditionTable(conditions)],
    ['## Columns', '', ...columnTable(kind.columns)],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function names({ resource, selectable }: KindDefinition, scope: string, named: Names): readonly string[] {
  const selectors = selectable.map((path) => `\`${path.slice(1)}\``);
  return table(
    ['', ''],
    [
      ['apiVersion', `\`${resource.group}/${resource.version}\``],
      ['scope', scope],
      ['names for kubectl', `\`${[named.plural, named.singular, ...named.shortNames].join('`, `')}\``],
      ['categories', `\`kubectl get ${named.categories.join('`, `kubectl get ')}\` shows it among others`],
      ['field selectors', ['`metadata.name`', '`metadata.namespace`', ...selectors].join(', ')],
    ],
  );
}

function sentenceOf(schema: Schema | undefined): string {
  return String(schema?.['description'] ?? '');
}

function specTable(fields: readonly Field[]): readonly string[] {
  return table(
    ['field', 'type', 'when absent', 'meaning'],
    fields.map(({ path, type, required, absent, meaning }) => [
      `\`${path}\``,
      type,
      required ? '**required**' : (absent ?? '–'),
      plain(meaning),
    ]),
  );
}

function rules(spec: Schema): readonly (readonly string[])[] {
  const found = rulesOf(spec, 'spec');
  if (found.length === 0) return [];
  const items = found.map(({ path, message, cel }) => `- \`${path}\`: ${message}\n  \`${cel}\``);
  return [
    ['## Rules', '', 'The API server refuses what breaks one of these, with these words.', '', ...items],
  ];
}

function statusTable(fields: readonly Field[]): readonly string[] {
  return table(
    ['field', 'type', 'meaning'],
    fields.map(({ path, type, meaning }) => [`\`${path}\``, type, plain(meaning)]),
  );
}

function conditionTable(conditions: readonly ConditionRow[]): readonly string[] {
  if (conditions.length === 0) return ['None is written in this release.'];
  return table(
    ['condition', 'says', 'reasons'],
    conditions.map(({ type, says, reasons }) => [
      `\`${type}\``,
      says,
      `[${reasons.replace(/:.*/, '')}](reasons.md#${anchorOf(reasons)})`,
    ]),
  );
}

function columnTable(columns: readonly Column[]): readonly string[] {
  return table(
    ['column', 'shows', ''],
    columns.map(({ name, jsonPath, wide }) => [
      name.toUpperCase(),
      `\`${jsonPath}\``,
      wide === true ? 'with `-o wide`' : '',
    ]),
  );
}

/** Descriptions are plain text, in which an asterisk is no emphasis. */
function plain(text: string): string {
  return text.replaceAll('*', '\\*');
}

/** A bar ends a cell even within code, unless a backslash stands before it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)];
}
