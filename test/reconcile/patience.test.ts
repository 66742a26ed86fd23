import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../src/api/group.ts';
import { KubeError } from '../../src/kube/client.ts';
import { conflict, unavailable } from './cluster.ts';
import { PASSWORD, TEAM, want } from './manifests.ts';
import { claimNameOf, settled, type World } from './world.ts';

/** How long a deleted object waits for its revocation, and what it says meanwhile and at its end. */

const ref = { namespace: TEAM, name: 'orders' };
const DEFINITION = 'clientcredentials.alm-operator.dev';
const REVOKING = 'read claim → read definition → claim Revoking → status';
const END = 'read claim → remove finalizer';

/** Deleted at noon by the server's clock; `lateMs` later by the operator's. */
async function deleted({ change = {}, lateMs = 0 } = {}): Promise<World> {
  const world = await settled(change);
  world.cluster.drop('clientcredentials', ref);
  world.nowMs = Date.parse('2026-03-01T12:00:00Z') + lateMs;
  world.events.length = 0;
  return world;
}

const isGone = (world: World) => world.cluster.of('clientcredentials').length === 0;
const told = (world: World) => world.events.map(({ type, reason, note }) => `${type} ${reason}: ${note}`);
const forbidden = () => new KubeError({ status: 403, reason: 'Forbidden', message: 'not allowed' });

describe('a deleted object', () => {
  it('waits half a minute for its revocation, and then goes without it', async () => {
    const world = await deleted();
    expect(await world.pass()).toBe(REVOKING);
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: 30_000 });
    world.nowMs += 29_999;
    expect(await world.pass()).toBe('read claim');
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: 1 });
    world.nowMs += 1;
    expect(await world.pass()).toBe(END);
    expect(world.outcome).toEqual({ then: 'forget' });
    expect([isGone(world), world.claim()?.['phase']]).toEqual([true, 'Revoking']);
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it.each<[string, number, number]>([
    ['waits for the rest where its deletion was noticed late', 10_000, 20_000],
    ['waits no longer than that where the clock of the server is ahead', -600_000, 30_000],
  ])('%s', async (_, lateMs, waitMs) => {
    const world = await deleted({ lateMs });
    await world.pass();
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: waitMs });
    world.nowMs += waitMs;
    expect(await world.pass()).toBe(END);
  });

  it('counts from when it was first seen, not from each look', async () => {
    const world = await deleted({ lateMs: -600_000 });
    await world.pass();
    world.nowMs += 20_000;
    await world.pass();
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: 10_000 });
  });

  it.each([
    ['whose half minute was over before anybody looked', 30_000],
    ['that was deleted long ago by the clock of the operator, which is ahead', 600_000],
  ])('%s goes at once', async (_, lateMs) => {
    const world = await deleted({ lateMs });
    expect(await world.pass()).toBe('read claim → read definition → claim Revoking → remove finalizer');
    expect(isGone(world)).toBe(true);
  });

  it('goes at once where its namespace goes', async () => {
    const world = await deleted();
    world.cluster.one('namespaces', TEAM)!.metadata.finalizers = ['kubernetes'];
    world.cluster.drop('namespaces', { name: TEAM });
    expect(await world.pass()).toBe('read claim → read definition → claim Revoking → remove finalizer');
    expect(isGone(world)).toBe(true);
  });

  it('waits also where nothing is known of its namespace', async () => {
    const world = await deleted();
    world.settings.blind = true;
    world.reconfigure();
    expect(await world.pass()).toBe(REVOKING);
  });

  it.each<[string, (world: World) => void]>([
    ['is Revoked', (world) => world.changeClaim({ phase: 'Revoked' })],
    [
      'is gone',
      (world) => world.cluster.objects.delete(`almclientclaims/alm-operator/${claimNameOf(world)}`),
    ],
    ['was Retained meanwhile', (world) => world.changeClaim({ phase: 'Retained' })],
    [
      'is taken over',
      (world) => world.changeClaim({ owner: { ...ref, uid: 'uid-of-the-next' }, phase: 'Held' }),
    ],
  ])('goes as soon as its claim %s', async (_, happens) => {
    const world = await deleted();
    await world.pass();
    happens(world);
    expect(await world.pass()).toBe(END);
    expect(isGone(world)).toBe(true);
  });

  it('says what it waits for, once', async () => {
    const world = await deleted();
    await world.pass();
    expect(world.conditions()).toBe(
      'Ready=False/Progressing Accepted=True/Valid ResolvedRefs=True/Resolved Synced=False/Progressing ' +
        'Reconciling=True/Progressing',
    );
    expect(world.condition('Ready')?.message).toBe(
      'ALM is being asked to revoke the client; this object goes when that is done, or without it half a minute after ' +
        'its deletion',
    );
    expect(world.status()).toMatchObject({ observedGeneration: 2, applied: { operation: 'Created' } });
    world.nowMs += 5000;
    expect(await world.pass()).toBe('read claim');
  });

  it.each<[string, object, (world: World) => void, string]>([
    [
      'revoked',
      {},
      (world) => world.changeClaim({ phase: 'Revoked' }),
      'Normal Released: client orders is revoked in ALM',
    ],
    [
      'left',
      { deletionPolicy: 'Retain' },
      () => undefined,
      'Normal Released: client orders stays in ALM and works as before',
    ],
    [
      'still to be revoked',
      {},
      (world) => {
        world.nowMs += 30_000;
      },
      'Warning Released: client orders is not yet revoked in ALM; AlmClientClaim ' +
        'alm-operator/orders-4bgp2pr4zle6i4ltiv4iytji6q carries on',
    ],
    [
      'in the hands of a newer operator',
      {},
      (world) => world.changeClaim({ phase: 'Sealed' }),
      'Warning Released: client orders is left as it is; AlmClientClaim ' +
        'alm-operator/orders-4bgp2pr4zle6i4ltiv4iytji6q is in phase Sealed, which this version of the operator does ' +
        'not know',
    ],
  ])('says at its end that its client is %s', async (_, change, happens, expected) => {
    const world = await deleted({ change });
    await world.pass();
    happens(world);
    await world.pass();
    expect(told(world)).toEqual([expected]);
    expect(world.events[0]).toMatchObject({
      regarding: { kind: 'ClientCredential', ...ref },
      action: 'Release',
    });
  });
});

