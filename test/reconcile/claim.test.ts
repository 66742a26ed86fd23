import { describe, expect, it } from 'vitest';
import { REQUESTED_AT } from '../../src/api/group.ts';
import { KubeError } from '../../src/kube/client.ts';
import { ClaimWorld } from './claimworld.ts';
import { conflict, unavailable } from './cluster.ts';
import { NAMESPACE, TEAM } from './manifests.ts';
import { claimNameOf } from './world.ts';

describe('a claim at rest', () => {
  it('costs no request and has no status', async () => {
    const world = await ClaimWorld.held();
    expect(await world.claimPass()).toBe('');
    expect(world.claimOutcome).toEqual({ then: 'settle' });
    expect(world.told()).toBe('');
  });

  it.each(['Pending', 'Held'])('is that of an object that is there: %s', async (phase) => {
    const world = await ClaimWorld.held();
    world.putClaim({ phase });
    expect(await world.claimPass()).toBe('');
  });

  it('is that of a client that was left to itself', async () => {
    const world = await ClaimWorld.held();
    world.putClaim({ phase: 'Retained' });
    world.strip();
    expect(await world.claimPass()).toBe('');
  });

  it('that is gone is forgotten', async () => {
    const world = new ClaimWorld();
    expect(await world.claimPass()).toBe('');
    expect(world.claimOutcome).toEqual({ then: 'forget' });
  });

  it('that somebody deletes by hand is not touched any more', async () => {
    const world = ClaimWorld.revoking();
    world.cluster.of('almclientclaims')[0]!.metadata.deletionTimestamp = '2026-03-01T12:00:00Z';
    expect(await world.claimPass()).toBe('');
    expect(world.stillWorks()).toBe(true);
  });

  it('that is gone by the time it is read is forgotten', async () => {
    const world = ClaimWorld.revoking();
    world.cluster.meanwhile.set('read claim', () => world.cluster.objects.clear());
    expect(await world.claimPass()).toBe('read claim');
    expect(world.claimOutcome).toEqual({ then: 'forget' });
  });
});

describe('a pass for a claim', () => {
  it('waits for a pass of a credential that works on it, and is woken in its own queue', async () => {
    const world = ClaimWorld.revoking();
    const turn = world.claimQueue.enter(claimNameOf(world), `${TEAM}/orders`);
    expect(await world.claimPass()).toBe('');
    expect(world.claimOutcome).toEqual({ then: 'settle' });
    turn?.[Symbol.dispose]();
    expect([world.again, world.woken]).toEqual([[world.claimKey()], []]);
  });

  it('keeps passes of credentials out while it runs, and lets them in afterwards', async () => {
    const world = ClaimWorld.revoking();
    world.cluster.meanwhile.set('PUT', () => {
      expect(world.claimQueue.enter(claimNameOf(world), `${TEAM}/orders`)).toBeUndefined();
    });
    await world.claimPass();
    expect(world.woken).toEqual([`${TEAM}/orders`]);
  });

  it('believes the live claim and not the store', async () => {
    const world = ClaimWorld.revoking();
    world.sync();
    world.putClaim({ phase: 'Held', owner: { namespace: TEAM, name: 'orders', uid: 'uid-of-the-next' } });
    world.apply();
    const now = world.cluster.one('clientcredentials', 'orders')!;
    world.putClaim({ owner: { namespace: TEAM, name: 'orders', uid: now.metadata.uid } });
    expect(await world.claimPassOnStale()).toBe('read claim → read object');
    expect(world.stillWorks()).toBe(true);
  });

  it('loses to who changed the claim meanwhile, and looks again', async () => {
    const world = ClaimWorld.revoking();
    world.cluster.meanwhile.set('claim Revoked', () => world.putClaim({ origin: 'Adopted' }));
    await world.claimPass();
    expect(world.thrown).toMatchObject({ status: 409 });
    expect(world.phase()).toBe('Revoking');
    expect(world.claimEvents()).toEqual([]);
  });
});

describe('a claim that nobody can understand', () => {
  it.each([
    [{ phase: 'Sealed' }, /phase Sealed.*upgrade/],
    [{ phase: 'Revoking', owner: 7 }, /cannot be read.*correct it/],
  ])('is reported and left alone: %j', async (change, message) => {
    const world = ClaimWorld.revoking();
    world.putClaim(change);
    const before = world.claim();
    expect(await world.claimPass()).toBe('read claim');
    expect(world.claimOutcome).toEqual({ then: 'settle' });
    expect(world.claimEvents()).toEqual(['Warning InvalidSpec']);
    expect(world.events[0]).toMatchObject({
      note: expect.stringMatching(message),
      regarding: { kind: 'AlmClientClaim', namespace: NAMESPACE, name: claimNameOf(world) },
    });
    expect(world.logged).toContainEqual(expect.objectContaining({ level: 'warn' }));
    expect([world.claim(), world.told(), world.stillWorks()]).toEqual([before, '', true]);
  });
});

