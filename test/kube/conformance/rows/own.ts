/** This project's kinds: an invalid object is refused with the sentence that a user reads. */

import { type Cause, created, invalid, ok, UNFINISHED } from '../support/answers.ts';
import { claim, connection, credential } from '../support/objects.ts';
import { merge, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const GROUP = 'alm-operator.dev';

const refusesCredential = (name: string, spec: object, ...causes: readonly Cause[]): Row => ({
  name: `ClientCredential: ${name}`,
  request: post('clientcredentials', credential('a', spec), { fieldValidation: 'Strict' }),
  answer: invalid({ group: GROUP, kind: 'ClientCredential', name: 'a' }, ...causes),
});
const refusesConnection = (name: string, spec: object, ...causes: readonly Cause[]): Row => ({
  name: `AlmConnection: ${name}`,
  request: post('almconnections', connection('a', spec), { fieldValidation: 'Strict' }),
  answer: invalid({ group: GROUP, kind: 'AlmConnection', name: 'a' }, ...causes),
});
const forbidden = (field: string, message: string): Cause => [
  field,
  'FieldValueForbidden',
  `Forbidden: ${message}`,
];
const required = (field: string, message: string): Cause => [
  field,
  'FieldValueRequired',
  `Required value: ${message}`,
];

const ONE_SECRET = required('spec', 'exactly one of clientSecretRef and generatedSecret is required');
const RESYNC = forbidden(
  'spec.resyncInterval',
  'resyncInterval is 0s (on change only) or a duration of at least 5s, such as 30m',
);
const REFRESH = forbidden(
  'spec.authorisedGrantTypes',
  'refresh_token needs password; ALM gives refresh tokens to the password grant only',
);
const ROLES = forbidden(
  'spec.roles',
  'roles need client_credentials; in the other grants the user brings the roles',
);

export const credentials: readonly Row[] = [
  {
    name: 'ClientCredential: nothing is filled into the spec',
    request: post('clientcredentials', credential('a')),
    answer: created({
      metadata: { generation: 1 },
      spec: {
        clientId: 'pay_shop',
        clientSecretRef: { name: 'pay' },
        authorisedGrantTypes: ['client_credentials'],
      },
      status: { observedGeneration: -1 },
    }),
  },
  refusesCredential('no Secret', { clientSecretRef: undefined }, ONE_SECRET),
  refusesCredential('two Secrets', { generatedSecret: { name: 'made' } }, ONE_SECRET),
  refusesCredential('refresh_token alone', { authorisedGrantTypes: ['refresh_token'] }, REFRESH),
  refusesCredential(
    'roles without client_credentials',
    { authorisedGrantTypes: ['password'], roles: ['Admin'] },
    ROLES,
  ),
  refusesCredential(
    'three rules at once',
    { clientSecretRef: undefined, authorisedGrantTypes: ['refresh_token'], roles: ['Admin'] },
    ONE_SECRET,
    REFRESH,
    ROLES,
  ),
  refusesCredential('an interval that is too short', { resyncInterval: '4s' }, RESYNC),
  refusesCredential('an interval in days', { resyncInterval: '1d' }, RESYNC),
  refusesCredential('a client id with a blank', { clientId: '-a b' }, [
    'spec.clientId',
    'FieldValueInvalid',
    `Invalid value: "-a b": spec.clientId in body should match '^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$'`,
  ]),
  refusesCredential('an empty client id', { clientId: '' }, [
    'spec.clientId',
    'FieldValueInvalid',
    'Invalid value: "": spec.clientId in body should be at least 1 chars long',
  ]),
  refusesCredential(
    'a client id that is too long',
    { clientId: 'x'.repeat(129) },
    ['spec.clientId', 'FieldValueTooLong', 'Too long: may not be more than 128 bytes'],
    UNFINISHED,
  ),
  refusesCredential(
    'no client id',
    { clientId: undefined },
    ['spec.clientId', 'FieldValueRequired', 'Required value'],
    UNFINISHED,
  ),
  refusesCredential('a role with a comma', { roles: ['A,B'] }, [
    'spec.roles[0]',
    'FieldValueInvalid',
    `Invalid value: "A,B": spec.roles[0] in body should match '^[^,\\x00-\\x1f\\x7f-\\x9f]+$'`,
  ]),
  refusesCredential('a role twice', { roles: ['A', 'B', 'A'] }, [
    'spec.roles[2]',
    'FieldValueDuplicate',
    'Duplicate value: "A"',
  ]),
  refusesCredential(
    '65 roles',
    { roles: Array.from({ length: 65 }, (_, i) => `R${i}`) },
    ['spec.roles', 'FieldValueTooMany', 'Too many: 65: must have at most 64 items'],
    UNFINISHED,
  ),
  refusesCredential(
    'a grant that is none',
    { authorisedGrantTypes: ['implicit'] },
    [
      'spec.authorisedGrantTypes[0]',
      'FieldValueNotSupported',
      'Unsupported value: "implicit": supported values: "client_credentials", "password", "refresh_token"',
    ],
    UNFINISHED,
  ),
  refusesCredential('no grants', { authorisedGrantTypes: [] }, [
    'spec.authorisedGrantTypes',
    'FieldValueInvalid',
    'Invalid value: 0: spec.authorisedGrantTypes in body should have at least 1 items',
  ]),
  refusesCredential('a validity of nothing', { accessTokenValidity: 0 }, [
    'spec.accessTokenValidity',
    'FieldValueInvalid',
    'Invalid value: 0: spec.accessTokenValidity in body should be greater than or equal to 1',
  ]),
  refusesCredential(
    'a validity as text',
    { accessTokenValidity: '600' },
    [
      'spec.accessTokenValidity',
      'FieldValueTypeInvalid',
      'Invalid value: "string": spec.accessTokenValidity in body must be of type integer: "string"',
    ],
    UNFINISHED,
  ),
  refusesCredential(
    'rotation that is too quick',
    { clientSecretRef: undefined, generatedSecret: { name: 'g', rotateEvery: '1m' } },
    forbidden('spec.generatedSecret.rotateEvery', 'rotateEvery is a duration of at least 1h, such as 720h'),
  ),
  refusesCredential(
    'one key for two things',
    { clientSecretRef: undefined, generatedSecret: { name: 'g', clientIdKey: 'clientSecret' } },
    forbidden(
      'spec.generatedSecret',
      'key (clientSecret when absent), clientIdKey and tokenUrlKey must differ from each other',
    ),
  ),
  {
    name: 'ClientCredential: another client id',
    given: [post('clientcredentials', credential('a'))],
    request: merge('clientcredentials/a', { spec: { clientId: 'other' } }),
    answer: invalid(
      { group: GROUP, kind: 'ClientCredential', name: 'a' },
      forbidden('spec.clientId', 'clientId is immutable; delete this object and create another'),
    ),
  },
  {
    name: 'ClientCredential: a connection after all',
    given: [post('clientcredentials', credential('a'))],
    request: merge('clientcredentials/a', { spec: { connectionRef: { name: 'b' } } }),
    answer: invalid(
      { group: GROUP, kind: 'ClientCredential', name: 'a' },
      forbidden(
        'spec.connectionRef',
        'connectionRef is immutable, its absence included; delete this object and create another',
      ),
    ),
  },
  {
    name: 'ClientCredential: a status with words of a newer operator',
    given: [post('clientcredentials', credential('a'))],
    request: merge('clientcredentials/a/status', { status: { origin: 'Bought' } }),
    answer: ok({ status: { origin: 'Bought' } }),
  },
];

export const connections: readonly Row[] = [
  refusesConnection(
    'no address',
    { endpoint: undefined },
    ['spec.endpoint', 'FieldValueRequired', 'Required value'],
    UNFINISHED,
  ),
  refusesConnection(
    'http',
    { endpoint: 'http://alm.example' },
    forbidden(
      'spec.endpoint',
      'http sends passwords in the clear; use https or set insecure.allowHttp: true',
    ),
  ),
  refusesConnection(
    'no address at all',
    { endpoint: 'alm.example' },
    forbidden(
      'spec.endpoint',
      'endpoint is an http(s) URL of host, optional port and path, without user, query and fragment',
    ),
  ),
  refusesConnection('no way to log in', { auth: {} }, [
    'spec.auth',
    'FieldValueRequired',
    'Required value: exactly one of clientCredentials, password and none is required',
  ]),
  refusesConnection(
    'two CAs',
    { tls: { caBundle: 'PEM', caRef: { kind: 'Secret', name: 'ca' } } },
    forbidden('spec.tls.caRef', 'at most one of caBundle and caRef may be given'),
  ),
  refusesConnection(
    'a CA in a kind that has none',
    { tls: { caRef: { kind: 'Pod', name: 'ca' } } },
    [
      'spec.tls.caRef.kind',
      'FieldValueNotSupported',
      'Unsupported value: "Pod": supported values: "ConfigMap", "Secret"',
    ],
    UNFINISHED,
  ),
  refusesConnection(
    'a time limit that is too long',
    { limits: { timeout: '1h' } },
    forbidden('spec.limits.timeout', 'timeout is a duration from 100ms to 5m, such as 10s'),
  ),
  refusesConnection('a rule for nobody', { access: [{ namespaces: {}, clientIds: ['*'] }] }, [
    'spec.access[0].namespaces',
    'FieldValueRequired',
    'Required value: exactly one of names, selector and all: true is required',
  ]),
];

export const claims: readonly Row[] = [
  {
    name: 'AlmClientClaim: a phase of a newer operator',
    request: post('almclientclaims', claim('a', { phase: 'Parked' })),
    answer: created({ spec: { phase: 'Parked' } }),
  },
  {
    name: 'AlmClientClaim: no owner',
    request: post('almclientclaims', claim('a', { owner: undefined })),
    answer: invalid({ group: GROUP, kind: 'AlmClientClaim', name: 'a' }, [
      'spec.owner',
      'FieldValueRequired',
      'Required value',
    ]),
  },
];
