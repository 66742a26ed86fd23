/** A token source on a token endpoint and a clock that the test drives by hand. */

import type { Answer } from '../../../src/alm/answer.ts';
import { createTokenSource, type LoginAuth } from '../../../src/alm/token.ts';
import type { AlmRequest } from '../../../src/alm/transport.ts';
import type { Sensitive } from '../../../src/sensitive.ts';
import { byClientCredentials, signal } from './build.ts';

type Reply = Omit<Answer, 'contentType'>;

/**
 * A token endpoint whose answers are held until `answer` lets them go, and a clock that only the test moves.
 */
export function bench(auth: LoginAuth = byClientCredentials) {
  const clock = { ms: 1_000_000 };
  const forms: URLSearchParams[] = [];
  const headers: Readonly<Record<string, string>>[] = [];
  const waiting: { give: (reply: Reply) => void; signal: AbortSignal }[] = [];
  const send = (request: AlmRequest, sendSignal: AbortSignal): Promise<Answer> => {
    forms.push(new URLSearchParams(request.body));
    headers.push(request.headers ?? {});
    return new Promise((resolve, reject) => {
      sendSignal.addEventListener('abort', () => reject(sendSignal.reason));
      waiting.push({
        give: (reply) => resolve({ contentType: 'application/json', ...reply }),
        signal: sendSignal,
      });
    });
  };
  const tokens = createTokenSource(auth, { send }, () => clock.ms);
  const answer = async (reply: Reply) => {
    await until(() => waiting.length > 0);
    waiting.shift()?.give(reply);
  };
  return { tokens, clock, forms, headers, waiting, answer };
}

export async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000 && !holds(); turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  if (!holds()) throw new Error('the condition did not come true');
}

export function issued(nth: number, more: object = { expires_in: 1200 }): Reply {
  return { status: 200, text: JSON.stringify({ access_token: `canary-7f3a9-${nth}`, ...more }) };
}

/** Gets a token with one login, whose answer is `reply`. */
export async function loggedIn(b: ReturnType<typeof bench>, reply: Reply): Promise<Sensitive> {
  const token = b.tokens.current(signal);
  await b.answer(reply);
  return token;
}
