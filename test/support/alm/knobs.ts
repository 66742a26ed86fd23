/**
 * Everything about ALM that the simulator can be told to do otherwise. The first value of a choice is its default.
 * README.md repeats this table, and a test holds the two together.
 */

import { choice, type Knob, type Setting, whole } from './knob.ts';

export const KNOBS = {
  // The verbs of the credentials API.
  getItem: choice(
    'unknown',
    ['absent-405', 'absent-404', 'omitted', 'blank', 'hash', 'plain'],
    'GET of one client: not offered, or offered with the secret shown like this. A secret that was stored while no GET knob was `plain` can only be shown as its hash.',
  ),
  getList: choice(
    'unknown',
    ['absent-405', 'absent-404', 'omitted', 'blank', 'hash', 'plain'],
    'GET of all clients as an array: as `getItem`.',
  ),
  delete: choice('unknown', ['absent-405', 'absent-404', 'present'], 'DELETE of one client (204, else 404).'),
  unsupportedVerb: choice('inferred', ['405', '404', '501'], 'Any other verb on a known path.'),
  postExisting: choice(
    'general',
    ['409', '400', '500', 'overwrite-200', 'overwrite-201'],
    'POST of a client that exists.',
  ),
  putMissing: choice(
    'general',
    ['404', '400', '500', 'create-200', 'create-201'],
    'PUT of a client that does not exist.',
  ),
  postStatus: choice('general', ['201', '200', '204'], 'Success of a POST.'),
  putStatus: choice('general', ['200', '204', '201'], 'Success of a PUT.'),
  writeBody: choice(
    'unknown',
    ['echo', 'empty', 'echo-with-secret'],
    'Body of a success with 200 or 201: the record without or with its secret, or nothing.',
  ),
  location: choice('general', ['on', 'off'], 'A Location header beside 201.'),

  // What a write does to the record.
  omittedSecret: choice(
    'unknown',
    ['clear', 'keep', '400'],
    'PUT without clientSecret (its default is the blank one). A POST without one blanks it, or gets 400.',
  ),
  omittedValidities: choice(
    'unknown',
    ['default', 'keep', 'clear', '400'],
    'PUT without a validity: 1200 and 30600, the old ones, or those of the library (43200 and 2592000). A POST takes 1200 and 30600, as documented.',
  ),
  omittedGrants: choice(
    'unknown',
    ['default', 'keep', 'clear', '400'],
    'PUT without grants: authorization_code and refresh_token as the library has it, the old ones, or none. A POST likewise, `keep` being `default` there.',
  ),
  omittedRoles: choice(
    'unknown',
    ['clear', 'keep', '400'],
    'PUT without roles; a POST clears them, or gets 400.',
  ),
  newSecret: choice('unknown', ['applied', 'ignored'], 'A PUT with another secret.'),
  idMismatch: choice(
    'unknown',
    ['400', 'path-wins', 'body-wins'],
    'PUT whose body names another client than its path; `body-wins` writes that other client.',
  ),
  unknownRole: choice(
    'unknown',
    ['accept', '400'],
    'A role that the role table lacks; accepted, it grants nothing.',
  ),
  unknownProperty: choice('unknown', ['accept', '400'], 'A property besides the six.'),
  illegalGrants: choice(
    'unknown',
    ['accept', '400'],
    'An unknown grant, refresh_token without password, or roles without client_credentials.',
  ),
  nonPositiveValidity: choice(
    'inferred',
    ['forever', '400'],
    'A validity ≤ 0: the token never expires and expires_in is left out.',
  ),
  clientIdCase: choice(
    'unknown',
    ['sensitive', 'insensitive'],
    'Whether ids that differ in case are two clients.',
  ),
  clientIdLength: whole('unknown', 0, 'Longest clientId in characters, longer ones get 400; 0: no limit.'),
  clientIdCharacters: choice(
    'unknown',
    ['any', 'word'],
    '`word`: 400 for ids of more than letters, digits, - and _.',
  ),
  secretLimit: choice(
    'unknown',
    ['off', 'cut', '400'],
    'Bytes of a secret past 72, the limit of bcrypt: they count, are ignored at writes and logins, or get 400.',
  ),
  blankSecret: choice(
    'inferred',
    ['opens', 'refuses'],
    'A stored blank secret: any secret logs in, or none.',
  ),
  emptyGrants: choice('inferred', ['all', 'none'], 'What a client with no grants may do.'),

  // The form of requests and answers.
  json: choice('general', ['strict', 'lenient'], '`lenient` takes trailing commas.'),
  invalidBody: choice('general', ['400', '500'], 'A body that is no JSON, or not of the right types.'),
  wrongMediaType: choice('general', ['415', 'accept'], 'A write that does not call itself JSON.'),
  pathFirewall: choice(
    'inferred',
    ['400', '500', 'off'],
    "Paths that Spring's StrictHttpFirewall refuses: ; \\ // and encoded slashes, dots, percents, control characters.",
  ),
  dotTruncation: choice(
    'inferred',
    ['off', 'on'],
    'The path id ends at its last dot (suffix matching of Spring MVC).',
  ),
  jsonCharset: choice('unknown', ['on', 'off'], 'Whether application/json carries ;charset=UTF-8.'),
  notFoundBody: choice(
    'general',
    ['envelope', 'html'],
    'Body of a 404: an envelope, or the page of an ingress.',
  ),
  serverErrorBody: choice('general', ['envelope', 'html', 'empty'], 'Body of a 5xx.'),
  refusalEcho: choice('unknown', ['off', 'on'], 'Whether the message of a refused write repeats the secret.'),

  // Tokens and privileges.
  authMode: choice(
    'documented',
    ['oauth', 'zen', 'none'],
    '`oauth`: /oauth/token. `zen`: /icp4d-api/v1/authorize in its place. `none`: no security.',
  ),
  tokenFormat: choice(
    'documented',
    ['opaque', 'jwt'],
    '`opaque`: a UUID, the same one until it expires. `jwt`: HS256, a new one each time.',
  ),
  expiresIn: choice(
    'documented',
    ['remaining', 'zero'],
    'expires_in: what is left of the token, or always 0.',
  ),
  wrongSecret: choice(
    'inferred',
    ['boot', 'oauth'],
    "Wrong client secret: 401 in Spring Boot's body, or invalid_client.",
  ),
  grantRefusal: choice(
    'inferred',
    ['401', '400'],
    'A grant that the client lacks: 401 invalid_client, or 400.',
  ),
  refreshForClients: choice('inferred', ['no', 'yes'], 'A refresh token for client_credentials.'),
  tokensAfterChange: choice(
    'inferred',
    ['kept', 'dropped'],
    "A client's tokens after it is written or deleted.",
  ),
  missingPrivilege: choice('inferred', ['403', '401'], 'A good token without SECADMIN.'),
  slmAdminSuffices: choice('unknown', ['no', 'yes'], 'Whether SLMADMIN is as good as SECADMIN here.'),

  // Replicas, restarts, time.
  replicas: whole('unknown', 1, 'Replicas that take requests in turn.'),
  replicaLag: whole(
    'unknown',
    0,
    'Requests after a write during which the other replicas still see what was before.',
  ),
  clientCache: whole(
    'unknown',
    0,
    'Requests during which a replica logs a client in by the record it read before.',
  ),
  bootstrapOnRestart: choice('unknown', ['no', 'yes'], 'Whether a restart writes the default clients again.'),
  tokensOnRestart: choice('unknown', ['kept', 'lost'], 'Tokens issued before a restart.'),
  clockSkewSeconds: whole('unknown', 0, "Seconds that ALM's clock is ahead.", true),
  latencyMs: whole('unknown', 0, 'Milliseconds before each answer.'),
  rateLimitPerSecond: whole('unknown', 0, 'Requests per second, more get 429 with Retry-After; 0: no limit.'),
} as const satisfies Readonly<Record<string, Knob>>;

export type KnobName = keyof typeof KNOBS;

/** The positions of all knobs; the simulator looks at them anew with each request. */
export type Knobs = { [K in KnobName]: Setting<(typeof KNOBS)[K]> };

export const KNOB_NAMES = Object.keys(KNOBS) as readonly KnobName[];
