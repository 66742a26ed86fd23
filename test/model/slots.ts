import { HOME } from './rules.ts';

/** The names of everything that may exist in the modelled world. */

export const RESYNC_MS = 30 * 60_000;
export const DEFINITION = 'clientcredentials.alm-operator.dev';
export const LOGIN_ID = 'LmOperator';

/** Two ALMs, of which the second is reached by a connection of its own unless that is led to the first. */
export const ENDPOINTS = ['https://alm', 'https://other'] as const;

export type Slot = Readonly<{ namespace: string; name: string; clientId: string; connection: string }>;

/** Objects that may exist: the same id in two namespaces, in another case, by another connection, one protected. */
export const SLOTS: readonly Slot[] = [
  { namespace: 'team-a', name: 'orders', clientId: 'orders', connection: 'default' },
  { namespace: 'team-b', name: 'orders', clientId: 'orders', connection: 'default' },
  { namespace: 'team-a', name: 'spelled', clientId: 'Orders', connection: 'default' },
  { namespace: 'team-b', name: 'second', clientId: 'orders', connection: 'second' },
  { namespace: HOME, name: 'nimrod', clientId: 'NimrodClient', connection: 'default' },
  { namespace: 'team-a', name: 'login', clientId: LOGIN_ID, connection: 'default' },
];

export function keyIn({ namespace, name }: Readonly<{ namespace?: string; name: string }>): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function secretOf({ namespace, name }: Readonly<{ namespace: string; name: string }>) {
  return { namespace, name: `${name}-password` };
}
