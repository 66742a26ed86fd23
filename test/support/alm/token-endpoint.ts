/** POST /oauth/token, as Spring Security OAuth answers it. */

import { type Answer, json, oauthError, Refusal } from './answers.ts';
import { bootAnswer, type Call, clientAt, turn } from './call.ts';
import type { StoredClient } from './clients.ts';
import { type AlmUser, authoritiesOf } from './defaults.ts';
import { basicOf } from './log.ts';
import { secretMatches } from './secrets.ts';
import { isExpired, type RefreshToken, type Token } from './tokens.ts';

const SCOPE = 'all';
const BASIC = { 'www-authenticate': 'Basic realm="oauth2/client"' };

export function answerToken(call: Call): Answer {
  const client = loggedIn(call);
  if (call.method !== 'POST') {
    return oauthError(405, 'method_not_allowed', `Request method '${call.method}' not supported`, {
      allow: 'POST',
    });
  }
  const form = formOf(call);
  const scope = form.get('scope')?.trim() || SCOPE;
  if (scope !== SCOPE) throw bad('invalid_scope', `Invalid scope: ${scope}`);
  const grant = form.get('grant_type');
  if (!grant) throw bad('invalid_request', 'Missing grant type');
  switch (grant) {
    case 'client_credentials':
      return ofClient(call, client);
    case 'password':
      return ofUser(call, client, form);
    case 'refresh_token':
      return refreshed(call, client, form);
    default:
      throw bad('unsupported_grant_type', `Unsupported grant type: ${grant}`);
  }
}

/** Parameters of the query count too, as in any servlet. */
function formOf({ headers, body, query }: Call): URLSearchParams {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
  return new URLSearchParams([...query, ...new URLSearchParams(isForm ? body : '')]);
}

function loggedIn(call: Call): StoredClient {
  const { headers, world } = call;
  if (headers.authorization === undefined) {
    const description = 'Full authentication is required to access this resource';
    throw new Refusal(oauthError(401, 'unauthorized', description, BASIC));
  }
  const basic = basicOf(headers.authorization);
  if (basic === undefined) throw wrong(call);
  const cache = world.knobs.clientCache > 0 ? turn(call, 'clientCache') : 0;
  const client = clientAt(call, basic.id, cache);
  if (client === undefined) throw wrong(call);
  if (client.secret.hash === '') turn(call, 'blankSecret');
  if (world.knobs.secretLimit === 'cut') turn(call, 'secretLimit');
  if (!secretMatches(client.secret, basic.secret, world.knobs)) throw wrong(call);
  return client;
}

function wrong(call: Call): Refusal {
  if (turn(call, 'wrongSecret') === 'boot')
    return new Refusal(bootAnswer(call, 401, 'Bad credentials', BASIC));
  return new Refusal(oauthError(401, 'invalid_client', 'Bad client credentials', BASIC));
}

function bad(error: string, description: string): Refusal {
  return new Refusal(oauthError(400, error, description));
}

function checkGrant(call: Call, { authorisedGrantTypes }: StoredClient, grant: string): void {
  if (authorisedGrantTypes.includes(grant)) return;
  if (authorisedGrantTypes.length === 0 && turn(call, 'emptyGrants') === 'all') return;
  const description = `Unauthorized grant type: ${grant}`;
  if (turn(call, 'grantRefusal') === '400') throw bad('unauthorized_client', description);
  throw new Refusal(oauthError(401, 'invalid_client', description));
}

function ofClient(call: Call, client: StoredClient): Answer {
  checkGrant(call, client, 'client_credentials');
  const withRefresh = turn(call, 'refreshForClients') === 'yes';
  const authorities = authoritiesOf(client.roles, call.world.roles);
  return success(call, issue(call, { client, authorities, withRefresh }));
}

function ofUser(call: Call, client: StoredClient, form: URLSearchParams): Answer {
  checkGrant(call, client, 'password');
  const user = call.world.state.users.get(form.get('username') ?? '');
  if (user === undefined || user.password !== form.get('password'))
    throw bad('invalid_grant', 'Bad credentials');
  return success(call, issueToUser(call, client, user));
}

function refreshed(call: Call, client: StoredClient, form: URLSearchParams): Answer {
  checkGrant(call, client, 'refresh_token');
  const { state, now } = call.world;
  const value = form.get('refresh_token') ?? '';
  const token = state.tokens.findRefresh(value);
  if (token === undefined) throw bad('invalid_grant', `Invalid refresh token: ${value}`);
  if (token.clientId !== client.clientId)
    throw bad('invalid_grant', `Wrong client for this refresh token: ${value}`);
  if (isExpired(token, now())) {
    throw new Refusal(oauthError(401, 'invalid_token', `Invalid refresh token (expired): ${value}`));
  }
  if (token.username === undefined) {
    const authorities = authoritiesOf(client.roles, call.world.roles);
    return success(call, issue(call, { client, authorities, reuse: token }));
  }
  const user = state.users.get(token.username);
  if (user === undefined) throw bad('invalid_grant', 'User no longer exists');
  return success(call, issueToUser(call, client, user, token));
}

function issueToUser(call: Call, client: StoredClient, user: AlmUser, reuse?: RefreshToken): Token {
  if (user.suspended === true) throw bad('invalid_grant', 'User account is locked');
  const authorities = authoritiesOf(user.roles, call.world.roles);
  const { authorisedGrantTypes: grants } = client;
  const withRefresh = grants.length === 0 || grants.includes('refresh_token');
  return issue(call, { client, authorities, username: user.username, withRefresh, ...(reuse && { reuse }) });
}

type Issue = Readonly<{
  client: StoredClient;
  authorities: readonly string[];
  username?: string;
  withRefresh?: boolean;
  /** The refresh token that was presented; it stays and always gives a new access token. */
  reuse?: RefreshToken;
}>;

function issue(call: Call, { client, authorities, username, withRefresh, reuse }: Issue): Token {
  const { tokens } = call.world.state;
  const format = turn(call, 'tokenFormat');
  const who = { clientId: client.clientId, scope: SCOPE, ...(username === undefined ? {} : { username }) };
  const current = format === 'opaque' ? tokens.current(who, call.world.now()) : undefined;
  if (current !== undefined && reuse === undefined) return current;
  const expiresAt = expiry(call, client.accessTokenValidity);
  const refresh =
    reuse ??
    (withRefresh === true
      ? tokens.issueRefresh({ ...who, expiresAt: expiry(call, client.refreshTokenValidity) })
      : undefined);
  return tokens.issue({ ...who, authorities, expiresAt }, format, refresh?.value);
}

function expiry(call: Call, seconds: number): number | undefined {
  if (seconds > 0) return call.world.now() + seconds * 1000;
  turn(call, 'nonPositiveValidity');
  return undefined;
}

function success(call: Call, token: Token): Answer {
  const body = {
    access_token: token.value,
    token_type: 'bearer',
    ...(token.refresh === undefined ? {} : { refresh_token: token.refresh }),
    ...(token.expiresAt === undefined ? {} : { expires_in: expiresIn(call, token.expiresAt) }),
    scope: token.scope,
    ...(token.jti === undefined ? {} : { jti: token.jti }),
  };
  return json(200, body, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

/** A fresh token of 1200 s shows 1199, because the remainder is truncated. */
function expiresIn(call: Call, expiresAt: number): number {
  if (call.world.knobs.expiresIn === 'zero') {
    turn(call, 'expiresIn');
    return 0;
  }
  return Math.floor((expiresAt - call.world.now() - 1) / 1000);
}
