import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../src/api/group.ts';
import { secretText } from '../support/canary.ts';
import { HOUR, PASSWORD, TEAM, want } from './manifests.ts';
import { CREATION, READY, settled, World } from './world.ts';

describe('the order of a pass', () => {
  it('creates: Secret, finalizer, claim, ALM, claim, status', async () => {
    const world = World.good();
    expect(await world.pass()).toBe(CREATION);
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    expect(world.conditions()).toBe(`${READY} Synced=True/Created`);
    expect(world.claim()).toMatchObject({
      connection: 'default',
      endpoint: 'https://alm',
      clientId: 'orders',
      owner: { namespace: TEAM, name: 'orders' },
      phase: 'Held',
      origin: 'Created',
    });
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.finalizers).toEqual([FINALIZER]);
  });

  it('asks nobody anything once all is as declared', async () => {
    const world = await settled();
    expect(await world.pass()).toBe('');
    expect(world.outcome).toMatchObject({ then: 'settle' });
  });

  it('reads the object live where the finalizer is there already', async () => {
    const world = await settled();
    world.apply({ roles: ['Portal', 'ReadOnly'] });
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → status');
    expect(world.alm.holds({ ...want, roles: ['Portal', 'ReadOnly'] }, PASSWORD)).toBe(true);
    expect(world.conditions()).toBe(`${READY} Synced=True/Updated`);
  });

  it('adopts: the claim says so before the status does', async () => {
    const world = World.good({ adoptionPolicy: 'IfExists' });
    world.alm.clients.set('orders', {
      record: { ...want, roles: ['SLMAdmin'] },
      secret: secretText('theirs'),
    });
    expect(await world.pass()).toBe(
      'read Secret → add finalizer → create claim → POST → PUT → claim Held → status',
    );
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Adopted' });
    expect(world.conditions()).toBe(
      'Ready=True/Adopted Accepted=True/Valid ResolvedRefs=True/Resolved Synced=True/Updated',
    );
    expect(world.status()).toMatchObject({ origin: 'Adopted', effective: { deletionPolicy: 'Retain' } });
  });

  it('leaves no claim behind on what is not its own', async () => {
    const world = World.good();
    const theirs = { record: want, secret: secretText('theirs') };
    world.alm.clients.set('orders', theirs);
    expect(await world.pass()).toBe(
      'read Secret → add finalizer → create claim → POST → delete claim → status',
    );
    expect(world.alm.clients.get('orders')).toEqual(theirs);
    expect(world.claim()).toBeUndefined();
    expect(world.conditions()).toBe(
      'Ready=False/AlreadyExists Accepted=True/Valid ResolvedRefs=True/Resolved Synced=False/AlreadyExists ' +
        'Stalled=True/AlreadyExists',
    );
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
  });

  it('reads a readable ALM before and after', async () => {
    const world = World.good();
    world.connect(true);
    expect(await world.pass()).toBe(
      'read Secret → add finalizer → create claim → GET → POST → claim Held → GET → status',
    );
    expect(world.conditions()).toBe(`${READY} Synced=True/Created`);
  });

  it('takes over what an earlier object of the same name held, before ALM hears of it', async () => {
    const world = await settled();
    const { uid } = world.cluster.one('clientcredentials', 'orders')!.metadata;
    world.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);
    world.apply();
    expect(await world.pass()).toBe('read Secret → add finalizer → read claim → claim Held → PUT → status');
    expect(world.claim()).toMatchObject({ origin: 'Created' });
    expect(world.claim()).not.toMatchObject({ owner: { uid } });
    expect(world.conditions()).toBe(`${READY} Synced=True/Created`);
  });

  it('counts a claim at another endpoint as an attempt there', async () => {
    const world = await settled();
    world.applyConnection({ endpoint: 'https://other' });
    world.sessions.set('default', {
      usable: true,
      client: world.alm.client(),
      endpoint: 'https://other',
      readable: false,
    });
    expect(await world.pass()).toBe(
      'read Secret → read object → read claim → claim Pending → prove → claim Held → PUT → status',
    );
    expect(world.claim()).toMatchObject({ endpoint: 'https://other', phase: 'Held' });
    expect(world.status().applied).toMatchObject({ endpoint: 'https://other' });
  });

  it('makes anew what ALM lost, and says so', async () => {
    const world = await settled();
    world.alm.clients.clear();
    world.apply({ accessTokenValidity: 60 });
    world.events.length = 0;
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → POST → status');
    expect(world.conditions()).toBe(`${READY} Synced=True/Recreated`);
    expect(world.events).toMatchObject([
      { reason: 'Recreated', type: 'Normal', note: 'ALM had lost the client and accepted it anew' },
    ]);
  });
});
