/** What the API server said instead of the object → KubeError. Pure. */

import { KubeError, type StatusCause } from './client.ts';
import { isRecord } from './decode.ts';
import { qualifiedName } from './path.ts';
import type { Resource } from './types.ts';

/** What a request was about, as far as an error may tell. `verb` is the word that RBAC uses. */
export type Subject = Readonly<{
  verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  resource: Resource;
}>;

export type Refusal = Readonly<{ status: number; retryAfter: string | undefined; body: string }>;

const LONGEST_MESSAGE = 500;

/** Total: any status and any body give an error. */
export function errorOfRefusal(
  subject: Subject,
  { status, retryAfter, body }: Refusal,
  wallMs: number,
): KubeError {
  const said = parseStatus(body);
  const details = isRecord(said['details']) ? said['details'] : {};
  const reason = wordOf(said['reason']) ?? reasonOfCode(status);
  const retryAfterMs = retryAfterMsOf(retryAfter, wallMs) ?? secondsToMs(details['retryAfterSeconds']);
  const text = isConfidential(subject) ? '' : textOf(said['message']);
  return new KubeError({
    status,
    reason,
    message: `${describe(subject)}: ${status} ${reason}${text === '' ? '' : `: ${text}`}`,
    causes: causesOf(details['causes'], isConfidential(subject)),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** An ERROR event of a watch carries a Status too. */
export function errorOfStatus(subject: Subject, status: unknown): KubeError {
  const code = isRecord(status) && typeof status['code'] === 'number' ? status['code'] : 500;
  return errorOfRefusal(
    subject,
    { status: code, retryAfter: undefined, body: JSON.stringify(status) ?? '' },
    0,
  );
}

/** No answer at all. Texts of the socket and TLS layers name addresses and certificates, and nothing that was sent. */
export function errorOfConnection(subject: Subject, error: unknown): KubeError {
  const cause = error instanceof Error && isRecord(error.cause) ? error.cause : undefined;
  const reason = codeOf(error) ?? codeOf(cause) ?? 'ConnectionFailed';
  const text = error instanceof Error ? error.message.slice(0, LONGEST_MESSAGE) : '';
  return new KubeError({
    status: 0,
    reason,
    message: `${describe(subject)}: ${reason}${text && `: ${text}`}`,
  });
}

/** An answer that no API server gives: cut off, too large, not JSON. */
export function errorOfAnswer(subject: Subject, reason: string, text: string): KubeError {
  return new KubeError({ status: 0, reason, message: `${describe(subject)}: ${text}` });
}

/** RFC 9110 10.2.3: seconds or a date. */
export function retryAfterMsOf(value: string | undefined, wallMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallMs);
}

function describe({ verb, resource }: Subject): string {
  return `${verb} ${qualifiedName(resource)}`;
}

/** A refused Secret write may be answered with the whole stored Secret. */
function isConfidential({ resource }: Subject): boolean {
  return resource.group === '' && resource.plural === 'secrets';
}

function parseStatus(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) && parsed['kind'] === 'Status' ? parsed : {};
  } catch {
    return {};
  }
}

function causesOf(value: unknown, confidential: boolean): readonly StatusCause[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((cause) => ({
    reason: wordOf(cause['reason']) ?? 'Unknown',
    message: confidential ? '' : textOf(cause['message']),
    field: confidential ? '' : textOf(cause['field']),
  }));
}

function reasonOfCode(status: number): string {
  switch (status) {
    case 400:
      return 'BadRequest';
    case 401:
      return 'Unauthorized';
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 409:
      return 'Conflict';
    case 410:
      return 'Gone';
    case 422:
      return 'Invalid';
    case 429:
      return 'TooManyRequests';
    case 503:
      return 'ServiceUnavailable';
    case 504:
      return 'Timeout';
    default:
      return status >= 500 ? 'InternalError' : 'Unknown';
  }
}

/** Reasons are single words; anything else is not one. */
function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z]{1,64}$/.test(value) ? value : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, LONGEST_MESSAGE) : '';
}

function secondsToMs(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value * 1000 : undefined;
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error || isRecord(error) ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}
