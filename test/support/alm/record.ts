/** The record that a write leaves behind, with what this ALM puts in the place of what was left out. */

import { type Call, turn } from './call.ts';
import type { StoredClient } from './clients.ts';
import { type Payload, refusedWrite } from './payload.ts';
import { type StoredSecret, storeSecret } from './secrets.ts';

const DEFAULTS = { accessTokenValidity: 1200, refreshTokenValidity: 30_600 } as const;
/** Spring's own, where a record has none. */
const LIBRARY = { accessTokenValidity: 43_200, refreshTokenValidity: 2_592_000 } as const;
const LIBRARY_GRANTS = ['authorization_code', 'refresh_token'];

/** `before` is undefined for a client that comes into being. */
export function recordAfter(
  call: Call,
  clientId: string,
  payload: Payload,
  before: StoredClient | undefined,
): StoredClient {
  return {
    clientId,
    secret: secretAfter(call, payload, before),
    authorisedGrantTypes: [...new Set(payload.authorisedGrantTypes ?? omittedGrants(call, payload, before))],
    accessTokenValidity: validityAfter(call, 'accessTokenValidity', payload, before),
    refreshTokenValidity: validityAfter(call, 'refreshTokenValidity', payload, before),
    roles: [...new Set(payload.roles ?? omittedRoles(call, payload, before))],
  };
}

function missing(call: Call, property: string, payload: Payload): Error {
  return refusedWrite(call, 400, `${property} must not be null`, payload);
}

function secretAfter(call: Call, payload: Payload, before: StoredClient | undefined): StoredSecret {
  const { getItem, getList } = call.world.knobs;
  const keepPlain = getItem === 'plain' || getList === 'plain';
  if (typeof payload.clientSecret === 'string') {
    if (before !== undefined && turn(call, 'newSecret') === 'ignored') return before.secret;
    return storeSecret(payload.clientSecret, keepPlain);
  }
  const position = turn(call, 'omittedSecret');
  if (position === '400') throw missing(call, 'clientSecret', payload);
  return position === 'keep' && before !== undefined ? before.secret : storeSecret('', keepPlain);
}

function validityAfter(
  call: Call,
  property: keyof typeof DEFAULTS,
  payload: Payload,
  before: StoredClient | undefined,
): number {
  const given = payload[property];
  if (typeof given === 'number') return given;
  if (before === undefined) return DEFAULTS[property];
  switch (turn(call, 'omittedValidities')) {
    case 'default':
      return DEFAULTS[property];
    case 'keep':
      return before[property];
    case 'clear':
      return LIBRARY[property];
    case '400':
      throw missing(call, property, payload);
  }
}

function omittedGrants(call: Call, payload: Payload, before: StoredClient | undefined): readonly string[] {
  switch (turn(call, 'omittedGrants')) {
    case 'default':
      return LIBRARY_GRANTS;
    case 'keep':
      return before?.authorisedGrantTypes ?? LIBRARY_GRANTS;
    case 'clear':
      return [];
    case '400':
      throw missing(call, 'authorisedGrantTypes', payload);
  }
}

function omittedRoles(call: Call, payload: Payload, before: StoredClient | undefined): readonly string[] {
  switch (turn(call, 'omittedRoles')) {
    case 'clear':
      return [];
    case 'keep':
      return before?.roles ?? [];
    case '400':
      throw missing(call, 'roles', payload);
  }
}
