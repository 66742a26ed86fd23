import type { Alm } from './alm.ts';
import { CLAIMS, type Cluster, type Stored } from './cluster.ts';

/** What the oracle reads of claims: who has which client, by the operator's own word. */

export type ClaimSpec = Readonly<{
  connection: string;
  endpoint: string;
  clientId: string;
  owner: Readonly<{ namespace: string; name: string; uid: string }>;
  phase: string;
  origin?: string;
}>;

export function claimIn(object: Stored): ClaimSpec {
  return object.spec as unknown as ClaimSpec;
}

export function lineageOf({ owner }: ClaimSpec): string {
  return `${owner.namespace}/${owner.name}`;
}

/** All claims about that client, whichever connection they name. */
export function claimsAbout(cluster: Cluster, endpoint: string, clientId: string): readonly ClaimSpec[] {
  return cluster
    .list(CLAIMS)
    .map(claimIn)
    .filter((claim) => claim.endpoint === endpoint && sameId(claim.clientId, clientId));
}

export function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The name of one client of one ALM. */
export function nameOf(alm: Pick<Alm, 'endpoint' | 'idOf'>, clientId: string): string {
  return `${alm.endpoint} ${alm.idOf(clientId)}`;
}

export type ConditionSeen = Readonly<{ type: string; status: string; reason: string; message: string }>;

export function conditionOf(object: Stored, type: string): ConditionSeen | undefined {
  const { conditions = [] } = (object.status ?? {}) as { conditions?: readonly ConditionSeen[] };
  return conditions.find((condition) => condition.type === type);
}
