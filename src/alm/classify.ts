/**
 * What an answer of ALM means, as total functions of status and form. Only ALM's own word counts as an answer
 * about a client: a 404 or a refusal that something in front of ALM made up is a failure of the connection.
 */

import type { ReadAnswer, RemoveAnswer, WriteAnswer } from '../domain/record.ts';
import type { Failure } from '../kube/outcome.ts';
import { type Answer, envelopeOf, isHtml, retryAfterMs } from './answer.ts';
import { failureOf, untaken } from './failures.ts';
import { recordOf } from './wire.ts';

/** Whether the call carried a token: without one, 401 and 403 ask for a login instead of a privilege. */
export type Caller = Readonly<{ authenticated: boolean; nowMs: number }>;

/** `refused` comes without a quote, which only the caller can clear of secrets. */
export function classifyWrite(verb: 'POST' | 'PUT', answer: Answer, caller: Caller): WriteAnswer | Failure {
  const { status } = answer;
  // The body says nothing that counts, and may echo the secret.
  if (status >= 200 && status < 300) return isHtml(answer) ? failureOf('html') : { answer: 'accepted' };
  if (status === 409) return verb === 'POST' ? { answer: 'exists' } : failureOf('concurrent');
  const enveloped = envelopeOf(answer) !== undefined;
  if (status === 404 && verb === 'PUT' && enveloped) return { answer: 'absent' };
  return writeFailure(answer, caller) ?? refusal(answer, enveloped);
}

/** As for a PUT, but that a verb which is not offered is no wrong address. */
export function classifyRemove(answer: Answer, caller: Caller): RemoveAnswer | Failure {
  const { status } = answer;
  if (status >= 200 && status < 300) return isHtml(answer) ? failureOf('html') : { answer: 'removed' };
  if (status === 405 || status === 501) return { answer: 'notOffered' };
  const enveloped = envelopeOf(answer) !== undefined;
  if (status === 404) return { answer: enveloped ? 'absent' : 'notOffered' };
  if (status === 409) return failureOf('concurrent');
  return writeFailure(answer, caller) ?? refusal(answer, enveloped);
}

function writeFailure(answer: Answer, caller: Caller): Failure | undefined {
  const failure = namedFailure(answer, caller);
  return failure !== undefined && isTurnedAway(answer) ? untaken(failure) : failure;
}

/** Answered before the request was looked at: a 5xx may come after it was taken. */
function isTurnedAway({ status }: Answer): boolean {
  return (status >= 300 && status < 400) || TURNED_AWAY.has(status);
}

const TURNED_AWAY: ReadonlySet<number> = new Set([401, 403, 404, 405, 429]);

type Refused = Extract<WriteAnswer, { answer: 'refused' }>;

function refusal({ status }: Answer, enveloped: boolean): Refused | Failure {
  if (enveloped) return { answer: 'refused', status };
  return failureOf(status === 500 ? 'unavailable' : 'foreign');
}

/**
 * `clientId` is the one asked for. A server that cuts the path at a dot, or serves one page for all, shows
 * another's.
 */
export function classifyRead(clientId: string, answer: Answer, caller: Caller): ReadAnswer | Failure {
  const { status } = answer;
  if (status === 200) return readRecord(clientId, answer);
  if (status === 404 && envelopeOf(answer) !== undefined) return { answer: 'absent' };
  if (status === 405 || status === 501) return { answer: 'notOffered' };
  if (status > 200 && status < 300) return failureOf('notARecord');
  return namedFailure(answer, caller) ?? failureOf(unnamedRead(answer));
}

function unnamedRead(answer: Answer): 'unavailable' | 'notReadable' | 'foreign' {
  if (answer.status === 500) return 'unavailable';
  return envelopeOf(answer) === undefined ? 'foreign' : 'notReadable';
}

function readRecord(clientId: string, answer: Answer): ReadAnswer | Failure {
  if (isHtml(answer)) return failureOf('html');
  const record = recordOf(answer);
  // Whether ALM tells ids apart by case is not known, so a difference in case is not another client's record.
  if (record?.clientId.toLowerCase() !== clientId.toLowerCase()) return failureOf('notARecord');
  return { answer: 'record', record };
}

/** What means the same whatever the verb. Undefined: 500 and the 4xx whose meaning hangs on who speaks. */
function namedFailure(answer: Answer, { authenticated, nowMs }: Caller): Failure | undefined {
  const { status } = answer;
  if (status < 200 || (status >= 300 && status < 400)) return failureOf('redirected');
  if (status === 401 || status === 403) return failureOf(authenticated ? 'privilege' : 'loginWanted');
  if (status === 404 || status === 405 || status === 501) return failureOf('wrongAddress');
  return busyFailure(answer, nowMs);
}

/** The server, or what stands in front of it, asks for patience. */
export function busyFailure(answer: Answer, nowMs: number): Failure | undefined {
  const { status } = answer;
  if (status === 429) return failureOf('rateLimited', retryAfterMs(answer, nowMs));
  if (status === 408 || status > 500) return failureOf('unavailable', retryAfterMs(answer, nowMs));
  return undefined;
}
