/** The forms in which bodies come, and tables of what they mean by status. */

import type { Answer } from '../../../src/alm/answer.ts';

export const JSON_TYPE = 'application/json;charset=UTF-8';
export const FORMS = {
  own: { contentType: JSON_TYPE, text: '{"url":null,"localizedMessage":"no","details":{}}' },
  boot: { contentType: 'application/json', text: '{"timestamp":1,"status":500,"error":"Oops","path":"/x"}' },
  oauth: { contentType: 'application/hal+json', text: '{"error":"access_denied","error_description":"no"}' },
  html: { contentType: 'text/html; charset=utf-8', text: '<html>no</html>' },
  page: { text: '\n <!doctype html>' },
  empty: { text: '' },
  otherJson: { contentType: 'application/json', text: '{"message":"no Route matched"}' },
  untyped: { text: '{"localizedMessage":"no"}' },
} as const;

export type Form = keyof typeof FORMS;
export const ENVELOPES: readonly Form[] = ['own', 'boot', 'oauth'];
export const FOREIGN: readonly Form[] = ['html', 'page', 'empty', 'otherJson', 'untyped'];
export const ALL = Object.keys(FORMS) as Form[];

export function answerOf(status: number, form: Form): Answer {
  return { status, ...FORMS[form] };
}

/** One word for what came out: the answer, with its status where it has one, or the reason of the failure. */
export function word(verdict: object): string {
  if ('reason' in verdict) return String(verdict.reason);
  if ('answer' in verdict)
    return 'status' in verdict ? `${verdict.answer} ${verdict.status}` : `${verdict.answer}`;
  return 'token';
}

export type Row = readonly [statuses: readonly number[], forms: readonly Form[], expected: string];

export function cases(rows: readonly Row[]): readonly (readonly [number, Form, string])[] {
  return rows.flatMap(([statuses, forms, expected]) =>
    statuses.flatMap((status) => forms.map((form) => [status, form, expected] as const)),
  );
}
