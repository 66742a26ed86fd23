/** The token endpoint of installations behind Cloud Pak's Zen: a user and an API key for a JWT. */

import { type Answer, json, Refusal } from './answers.ts';
import { bootAnswer, type Call } from './call.ts';
import { authoritiesOf } from './defaults.ts';

const VALIDITY_MS = 12 * 3_600_000;

export function answerZen(call: Call): Answer {
  if (call.method !== 'POST') return bootAnswer(call, 405, `Request method '${call.method}' not supported`);
  const { state, roles, now } = call.world;
  const { username, api_key } = credentialsOf(call);
  const user = state.users.get(username);
  if (user?.apiKey === undefined || user.apiKey !== api_key) {
    return json(401, { _messageCode_: 'Unauthorized', message: 'The username or API key is not correct' });
  }
  const authorities = authoritiesOf(user.roles, roles);
  const grant = { clientId: 'zen', username, scope: 'all', authorities, expiresAt: now() + VALIDITY_MS };
  const token = state.tokens.issue(grant, 'jwt', undefined);
  return json(200, { _messageCode_: '200', message: 'Success', token: token.value });
}

function credentialsOf(call: Call): Readonly<{ username: string; api_key: string }> {
  try {
    const body: Readonly<Record<string, unknown>> = JSON.parse(call.body) ?? {};
    return { username: String(body['username']), api_key: String(body['api_key']) };
  } catch {
    throw new Refusal(bootAnswer(call, 400, 'Bad Request'));
  }
}
