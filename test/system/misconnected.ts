/** Every way in which a connection can be wrong, what is said about it, and what mends it. */

import type { AlmOptions, AlmSim } from '../support/alm/server.ts';
import { CANARY } from '../support/canary.ts';
import { makeAuthority } from '../support/certificates.ts';

type Fields = Readonly<Record<string, unknown>>;
type Data = Readonly<Record<string, string>>;
type Status = 'True' | 'False' | 'Unknown';

/** What a row works with: its ALM, and changes of the connection and of objects next to it. */
export type Bench = Readonly<{
  alm: AlmSim;
  /** The name of the Secret of the login, which no row shares. */
  login: string;
  spec(change: Fields): Promise<unknown>;
  secret(name: string, data: Data): Promise<unknown>;
  configMap(name: string, data: Data): Promise<unknown>;
}>;

export type Wrong = Readonly<{
  name: string;
  alm?: Partial<AlmOptions>;
  /** What of the spec is wrong, or differs in this row. */
  spec?: (alm: AlmSim, login: string) => Fields;
  /** What the Secret of the login holds; null: there is none. */
  data?: Data | null;
  /** Before anybody logs in. */
  spoil?: (bench: Bench) => void;
  reason: string;
  says: string;
  reachable: Status;
  authenticated: Status;
  /** What the credential says, if not that its connection is not ready. */
  credential?: string;
  mend(bench: Bench): Promise<unknown>;
}>;

export const RIGHT = 'canary-7f3a9-operator-login';
const rightLogin = ({ login, secret }: Bench) => secret(login, { clientSecret: RIGHT });
const rightSpec =
  (change: (bench: Bench) => Fields) =>
  (bench: Bench): Promise<unknown> =>
    bench.spec(change(bench));

const UNPREPARED = { reachable: 'Unknown', authenticated: 'Unknown' } as const;
const UNREACHED = { reachable: 'False', authenticated: 'Unknown' } as const;
const REFUSED = { reachable: 'True', authenticated: 'False' } as const;
const LOGGED_IN = { reachable: 'True', authenticated: 'True' } as const;

const byClient = (login: string, clientId = 'operator-login', key = 'clientSecret') => ({
  clientCredentials: { clientId, clientSecretRef: { name: login, key } },
});
const byUser = (login: string) => ({
  auth: {
    password: {
      clientId: 'NimrodClient',
      clientSecretRef: { name: login },
      username: 'root-sec-admin',
      passwordRef: { name: login },
    },
  },
});
const USER = { clientSecret: `${CANARY}-NimrodClient`, password: `${CANARY}-root-sec-admin` };
const withoutPrivilege: Partial<AlmOptions> = {
  knobs: { tokenFormat: 'jwt' },
  roles: { RootSecAdmin: {}, SLMAdmin: {}, Promoted: { SECADMIN: ['READ', 'WRITE', 'EXECUTE'] } },
};
const promote = async ({ alm }: Bench) => {
  const record = alm.state.get('operator-login');
  if (record !== undefined) alm.state.set({ ...record, roles: ['Promoted'] });
};
const tokenAnswers =
  (status: number, contentType: string, body: string) =>
  ({ alm }: Bench) => {
    const match = ({ path }: { path: string }) => path === '/oauth/token';
    alm.faults.add({ match, do: { kind: 'status', status, contentType, body } });
  };
const heal = async ({ alm }: Bench) => alm.faults.clear();

const ADDRESSES: readonly Wrong[] = [
  {
    name: 'port',
    spec: () => ({ endpoint: 'https://127.0.0.1:1' }),
    reason: 'AlmUnavailable',
    says: 'The connection to ALM was refused; check that ALM runs, and host and port in spec.endpoint',
    ...UNREACHED,
    mend: rightSpec(({ alm }) => ({ endpoint: alm.url })),
  },
  {
    name: 'prefix',
    alm: { pathPrefix: '/ishtar' },
    spec: ({ url }) => ({ endpoint: new URL(url).origin }),
    reason: 'EndpointNotFound',
    says: 'There is no token endpoint at this address; check spec.endpoint of the AlmConnection and its path prefix',
    ...UNREACHED,
    mend: rightSpec(({ alm }) => ({ endpoint: alm.url })),
  },
  {
    name: 'plain-http',
    alm: { scheme: 'http' },
    spec: ({ url }) => ({ endpoint: url.replace('http:', 'https:') }),
    reason: 'TlsError',
    says: 'What answers at this address does not speak TLS as it should; check scheme and port',
    ...UNREACHED,
    mend: rightSpec(({ alm }) => ({
      endpoint: alm.url,
      insecure: { allowHttp: true },
      auth: { clientCredentials: null, none: {} },
    })),
  },
  {
    name: 'html',
    spoil: tokenAnswers(200, 'text/html', '<html><form action="/login"></form></html>'),
    reason: 'MalformedAnswer',
    says: 'An HTML page came instead of an answer of ALM; check that spec.endpoint of the AlmConnection names the API',
    ...UNREACHED,
    mend: heal,
  },
  {
    name: 'redirect',
    spoil: tokenAnswers(302, 'text/html', ''),
    reason: 'MalformedAnswer',
    says: 'A redirect came, and redirects are never followed; check scheme, host and path prefix',
    ...UNREACHED,
    mend: heal,
  },
  {
    name: 'broken-json',
    spoil: tokenAnswers(200, 'application/json', `{"access_token":"${CANARY}"`),
    reason: 'MalformedAnswer',
    says: 'The token endpoint answered with something else than a token',
    ...UNREACHED,
    mend: heal,
  },
];

