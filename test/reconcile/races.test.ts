import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../src/api/group.ts';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { unavailable } from './cluster.ts';
import { HOUR, PASSWORD, TEAM, want } from './manifests.ts';
import { CREATION, claimBy, claimNameOf, settled, World } from './world.ts';

function finalizersOf(world: World, finalizers: string[]): void {
  world.cluster.one('clientcredentials', 'orders')!.metadata.finalizers = finalizers;
}

describe('what others do meanwhile', () => {
  it('an annotation on the object between read and finalizer costs nothing and stays', async () => {
    const world = World.good();
    world.cluster.meanwhile.set('add finalizer', () => world.apply({}, { annotations: { note: 'x' } }));
    expect(await world.pass()).toBe(CREATION);
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata).toMatchObject({
      annotations: { note: 'x' },
      finalizers: [FINALIZER],
    });
  });

  it.each<[string, (world: World) => void]>([
    ['no finalizers', () => undefined],
    ['one of somebody else', (world) => finalizersOf(world, ['example.org/backup'])],
  ])('a finalizer that comes between read and finalizer is kept, where there were %s', async (_, prepare) => {
    const world = World.good();
    prepare(world);
    const others = ['example.org/audit', 'example.org/backup'];
    world.cluster.meanwhile.set('add finalizer', () => finalizersOf(world, others));
    expect(await world.pass()).toBe(`read Secret → add finalizer → read object → ${CREATION}`);
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.finalizers).toEqual([
      ...others,
      FINALIZER,
    ]);
  });

  it('our finalizer, taken away by force, comes back without a word to ALM', async () => {
    const world = await settled();
    finalizersOf(world, ['example.org/backup']);
    world.apply({}, { annotations: { note: 'x' } });
    expect(await world.pass()).toBe('add finalizer');
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.finalizers).toEqual([
      'example.org/backup',
      FINALIZER,
    ]);
    expect(await world.pass()).toBe('');
  });

  it('our finalizer does not come back to an object on its way out', async () => {
    const world = await settled({ deletionPolicy: 'Retain' });
    finalizersOf(world, ['example.org/backup']);
    world.apply({ deletionPolicy: 'Retain' }, { annotations: { note: 'x' } });
    world.sync();
    world.cluster.drop('clientcredentials', { namespace: TEAM, name: 'orders' });
    expect(await world.passOnStale()).toBe('add finalizer → read object');
    expect(world.outcome).toEqual({ then: 'forget' });
  });

  it('our finalizer does not come back where nothing is held', async () => {
    const world = World.good({ adoptionPolicy: 'Required' });
    await world.pass();
    expect(world.condition('Ready')?.reason).toBe('NotFoundForUpdate');
    world.apply({ clientId: undefined });
    finalizersOf(world, []);
    expect(await world.pass()).toBe('status');
  });

  it('a new spec that the store does not know yet is what is sent', async () => {
    const world = await settled();
    world.applySecret(secretText('rotated'));
    world.sync();
    world.apply({ accessTokenValidity: 60 });
    expect(await world.passOnStale()).toBe(
      'read Secret → read object → read Secret → read object → read claim → PUT → status',
    );
    expect(world.alm.holds({ ...want, accessTokenValidity: 60 }, secretText('rotated'))).toBe(true);
    expect(world.status().observedGeneration).toBe(2);
  });

  it('a deletion that the store does not know yet is what counts', async () => {
    const world = await settled();
    world.applySecret(secretText('rotated'));
    world.sync();
    world.cluster.drop('clientcredentials', { namespace: TEAM, name: 'orders' });
    expect(await world.passOnStale()).toBe(
      'read Secret → read object → read claim → read definition → claim Revoking → status',
    );
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('an object that was deleted and made anew is looked at again, not written for the old one', async () => {
    const world = await settled();
    world.applySecret(secretText('rotated'));
    world.sync();
    world.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);
    world.apply();
    expect(await world.passOnStale()).toBe('read Secret → read object');
    expect(world.outcome).toEqual({ then: 'retry' });
  });

  it('a spec that changes at every look ends the pass', async () => {
    const world = await settled();
    world.applySecret(secretText('rotated'));
    world.sync();
    const edit = (n: number) => () => {
      world.apply({ accessTokenValidity: n });
      world.cluster.meanwhile.set('read object', edit(n + 1));
    };
    world.cluster.meanwhile.set('read object', edit(1));
    const steps = await world.passOnStale();
    expect(steps.split(' → ').filter((step) => step === 'read object')).toHaveLength(3);
    expect(world.outcome).toEqual({ then: 'retry' });
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('a claim that another object took first is respected', async () => {
    const world = World.good();
    world.cluster.meanwhile.set('create claim', () => {
      const name = claimNameOf(world);
      world.cluster.put('almclientclaims', claimBy('team-b', name));
    });
    expect(await world.pass()).toBe('read Secret → add finalizer → create claim → read claim → status');
    expect(world.condition('Ready')).toMatchObject({ reason: 'ClientIdConflict' });
    world.claimQueue.wake(claimNameOf(world));
    expect(world.woken).toEqual([`${TEAM}/orders`]);
  });

  it('a claim of its own that the store does not know yet costs a pass and no POST', async () => {
    const world = World.good();
    world.sync();
    world.cluster.put('almclientclaims', claimBy(TEAM, claimNameOf(world)));
    expect(await world.passOnStale()).toBe('read Secret → add finalizer → create claim → read claim');
    expect(world.outcome).toEqual({ then: 'retry' });
  });

  it('a claim that went to somebody else unseen is respected, and its next change wakes the object', async () => {
    const world = await settled();
    world.applySecret(secretText('rotated'));
    world.sync();
    const { metadata } = world.cluster.put('almclientclaims', claimBy('team-b', claimNameOf(world)));
    expect(await world.passOnStale()).toBe('read Secret → read object → read claim → status');
    expect(world.condition('Ready')).toMatchObject({ reason: 'ClientIdConflict' });
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    // The end of its own turn wakes it once; from then on it waits for the claim.
    expect(await world.pass()).toBe('');
    world.woken.length = 0;
    world.claimQueue.wake(metadata.name);
    expect(world.woken).toEqual([`${TEAM}/orders`]);
  });

  it('what the live status says was written already is not written again', async () => {
    const world = await settled();
    world.apply({ accessTokenValidity: 60 });
    world.sync();
    const object = world.cluster.one('clientcredentials', 'orders')!;
    const { effective, ...status } = world.status();
    world.cluster.objects.set(`clientcredentials/${TEAM}/orders`, {
      ...object,
      metadata: { ...object.metadata, resourceVersion: '500' },
      status: { ...status, effective: { ...effective, accessTokenValidity: 60 } },
    });
    expect(await world.passOnStale()).toBe('read Secret → read object → read claim → status');
    expect(world.status().observedGeneration).toBe(2);
    expect(world.conditions()).toMatch(/^Ready=True/);
  });

  it('what a pass read or wrote of the object is known to the next one before any watch tells', async () => {
    const world = World.good();
    world.cluster.breaks.push({ at: 'create claim', when: 'before', error: unavailable() });
    await world.pass();
    world.cluster.breaks.push({ at: 'create claim', when: 'before', error: unavailable() });
    world.apply({ accessTokenValidity: 60 });
    expect(await world.passOnStale()).toBe(
      'read Secret → read object → read Secret → read object → create claim',
    );
    expect(await world.passOnStale()).toBe(
      'read Secret → read object → create claim → POST → claim Held → status',
    );
  });

  it('a claim that changes between its read and the write is left alone', async () => {
    const world = World.good();
    world.cluster.put('almclientclaims', claimBy(TEAM, claimNameOf(world)));
    world.cluster.meanwhile.set('claim Pending', () => {
      world.cluster.put('almclientclaims', claimBy('team-b', claimNameOf(world)));
    });
    expect(await world.pass()).toBe('read Secret → add finalizer → read claim → claim Pending');
    expect(world.thrown).toMatchObject({ status: 409 });
    expect(world.claim()).toMatchObject({ owner: { namespace: 'team-b' } });
  });

  it('a claim that was deleted by hand is made anew, and nothing is taken for granted', async () => {
    const world = await settled();
    const name = claimNameOf(world);
    world.applySecret(secretText('rotated'));
    world.sync();
    world.cluster.drop('almclientclaims', { namespace: 'alm-operator', name });
    expect(await world.passOnStale()).toBe(
      'read Secret → read object → read claim → create claim → POST → delete claim → status',
    );
    expect(world.conditions()).toContain('Ready=False/AlreadyExists');
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('a label while ALM is asked keeps the status from nobody', async () => {
    const world = World.good();
    world.cluster.meanwhile.set('status', () => world.apply({}, { annotations: { note: 'x' } }));
    expect(await world.pass()).toBe(`${CREATION} → read object → status`);
    expect(world.conditions()).toMatch(/^Ready=True/);
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.annotations).toEqual({ note: 'x' });
  });

  it('an edit while ALM is asked leaves the status true of the generation that it names', async () => {
    const world = World.good();
    world.cluster.meanwhile.set('status', () => world.apply({ accessTokenValidity: 60 }));
    await world.pass();
    expect(world.status().observedGeneration).toBe(1);
    expect(await world.pass()).toContain('PUT → status');
    expect(world.status()).toMatchObject({ observedGeneration: 2, effective: { accessTokenValidity: 60 } });
  });

  it('passes for one claim never overlap: the second gives its worker back and is woken', async () => {
    const world = World.good();
    await world.pass();
    world.apply({ accessTokenValidity: 60 });
    world.sync();
    const turn = world.claimQueue.enter(claimNameOf(world), 'team-b/orders');
    expect(await world.passOnStale()).toBe('read Secret → read object');
    expect(world.outcome).toEqual({ then: 'settle' });
    expect(world.woken).toEqual([]);
    turn?.[Symbol.dispose]();
    expect(world.woken).toEqual([`${TEAM}/orders`]);
  });

  it('a pass keeps its claim to itself until ALM has answered', async () => {
    const world = World.good();
    const turns: unknown[] = [];
    world.cluster.meanwhile.set('POST', () => {
      turns.push(world.claimQueue.enter(claimNameOf(world), 'team-b/orders'));
    });
    await world.pass();
    expect(turns).toEqual([undefined]);
    expect(world.woken).toEqual(['team-b/orders']);
  });

  it('a pass that fails frees its claim for others', async () => {
    const world = World.good();
    world.cluster.breaks.push({ at: 'POST', when: 'before', error: new TypeError('bug') });
    await world.pass();
    expect(world.claimQueue.enter(claimNameOf(world), 'team-b/orders')).toBeDefined();
  });

  it('a Secret that changed unseen makes a failed write a change that waits, not a mere re-assertion', async () => {
    const world = await settled();
    world.nowMs += 2 * HOUR;
    world.sync();
    world.applySecret(secretText('rotated'));
    world.cluster.breaks.push({
      at: 'PUT',
      when: 'before',
      error: new EdgeError(fail('AlmUnavailable', 'away')),
    });
    await world.passOnStale();
    expect(world.conditions()).toContain('Ready=False/AlmUnavailable');
  });
});
