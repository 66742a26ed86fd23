/** The body of a POST or PUT: what can be read of it, and what of it this ALM refuses. */

import { z } from 'zod';
import { almError, Refusal } from './answers.ts';
import { type Call, turn } from './call.ts';
import { isTooLong } from './secrets.ts';

const schema = z.looseObject({
  clientId: z.string().nullish(),
  clientSecret: z.string().nullish(),
  authorisedGrantTypes: z.array(z.string()).nullish(),
  accessTokenValidity: z.int32().nullish(),
  refreshTokenValidity: z.int32().nullish(),
  roles: z.array(z.string()).nullish(),
});

/** Null counts as left out. */
export type Payload = z.infer<typeof schema>;

const PROPERTIES = new Set(Object.keys(schema.shape));
const GRANTS = ['client_credentials', 'password', 'refresh_token'];

export function readPayload(call: Call): Payload {
  const type = call.headers['content-type'] ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type) && turn(call, 'wrongMediaType') === '415') {
    throw new Refusal(almError(415, call.url, `Content type '${type}' not supported`));
  }
  const parsed = schema.safeParse(parsedBody(call));
  if (parsed.success) return parsed.data;
  throw unreadable(call, `Cannot deserialize ${parsed.error.issues[0]?.path.join('.') || 'the body'}`);
}

function parsedBody(call: Call): unknown {
  try {
    return JSON.parse(call.body);
  } catch {
    if (turn(call, 'json') === 'strict') throw unreadable(call, 'JSON parse error');
  }
  try {
    return JSON.parse(call.body.replaceAll(/("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])/g, '$1'));
  } catch {
    throw unreadable(call, 'JSON parse error');
  }
}

function unreadable(call: Call, message: string): Refusal {
  return new Refusal(almError(Number(turn(call, 'invalidBody')), call.url, message));
}

/** A refusal of a write that was understood; its message repeats the secret where this ALM does that. */
export function refusedWrite(call: Call, status: number, message: string, payload: Payload): Refusal {
  const echo = turn(call, 'refusalEcho') === 'on' ? ` (clientSecret=${payload.clientSecret})` : '';
  return new Refusal(almError(status, call.url, `${message}${echo}`));
}

/** Throws where a knob says that this ALM refuses such a record. Knobs that find nothing to judge stay unnoted. */
export function checkPayload(call: Call, clientId: string, payload: Payload): void {
  const { knobs } = call.world;
  const refuse = (message: string) => refusedWrite(call, 400, message, payload);
  if (knobs.clientIdLength > 0 && clientId.length > knobs.clientIdLength) {
    throw refuse(`clientId is longer than ${turn(call, 'clientIdLength')} characters`);
  }
  if (!/^[\w-]*$/.test(clientId) && turn(call, 'clientIdCharacters') === 'word') {
    throw refuse('clientId has characters that are not allowed');
  }
  if (isTooLong(payload.clientSecret ?? '') && turn(call, 'secretLimit') === '400') {
    throw refuse('clientSecret is longer than 72 bytes');
  }
  const unknown = Object.keys(payload).find((property) => !PROPERTIES.has(property));
  if (unknown !== undefined && turn(call, 'unknownProperty') === '400') {
    throw refuse(`Unrecognized field "${unknown}"`);
  }
  checkRoles(call, payload);
  checkGrants(call, payload);
  const validities = [payload.accessTokenValidity ?? 1, payload.refreshTokenValidity ?? 1];
  if (Math.min(...validities) <= 0 && turn(call, 'nonPositiveValidity') === '400') {
    throw refuse('A validity must be positive');
  }
}

function checkRoles(call: Call, payload: Payload): void {
  const unknown = payload.roles?.find((role) => !Object.hasOwn(call.world.roles, role));
  if (unknown !== undefined && turn(call, 'unknownRole') === '400') {
    throw refusedWrite(call, 400, `Role ${unknown} does not exist`, payload);
  }
}

function checkGrants(call: Call, payload: Payload): void {
  const grants = payload.authorisedGrantTypes ?? [];
  const illegal =
    grants.some((grant) => !GRANTS.includes(grant)) ||
    (grants.includes('refresh_token') && !grants.includes('password')) ||
    ((payload.roles ?? []).length > 0 && !grants.includes('client_credentials'));
  if (illegal && turn(call, 'illegalGrants') === '400') {
    throw refusedWrite(call, 400, 'The authorised grant types are not valid', payload);
  }
}
