/**
 * The admission policy as it is installed, on an API server, and the pure function beside it: the same request is put to
 * both.
 */

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { type AccessRule, PROTECTED_CLIENT_IDS, refusalOf } from '../../src/domain/access.ts';
import { type AdoptionPolicy, recordOf, type WantedClient } from '../../src/domain/desired.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { ApiError } from '../support/kubectl/http.ts';
import type { Live } from '../support/kubectl/objects.ts';

const POLICY = new URL('../../deploy/admission/policy.yaml', import.meta.url);
const NAME = 'clientcredential-access.alm-operator.dev';
const BY = `ValidatingAdmissionPolicy '${NAME}' with binding '${NAME}' denied request: `;
const START_LIMIT_MS = 90_000;
const IN_FORCE_LIMIT_MS = 25_000;

/** A connection; each logs in with an id of its own. */
export type Connection = Readonly<{
  name: string;
  rules?: readonly AccessRule[];
  protectedIds?: readonly string[];
}>;

export type Ask = Partial<WantedClient> & Readonly<{ namespace: string; adoptionPolicy?: AdoptionPolicy }>;

export type Bench = Readonly<{
  cluster: Cluster;
  /** Makes the connections, and resolves once the policy knows them. */
  connect(...connections: readonly Connection[]): Promise<void>;
  disconnect(): Promise<void>;
  /** What the policy says against a creation on the connection; undefined: it is admitted. */
  told(connection: string | undefined, ask: Ask): Promise<string | undefined>;
  /** What the operator says. */
  thought(connection: string | undefined, ask: Ask): Promise<string | undefined>;
}>;

export const loginOf = (connection: string) => `login-of-${connection}`;

export function useBench(): () => Bench {
  let cluster: Cluster | undefined;
  let bench: Bench | undefined;
  beforeAll(async () => {
    cluster = await startCluster();
    console.info(`Access, asked of ${cluster.version}`);
    await cluster.api.apply(readFileSync(POLICY, 'utf8'));
    bench = benchOn(cluster);
  }, START_LIMIT_MS);
  afterAll(() => cluster?.stop(), START_LIMIT_MS);
  return () => {
    if (bench === undefined) throw new Error('The server has not started');
    return bench;
  };
}

function benchOn(cluster: Cluster): Bench {
  const { api } = cluster;
  const connections = new Map<string, Connection>();
  const told: Bench['told'] = async (connection, ask) => {
    try {
      await api.raw({
        method: 'POST',
        path: `/apis/alm-operator.dev/v1beta1/namespaces/${ask.namespace}/clientcredentials`,
        query: { dryRun: 'All' },
        body: credentialFor(connection, ask),
      });
      return undefined;
    } catch (error) {
      return denialIn(error);
    }
  };
  return {
    cluster,
    told,
    connect: async (...added) => {
      await Promise.all(added.map((connection) => api.create(manifestOf(connection))));
      for (const connection of added) {
        connections.set(connection.name, connection);
        // Refused by this connection alone, whatever its rules are.
        await refused(() =>
          told(undefined, { namespace: OPERATOR_NAMESPACE, clientId: loginOf(connection.name) }),
        );
      }
    },
    disconnect: async () => {
      const names = [...connections.keys()];
      connections.clear();
      await Promise.all(names.map((name) => api.delete('AlmConnection', OPERATOR_NAMESPACE, name)));
    },
    thought: async (connection = 'default', ask) => {
      const { metadata } = await api.get<Live>('Namespace', '', ask.namespace);
      const { rules, protectedIds = PROTECTED_CLIENT_IDS } = connections.get(connection) ?? {};
      const tenant = { namespace: ask.namespace, labels: metadata.labels ?? {} };
      const request = { tenant, want: recordOf(wanted(ask)), policy: ask.adoptionPolicy ?? 'Never' };
      const loginIds = [...connections.keys()].map(loginOf);
      const operatorNamespace = OPERATOR_NAMESPACE;
      return refusalOf(request, { connection, operatorNamespace, rules, protectedIds, loginIds })?.message;
    },
  };
}

/** Waits for a refusal: a policy, or a change of a connection, is in force a little later. */
export async function refused(ask: () => Promise<string | undefined>): Promise<void> {
  for (const deadline = Date.now() + IN_FORCE_LIMIT_MS; (await ask()) === undefined; await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`Nothing is refused after ${IN_FORCE_LIMIT_MS} ms`);
  }
}

function manifestOf({ name, rules, protectedIds }: Connection) {
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'AlmConnection',
    metadata: { name, namespace: OPERATOR_NAMESPACE },
    spec: {
      endpoint: 'https://alm.example',
      auth: { clientCredentials: { clientId: loginOf(name), clientSecretRef: { name: 'alm-login' } } },
      ...(rules === undefined ? {} : { access: rules }),
      ...(protectedIds === undefined ? {} : { protectedClientIds: protectedIds }),
    },
  };
}

function wanted({ namespace: _n, adoptionPolicy: _a, ...fields }: Ask): WantedClient {
  return { clientId: 'orders', authorisedGrantTypes: ['client_credentials'], ...fields };
}

function credentialFor(connection: string | undefined, ask: Ask) {
  const { namespace, adoptionPolicy } = ask;
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'ClientCredential',
    metadata: { name: 'asked', namespace },
    spec: {
      ...wanted(ask),
      clientSecretRef: { name: 'password' },
      ...(adoptionPolicy === undefined ? {} : { adoptionPolicy }),
      ...(connection === undefined ? {} : { connectionRef: { name: connection } }),
    },
  };
}

/** The policy's own words; rethrows what is no denial of it. */
function denialIn(error: unknown): string {
  if (!(error instanceof ApiError) || error.status !== 403) throw error;
  const at = error.message.indexOf(BY);
  if (at < 0 || error.reason !== 'Forbidden') throw error;
  return error.message.slice(at + BY.length);
}
