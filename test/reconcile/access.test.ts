import { describe, expect, it } from 'vitest';
import { HOUR, NAMESPACE, PASSWORD, TEAM, want } from './manifests.ts';
import { CREATION, settled, World } from './world.ts';

/** Access rules in passes: what they refuse reaches nobody, and what they give back goes on where it was. */

const KEEPER = 'ask whoever keeps AlmConnection default in namespace alm-operator for';
const rule = { namespaces: { all: true }, clientIds: ['*'], roles: ['*'] };
const golden = { ...rule, namespaces: { selector: { matchLabels: { tier: 'gold' } } } };

function granted(...access: readonly object[]): World {
  const world = World.good();
  world.applyConnection({ access });
  return world;
}

describe('an object that no access rule admits', () => {
  it.each<[string, object | undefined]>([
    ['is refused where there are no rules', undefined],
    ['is refused where the list of rules is empty', []],
  ])('%s, unless it is in the namespace of the operator', async (_, access) => {
    const world = World.good();
    world.applyConnection({ access });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({
      status: 'False',
      reason: 'AccessDenied',
      message:
        'namespace team-a may not use clientId orders on connection default, which has no access rules and serves ' +
        `namespace alm-operator alone; ${KEEPER} a rule`,
    });
    expect(world.conditions()).toContain('Accepted=False/AccessDenied');
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
    world.applySecret(PASSWORD, {}, NAMESPACE);
    world.apply({}, { namespace: NAMESPACE });
    expect(await world.pass(`${NAMESPACE}/orders`)).toBe(CREATION);
  });

  it.each<[string, object, Record<string, unknown>]>([
    ['by its namespace', { ...rule, namespaces: { names: ['team-b'] } }, {}],
    ['by its id', { ...rule, clientIds: ['$(namespace)_*'] }, {}],
    ['for a role', { ...rule, roles: ['ReadOnly'] }, {}],
    ['for a grant', { ...rule, grantTypes: ['password'] }, {}],
    ['for a validity that it leaves out', { ...rule, maxRefreshTokenValidity: 30_599 }, {}],
    ['for an adoption', rule, { adoptionPolicy: 'IfExists' }],
  ])('is refused %s, and nobody is asked', async (_, access, change) => {
    const world = granted(access);
    world.apply(change);
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')?.reason).toBe('AccessDenied');
  });

  it('is refused as well while it is suspended', async () => {
    const world = granted({ ...rule, roles: [] });
    world.apply({ suspend: true });
    await world.pass();
    expect(world.condition('Ready')?.reason).toBe('AccessDenied');
  });

  it('is refused a client that any connection logs in with, whatever the rules say', async () => {
    const world = granted({ ...rule, allowAdoption: true });
    const login = { clientCredentials: { clientId: 'Orders', clientSecretRef: { name: 'login' } } };
    world.applyConnection({ endpoint: 'https://second', auth: login }, 'second');
    world.apply({ adoptionPolicy: 'IfExists' });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')?.reason).toBe('OwnLoginClient');
  });
});

describe('an object that takes over a protected client', () => {
  it('shows that its deletion leaves that client, whatever its spec says', async () => {
    const world = World.good({
      clientId: 'NimrodClient',
      adoptionPolicy: 'Required',
      deletionPolicy: 'Revoke',
    });
    const record = { ...want, clientId: 'NimrodClient' };
    world.alm.clients.set('NimrodClient', { record, secret: PASSWORD });
    await world.pass();
    expect(world.status()).toMatchObject({ origin: 'Adopted', effective: { deletionPolicy: 'Retain' } });
  });
});

describe('an object that loses its access', () => {
  it('is written no more, keeps its claim and its client, and goes on when access is back', async () => {
    const world = await settled();
    world.applyConnection({ access: [] });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'AccessDenied' });
    world.nowMs += 2 * HOUR;
    world.apply({ accessTokenValidity: 60 });
    expect(await world.pass()).toBe('status');
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created' });
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    world.applyConnection();
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → status');
    expect(world.conditions()).toMatch(/^Ready=True/);
  });
});

describe('the labels of a namespace', () => {
  it('decide, and decide anew when they change', async () => {
    const world = granted(golden);
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')?.message).toBe(
      'namespace team-a may not use clientId orders on connection default: none of its access rules matches; ' +
        `${KEEPER} a rule`,
    );
    world.applyNamespace(TEAM, { tier: 'gold' });
    expect(await world.pass()).toBe(CREATION);
    world.applyNamespace(TEAM, { tier: 'iron' });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')?.reason).toBe('AccessDenied');
  });

  it.each([[[golden]], [[rule]], [undefined]])(
    'are waited for with rules %j: before, nothing is said or asked',
    async (access) => {
      const world = World.good();
      world.applyConnection({ access });
      world.cluster.objects.delete(`namespaces/undefined/${TEAM}`);
      expect(await world.pass()).toBe('');
      expect(world.outcome).toEqual({ then: 'settle' });
      expect(world.status().conditions).toBeUndefined();
      world.applyNamespace(TEAM, { tier: 'gold' });
      expect(await world.pass()).toBe(access === undefined ? 'status' : CREATION);
    },
  );

  it('choose nothing where named namespaces are watched, and the refusal says so', async () => {
    const world = granted(golden);
    world.applyNamespace(TEAM, { tier: 'gold' });
    world.settings.blind = true;
    world.reconfigure();
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')?.message).toBe(
      'namespace team-a may not use clientId orders on connection default: none of its access rules matches; rules with ' +
        `a selector match nothing while the operator watches named namespaces; ${KEEPER} a rule`,
    );
    world.applyConnection({ access: [golden, { ...rule, namespaces: { names: [TEAM] } }] });
    expect(await world.pass()).toBe(CREATION);
  });
});