describe('an object whose finalizer was taken away by force', () => {
  it.each([
    [{}, 'Revoking'],
    [{ deletionPolicy: 'Revoke' }, 'Revoking'],
    [{ deletionPolicy: 'Retain' }, 'Retained'],
  ])('with %j leaves its claim %s, as its deletion would have', async (change, phase) => {
    const world = await ClaimWorld.held(change);
    world.strip();
    const steps = await world.claimPass();
    expect(steps).toMatch(new RegExp(`^read claim → (read definition → )?claim ${phase}`));
    expect(world.phase()).toBe(phase === 'Revoking' ? 'Revoked' : phase);
    expect(world.stillWorks()).toBe(phase === 'Retained');
  });

  it.each<[string, string | undefined, (world: ClaimWorld) => void]>([
    ['was overwritten', 'Revoked', () => undefined],
    ['is not there', undefined, (world) => world.alm.clients.clear()],
    ['is left to itself', 'Retained', (world) => world.applyConnection({ protectedClientIds: ['orders'] })],
  ])('is remembered no longer than its claim needs it: the client %s', async (_name, phase, prepare) => {
    const world = await ClaimWorld.held();
    const { uid } = world.cluster.one('clientcredentials', 'orders')!.metadata;
    world.strip();
    expect(world.departures.get(uid)).toBeDefined();
    prepare(world);
    await world.claimPass();
    await world.claimPass();
    expect([world.phase(), world.departures.get(uid)]).toEqual([phase, undefined]);
  });

  it('is not mistaken for the next object of the name', async () => {
    const world = await ClaimWorld.held();
    world.strip();
    world.apply();
    await world.claimPass();
    expect([world.phase(), world.stillWorks()]).toEqual(['Revoked', false]);
  });

  it('is released once, whatever fails at first', async () => {
    const world = await ClaimWorld.held();
    world.strip();
    world.cluster.breaks.push({ at: 'claim Revoking', when: 'before', error: unavailable() });
    await world.claimPass();
    expect([world.phase(), world.stillWorks()]).toEqual(['Held', true]);
    await world.claimPass();
    expect(world.phase()).toBe('Revoked');
  });

  it('leaves its client to itself where the kind as a whole is being deleted', async () => {
    const world = await ClaimWorld.held();
    world.strip();
    const [definition] = world.cluster.of('customresourcedefinitions');
    definition!.metadata.deletionTimestamp = '2026-03-01T12:00:00Z';
    expect(await world.claimPass()).toBe('read claim → read definition → claim Retained');
    expect(world.stillWorks()).toBe(true);
  });

  it('leaves its client to itself where nobody may know whether the kind is being deleted', async () => {
    const world = await ClaimWorld.held();
    world.strip();
    const error = new KubeError({ status: 403, reason: 'Forbidden', message: 'no' });
    world.cluster.breaks.push({ at: 'read definition', when: 'before', error });
    await world.claimPass();
    expect([world.phase(), world.stillWorks()]).toEqual(['Retained', true]);
    expect(world.logged).toContainEqual(expect.objectContaining({ level: 'error' }));
  });

  it('is released by no guess where the API server is away', async () => {
    const world = await ClaimWorld.held();
    world.strip();
    world.cluster.breaks.push({ at: 'read definition', when: 'before', error: unavailable() });
    await world.claimPass();
    expect(world.thrown).toMatchObject({ status: 503 });
    expect(world.phase()).toBe('Held');
  });
});

describe('a claim whose object is not there', () => {
  async function orphan(): Promise<ClaimWorld> {
    const world = await ClaimWorld.held();
    world.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);
    return world;
  }

  it.each(['Held', 'Pending'])('is called orphaned, and left alone (%s)', async (phase) => {
    const world = await orphan();
    world.putClaim({ phase });
    expect(await world.claimPass()).toBe('read claim → read object → status');
    expect(world.told()).toBe('Orphaned=True/OwnerNotFound');
    expect(world.message()).toMatch(
      /^ClientCredential team-a\/orders of uid \S+ does not exist.*apply it again/,
    );
    expect([world.phase(), world.stillWorks()]).toEqual([phase, true]);
    expect(world.claimEvents()).toEqual(['Warning Orphaned']);
    expect(world.claimOutcome).toEqual({ then: 'settle' });
  });

  it('is called so once', async () => {
    const world = await orphan();
    await world.claimPass();
    expect(await world.claimPass()).toBe('');
    world.restartClaims();
    expect(await world.claimPass()).toBe('');
    expect(world.claimEvents()).toEqual(['Warning Orphaned']);
  });

  it('is not called so where only the store has not heard of the object yet', async () => {
    const world = await orphan();
    world.sync();
    const held = world.claim()!['owner'] as { uid: string };
    const back = world.apply();
    back.metadata.uid = held.uid;
    world.cluster.objects.set(`clientcredentials/${TEAM}/orders`, back);
    expect(await world.claimPassOnStale()).toBe('read claim → read object');
    expect([world.told(), world.claimEvents()]).toEqual(['', []]);
  });

  it('belongs to nobody although there is another object of the name', async () => {
    const world = await orphan();
    world.apply();
    await world.claimPass();
    expect(world.told()).toBe('Orphaned=True/OwnerNotFound');
  });

  it('is called so no longer once the next object of the name has taken it over', async () => {
    const world = await orphan();
    await world.claimPass();
    world.apply({}, { annotations: { [REQUESTED_AT]: 'now' } });
    await world.pass();
    expect(await world.claimPass()).toBe('read claim → status');
    expect([world.told(), world.phase()]).toEqual(['', 'Held']);
  });

  it('is left alone where the operator does not look', async () => {
    const world = await orphan();
    world.watched = (namespace) => namespace !== TEAM;
    expect(await world.claimPass()).toBe('');
    expect(world.told()).toBe('');
  });

  it('whose claim is deleted meanwhile is not told of', async () => {
    const world = await orphan();
    world.cluster.meanwhile.set('status', () => world.cluster.objects.clear());
    await world.claimPass();
    expect(world.claimEvents()).toEqual([]);
  });

  it.each([conflict(), unavailable()])('is told of at the next pass where this one fails', async (error) => {
    const world = await orphan();
    world.cluster.breaks.push({ at: 'read object', when: 'before', error });
    await world.claimPass();
    expect(world.claimEvents()).toEqual([]);
    await world.claimPass();
    expect(world.claimEvents()).toEqual(['Warning Orphaned']);
  });
});
