import { type CredentialStatus, credentialStatus } from '../../src/api/clientcredential.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { parseStatus } from '../../src/api/parse.ts';
import type { ClientRecord } from '../../src/domain/record.ts';
import { secretText } from '../support/canary.ts';
import { Cluster, type Stored } from './cluster.ts';

/** What users and the operator's own passes write into a cluster, and what stands there afterwards. */

export const PASSWORD = secretText('password');
export const NAMESPACE = 'alm-operator';
export const TEAM = 'team-a';
export const HOUR = 3_600_000;

export const want: ClientRecord = {
  clientId: 'orders',
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 1200,
  refreshTokenValidity: 30600,
  roles: ['Portal'],
};

/** The spec of which `want` is the record. */
export const spec = {
  clientId: 'orders',
  authorisedGrantTypes: ['client_credentials'],
  roles: ['Portal'],
  clientSecretRef: { name: 'orders' },
};

export class Manifests {
  readonly cluster = withDefinition(new Cluster());

  applyConnection(change: Readonly<Record<string, unknown>> = {}, name = 'default'): Stored {
    return this.cluster.put('almconnections', {
      apiVersion: API_VERSION,
      kind: 'AlmConnection',
      metadata: { namespace: NAMESPACE, name },
      spec: {
        endpoint: 'https://alm/',
        verification: 'Never',
        auth: { clientCredentials: { clientId: 'LmOperator', clientSecretRef: { name: 'login' } } },
        access: [
          { namespaces: { all: true }, clientIds: ['*', 'NimrodClient'], roles: ['*'], allowAdoption: true },
        ],
        ...change,
      },
    });
  }

  applySecret(
    password = PASSWORD,
    labels: Readonly<Record<string, string>> = {},
    namespace: string = TEAM,
  ): Stored {
    const data = { clientSecret: Buffer.from(password).toString('base64') };
    const metadata = { namespace, name: 'orders', labels };
    return this.cluster.put('secrets', { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data });
  }

  apply(
    change: Readonly<Record<string, unknown>> = {},
    { name = 'orders', namespace = TEAM, annotations = {} } = {},
  ): Stored {
    if (this.cluster.one('namespaces', namespace) === undefined) this.applyNamespace(namespace);
    return this.cluster.put('clientcredentials', {
      apiVersion: API_VERSION,
      kind: 'ClientCredential',
      metadata: { namespace, name, annotations },
      spec: { ...spec, ...change },
    });
  }

  applyNamespace(name: string, labels: Readonly<Record<string, string>> = {}): Stored {
    return this.cluster.put('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    });
  }

  status(name = 'orders'): CredentialStatus {
    return parseStatus(credentialStatus, this.cluster.one('clientcredentials', name)?.status);
  }

  /** `Type=Status/Reason` of each condition. */
  conditions(name = 'orders'): string {
    const { conditions = [] } = this.status(name);
    return conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).join(' ');
  }

  condition(type: string, name = 'orders') {
    return this.status(name).conditions?.find((condition) => condition.type === type);
  }

  claim(): Readonly<Record<string, unknown>> | undefined {
    return this.cluster.of('almclientclaims')[0]?.spec as Readonly<Record<string, unknown>> | undefined;
  }

  /** As the claim's own passes would, or somebody by hand. */
  changeClaim(change: Readonly<Record<string, unknown>>): void {
    const claim = this.cluster.of('almclientclaims')[0];
    if (claim !== undefined)
      this.cluster.put('almclientclaims', { ...claim, spec: { ...this.claim(), ...change } });
  }
}

/** The kind itself, as long as nobody deletes it. */
function withDefinition(cluster: Cluster): Cluster {
  const name = 'clientcredentials.alm-operator.dev';
  cluster.put('customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
  });
  return cluster;
}
