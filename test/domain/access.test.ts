import { describe, expect, it } from 'vitest';
import {
  type AccessRule,
  type AccessView,
  isListed,
  PROTECTED_CLIENT_IDS,
  ruleFor,
  type Tenant,
} from '../../src/domain/access.ts';
import { type Ask, HOME, refusal, rule, ruled, TEAM, VIEW } from './access-requests.ts';

describe('without rules', () => {
  it.each<[string, Tenant, Ask, Partial<AccessView>, string | undefined]>([
    ["the operator's namespace has what it wants", HOME, {}, {}, undefined],
    ['an empty list is none', HOME, {}, { rules: [] }, undefined],
    ['roles, grants and validities are free there', HOME, everything(), {}, undefined],
    ['adoption is free there', HOME, { policy: 'IfExists' }, {}, undefined],
    ['another namespace has nothing', TEAM, {}, {}, 'AccessDenied'],
    ['nor where the list is empty', TEAM, {}, { rules: [] }, 'AccessDenied'],
    ['nor by consent to an adoption', TEAM, { policy: 'Required' }, {}, 'AccessDenied'],
    ['a protected id needs a policy', HOME, { clientId: 'NimrodClient' }, {}, 'ProtectedClientId'],
    ['in whatever case', HOME, { clientId: 'nimrodCLIENT' }, {}, 'ProtectedClientId'],
    ['IfExists is one', HOME, { clientId: 'NimrodClient', policy: 'IfExists' }, {}, undefined],
    ['Required is one', HOME, { clientId: 'nimrodclient', policy: 'Required' }, {}, undefined],
    ['what only begins like a protected id is none', HOME, { clientId: 'AdminTool' }, {}, undefined],
    ['no id is protected where none is listed', HOME, { clientId: 'Admin' }, { protectedIds: [] }, undefined],
    ['the login of the operator is refused', HOME, { clientId: 'LmOperator' }, {}, 'OwnLoginClient'],
    ['in whatever case it is written', HOME, { clientId: 'lmoperator' }, {}, 'OwnLoginClient'],
    ['in spite of IfExists', HOME, { clientId: 'LmOperator', policy: 'IfExists' }, {}, 'OwnLoginClient'],
    ['in spite of Required', HOME, { clientId: 'LmOperator', policy: 'Required' }, {}, 'OwnLoginClient'],
    [
      'so is the login of any other connection',
      HOME,
      { clientId: 'b' },
      { loginIds: ['a', 'b'] },
      'OwnLoginClient',
    ],
    [
      'a login that is protected too is refused for what no policy mends',
      HOME,
      { clientId: 'Admin' },
      { loginIds: ['admin'] },
      'OwnLoginClient',
    ],
    ['a stranger is told of the login first', TEAM, { clientId: 'LmOperator' }, {}, 'OwnLoginClient'],
  ])('%s', (_, tenant, ask, view, reason) => {
    judge(refusal(tenant, ask, view), reason);
  });
});

function everything(): Ask {
  return {
    authorisedGrantTypes: ['client_credentials', 'password', 'refresh_token'],
    roles: ['Anything'],
    accessTokenValidity: 2_147_483_647,
    refreshTokenValidity: 2_147_483_647,
  };
}

function judge(failure: ReturnType<typeof refusal>, reason: string | undefined): void {
  if (reason === undefined) expect(failure).toBeUndefined();
  else expect(failure).toMatchObject({ kind: 'stalled', reason });
}

