import { describe, expect, it } from 'vitest';
import { HOUR } from './manifests.ts';
import { CREATION, settled, World } from './world.ts';

describe('what stops before any live read', () => {
  it.each<[string, Readonly<Record<string, unknown>>, string, string]>([
    [
      'a spec without an id',
      { clientId: undefined },
      'InvalidSpec',
      'spec.clientId is required; correct the spec',
    ],
    [
      'a spec with a wrong validity',
      { accessTokenValidity: 'long' },
      'InvalidSpec',
      'spec.accessTokenValidity must be a whole number; correct the spec',
    ],
    [
      'a generated secret, where the operator makes none',
      { clientSecretRef: undefined, generatedSecret: { name: 'orders' } },
      'SecretNotAllowed',
      'spec.generatedSecret is switched off; use spec.clientSecretRef, or run the operator with --generated-secrets',
    ],
    [
      'a protected id',
      { clientId: 'NimrodClient' },
      'ProtectedClientId',
      'clientId NimrodClient is protected; set adoptionPolicy to IfExists or Required to take it over',
    ],
    [
      "the operator's own login, whatever the policy",
      { clientId: 'lmoperator', adoptionPolicy: 'IfExists' },
      'OwnLoginClient',
      'clientId lmoperator is the login of the operator itself; a wrong value would lock it out, so it is managed ' +
        'where it was made; choose another clientId',
    ],
    [
      'a connection that does not exist',
      { connectionRef: { name: 'other' } },
      'ConnectionNotFound',
      'AlmConnection other does not exist in namespace alm-operator; create it or name another in spec.connectionRef',
    ],
  ])('is %s', async (_, change, reason, message) => {
    const world = World.good(change);
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason, message });
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
    expect(world.cluster.of('almclientclaims')).toEqual([]);
    expect(await world.pass()).toBe('');
  });

  it('is a connection whose last login failed', async () => {
    const world = World.good();
    world.sessions.set('default', { usable: false });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({
      reason: 'ConnectionNotReady',
      message: 'AlmConnection default is not ready; its own conditions say why',
    });
    world.connect();
    expect(await world.pass()).toBe(CREATION);
  });

  it('is a connection whose address has changed since its last login', async () => {
    const world = await settled();
    world.applyConnection({ endpoint: 'https://other' });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ reason: 'ConnectionNotReady', status: 'False' });
  });

  it('is a connection that was never probed: nothing is known, so nothing is said', async () => {
    const world = World.good();
    world.sessions.remove('default');
    expect(await world.pass()).toBe('');
    expect(world.outcome).toEqual({ then: 'settle' });
  });

  it('is a connection whose spec nobody can read', async () => {
    const world = World.good();
    world.applyConnection({ endpoint: 7 });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ reason: 'ConnectionNotReady' });
  });

  it('is another connection than the one on which the object holds its client', async () => {
    const world = await settled();
    world.applyConnection({ endpoint: 'https://other' }, 'other');
    world.apply({ connectionRef: { name: 'other' } });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({
      reason: 'ConnectionMoved',
      message:
        'this object holds clientId orders on connection default, not on other; name that connection again, or ' +
        'delete this object and create another',
    });
    expect(world.cluster.of('almclientclaims')).toHaveLength(1);
  });

  it('is an id that somebody else holds, in whatever case; it is woken when that claim changes', async () => {
    const world = await settled();
    world.apply({ clientId: 'ORDERS' }, { namespace: 'team-b' });
    expect(await world.pass('team-b/orders')).toBe('status');
    const other = world.cluster.objects.get('clientcredentials/team-b/orders');
    expect(other?.status).toMatchObject({
      conditions: [
        {
          type: 'Ready',
          reason: 'ClientIdConflict',
          message:
            'clientId orders on connection default belongs to ClientCredential team-a/orders; choose another clientId, ' +
            'or ask its owner or the administrators of the operator to release it',
        },
        {},
        {},
        {},
        { type: 'Stalled' },
      ],
    });
    world.claimQueue.wake(world.cluster.of('almclientclaims')[0]!.metadata.name);
    expect(world.woken).toEqual(['team-b/orders']);
  });

  it('is an object that is gone', async () => {
    expect(await new World().pass()).toBe('');
    expect(await World.good().passOnStale()).toBe('');
  });
});
