/** Manifests that most system tests need; a test says only in what its own differ. Pure. */

import { OPERATOR_LOGIN } from './alm/defaults.ts';
import type { AlmSim } from './alm/server.ts';
import { OPERATOR_NAMESPACE } from './install.ts';
import type { Manifest } from './kubectl/objects.ts';

type Fields = Readonly<Record<string, unknown>>;

const LOGIN_SECRET = 'operator-login';

/** No glob stands for these. */
const PROTECTED = ['LmClient', 'NimrodClient', 'DokiClient', 'Admin'];

/** Who may do what is no matter of most tests: every namespace may declare and adopt any client, with any role. */
const OPEN_TO_ALL: readonly Fields[] = [
  {
    namespaces: { all: true },
    clientIds: ['*', ...PROTECTED],
    roles: ['*'],
    allowAdoption: true,
  },
];

/** A connection to this ALM that admits everybody, and the Secret of its login. */
export function connectionManifests(
  name: string,
  alm: Pick<AlmSim, 'url' | 'caPem'>,
  spec: Fields = {},
): readonly Manifest[] {
  const clientSecretRef = { name: LOGIN_SECRET };
  return [
    secret(OPERATOR_NAMESPACE, LOGIN_SECRET, { clientSecret: OPERATOR_LOGIN.clientSecret }),
    {
      apiVersion: 'alm-operator.dev/v1beta1',
      kind: 'AlmConnection',
      metadata: { namespace: OPERATOR_NAMESPACE, name },
      spec: {
        endpoint: alm.url,
        tls: { caBundle: alm.caPem },
        auth: { clientCredentials: { clientId: OPERATOR_LOGIN.clientId, clientSecretRef } },
        access: OPEN_TO_ALL,
        ...spec,
      },
    },
  ];
}

export function secret(
  namespace: string,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Manifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, type: 'Opaque', stringData };
}

/** A client with the client_credentials grant whose Secret has the object's name. */
export function credential(namespace: string, name: string, spec: Fields = {}): Manifest {
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'ClientCredential',
    metadata: { namespace, name },
    spec: {
      clientId: `${namespace}_${name}`,
      clientSecretRef: { name },
      authorisedGrantTypes: ['client_credentials'],
      ...spec,
    },
  };
}
