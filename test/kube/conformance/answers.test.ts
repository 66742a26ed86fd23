/** The matchers of the suite: what they let pass, and what not. */

import { describe, expect, it } from 'vitest';
import { type Answer, type Cause, check, invalid, notFound, ok, refused } from './support/answers.ts';

const A: Cause = ['spec.a', 'FieldValueInvalid', 'Invalid value: 1: is odd'];
const B: Cause = ['spec.b', 'FieldValueRequired', 'Required value', 'Required value: as of old'];
const KIND = { group: 'x.example', kind: 'Thing', name: 'a' };

const told = (message: string, causes: readonly (readonly string[])[]) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason: 'Invalid',
  details: {
    name: 'a',
    group: 'x.example',
    kind: 'Thing',
    causes: causes.map(([field, reason, message]) => ({ reason, message, field })),
  },
  code: 422,
});
const fits = (body: unknown, answer: Answer, more: object = {}) => {
  try {
    check({ status: 422, contentType: 'application/json', warnings: [], body, ...more }, answer);
    return true;
  } catch {
    return false;
  }
};
const [a, b] = ['spec.a: Invalid value: 1: is odd', 'spec.b: Required value'];
const HEAD = 'Thing.x.example "a" is invalid: ';

describe('an invalid object', () => {
  it('is told with its causes in any order', () => {
    expect(fits(told(`${HEAD}[${a}, ${b}]`, [A, B]), invalid(KIND, A, B))).toBe(true);
    expect(fits(told(`${HEAD}[${b}, ${a}]`, [B, A]), invalid(KIND, A, B))).toBe(true);
  });

  it('is told in the words of one version or another', () => {
    const old = ['spec.b', 'FieldValueRequired', 'Required value: as of old'];
    expect(fits(told(`${HEAD}spec.b: Required value: as of old`, [old]), invalid(KIND, B))).toBe(true);
  });

  it('may have equal causes, which are told once', () => {
    expect(fits(told(`${HEAD}${a}`, [A, A]), invalid(KIND, A, A))).toBe(true);
    expect(fits(told(`${HEAD}${a}`, [A]), invalid(KIND, A, A))).toBe(false);
  });

  it.each([
    ['a cause too few', told(`${HEAD}${a}`, [A])],
    ['a cause too many', told(`${HEAD}[${a}, ${b}, ${b} 2]`, [A, B, B])],
    [
      'another message of a cause',
      told(`${HEAD}[${a}, ${b}]`, [A, ['spec.b', 'FieldValueRequired', 'Required']]),
    ],
    ['another reason', told(`${HEAD}[${a}, ${b}]`, [A, ['spec.b', 'FieldValueInvalid', 'Required value']])],
    ['another field', told(`${HEAD}[${a}, ${b}]`, [A, ['spec.c', 'FieldValueRequired', 'Required value']])],
    ['another sentence', told(`${HEAD}[${a}, spec.b: Required]`, [A, B])],
    ['another name in the sentence', told(`Thing.x.example "b" is invalid: [${a}, ${b}]`, [A, B])],
    ['more of a sentence', told(`${HEAD}[${a}, ${b}] and so on`, [A, B])],
    ['no brackets', told(`${HEAD}${a}, ${b}`, [A, B])],
  ])('is not told with %s', (_what, body) => {
    expect(fits(body, invalid(KIND, A, B))).toBe(false);
  });
});

describe('an answer', () => {
  it('has one of the statuses that are expected', () => {
    expect(fits({}, { status: [404, 422] })).toBe(true);
    expect(fits({}, { status: [404, 405] })).toBe(false);
  });

  it('has no warnings but those that are expected', () => {
    expect(fits({}, { status: 422 }, { warnings: ['odd'] })).toBe(false);
    expect(fits({}, { status: 422, warnings: ['odd'] }, { warnings: ['odd'] })).toBe(true);
    expect(fits({}, { status: 422, warnings: ['odd'] })).toBe(false);
  });

  it('lacks what it should lack', () => {
    const answer = ok({ a: [{ b: 1 }] }, { lacks: ['a.0.c'] });
    expect(fits({ a: [{ b: 1 }] }, answer, { status: 200 })).toBe(true);
    expect(fits({ a: [{ b: 1, c: 0 }] }, answer, { status: 200 })).toBe(false);
    expect(fits({ a: [{ b: 1 }, {}] }, answer, { status: 200 })).toBe(false);
  });

  it('that refuses is whole', () => {
    const { equals } = refused(409, 'Conflict', 'no', { name: 'a' });
    const answer = { ...refused(409, 'Conflict', 'no', { name: 'a' }), status: 422 };
    expect(fits(equals, answer)).toBe(true);
    expect(fits({ ...(equals as object), more: 1 }, answer)).toBe(false);
    expect(fits({ ...(equals as object), reason: 'Other' }, answer)).toBe(false);
  });

  it('names a resource by group and plural', () => {
    expect(notFound({ group: 'x.example', kind: 'things', name: 'a' }).equals).toMatchObject({
      message: 'things.x.example "a" not found',
      details: { name: 'a', group: 'x.example', kind: 'things' },
    });
  });
});
