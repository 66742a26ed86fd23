/**
 * What it means when no answer comes. Pure. The question that matters is whether ALM may have taken the
 * request: only a write of which something was sent leaves that open.
 */

import type { Failure } from '../kube/outcome.ts';
import { type FailureName, failureOf, untaken } from './failures.ts';

/** The name of the error that stands for a request that ran out of time. */
export const TIME_LIMIT = 'TimeLimit';

/** The name of the error that stands for a request that was not sent, because nothing may be written any more. */
export const NO_PERMIT = 'NoPermit';

/** A token request counts as `read`: it changes nothing. */
export type Purpose = 'read' | 'write';

/** `sent`: the connection stood, and the request was on its way. */
export type Trouble = Readonly<{ error: unknown; sent: boolean; purpose: Purpose }>;

export function failureOfTrouble(trouble: Trouble): Failure {
  const early = earlyFailure(trouble);
  if (early === undefined) return lateFailure(trouble);
  return trouble.purpose === 'write' ? untaken(failureOf(early)) : failureOf(early);
}

/** What went wrong before anybody could look at the request. */
function earlyFailure({ error, sent }: Trouble): FailureName | undefined {
  const code = codeOf(error);
  if (isTls(code) && (!sent || isAlert(code))) return tlsFailure(code);
  if (code === NO_PERMIT) return 'leaseLost';
  if (!sent) return connectFailure(code);
  // A forwarding proxy said 407: undici has no code of its own for it.
  return code === 'UND_ERR_INVALID_ARG' ? 'proxyRefused' : undefined;
}

function lateFailure({ error, purpose }: Trouble): Failure {
  const code = codeOf(error);
  if (/^(?:HPE_|HTTPParserError$|UND_ERR_HEADERS_OVERFLOW$)/.test(code)) return failureOf('notHttp');
  if (purpose === 'write') return failureOf('outcomeUnknown');
  return failureOf(code === TIME_LIMIT ? 'tooSlow' : 'brokenOff');
}

/**
 * The cause for the log. A new error, because those of Node and undici carry options, sockets and pieces of
 * bodies; texts are kept of system calls and certificates only, which name addresses and host names.
 */
export function strippedCause(error: unknown): Error {
  const code = codeOf(error);
  const told =
    error instanceof Error && ('syscall' in error || isTls(code)) ? `: ${firstLine(error.message)}` : '';
  return new Error(`${code}${told}`);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name;
}

function isTls(code: string): boolean {
  return (
    /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_)/.test(
      code,
    ) || /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|UND_ERR_PRX_TLS$)/.test(code)
  );
}

/**
 * An alert ends the handshake, so that the request was never looked at, even if it was sent along (TLS 1.3).
 */
function isAlert(code: string): boolean {
  return code.startsWith('ERR_SSL_') && code.includes('ALERT');
}

function tlsFailure(code: string): FailureName {
  if (code === 'UND_ERR_PRX_TLS') return 'proxyTls';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') return 'wrongName';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'expired';
  if (isAlert(code)) return 'clientCertificate';
  return /^(?:ERR_|EPROTO)/.test(code) ? 'noTls' : 'untrusted';
}

function connectFailure(code: string): FailureName {
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknownHost';
  // What undici answers a tunnel with that the proxy did not open.
  return code === 'UND_ERR_ABORTED' ? 'proxyRefused' : 'unreachable';
}
