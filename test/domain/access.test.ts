import { describe, expect, it } from 'vitest';
import { isListed, PROTECTED_CLIENT_IDS, refusalOf } from '../../src/domain/access.ts';
import { type AdoptionPolicy, recordOf } from '../../src/domain/desired.ts';

type IdRequest = Readonly<{
  clientId: string;
  policy: AdoptionPolicy;
  protectedIds: readonly string[];
  loginIds: readonly string[];
}>;

const ordinary: IdRequest = {
  clientId: 'orders',
  policy: 'Never',
  protectedIds: PROTECTED_CLIENT_IDS,
  loginIds: ['LmOperator'],
};

/** At home, in the operator's own namespace, of a connection without rules. */
function refusalAtHome({ clientId, policy, protectedIds, loginIds }: IdRequest) {
  const tenant = { namespace: 'alm-operator', labels: {} };
  const want = recordOf({ clientId, authorisedGrantTypes: ['client_credentials'] });
  return refusalOf(
    { tenant, want, policy },
    { connection: 'default', operatorNamespace: 'alm-operator', rules: undefined, protectedIds, loginIds },
  );
}

describe('refusalOf', () => {
  it.each<[string, Partial<IdRequest>, string | undefined]>([
    ['lets an ordinary id pass', {}, undefined],
    ['lets an id pass that only begins like a protected one', { clientId: 'AdminTool' }, undefined],
    ['lets everything pass where nothing is listed', { clientId: 'Admin', protectedIds: [] }, undefined],
    ['refuses a protected id without a policy', { clientId: 'NimrodClient' }, 'ProtectedClientId'],
    ['refuses a protected id in another case', { clientId: 'nimrodCLIENT' }, 'ProtectedClientId'],
    ['lets a protected id pass with IfExists', { clientId: 'NimrodClient', policy: 'IfExists' }, undefined],
    ['lets a protected id pass with Required', { clientId: 'NimrodClient', policy: 'Required' }, undefined],
    ["refuses the operator's own login", { clientId: 'LmOperator' }, 'OwnLoginClient'],
    ["refuses the operator's own login in another case", { clientId: 'lmoperator' }, 'OwnLoginClient'],
    [
      "refuses the operator's own login in spite of IfExists",
      { clientId: 'LmOperator', policy: 'IfExists' },
      'OwnLoginClient',
    ],
    [
      "refuses the operator's own login in spite of Required",
      { clientId: 'LmOperator', policy: 'Required' },
      'OwnLoginClient',
    ],
    [
      'refuses the login of any connection',
      { clientId: 'second', loginIds: ['first', 'second'] },
      'OwnLoginClient',
    ],
    [
      'calls a login that is protected too by what no policy mends',
      { clientId: 'Admin', loginIds: ['admin'] },
      'OwnLoginClient',
    ],
  ])('%s', (_, change, reason) => {
    const refusal = refusalAtHome({ ...ordinary, ...change });
    if (reason === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatchObject({ kind: 'stalled', reason });
  });

  it('writes its messages out for people', () => {
    expect(refusalAtHome({ ...ordinary, clientId: 'NimrodClient' })?.message).toBe(
      'clientId NimrodClient is protected; set adoptionPolicy to IfExists or Required to take it over',
    );
    expect(refusalAtHome({ ...ordinary, clientId: 'LmOperator' })?.message).toBe(
      'clientId LmOperator is the login of the operator itself; a wrong value would lock it out, so it is managed ' +
        'where it was made; choose another clientId',
    );
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
