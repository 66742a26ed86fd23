// Reads what is stored. An object that an older or newer schema admitted gives a problem, never an exception; fields
// that this version does not know are passed over.
import type { z } from 'zod';

/** `field` is a path such as `spec.roles[0]`; `problem` a stable sentence with the rule, never with the value. */
export type ParsedSpec<T> =
  | Readonly<{ ok: true; value: T }>
  | Readonly<{ ok: false; field: string; problem: string }>;

export function parseSpec<S extends z.ZodType>(schema: S, value: unknown): ParsedSpec<z.output<S>> {
  const parsed = schema.safeParse(value, { error: problemOf });
  if (parsed.success) return { ok: true, value: parsed.data };
  const [first] = parsed.error.issues;
  return { ok: false, field: fieldOf(first?.path ?? []), problem: first?.message ?? 'is not valid' };
}

/** A status that does not parse counts as empty: it is output, and the next pass writes it anew. */
export function parseStatus<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : schema.parse({});
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((field, member) => {
    const plain = typeof member === 'string' && /^[A-Za-z]\w*$/.test(member);
    return plain ? `${field}.${member}` : `${field}[${String(member)}]`;
  }, 'spec');
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'a string'],
  ['number', 'a whole number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['record', 'an object'],
]);

function problemOf(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined) return 'is required';
  const items = issue.code === 'too_small' || issue.code === 'too_big' ? itemsOf(issue.origin) : '';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES.get(issue.expected) ?? 'of another type'}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must ${items === '' ? 'be' : 'have'} at least ${issue.minimum}${items}`;
    case 'too_big':
      return `must ${items === '' ? 'be' : 'have'} at most ${issue.maximum}${items}`;
    default:
      return 'is not valid';
  }
}

function itemsOf(origin: string): string {
  return origin === 'array' ? ' items' : '';
}
