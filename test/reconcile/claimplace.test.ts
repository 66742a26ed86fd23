import { describe, expect, it } from 'vitest';
import { ClaimWorld } from './claimworld.ts';
import { HOUR, NAMESPACE } from './manifests.ts';

/** Where a client can be revoked, and which clients never are. */

const connection = { namespace: NAMESPACE, name: 'default' };

describe('a revocation waits, and says why', () => {
  const places: readonly (readonly [string, (world: ClaimWorld) => void, string, RegExp])[] = [
    [
      'for a connection that was deleted',
      (world) => world.cluster.drop('almconnections', connection),
      'ConnectionNotFound',
      /AlmConnection default does not exist .* create it again, or delete this claim to leave the client as it is$/,
    ],
    [
      'for a connection that is being deleted',
      (world) => {
        const object = world.cluster.one('almconnections', 'default')!;
        object.metadata.deletionTimestamp = '2026-03-01T12:00:00Z';
        world.sessions.remove('default');
      },
      'ConnectionNotFound',
      /does not exist/,
    ],
    [
      'for a connection that leads elsewhere',
      (world) => world.applyConnection({ endpoint: 'https://other' }),
      'ConnectionMoved',
      /leads to another ALM than https:\/\/alm, .* let it lead there again, or delete this claim/,
    ],
    [
      'for a connection that cannot log in',
      (world) => world.sessions.set('default', { usable: false }),
      'ConnectionNotReady',
      /is not ready, .* its own conditions say why$/,
    ],
    [
      'for a connection that nobody can read',
      (world) => world.applyConnection({ endpoint: 7 }),
      'ConnectionNotReady',
      /is not ready/,
    ],
    [
      'for a connection whose session is that of a former endpoint',
      (world) => {
        const client = world.alm.client();
        world.sessions.set('default', { usable: true, client, endpoint: 'https://former', readable: false });
      },
      'ConnectionNotReady',
      /is not ready/,
    ],
  ];

  it.each(places)('%s', async (_name, change, reason, message) => {
    const world = ClaimWorld.revoking();
    change(world);
    expect(await world.claimPass()).toBe('read claim → status');
    expect(world.told()).toBe(`Revoked=False/${reason}`);
    expect(world.message()).toMatch(message);
    expect(world.claimEvents()).toEqual([`Warning ${reason}`]);
    expect(world.claimOutcome).toEqual({ then: 'settle', resyncMs: HOUR });
    expect([world.phase(), world.stillWorks(), world.probed]).toEqual(['Revoking', true, []]);
    expect(await world.claimPass()).toBe('read claim');
    delete world.cluster.one('almconnections', 'default')?.metadata.deletionTimestamp;
    world.connect();
    await world.claimPass();
    expect([world.phase(), world.stillWorks()]).toEqual(['Revoked', false]);
  });

  it('for the first probe, without a word', async () => {
    const world = ClaimWorld.revoking();
    world.sessions.remove('default');
    expect(await world.claimPass()).toBe('read claim');
    expect([world.told(), world.stillWorks()]).toEqual(['', true]);
    expect(world.claimOutcome).toEqual({ then: 'settle', resyncMs: HOUR });
  });

  it('half an hour where the operator itself never looks again', async () => {
    const world = ClaimWorld.revoking();
    world.settings.resyncIntervalMs = 0;
    world.reconfigureClaims();
    world.sessions.set('default', { usable: false });
    await world.claimPass();
    expect(world.claimOutcome).toEqual({ then: 'settle', resyncMs: 1_800_000 });
  });

  it('in a namespace that the operator does not watch for nobody: what is owed is paid', async () => {
    const world = ClaimWorld.revoking();
    world.watched = () => false;
    await world.claimPass();
    expect(world.phase()).toBe('Revoked');
  });
});

describe('a client that may not be revoked', () => {
  const auth = { clientCredentials: { clientId: 'ORDERS', clientSecretRef: { name: 'login' } } };

  it.each([
    ['is protected by now', { protectedClientIds: ['Orders'] }, 'ProtectedClientId', /protects it$/],
    ['is the operator’s own login by now', { auth }, 'OwnLoginClient', /operator itself logs in with it$/],
  ])('because it %s is left as it is, with an event', async (_name, change, reason, message) => {
    const world = ClaimWorld.revoking();
    world.applyConnection(change);
    expect(await world.claimPass()).toBe('read claim → claim Retained');
    expect(world.claim()).toMatchObject({ phase: 'Retained', origin: 'Created' });
    expect(world.claimEvents()).toEqual([`Warning ${reason}`]);
    expect(world.events[0]?.note).toMatch(message);
    expect([world.stillWorks(), world.claimOutcome]).toEqual([true, { then: 'settle' }]);
  });

  it('is the login of any connection', async () => {
    const world = ClaimWorld.revoking();
    world.applyConnection({ auth, endpoint: 'https://elsewhere' }, 'another');
    await world.claimPass();
    expect(world.phase()).toBe('Retained');
  });

  it('is left even while its connection is not ready, and what was said of it is withdrawn', async () => {
    const world = ClaimWorld.revoking();
    world.sessions.set('default', { usable: false });
    await world.claimPass();
    world.applyConnection({ protectedClientIds: ['orders'] });
    expect(await world.claimPass()).toBe('read claim → claim Retained → status');
    expect(world.told()).toBe('');
  });

  it('is left together with the memory of its object', async () => {
    const world = await ClaimWorld.held();
    const { uid } = world.cluster.one('clientcredentials', 'orders')!.metadata;
    world.strip();
    world.sessions.set('default', { usable: false });
    await world.claimPass();
    expect([world.phase(), world.departures.get(uid)?.metadata.uid]).toEqual(['Revoking', uid]);
    world.applyConnection({ protectedClientIds: ['orders'] });
    await world.claimPass();
    expect([world.phase(), world.departures.get(uid)]).toEqual(['Retained', undefined]);
  });

  it('is not known as long as its connection is away', async () => {
    const world = ClaimWorld.revoking({ clientId: 'Admin' });
    world.cluster.drop('almconnections', connection);
    await world.claimPass();
    expect([world.phase(), world.told()]).toEqual(['Revoking', 'Revoked=False/ConnectionNotFound']);
  });
});
