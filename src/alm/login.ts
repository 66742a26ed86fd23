/**
 * What the token endpoint's answers mean: for the operator's own login, and for the proof of another client.
 * Spring's answers (which ALM gives, as far as is known) tell a wrong secret from a missing grant by the
 * description alone.
 */

import type { Proof } from '../domain/record.ts';
import type { Failure } from '../kube/outcome.ts';
import { type Answer, type Envelope, envelopeOf, isHtml } from './answer.ts';
import { busyFailure } from './classify.ts';
import { type FailureName, failureOf } from './failures.ts';
import { type IssuedToken, tokenOf } from './wire.ts';

/** The answer to a login of the operator itself. */
export function classifyLogin(answer: Answer, nowMs: number): IssuedToken | Failure {
  const { status } = answer;
  if (status < 400) return tokenOrFailure(answer);
  if (status === 404 || status === 405 || status === 501) return failureOf('noTokenEndpoint');
  const busy = busyFailure(answer, nowMs);
  if (busy !== undefined) return busy;
  if (status === 500) return failureOf('unavailable');
  const envelope = envelopeOf(answer);
  if (status === 401) return failureOf(refusedLogin(envelope));
  return failureOf(envelope === undefined ? 'foreign' : refusedLogin(envelope));
}

const PASSING: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** The answer to a login with the client's own secret. The token in it goes no further than this function. */
export function classifyProof(answer: Answer, nowMs: number): Proof | Failure {
  const { status } = answer;
  if (status < 400) {
    const token = tokenOrFailure(answer);
    return 'token' in token ? 'accepted' : token;
  }
  if (status === 401 || status === 400) return refusedProof(status, envelopeOf(answer));
  // A moment's trouble says nothing of the client, and must not pass for an ALM that proves nothing at all.
  if (PASSING.has(status)) return busyFailure(answer, nowMs) ?? 'cannotAsk';
  return 'cannotAsk';
}

function refusedProof(status: number, envelope: Envelope | undefined): Proof {
  if (namesGrant(envelope)) return 'grantMissing';
  return status === 401 || envelope?.oauthError === 'invalid_client' ? 'refused' : 'cannotAsk';
}

function tokenOrFailure(answer: Answer): IssuedToken | Failure {
  if (answer.status < 200 || answer.status >= 300) return failureOf('redirected');
  const token = answer.status === 200 ? tokenOf(answer) : undefined;
  return token ?? failureOf(isHtml(answer) ? 'html' : 'notAToken');
}

function refusedLogin(envelope: Envelope | undefined): FailureName {
  const error = envelope?.oauthError;
  if (namesGrant(envelope) || error === 'unsupported_grant_type') return 'grantRefused';
  if (error === 'invalid_scope') return 'scopeRefused';
  return error === 'invalid_grant' ? 'userRefused' : 'loginRefused';
}

/**
 * Spring's AbstractTokenGranter refuses a grant that is not in the client's list with `invalid_client` and a
 * description that names it; RFC 6749 5.2 has `unauthorized_client` for it.
 */
function namesGrant(envelope: Envelope | undefined): boolean {
  const { oauthError, description = '' } = envelope ?? {};
  const aboutTheClient = oauthError === 'invalid_client' || oauthError === 'unauthorized_client';
  return aboutTheClient && /\bgrant(?:\b|_type)/i.test(description);
}
