import { type AlmConnection, type ConnectionSpec, connectionSpec } from '../api/almconnection.ts';
import { parseSpec } from '../api/parse.ts';
import { type AccessView, PROTECTED_CLIENT_IDS, type Tenant } from '../domain/access.ts';
import { keyOf } from '../kube/types.ts';
import type { CredentialDeps } from './deps.ts';

/** What the passes for credentials look up about connections. Only those of the operator's namespace count. */

export function connectionNamed(
  name: string,
  { connections, operatorNamespace }: Pick<CredentialDeps, 'connections' | 'operatorNamespace'>,
): AlmConnection | undefined {
  return connections.get(keyOf({ namespace: operatorNamespace, name }));
}

export function specOf(connection: AlmConnection | undefined): ConnectionSpec | undefined {
  if (connection === undefined) return undefined;
  const parsed = parseSpec(connectionSpec, connection.spec);
  return parsed.ok ? parsed.value : undefined;
}

/** What decides who may declare which clients on a connection. One that does not exist protects what all do. */
export function accessViewOf(
  name: string,
  deps: Pick<CredentialDeps, 'connections' | 'operatorNamespace'>,
): AccessView {
  const spec = specOf(connectionNamed(name, deps));
  return {
    connection: name,
    operatorNamespace: deps.operatorNamespace,
    rules: spec?.access,
    protectedIds: spec?.protectedClientIds ?? PROTECTED_CLIENT_IDS,
    loginIds: loginIds(deps),
  };
}

/** Labels are undefined where namespaces are not watched, or this one is not known. */
export function tenantOf(namespace: string, { namespaces }: Pick<CredentialDeps, 'namespaces'>): Tenant {
  const known = namespaces?.get(namespace);
  return { namespace, labels: known === undefined ? undefined : (known.metadata.labels ?? {}) };
}

/** The ids under which the operator logs in, of all connections: who overwrites one of them locks the operator out. */
export function loginIds({ connections }: Pick<CredentialDeps, 'connections'>): readonly string[] {
  return connections.list().flatMap((connection) => {
    const auth = specOf(connection)?.auth;
    const id = auth?.clientCredentials?.clientId ?? auth?.password?.clientId;
    return id === undefined ? [] : [id];
  });
}
