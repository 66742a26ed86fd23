/**
 * Validation errors in the API server's words: each is one entry of a Status's `details.causes`, and together they make
 * its message (apimachinery, util/validation/field and api/errors).
 */
import { goJson, goQuote } from './json.ts';

export type Cause = Readonly<{ reason: string; message: string; field: string }>;

/** Stands for a value that the message leaves out. */
export const OMITTED: unique symbol = Symbol('value left out');

export const child = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
export const index = (path: string, i: number): string => `${path}[${i}]`;
export const key = (path: string, name: string): string => `${path}[${name}]`;

const field = (path: string): string => (path === '' ? '<nil>' : path);

function shown(value: unknown): string {
  if (value === OMITTED) return '';
  if (typeof value === 'string') return `: ${goQuote(value)}`;
  return `: ${typeof value === 'number' || typeof value === 'boolean' ? value : goJson(value)}`;
}

const detailed = (detail: string): string => (detail === '' ? '' : `: ${detail}`);

function valued(reason: string, label: string) {
  return (path: string, value: unknown, detail: string): Cause => ({
    reason,
    message: `${label}${shown(value)}${detailed(detail)}`,
    field: field(path),
  });
}

export const invalid = valued('FieldValueInvalid', 'Invalid value');
export const typeInvalid = valued('FieldValueTypeInvalid', 'Invalid value');

export function required(path: string, detail = ''): Cause {
  return { reason: 'FieldValueRequired', message: `Required value${detailed(detail)}`, field: field(path) };
}

export function forbidden(path: string, detail: string): Cause {
  return { reason: 'FieldValueForbidden', message: `Forbidden${detailed(detail)}`, field: field(path) };
}

export function duplicate(path: string, value: unknown): Cause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value${shown(value)}`, field: field(path) };
}

export function notSupported(path: string, value: unknown, values: readonly unknown[]): Cause {
  const known = values.map((v) => goQuote(typeof v === 'string' ? v : goJson(v))).join(', ');
  const detail = values.length === 0 ? '' : `: supported values: ${known}`;
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value${shown(value)}${detail}`,
    field: field(path),
  };
}

/** The limit counts characters although the sentence says bytes, as the server's does. */
export function tooLong(path: string, max: number): Cause {
  const unit = max === 1 ? 'byte' : 'bytes';
  return {
    reason: 'FieldValueTooLong',
    message: `Too long: may not be more than ${max} ${unit}`,
    field: field(path),
  };
}

export function tooMany(path: string, actual: number, max: number): Cause {
  const unit = max === 1 ? 'item' : 'items';
  return {
    reason: 'FieldValueTooMany',
    message: `Too many: ${actual}: must have at most ${max} ${unit}`,
    field: field(path),
  };
}

/** What a cause reads like inside a message or a warning. */
export const sentence = (cause: Cause): string => `${cause.field}: ${cause.message}`;

/** The message of the 422 Status: one cause stands alone, several stand in brackets, equal ones are told once. */
export function invalidMessage(group: string, kind: string, name: string, causes: readonly Cause[]): string {
  const head = `${group === '' ? kind : `${kind}.${group}`} ${goQuote(name)} is invalid`;
  const told = [...new Set(causes.map(sentence))];
  if (told.length === 0) return head;
  return `${head}: ${told.length === 1 ? told[0] : `[${told.join(', ')}]`}`;
}

/** A schema that the API server would refuse. Status 400: it cannot be decoded; 422: it can, and is invalid. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly status: 400 | 422;
  readonly causes: readonly Cause[];

  constructor(status: 400 | 422, causes: readonly Cause[]) {
    super(status === 400 ? causes.map((c) => c.message).join(', ') : causes.map(sentence).join(', '));
    this.status = status;
    this.causes = causes;
  }
}
