/** The fields of a structural schema, one a row, as the reference pages show them. Pure. */

export type Schema = Readonly<Record<string, unknown>>;

export type Field = Readonly<{
  /** Below spec or status, such as `access[].clientIds`. */
  path: string;
  type: string;
  /** Of the object that it lies in. */
  required: boolean;
  /** What an absent field means; undefined where the schema does not say. */
  absent: string | undefined;
  meaning: string;
}>;

export type SchemaRule = Readonly<{ path: string; message: string; cel: string }>;

/** Depth first, as they are written. Items that are no objects are part of their list's type. */
export function fieldsOf(schema: Schema, above = ''): readonly Field[] {
  const required = (schema['required'] ?? []) as readonly string[];
  return members(schema).flatMap(([name, child]) => {
    const path = above + name;
    const { absent, meaning } = tellingOf(String(child['description'] ?? ''));
    const own = { path, type: typeOf(child), required: required.includes(name), absent, meaning };
    const items = child['items'] as Schema | undefined;
    return [
      own,
      ...fieldsOf(child, `${path}.`),
      ...(items === undefined ? [] : fieldsOf(items, `${path}[].`)),
    ];
  });
}

/** Every CEL rule, with the field that its refusal names. */
export function rulesOf(schema: Schema, path: string): readonly SchemaRule[] {
  const rules = (schema['x-kubernetes-validations'] ?? []) as readonly Readonly<Record<string, string>>[];
  const own = rules.map(({ rule = '', message = '', fieldPath = '' }) => ({
    path: path + fieldPath,
    message,
    cel: rule,
  }));
  const items = schema['items'] as Schema | undefined;
  return [
    ...own,
    ...members(schema).flatMap(([name, child]) => rulesOf(child, `${path}.${name}`)),
    ...(items === undefined ? [] : rulesOf(items, `${path}[]`)),
  ];
}

function members(schema: Schema): readonly (readonly [string, Schema])[] {
  return Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>);
}

export function typeOf(schema: Schema): string {
  switch (schema['type']) {
    case 'string':
      return textType(schema);
    case 'integer':
      return joined(['integer', span(schema['minimum'], upperBound(schema))]);
    case 'array':
      return listType(schema);
    case 'object':
      return mapType(schema);
    default:
      return String(schema['type']);
  }
}

function textType({ enum: words, format, minLength, maxLength, pattern }: Schema): string {
  if (Array.isArray(words)) return alternatives(words.map((word) => `\`${word}\``));
  if (format === 'date-time') return 'time';
  const length = span(minLength, maxLength);
  return joined([
    'string',
    length === '' ? '' : `${length} characters`,
    typeof pattern === 'string' ? `like \`${pattern}\`` : '',
  ]);
}

function listType(schema: Schema): string {
  const items = schema['items'] as Schema;
  const count = span(schema['minItems'], schema['maxItems']);
  const keys = schema['x-kubernetes-list-map-keys'] as readonly string[] | undefined;
  const kind = schema['x-kubernetes-list-type'] === 'set' ? 'set' : 'list';
  return joined([
    items['type'] === 'object' ? `${kind} of objects` : kind,
    count,
    keys === undefined ? '' : `one for each \`${keys.join('`, `')}\``,
    items['type'] === 'object' ? '' : `each a ${typeOf(items)}`,
  ]);
}

function mapType(schema: Schema): string {
  const values = schema['additionalProperties'] as Schema | undefined;
  if (values === undefined) return 'object';
  const count = span(undefined, schema['maxProperties']);
  return joined(['map', count === '' ? '' : `${count} entries`, `each value a ${typeOf(values)}`]);
}

/** The largest int32 and int64 are the type's own bounds and say nothing. */
function upperBound({ maximum }: Schema): unknown {
  return maximum === 2_147_483_647 ? undefined : maximum;
}

function span(min: unknown, max: unknown): string {
  if (min !== undefined && max !== undefined) return min === max ? String(min) : `${min} to ${max}`;
  if (max !== undefined) return `at most ${max}`;
  return min === undefined ? '' : `at least ${min}`;
}

function alternatives(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), words.at(-1)].filter((part) => part !== '').join(' or ');
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}

/**
 * Takes `… when absent` out of a description into a column of its own. Where more hangs on it, the description stays
 * whole as well.
 */
export function tellingOf(description: string): Readonly<{ absent: string | undefined; meaning: string }> {
  const clause = /(^|[;:.] )((?:(?![;:.] ).)+) when absent(?:\.|(?=;)|$)/.exec(description);
  if (clause !== null) {
    const [whole, before = '', absent = ''] = clause;
    const start = description.slice(0, clause.index) + (before === '' ? '' : '.');
    const rest = description.slice(clause.index + whole.length);
    return { absent: lowerFirst(absent), meaning: `${start}${rest}`.trim() };
  }
  const later = /when absent, ([^.]+)/.exec(description)?.[1];
  const earlier = /(?:^|; )([^;]+) when absent,/.exec(description)?.[1];
  return { absent: earlier ?? later, meaning: description };
}

/** Names such as `Never` keep their first letter; words that began a sentence lose it. */
function lowerFirst(text: string): string {
  return /^(Nothing|None|Against)\b/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
