import { describe, expect, it } from 'vitest';
import type { AccessView, Tenant } from '../../src/domain/access.ts';
import { type Ask, HOME, refusal, ruled, TEAM } from './access-requests.ts';

describe('a refusal', () => {
  const ask = 'ask whoever keeps AlmConnection default in namespace alm-operator for';
  it.each<[string, Tenant, Ask, Partial<AccessView>, string]>([
    [
      'of a login',
      TEAM,
      { clientId: 'lmOperator' },
      {},
      'clientId lmOperator is the login of the operator itself; a wrong value would lock it out, so it is managed ' +
        'where it was made; choose another clientId',
    ],
    [
      'without rules',
      TEAM,
      {},
      {},
      'namespace team may not use clientId orders on connection default, which has no access rules and serves ' +
        `namespace alm-operator alone; ${ask} a rule`,
    ],
    [
      'by no rule',
      TEAM,
      {},
      ruled({ clientIds: ['x'] }),
      'namespace team may not use clientId orders on connection default: none of its access rules matches; ' +
        `${ask} a rule`,
    ],
    [
      'of a protected id',
      TEAM,
      { clientId: 'Admin' },
      ruled({}),
      'namespace team may not use clientId Admin on connection default: none of its access rules matches; ' +
        `${ask} a rule that spells out this id, which is protected`,
    ],
    [
      'by a selector that cannot be looked at',
      { namespace: 'team', labels: undefined },
      {},
      ruled({ namespaces: { selector: {} } }),
      'namespace team may not use clientId orders on connection default: none of its access rules matches; rules ' +
        `with a selector match nothing while the operator watches named namespaces; ${ask} a rule`,
    ],
    [
      'without a policy',
      HOME,
      { clientId: 'NimrodClient' },
      {},
      'clientId NimrodClient is protected; set adoptionPolicy to IfExists or Required to take it over',
    ],
    [
      'of a role',
      TEAM,
      { roles: ['A', 'B', 'C'] },
      ruled({ roles: ['A'] }),
      `roles: connection default does not allow role B here; leave it out or ${ask} it`,
    ],
    [
      'of a grant',
      TEAM,
      { authorisedGrantTypes: ['client_credentials', 'password'] },
      ruled({ grantTypes: ['client_credentials'] }),
      `authorisedGrantTypes: connection default does not allow password here; leave it out or ${ask} it`,
    ],
    [
      'of a validity',
      TEAM,
      {},
      ruled({ maxAccessTokenValidity: 600 }),
      `accessTokenValidity: connection default allows at most 600 s here, and this is 1200 s; lower it or ${ask} more`,
    ],
    [
      'of a refresh validity',
      TEAM,
      {},
      ruled({ maxRefreshTokenValidity: 600 }),
      `refreshTokenValidity: connection default allows at most 600 s here, and this is 30600 s; lower it or ${ask} more`,
    ],
    [
      'of an adoption',
      TEAM,
      { policy: 'IfExists' },
      ruled({}),
      `adoptionPolicy: connection default does not allow IfExists here; leave it out or ${ask} a rule with allowAdoption`,
    ],
  ])('%s names what, where and the remedy', (_, tenant, wanted, view, message) => {
    expect(refusal(tenant, wanted, view)?.message).toBe(message);
  });
});
