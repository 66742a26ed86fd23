/** The gate in front of /api: a bearer token whose authorities include SECADMIN. */

import { almError, oauthError, Refusal } from './answers.ts';
import { type Call, turn } from './call.ts';
import { isExpired, type Token } from './tokens.ts';

/** Throws the refusal; notes in the log who called. */
export function requireToken(call: Call): Token {
  const value = /^bearer +(\S+)$/i.exec(call.headers.authorization ?? '')?.[1];
  if (value === undefined)
    throw refused('unauthorized', 'Full authentication is required to access this resource');
  const token = call.world.state.tokens.find(value);
  if (token === undefined) throw refused('invalid_token', unknownToken(value));
  call.entry.caller = token.username ?? token.clientId;
  if (isExpired(token, call.world.now())) throw refused('invalid_token', `Access token expired: ${value}`);
  return token;
}

export function requirePrivilege(call: Call, { authorities }: Token): void {
  const action = call.method === 'GET' ? 'READ' : 'WRITE';
  if (authorities.includes(`SECADMIN_${action}`)) return;
  if (authorities.includes(`SLMADMIN_${action}`) && turn(call, 'slmAdminSuffices') === 'yes') return;
  if (turn(call, 'missingPrivilege') === '403') {
    throw new Refusal(oauthError(403, 'access_denied', 'Access is denied'));
  }
  throw new Refusal(
    almError(401, call.url, 'User or client is not authorised, check the role configuration'),
  );
}

/** Spring's wording, which repeats an opaque token. */
function unknownToken(value: string): string {
  return value.includes('.') ? 'Cannot convert access token to JSON' : `Invalid access token: ${value}`;
}

function refused(error: string, description: string): Refusal {
  const challenge = `Bearer realm="oauth2-resource", error="${error}", error_description="${description}"`;
  return new Refusal(oauthError(401, error, description, { 'www-authenticate': challenge }));
}
