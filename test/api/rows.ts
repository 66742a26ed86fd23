// Specs that lie close to each rule of the kinds, and what is said against them.
import type { Cause } from './admission.ts';

export type Row = Readonly<{ name: string; spec: unknown; says?: Cause }>;

export const credential = {
  clientId: 'pay_shop',
  clientSecretRef: { name: 'pay' },
  authorisedGrantTypes: ['client_credentials'],
};
export const connection = { endpoint: 'https://alm.example', auth: { none: {} } };
const withRule = (rule: object) => ({
  ...connection,
  access: [{ namespaces: { all: true }, clientIds: ['*'], ...rule }],
});
export const generated = (members: object) => ({
  clientId: 'a',
  authorisedGrantTypes: ['password'],
  generatedSecret: { name: 'g', ...members },
});
const tls = (members: object) => ({ ...connection, tls: members });
const http = { ...connection, endpoint: 'http://alm.example' };

const EXACTLY_ONE_SECRET = {
  field: 'spec',
  message: 'exactly one of clientSecretRef and generatedSecret is required',
};
const REFRESH = {
  field: 'spec.authorisedGrantTypes',
  message: 'refresh_token needs password; ALM gives refresh tokens to the password grant only',
};
const ROLES = {
  field: 'spec.roles',
  message: 'roles need client_credentials; in the other grants the user brings the roles',
};
const RESYNC = {
  field: 'spec.resyncInterval',
  message: 'resyncInterval is 0s (on change only) or a duration of at least 5s, such as 30m',
};
const ROTATE = {
  field: 'spec.generatedSecret.rotateEvery',
  message: 'rotateEvery is a duration of at least 1h, such as 720h',
};
const KEYS = {
  field: 'spec.generatedSecret',
  message: 'key (clientSecret when absent), clientIdKey and tokenUrlKey must differ from each other',
};
const HTTP = {
  field: 'spec.endpoint',
  message: 'http sends passwords in the clear; use https or set insecure.allowHttp: true',
};
const ENDPOINT = {
  field: 'spec.endpoint',
  message: 'endpoint is an http(s) URL of host, optional port and path, without user, query and fragment',
};
const AUTH = {
  field: 'spec.auth',
  message: 'exactly one of clientCredentials, password and none is required',
};
const CA = { field: 'spec.tls.caRef', message: 'at most one of caBundle and caRef may be given' };
const NAMESPACES = {
  field: 'spec.access[0].namespaces',
  message: 'exactly one of names, selector and all: true is required',
};
const VALUES = {
  field: 'spec.access[0].namespaces.selector.matchExpressions[0].values',
  message: 'In and NotIn need values; Exists and DoesNotExist have none',
};
const TIMEOUT = {
  field: 'spec.limits.timeout',
  message: 'timeout is a duration from 100ms to 5m, such as 10s',
};

const expression = (members: object) =>
  withRule({ namespaces: { selector: { matchExpressions: [{ key: 'tier', ...members }] } } });
export const login = { clientId: 'operator', clientSecretRef: { name: 's' } };

export const CREDENTIAL_ROWS: readonly Row[] = [
  { name: 'a client with a Secret', spec: credential },
  { name: 'a client with a generated Secret', spec: generated({}) },
  {
    name: 'both kinds of Secret',
    spec: { ...credential, generatedSecret: { name: 'g' } },
    says: EXACTLY_ONE_SECRET,
  },
  {
    name: 'no kind of Secret',
    spec: { clientId: 'a', authorisedGrantTypes: ['password'] },
    says: EXACTLY_ONE_SECRET,
  },
  {
    name: 'refresh_token with password',
    spec: { ...credential, authorisedGrantTypes: ['password', 'refresh_token'] },
  },
  {
    name: 'all three grants',
    spec: { ...credential, authorisedGrantTypes: ['refresh_token', 'password', 'client_credentials'] },
  },
  {
    name: 'refresh_token alone',
    spec: { ...credential, authorisedGrantTypes: ['refresh_token'] },
    says: REFRESH,
  },
  {
    name: 'refresh_token with client_credentials',
    spec: { ...credential, authorisedGrantTypes: ['client_credentials', 'refresh_token'] },
    says: REFRESH,
  },
  { name: 'roles with client_credentials', spec: { ...credential, roles: ['Viewer'] } },
  {
    name: 'roles with password alone',
    spec: { ...credential, authorisedGrantTypes: ['password'], roles: ['Viewer'] },
    says: ROLES,
  },
  {
    name: 'an empty list of roles with password alone',
    spec: { ...credential, authorisedGrantTypes: ['password'], roles: [] },
  },
  ...['0s', '0h0m', '5s', '5000ms', '1h30m', '30m', '999999h'].map((resyncInterval) => ({
    name: `resyncInterval ${resyncInterval}`,
    spec: { ...credential, resyncInterval },
  })),
  ...[
    '',
    '0',
    '4s',
    '4999ms',
    '1ms',
    '-5s',
    '1d',
    'P1D',
    '1.5h',
    '30',
    'h',
    '1h ',
    '1h\n',
    '5S',
    '1000000h',
  ].map((resyncInterval) => ({
    name: `resyncInterval ${JSON.stringify(resyncInterval)}`,
    spec: { ...credential, resyncInterval },
    says: RESYNC,
  })),
  { name: 'rotation every hour', spec: generated({ rotateEvery: '60m' }) },
  { name: 'rotation too often', spec: generated({ rotateEvery: '59m' }), says: ROTATE },
  { name: 'rotation never', spec: generated({ rotateEvery: '0s' }), says: ROTATE },
  {
    name: 'three keys of their own',
    spec: generated({ key: 'a', clientIdKey: 'b', tokenUrlKey: 'c' }),
  },
  { name: 'password and id under one key', spec: generated({ key: 'a', clientIdKey: 'a' }), says: KEYS },
  {
    name: "the id under the password's resolved key",
    spec: generated({ clientIdKey: 'clientSecret' }),
    says: KEYS,
  },
  { name: 'password and address under one key', spec: generated({ key: 'a', tokenUrlKey: 'a' }), says: KEYS },
  {
    name: 'id and address under one key',
    spec: generated({ clientIdKey: 'a', tokenUrlKey: 'a' }),
    says: KEYS,
  },
];