describe('the deletion of the kind', () => {
  it.each<[string, (world: World) => void]>([
    [
      'is under way',
      ({ cluster }) => {
        cluster.one('customresourcedefinitions', DEFINITION)!.metadata.finalizers = ['cleanup'];
        cluster.drop('customresourcedefinitions', { name: DEFINITION });
      },
    ],
    ['is over', ({ cluster }) => cluster.drop('customresourcedefinitions', { name: DEFINITION })],
  ])('revokes nothing: where it %s, claims turn Retained', async (_, happens) => {
    const world = await deleted({ change: { deletionPolicy: 'Revoke' } });
    happens(world);
    expect(await world.pass()).toBe('read claim → read definition → claim Retained → remove finalizer');
    expect(world.claim()).toMatchObject({ phase: 'Retained', origin: 'Created' });
  });

  it('is asked about until patience ends where the server does not tell; then nothing is revoked', async () => {
    const world = await deleted();
    const forbid = () =>
      world.cluster.breaks.push({ at: 'read definition', when: 'before', error: forbidden() });
    for (const lateMs of [0, 29_000]) {
      world.nowMs = Date.parse('2026-03-01T12:00:00Z') + lateMs;
      forbid();
      expect(await world.pass()).toBe('read claim → read definition');
      expect(world.thrown).toMatchObject({ status: 403 });
      expect(world.claim()).toMatchObject({ phase: 'Held' });
    }
    world.nowMs += 1000;
    forbid();
    expect(await world.pass()).toBe('read claim → read definition → claim Retained → remove finalizer');
    expect(world.logged).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: 'the definition of the kind cannot be read, so that its clients are left in ALM',
      }),
    );
  });

  it('is asked about for as long as the server cannot answer', async () => {
    const world = await deleted({ lateMs: 600_000 });
    world.cluster.breaks.push({ at: 'read definition', when: 'before', error: unavailable() });
    expect(await world.pass()).toBe('read claim → read definition');
    expect(world.thrown).toMatchObject({ status: 503 });
    expect([isGone(world), world.claim()?.['phase']]).toEqual([false, 'Held']);
  });

  it.each(['Retained', 'Revoking', 'Revoked'])(
    'is not asked about where the claim is %s already',
    async (phase) => {
      const world = await deleted({ lateMs: 30_000 });
      world.changeClaim({ phase });
      expect(await world.pass()).toBe(END);
    },
  );
});

describe('the finalizer', () => {
  it('that others come before is taken from its new place, and theirs stay', async () => {
    const world = await deleted({ lateMs: 30_000 });
    world.cluster.meanwhile.set('remove finalizer', () => {
      world.cluster.one('clientcredentials', 'orders')!.metadata.finalizers = [
        'example.org/backup',
        FINALIZER,
      ];
    });
    await world.pass();
    expect(world.outcome).toEqual({ then: 'forget' });
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.finalizers).toEqual([
      'example.org/backup',
    ]);
    expect(await world.pass()).toBe('');
    expect(world.outcome).toEqual({ then: 'forget' });
  });

  it('that somebody else took away needs no second try', async () => {
    const world = await deleted({ lateMs: 30_000 });
    world.cluster.meanwhile.set('remove finalizer', () => {
      world.cluster.one('clientcredentials', 'orders')!.metadata.finalizers = ['example.org/backup'];
    });
    expect(await world.pass()).toMatch(/claim Revoking → remove finalizer → read object$/);
    expect(world.outcome).toEqual({ then: 'forget' });
  });

  it('of the next object of the name is left alone', async () => {
    const world = await deleted({ lateMs: 30_000 });
    world.cluster.meanwhile.set('remove finalizer', () => {
      world.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);
      world.apply();
      world.cluster.one('clientcredentials', 'orders')!.metadata.finalizers = [FINALIZER];
    });
    await world.pass();
    expect(world.outcome).toEqual({ then: 'forget' });
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.finalizers).toEqual([FINALIZER]);
  });

  it('of an object that is gone is no failure', async () => {
    const world = await deleted({ lateMs: 30_000 });
    world.cluster.meanwhile.set('remove finalizer', () => {
      world.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);
    });
    await world.pass();
    expect([world.outcome, world.thrown]).toEqual([{ then: 'forget' }, undefined]);
  });

  it('that could not be taken is taken by the next pass, which decides nothing twice', async () => {
    const world = await deleted({ lateMs: 30_000 });
    world.cluster.breaks.push({ at: 'remove finalizer', when: 'before', error: conflict() });
    await world.pass();
    expect(world.thrown).toMatchObject({ status: 409 });
    expect(await world.pass()).toBe(END);
    expect(isGone(world)).toBe(true);
  });
});