describe('the rule that decides', () => {
  const gold = { matchLabels: { tier: 'gold' } };
  it.each<[string, AccessRule['namespaces'], Tenant, boolean]>([
    ['all', { all: true }, TEAM, true],
    ['a name', { names: ['other', 'team'] }, TEAM, true],
    ['another name', { names: ['other', 'team-a', 'tea'] }, TEAM, false],
    ['labels', { selector: gold }, TEAM, true],
    ['labels of another value', { selector: { matchLabels: { tier: 'Gold' } } }, TEAM, false],
    ['a label that is not there', { selector: { matchLabels: { team: '' } } }, TEAM, false],
    ['an empty selector', { selector: {} }, TEAM, true],
    ['labels that are unknown', { selector: gold }, { ...TEAM, labels: undefined }, false],
    ['an empty selector, labels unknown', { selector: {} }, { ...TEAM, labels: undefined }, false],
    ['a name, labels unknown', { names: ['team'] }, { ...TEAM, labels: undefined }, true],
    ['all, labels unknown', { all: true }, { ...TEAM, labels: undefined }, true],
    ["a rule that leaves out the operator's namespace", { names: ['team'] }, HOME, false],
    ["a rule that names the operator's namespace", { names: ['alm-operator'] }, HOME, true],
  ])('by namespace: %s', (_, namespaces, tenant, admitted) => {
    judge(refusal(tenant, {}, ruled({ namespaces })), admitted ? undefined : 'AccessDenied');
  });

  it.each<[string, string, boolean]>([
    ['orders', 'orders', true],
    ['orders', 'Orders', false],
    ['Orders', 'orders', false],
    ['orders', 'orders2', false],
    ['orders', 'my-orders', false],
    ['*', 'orders', true],
    ['**', 'orders', true],
    ['or*', 'orders', true],
    ['or*', 'or', true],
    ['or*', 'xor', false],
    ['*ers', 'orders', true],
    ['*ers', 'ers', true],
    ['*ers', 'ersatz', false],
    ['o*s', 'orders', true],
    ['or*rs', 'ors', false],
    ['or*rs', 'orrs', true],
    ['*rd*', 'orders', true],
    ['*rd*', 'orers', false],
    ['o*d*s', 'orders', true],
    ['o*x*s', 'orders', false],
    ['ord*de*ers', 'orders', false],
    ['a*b*a', 'aba', true],
    ['a*ab*ba', 'aba', false],
    ['a**b', 'ab', true],
    ['a*ba*a', 'aba', false],
    ['*ab*b', 'ab', false],
    ['*ab*b', 'abb', true],
    ['team_*', 'team_orders', true],
    ['$(namespace)', 'team', true],
    ['$(namespace)_*', 'team_orders', true],
    ['$(namespace)_*', 'team-a_orders', false],
    ['$(namespace)_*', 'Team_orders', false],
    ['$(namespace)_*', 'xteam_orders', false],
    ['$(namespace)_*', 'team', false],
    ['$(namespace)-*', 'team-a_orders', true],
    ['$(namespace)*', 'team-a_orders', true],
    ['*$(namespace)*$(namespace)', 'my-team-is-team', true],
    ['$(namespace)$(namespace)', 'teamteam', true],
    ['$(NAMESPACE)', 'team', false],
  ])('by client id: %s and %s: %s', (glob, clientId, admitted) => {
    judge(
      refusal(TEAM, { clientId }, ruled({ clientIds: ['x', glob] })),
      admitted ? undefined : 'AccessDenied',
    );
  });

  it.each<[string, string, string, Tenant, boolean]>([
    ['a glob of everything', '*', 'NimrodClient', TEAM, false],
    ['a glob of its beginning', 'Nimrod*', 'NimrodClient', TEAM, false],
    ['the very id', 'NimrodClient', 'NimrodClient', TEAM, true],
    ['the id in another case', 'nimrodclient', 'NimrodClient', TEAM, false],
    ['another case of it, spelled out', 'nimrodclient', 'nimrodclient', TEAM, true],
    ['a star at its end', 'NimrodClient*', 'NimrodClient', TEAM, false],
    ['a namespace of that name', '$(namespace)', 'admin', { namespace: 'admin', labels: {} }, false],
    ["a glob, in the operator's namespace", 'Nimrod*', 'NimrodClient', HOME, true],
  ])('for a protected id: %s', (_, glob, clientId, tenant, admitted) => {
    const view = ruled({ clientIds: [glob], allowAdoption: true });
    judge(refusal(tenant, { clientId, policy: 'IfExists' }, view), admitted ? undefined : 'AccessDenied');
    expect(ruleFor(clientId, tenant, { ...VIEW, ...view }) !== undefined).toBe(admitted);
  });

  it('is the first that matches namespace and id, whatever a later one would allow', () => {
    const rules = [
      rule({ namespaces: { names: ['other'] }, roles: ['a'] }),
      rule({ clientIds: ['x*'], roles: ['b'] }),
      rule({ namespaces: { names: ['team'] }, roles: ['c'] }),
      rule({ roles: ['*'] }),
    ];
    expect(ruleFor('orders', TEAM, { ...VIEW, rules })).toBe(rules[2]);
    expect(ruleFor('x1', TEAM, { ...VIEW, rules })).toBe(rules[1]);
    expect(ruleFor('orders', HOME, { ...VIEW, rules })).toBe(rules[3]);
    expect(refusal(TEAM, { roles: ['c'] }, { rules })).toBeUndefined();
    judge(refusal(TEAM, { roles: ['d'] }, { rules }), 'AccessDenied');
  });

  it('goes on past a glob that reaches a protected id without spelling it out', () => {
    const rules = [rule({ roles: [] }), rule({ clientIds: ['Admin'], allowAdoption: true })];
    expect(ruleFor('Admin', TEAM, { ...VIEW, rules })).toBe(rules[1]);
  });

  it('is none where there are no rules', () => {
    expect(ruleFor('orders', HOME, VIEW)).toBeUndefined();
    expect(ruleFor('orders', TEAM, VIEW)).toBeUndefined();
  });
});