export const CONNECTION_ROWS: readonly Row[] = [
  ...[
    'https://alm.example',
    'https://alm.example/',
    'https://app.lm:32443/ishtar',
    'https://alm.example:1/a/b-c/',
    'https://10.0.0.1:65535',
    'https://[::1]:8443/x',
    'https://ALM.Example',
  ].map((endpoint) => ({ name: `endpoint ${endpoint}`, spec: { ...connection, endpoint } })),
  ...[
    '',
    'alm.example',
    'ftp://alm.example',
    'HTTPS://alm.example',
    'https://',
    'https:///x',
    'https://user:canary-7f3a9@alm.example',
    'https://alm.example?x=1',
    'https://alm.example/#x',
    'https://alm.example:0',
    'https://alm.example:65536',
    'https://alm.example//x',
    'https://alm.example/../x',
    'https://alm.example/a b',
    'https://alm.example/%2e%2e',
    'https://alm.example\n',
    ' https://alm.example',
    'https://-alm.example',
  ].map((endpoint) => ({
    name: `endpoint ${JSON.stringify(endpoint)}`,
    spec: { ...connection, endpoint },
    says: ENDPOINT,
  })),
  { name: 'http', spec: http, says: HTTP },
  { name: 'http with insecure and no flag', spec: { ...http, insecure: {} }, says: HTTP },
  { name: 'http with the flag off', spec: { ...http, insecure: { allowHttp: false } }, says: HTTP },
  { name: 'http with the flag on', spec: { ...http, insecure: { allowHttp: true } } },
  { name: 'https with the flag on', spec: { ...connection, insecure: { allowHttp: true } } },
  { name: 'no way to log in', spec: { ...connection, auth: {} }, says: AUTH },
  { name: 'login by client', spec: { ...connection, auth: { clientCredentials: login } } },
  {
    name: 'login by user',
    spec: { ...connection, auth: { password: { ...login, username: 'u', passwordRef: { name: 'p' } } } },
  },
  {
    name: 'two ways to log in',
    spec: { ...connection, auth: { clientCredentials: login, none: {} } },
    says: AUTH,
  },
  { name: 'a CA as text', spec: tls({ caBundle: 'PEM' }) },
  { name: 'a CA by reference', spec: tls({ caRef: { kind: 'ConfigMap', name: 'ca' } }) },
  {
    name: 'a CA as text and by reference',
    spec: tls({ caBundle: 'PEM', caRef: { kind: 'Secret', name: 'ca' } }),
    says: CA,
  },
  { name: 'a rule for all', spec: withRule({}) },
  { name: 'a rule for names', spec: withRule({ namespaces: { names: ['pay'] } }) },
  {
    name: 'a rule for labels',
    spec: withRule({ namespaces: { selector: { matchLabels: { tier: 'gold' } } } }),
  },
  { name: 'a rule for nobody', spec: withRule({ namespaces: {} }), says: NAMESPACES },
  { name: 'a rule for all: false', spec: withRule({ namespaces: { all: false } }), says: NAMESPACES },
  {
    name: 'a rule for names and all',
    spec: withRule({ namespaces: { names: ['pay'], all: true } }),
    says: NAMESPACES,
  },
  {
    name: 'a rule for names and labels',
    spec: withRule({ namespaces: { names: ['pay'], selector: {} } }),
    says: NAMESPACES,
  },
  { name: 'In with values', spec: expression({ operator: 'In', values: ['gold'] }) },
  { name: 'Exists without values', spec: expression({ operator: 'Exists' }) },
  { name: 'NotIn without values', spec: expression({ operator: 'NotIn' }), says: VALUES },
  { name: 'In with no value', spec: expression({ operator: 'In', values: [] }), says: VALUES },
  { name: 'Exists with values', spec: expression({ operator: 'Exists', values: ['gold'] }), says: VALUES },
  ...['100ms', '10s', '5m'].map((timeout) => ({
    name: `timeout ${timeout}`,
    spec: { ...connection, limits: { timeout } },
  })),
  ...['0s', '99ms', '301s', '1h', '10'].map((timeout) => ({
    name: `timeout ${timeout}`,
    spec: { ...connection, limits: { timeout } },
    says: TIMEOUT,
  })),
];
