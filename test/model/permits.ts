import type { Alm, Taken } from './alm.ts';
import { type Cluster, CONNECTIONS, CREDENTIALS, type Stored } from './cluster.ts';
import type { Pass } from './requests.ts';
import { grants, HOME } from './rules.ts';

/**
 * What users permitted, at any moment that a pass could have seen: its object and its Secret since the pass began (it
 * reads them live), access rules and labels since as far back as its watches were.
 */

type Wanted = Readonly<{ object: Stored; connection: string; clientId: string }>;

/** The versions of the pass's object that a write could have been made for. */
export function wishesOf(cluster: Cluster, pass: Pass): readonly Wanted[] {
  return cluster
    .since(CREDENTIALS, pass.key, pass.revision)
    .filter(({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec?.['suspend'] !== true)
    .map((object) => ({
      object,
      connection: connectionOf(object),
      clientId: String(object.spec?.['clientId']),
    }));
}

export function connectionOf({ spec }: Stored): string {
  return (spec?.['connectionRef'] as { name: string } | undefined)?.name ?? 'default';
}

/** What is to be sent for that version of the spec, said anew. */
export function recordFor({ spec = {} }: Stored): Readonly<Record<string, unknown>> {
  return {
    clientId: spec['clientId'],
    authorisedGrantTypes: spec['authorisedGrantTypes'],
    accessTokenValidity: spec['accessTokenValidity'] ?? 1200,
    refreshTokenValidity: spec['refreshTokenValidity'] ?? 30600,
    roles: spec['roles'] ?? [],
  };
}

export function passwordIn({ data }: Stored): string {
  return Buffer.from(data?.['clientSecret'] ?? '', 'base64').toString();
}

/** The passwords that the object could have meant. */
export function passwordsFor({ object }: Wanted, cluster: Cluster, pass: Pass): readonly string[] {
  const ref = object.spec?.['clientSecretRef'] as { name: string };
  const key = `${object.metadata.namespace}/${ref.name}`;
  return cluster.since('secrets', key, pass.revision).map(passwordIn);
}

export type Permit = Readonly<{ admits: boolean; adopts: boolean }>;

/** What the rules let the object do at that ALM. */
export function permitFor(wanted: Wanted, alm: Alm, cluster: Cluster, pass: Pass): Permit {
  const { namespace = '' } = wanted.object.metadata;
  const { known } = pass;
  const connections = cluster
    .since(CONNECTIONS, `${HOME}/${wanted.connection}`, known[CONNECTIONS] ?? 0)
    .filter(({ spec }) => spec?.['endpoint'] === alm.endpoint);
  const homes = cluster.since('namespaces', namespace, known['namespaces'] ?? 0);
  const all = connections.flatMap((connection) =>
    homes.map(({ metadata }) =>
      grants(connection, { namespace, labels: metadata.labels ?? {}, clientId: wanted.clientId }),
    ),
  );
  const policy = wanted.object.spec?.['adoptionPolicy'] ?? 'Never';
  return {
    admits: all.some(({ admits }) => admits),
    adopts: policy !== 'Never' && all.some(({ adopts }) => adopts),
  };
}

/** Whether the write is, field by field, one that the object asked for. */
export function isDeclared(wanted: Wanted, { sent }: Taken, passwords: readonly string[]): boolean {
  if (sent === undefined) return false;
  const { clientSecret, ...record } = sent;
  const same = Object.entries(recordFor(wanted.object)).every(
    ([field, value]) => JSON.stringify(record[field as keyof typeof record]) === JSON.stringify(value),
  );
  return same && passwords.includes(clientSecret.reveal());
}
