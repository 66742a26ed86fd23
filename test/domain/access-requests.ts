/** Requests for access, and what is said against them. */

import {
  type AccessRule,
  type AccessView,
  PROTECTED_CLIENT_IDS,
  refusalOf,
  type Tenant,
} from '../../src/domain/access.ts';
import { type AdoptionPolicy, recordOf, type WantedClient } from '../../src/domain/desired.ts';
import type { Failure } from '../../src/kube/outcome.ts';

export type Ask = Partial<WantedClient> & Readonly<{ policy?: AdoptionPolicy }>;

export const HOME: Tenant = { namespace: 'alm-operator', labels: {} };
export const TEAM: Tenant = { namespace: 'team', labels: { tier: 'gold', empty: '' } };

export const VIEW: AccessView = {
  connection: 'default',
  operatorNamespace: 'alm-operator',
  rules: undefined,
  protectedIds: PROTECTED_CLIENT_IDS,
  loginIds: ['LmOperator'],
};

export const rule = (more: Partial<AccessRule> = {}): AccessRule => ({
  namespaces: { all: true },
  clientIds: ['*'],
  ...more,
});

export const ruled = (more: Partial<AccessRule>) => ({ rules: [rule(more)] });

export function refusal(
  tenant: Tenant,
  { policy = 'Never', ...fields }: Ask,
  view: Partial<AccessView> = {},
): Failure | undefined {
  const want = recordOf({ clientId: 'orders', authorisedGrantTypes: ['client_credentials'], ...fields });
  return refusalOf({ tenant, want, policy }, { ...VIEW, ...view });
}