describe('what a rule gives', () => {
  it.each<[string, Partial<AccessRule>, Ask, string | undefined]>([
    ['no role where it lists none', {}, { roles: ['A'] }, 'roles'],
    ['no role where its list is empty', { roles: [] }, { roles: ['A'] }, 'roles'],
    ['the roles that it lists', { roles: ['A', 'B'] }, { roles: ['B', 'A'] }, undefined],
    ['no other role', { roles: ['A', 'B'] }, { roles: ['A', 'C'] }, 'roles'],
    ['no role of another case', { roles: ['A'] }, { roles: ['a'] }, 'roles'],
    ['the roles that its globs match', { roles: ['Read*'] }, { roles: ['ReadOnly'] }, undefined],
    ['a dot for a dot only', { roles: ['a.c'] }, { roles: ['abc'] }, 'roles'],
    ['no namespace in a role', { roles: ['$(namespace)'] }, { roles: ['team'] }, 'roles'],
    ['that text itself, though', { roles: ['$(namespace)'] }, { roles: ['$(namespace)'] }, undefined],
    [
      'all grants where it lists none',
      {},
      { authorisedGrantTypes: ['password', 'refresh_token'] },
      undefined,
    ],
    [
      'only the grants that it lists',
      { grantTypes: ['client_credentials'] },
      { authorisedGrantTypes: ['client_credentials', 'password'] },
      'authorisedGrantTypes',
    ],
    ['no grant where its list is empty', { grantTypes: [] }, {}, 'authorisedGrantTypes'],
    ['a validity at its limit', { maxAccessTokenValidity: 1200 }, {}, undefined],
    ['no default validity above it', { maxAccessTokenValidity: 1199 }, {}, 'accessTokenValidity'],
    [
      'no validity above it',
      { maxAccessTokenValidity: 60 },
      { accessTokenValidity: 61 },
      'accessTokenValidity',
    ],
    ['a refresh validity at its limit', { maxRefreshTokenValidity: 30600 }, {}, undefined],
    ['no default refresh validity above it', { maxRefreshTokenValidity: 30599 }, {}, 'refreshTokenValidity'],
    ['no adoption where it does not say so', {}, { policy: 'IfExists' }, 'adoptionPolicy'],
    ['no adoption where it says no', { allowAdoption: false }, { policy: 'Required' }, 'adoptionPolicy'],
    ['adoption where it says so', { allowAdoption: true }, { policy: 'Required' }, undefined],
    ['all that in its order', { grantTypes: [], maxAccessTokenValidity: 1 }, { roles: ['A'] }, 'roles'],
  ])('%s', (_, given, ask, field) => {
    for (const tenant of [TEAM, HOME]) {
      const failure = refusal(tenant, ask, ruled(given));
      judge(failure, field === undefined ? undefined : 'AccessDenied');
      if (field !== undefined) expect(failure?.message).toMatch(new RegExp(`^${field}: connection default `));
    }
  });

  it('asks for a policy before it asks for the rest', () => {
    judge(refusal(HOME, { clientId: 'Admin', roles: ['A'] }, ruled({})), 'ProtectedClientId');
  });
});

describe('isListed', () => {
  it.each([
    ['orders', ['orders'], true],
    ['Orders', ['orders'], true],
    ['orders', ['ORDERS'], true],
    ['orders', ['invoices', 'orders'], true],
    ['orders', ['order'], false],
    ['orders', ['invoices'], false],
    ['orders', [], false],
  ] as const)('%s in %j: %s', (id, ids, listed) => {
    expect(isListed(id, ids)).toBe(listed);
  });

  it("protects what ALM's own parts log in with", () => {
    expect(PROTECTED_CLIENT_IDS).toEqual(['LmClient', 'NimrodClient', 'DokiClient', 'Admin']);
  });
});