const CERTIFICATES: readonly Wrong[] = [
  {
    name: 'authority',
    spec: () => ({ tls: { caBundle: makeAuthority().caPem } }),
    reason: 'TlsError',
    says: 'The certificate of ALM is not signed by an authority the operator trusts; set spec.tls.caBundle or caRef',
    ...UNREACHED,
    mend: rightSpec(({ alm }) => ({ tls: { caBundle: alm.caPem } })),
  },
  {
    name: 'no-pem',
    spec: () => ({ tls: { caBundle: 'MIIB' } }),
    reason: 'TlsError',
    says: 'holds no readable PEM certificate; convert DER to PEM first',
    ...UNPREPARED,
    mend: rightSpec(({ alm }) => ({ tls: { caBundle: alm.caPem } })),
  },
  {
    name: 'authority-secret',
    spec: () => ({ tls: { caRef: { kind: 'Secret', name: 'authority' } } }),
    reason: 'SecretNotFound',
    says: 'Secret authority does not exist in namespace alm-operator; create it',
    ...UNPREPARED,
    mend: ({ alm, secret }) => secret('authority', { 'ca.crt': alm.caPem }),
  },
  {
    name: 'authority-map',
    spec: () => ({ tls: { caRef: { kind: 'ConfigMap', name: 'authority' } } }),
    reason: 'SecretNotFound',
    says: 'ConfigMap authority does not exist in namespace alm-operator; create it',
    ...UNPREPARED,
    mend: ({ alm, configMap }) => configMap('authority', { 'ca.crt': alm.caPem }),
  },
  {
    name: 'server-name',
    spec: ({ caPem }) => ({ tls: { caBundle: caPem, serverName: 'other.test' } }),
    reason: 'TlsError',
    says: 'The certificate of ALM is for another host name; set spec.tls.serverName of the AlmConnection',
    ...UNREACHED,
    mend: rightSpec(() => ({ tls: { serverName: 'alm.test' } })),
  },
  {
    name: 'common-name',
    alm: { certificate: 'cn-only' },
    reason: 'TlsError',
    says: 'The certificate of ALM is for another host name; set spec.tls.serverName of the AlmConnection',
    ...UNREACHED,
    mend: rightSpec(() => ({ tls: { serverName: 'ishtar' } })),
  },
  {
    name: 'client-certificate',
    alm: { clientCertificate: 'required' },
    reason: 'TlsError',
    says: 'if it asks for a client certificate, set spec.tls.clientCertificateRef of the AlmConnection',
    ...UNREACHED,
    mend: async ({ alm, secret, spec }) => {
      const { certPem, keyPem } = alm.authority.issue({ cn: 'operator', client: true });
      await secret('client-certificate', { 'tls.crt': certPem, 'tls.key': keyPem });
      await spec({ tls: { clientCertificateRef: { name: 'client-certificate' } } });
    },
  },
];

const LOGINS: readonly Wrong[] = [
  ...(['boot', 'oauth'] as const).map(
    (wrongSecret): Wrong => ({
      name: `password-${wrongSecret}`,
      alm: { knobs: { wrongSecret } },
      data: { clientSecret: `${CANARY}-wrong` },
      reason: 'Unauthorised',
      says: 'ALM refused the login; check clientId and clientSecretRef under spec.auth of the AlmConnection',
      ...REFUSED,
      mend: rightLogin,
    }),
  ),
  {
    name: 'no-secret',
    data: null,
    reason: 'SecretNotFound',
    says: 'Secret login-no-secret does not exist in namespace alm-operator; create it',
    ...UNPREPARED,
    mend: rightLogin,
  },
  {
    name: 'no-key',
    data: { password: RIGHT },
    reason: 'SecretKeyNotFound',
    says: 'Secret login-no-key has no key clientSecret; add it or name another key',
    ...UNPREPARED,
    mend: rightLogin,
  },
  {
    name: 'empty',
    data: { clientSecret: '\n' },
    reason: 'SecretEmpty',
    says: 'key clientSecret of Secret login-empty is empty or only white space; put the password there',
    ...UNPREPARED,
    mend: rightLogin,
  },
  {
    name: 'user',
    spec: (_alm, login) => byUser(login),
    data: { ...USER, password: `${CANARY}-wrong` },
    reason: 'Unauthorised',
    says: 'ALM refused the user of the login; check username and passwordRef in spec.auth.password',
    ...REFUSED,
    mend: ({ login, secret }) => secret(login, USER),
  },
  {
    name: 'grant',
    spec: (_alm, login) => ({ auth: byClient(login, 'NimrodClient') }),
    data: { clientSecret: `${CANARY}-NimrodClient` },
    reason: 'Unauthorised',
    says: 'ALM does not let the login client use this grant; add the grant to that client in ALM',
    ...REFUSED,
    mend: async ({ login, secret, spec }) => {
      await secret(login, { clientSecret: RIGHT });
      await spec({ auth: byClient(login) });
    },
  },
  ...(['403', '401'] as const).map(
    (missingPrivilege): Wrong => ({
      name: `privilege-${missingPrivilege}`,
      alm: { ...withoutPrivilege, knobs: { ...withoutPrivilege.knobs, missingPrivilege } },
      reason: 'PrivilegeMissing',
      says: 'give the login client the SECADMIN privilege, for example with the role RootSecAdmin',
      ...LOGGED_IN,
      credential: 'PrivilegeMissing',
      mend: promote,
    }),
  ),
];

export const WRONG: readonly Wrong[] = [...ADDRESSES, ...CERTIFICATES, ...LOGINS];
