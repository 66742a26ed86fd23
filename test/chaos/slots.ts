/** Where three tenants declare clients. Pure. */

import type { ClientSeed } from '../support/alm/clients.ts';
import { secretText } from '../support/canary.ts';

export const TENANTS = ['team-a', 'team-b', 'team-c'] as const;

/**
 * `plain`: its Secret is somebody's. `made`: generated. `people`: for people alone, so that no login proves it. `found`: a
 * stranger's, before it was declared.
 */
export type Sort = 'plain' | 'made' | 'people' | 'found';

/** An object, its Secret of the same name, and its client. */
export type Slot = Readonly<{ namespace: string; name: string; clientId: string; sort: Sort }>;

const SORTS: readonly Readonly<{ name: string; sort: Sort }>[] = [
  { name: 'orders', sort: 'plain' },
  { name: 'stock', sort: 'plain' },
  { name: 'made', sort: 'made' },
  { name: 'people', sort: 'people' },
  { name: 'found', sort: 'found' },
];

export const SLOTS: readonly Slot[] = TENANTS.flatMap((namespace) =>
  SORTS.map(({ name, sort }) => ({ namespace, name, sort, clientId: `${namespace}_${name}` })),
);

export function nameOf({ namespace, name }: Pick<Slot, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** As a stranger made it; nobody declares such a record. */
export function strangerOf({ clientId }: Slot): ClientSeed {
  return {
    clientId,
    clientSecret: secretText(`stranger-${clientId}`),
    authorisedGrantTypes: ['client_credentials'],
    accessTokenValidity: 77,
    refreshTokenValidity: 77,
    roles: ['ReadOnly'],
  };
}
