import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../src/api/group.ts';
import { secretText } from '../support/canary.ts';
import { conflict, unavailable } from './cluster.ts';
import { claimBy, claimNameOf, NAMESPACE, PASSWORD, settled, TEAM, World, want } from './world.ts';

const ref = { namespace: TEAM, name: 'orders' };

async function deleted(change = {}, prepare: (world: World) => void = () => undefined): Promise<World> {
  const world = World.good(change);
  prepare(world);
  await world.pass();
  world.cluster.drop('clientcredentials', ref);
  return world;
}

describe('a deleted object', () => {
  it('leaves on its claim what it owes, and goes, without a word to ALM', async () => {
    const world = await deleted();
    expect(await world.pass()).toBe('claim Revoking → remove finalizer');
    expect(world.outcome).toEqual({ then: 'forget' });
    expect(world.claim()).toMatchObject({ phase: 'Revoking', origin: 'Created', owner: { ...ref } });
    expect(world.cluster.of('clientcredentials')).toEqual([]);
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  const adopt = (world: World) => {
    world.alm.clients.set('orders', { record: want, secret: secretText('theirs') });
  };
  it.each<[string, Record<string, unknown>, (world: World) => void, string]>([
    ['Retained for a client that it adopted', { adoptionPolicy: 'IfExists' }, adopt, 'Retained'],
    [
      'Revoking for an adopted one where the spec says so',
      { adoptionPolicy: 'IfExists', deletionPolicy: 'Revoke' },
      adopt,
      'Revoking',
    ],
    [
      'Retained for a created one where the spec says so',
      { deletionPolicy: 'Retain' },
      () => undefined,
      'Retained',
    ],
    [
      'Revoking for a created one where the spec says so',
      { deletionPolicy: 'Revoke' },
      () => undefined,
      'Revoking',
    ],
  ])('turns its claim %s', async (_, change, prepare, phase) => {
    const world = await deleted(change, prepare);
    expect(await world.pass()).toBe(`claim ${phase} → remove finalizer`);
    expect(world.claim()).toMatchObject({ phase });
  });

  it('never owes the revocation of a protected id, whatever its spec says', async () => {
    const world = await deleted(
      { clientId: 'Admin', adoptionPolicy: 'Required', deletionPolicy: 'Revoke' },
      ({ alm }) => {
        alm.clients.set('Admin', { record: { ...want, clientId: 'Admin' }, secret: secretText('theirs') });
      },
    );
    expect(await world.pass()).toBe('claim Retained → remove finalizer');
  });

  it('owes the revocation of what a lost answer left open', async () => {
    const world = await deleted({}, ({ cluster }) => {
      cluster.breaks.push({ at: 'claim Held', when: 'before', error: unavailable() });
    });
    expect(await world.pass()).toBe('claim Revoking → remove finalizer');
  });

  it('needs neither Secret nor connection nor a spec that anybody can read', async () => {
    const world = await deleted();
    world.cluster.drop('secrets', ref);
    world.cluster.drop('almconnections', { namespace: NAMESPACE, name: 'default' });
    world.apply({ clientId: 7 });
    world.sessions.remove('default');
    expect(await world.pass()).toBe('claim Revoking → remove finalizer');
  });

  it.each([undefined, null, 'text', 7])('with the spec %j owes what its claim says', async (spec) => {
    const world = await deleted();
    Object.assign(world.cluster.one('clientcredentials', 'orders')!, { spec });
    expect(await world.pass()).toBe('claim Revoking → remove finalizer');
  });

  it('is deleted although it is suspended', async () => {
    const world = await settled();
    world.apply({ suspend: true });
    await world.pass();
    world.cluster.drop('clientcredentials', ref);
    expect(await world.pass()).toBe('claim Revoking → remove finalizer');
  });

  it('keeps its finalizer until the claim is written', async () => {
    const world = await deleted();
    world.cluster.breaks.push({ at: 'claim Revoking', when: 'before', error: unavailable() });
    expect(await world.pass()).toBe('claim Revoking');
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.finalizers).toEqual([FINALIZER]);
    expect(await world.pass()).toBe('claim Revoking → remove finalizer');
  });

  it('does not decide twice where the removal of the finalizer failed', async () => {
    const world = await deleted();
    world.cluster.breaks.push({ at: 'remove finalizer', when: 'before', error: conflict() });
    expect(await world.pass()).toBe('claim Revoking → remove finalizer');
    expect(await world.pass()).toBe('remove finalizer');
    expect(world.cluster.of('clientcredentials')).toEqual([]);
  });

  it('that is gone by the time its finalizer is taken is no failure', async () => {
    const world = await deleted();
    world.cluster.meanwhile.set('remove finalizer', () => {
      world.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);
    });
    await world.pass();
    expect(world.outcome).toEqual({ then: 'forget' });
  });

  it('leaves the finalizers of others alone', async () => {
    const world = await deleted();
    const object = world.cluster.one('clientcredentials', 'orders')!;
    object.metadata.finalizers = ['example.org/backup', FINALIZER];
    expect(await world.pass()).toBe('claim Revoking → remove finalizer');
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.finalizers).toEqual([
      'example.org/backup',
    ]);
    expect(await world.pass()).toBe('');
    expect(world.outcome).toEqual({ then: 'forget' });
  });

  it('whose claim a newer list of finalizers overtakes runs again, and nobody’s entry is lost', async () => {
    const world = await deleted();
    world.cluster.meanwhile.set('remove finalizer', () => world.apply({}, { annotations: { note: 'x' } }));
    await world.pass();
    expect(world.thrown).toMatchObject({ status: 409 });
    expect(await world.pass()).toBe('remove finalizer');
  });

  it('never touches the claim of somebody else', async () => {
    const world = World.good();
    world.cluster.put('almclientclaims', claimBy('team-b', claimNameOf(world)));
    await world.pass();
    const theirs = world.claim();
    world.cluster.one('clientcredentials', 'orders')!.metadata.finalizers = [FINALIZER];
    world.cluster.drop('clientcredentials', ref);
    expect(await world.pass()).toBe('remove finalizer');
    expect(world.claim()).toEqual(theirs);
  });

  it('never touches what an object of the same name holds by now', async () => {
    const world = await settled();
    const claim = world.cluster.of('almclientclaims')[0]!;
    world.cluster.put('almclientclaims', {
      ...claim,
      spec: { ...world.claim(), owner: { ...ref, uid: 'uid-of-the-next' } },
    });
    world.cluster.drop('clientcredentials', ref);
    expect(await world.pass()).toBe('remove finalizer');
    expect(world.claim()).toMatchObject({ phase: 'Held', owner: { uid: 'uid-of-the-next' } });
  });

  it.each(['Retained', 'Revoking', 'Revoked', 'Sealed'])(
    'leaves a claim alone that is %s already',
    async (phase) => {
      const world = await settled();
      const claim = world.cluster.of('almclientclaims')[0]!;
      world.cluster.put('almclientclaims', { ...claim, spec: { ...world.claim(), phase } });
      world.cluster.drop('clientcredentials', ref);
      expect(await world.pass()).toBe('remove finalizer');
      expect(world.claim()).toMatchObject({ phase });
    },
  );

  it('of which the next object of the name waits for the end of the revocation', async () => {
    const world = await deleted();
    await world.pass();
    world.apply();
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'Progressing' });
    world.claimQueue.wake(claimNameOf(world));
    expect(world.woken).toEqual(['team-a/orders']);
  });

  it('that was Retained is taken over again by the next of its name, and counts as before', async () => {
    const world = await deleted({ deletionPolicy: 'Retain' });
    await world.pass();
    world.apply({ deletionPolicy: 'Retain' });
    expect(await world.pass()).toBe('read Secret → add finalizer → read claim → claim Held → PUT → status');
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created' });
  });

  it('whose Retained claim does not say where the client came from counts as adopted', async () => {
    const world = await deleted({ deletionPolicy: 'Retain' });
    await world.pass();
    const claim = world.cluster.of('almclientclaims')[0]!;
    world.cluster.put('almclientclaims', { ...claim, spec: { ...world.claim(), origin: undefined } });
    world.apply();
    await world.pass();
    expect(world.status()).toMatchObject({ origin: 'Adopted', effective: { deletionPolicy: 'Retain' } });
  });
});
