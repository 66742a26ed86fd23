/** What the gate says in the API server's stead. Pure. */

import type { Fault } from './rules.ts';

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

export type Answer = Readonly<{ headers: Readonly<Record<string, string>>; body: string }>;

export function statusAnswer({
  status,
  body,
  retryAfter,
}: Omit<Extract<Fault, { kind: 'status' }>, 'kind'>): Answer {
  const headers = {
    'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  };
  if (typeof body === 'string') return { headers, body };
  return { headers, body: JSON.stringify(body ?? failure(status, 'injected by the gate', retryAfter)) };
}

export function failure(code: number, message: string, retryAfterSeconds?: number): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(REASONS[code] === undefined ? {} : { reason: REASONS[code] }),
    ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
    code,
  };
}

/** A watch line such as the API server sends when the version asked for is too old. */
export function errorEvent(code: number, message = 'too old resource version: 1 (2)'): object {
  return { type: 'ERROR', object: failure(code, message) };
}

const MALFORMED = '{"type":"MODIFIED","object":{"metadata":{"name":"cut-o';

export function lineOf(
  fault: Extract<Fault, { kind: 'garbage' | 'event' }>,
): Readonly<{ line: string; then: 'go on' | 'end' }> {
  if (fault.kind === 'garbage') return { line: MALFORMED, then: 'go on' };
  const isError = 'type' in fault.line && fault.line.type === 'ERROR';
  return { line: JSON.stringify(fault.line), then: isError ? 'end' : 'go on' };
}
