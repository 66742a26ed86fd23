/** Answers as the tables expect them. */

import { expect } from 'vitest';
import type { Reply } from './client.ts';

export type Answer = Readonly<{
  /** Several where servers of different versions answer with different ones. */
  status: number | readonly number[];
  /** The body, key for key. */
  equals?: unknown;
  /** What the body holds among other things; arrays are as long as they say. */
  holds?: object;
  /** Paths that lead nowhere in the body: `metadata.generation`. */
  lacks?: readonly string[];
  /** Texts of Warning headers: these and no others; none where nothing is said. */
  warnings?: readonly string[];
  /** What the content type contains. */
  contentType?: string;
}>;

type More = Omit<Answer, 'status' | 'holds' | 'equals'>;

export const ok = (holds: object = {}, more: More = {}): Answer => ({ status: 200, holds, ...more });

export const created = (holds: object = {}, more: More = {}): Answer => ({ status: 201, holds, ...more });

/** The Status of a failure, whole. */
export function refused(code: number, reason: string, message: unknown, details?: unknown): Answer {
  return {
    status: code,
    equals: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === '' ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    },
  };
}

export type Named = Readonly<{ group?: string; kind: string; name?: string }>;

/** `details` as most refusals have them: the resource by its plural. */
export function notFound({ group = '', kind, name = '' }: Named): Answer {
  const who = group === '' ? kind : `${kind}.${group}`;
  const details = { name, ...(group === '' ? {} : { group }), kind };
  return refused(404, 'NotFound', `${who} "${name}" not found`, details);
}

/** Several messages where servers of different versions say it in different words. */
export type Cause = readonly [field: string, reason: string, ...messages: readonly string[]];

/** What is told beside a cause that keeps rules of CEL from being asked; 1.32 puts null in quotation marks. */
export const UNFINISHED: Cause = [
  '<nil>',
  'FieldValueInvalid',
  ...['null', '"null"'].map(
    (shown) =>
      `Invalid value: ${shown}: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation`,
  ),
];

/**
 * 422 with its causes, and the sentence that is made of them. The order of causes is not looked at: the server's
 * validators walk through maps.
 */
export function invalid({ group = '', kind, name = '' }: Named, ...causes: readonly Cause[]): Answer {
  const head = `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: `;
  const details = {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
    causes: theCauses(causes),
  };
  return refused(422, 'Invalid', theSentence(head, causes), details);
}

function theCauses(causes: readonly Cause[]): unknown {
  const expected = causes.map(([field, reason, ...messages]) => stable({ reason, messages, field })).sort();
  const isThem = (given: unknown) => {
    if (!Array.isArray(given)) return false;
    const told = given.map(({ message, ...rest }: Record<string, unknown>) => {
      const known = causes.find(([, , ...messages]) => messages.includes(String(message)));
      return stable({ ...rest, messages: known === undefined ? [message] : known.slice(2) });
    });
    return stable(told.sort()) === stable(expected);
  };
  return expect.toSatisfy(isThem, `the causes, in any order: ${expected.join(', ')}`);
}

/** Equal causes are told once in the sentence. */
function theSentence(head: string, causes: readonly Cause[]): unknown {
  const told = new Map(causes.map((cause) => [stable(cause), alternatives(cause)]));
  const parts = [...told.values()];
  const isIt = (given: unknown) => {
    const said = parts.map((texts) => texts.find((text) => String(given).includes(text)) ?? '?');
    const whole = said.length === 1 ? said.join() : `[${said.join(', ')}]`;
    return String(given).startsWith(head) && String(given).length === head.length + whole.length;
  };
  return expect.toSatisfy(isIt, `${head}${parts.map((texts) => texts.join(' or ')).join(', ')}`);
}

/** The longest first: one may be the start of another. */
function alternatives([field, , ...messages]: Cause): readonly string[] {
  return messages.map((message) => `${field}: ${message}`).sort((a, b) => b.length - a.length);
}

/** The items, in any order. */
export const sameInAnyOrder = (items: readonly unknown[]): unknown =>
  expect.toSatisfy(
    (given: unknown) =>
      Array.isArray(given) && stable(given.map(stable).sort()) === stable(items.map(stable).sort()),
    `in any order: ${stable(items)}`,
  );

export const laterThan = (version: string): unknown =>
  expect.toSatisfy((given: unknown) => Number(given) > Number(version), `a version after ${version}`);

export const notBefore = (version: string): unknown =>
  expect.toSatisfy((given: unknown) => Number(given) >= Number(version), `a version not before ${version}`);

export const otherThan = (value: unknown): unknown =>
  expect.toSatisfy((given: unknown) => given !== value, `another value than ${stable(value)}`);

/** A list with these items, and maybe others: a column that only some versions show. */
export const including = (...items: readonly unknown[]): unknown => expect.arrayContaining([...items]);

export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Fails as an expectation does where the reply is another one. */
export function check(reply: Reply, answer: Answer): void {
  const shown = JSON.stringify(reply.body)?.slice(0, 2000);
  expect([answer.status].flat(), shown).toContain(reply.status);
  if (answer.equals !== undefined) expect(reply.body, shown).toEqual(answer.equals);
  if (answer.holds !== undefined) expect(reply.body, shown).toMatchObject(answer.holds);
  checkLacks(reply.body, answer.lacks);
  expect(reply.warnings).toEqual(answer.warnings ?? []);
  if (answer.contentType !== undefined) expect(reply.contentType).toContain(answer.contentType);
}

export function checkLacks(body: unknown, paths: readonly string[] = []): void {
  for (const path of paths) expect(valueAt(body, path), path).toBeUndefined();
}

function valueAt(body: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
      body,
    );
}
