import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { HOUR, PASSWORD, TEAM, want } from './manifests.ts';
import { settled, World } from './world.ts';

/** What is known to hurt the users of operators of this kind, and does not happen here. */

const away = new EdgeError(fail('AlmUnavailable', 'away'));

describe('unlike other operators', () => {
  it('a failed update is not reported as success, and is tried again until it succeeds', async () => {
    const world = await settled();
    world.apply({ accessTokenValidity: 60 });
    for (let n = 0; n < 3; n += 1) {
      world.cluster.breaks.push({ at: 'PUT', when: 'before', error: away });
      const steps = await world.pass();
      expect(steps).toBe(`read Secret → read object → read claim → PUT${n === 0 ? ' → status' : ''}`);
      expect(world.outcome).toEqual({ then: 'retry' });
      expect(world.conditions()).toMatch(/^Ready=False\/AlmUnavailable /);
    }
    await world.pass();
    expect(world.alm.holds({ ...want, accessTokenValidity: 60 }, PASSWORD)).toBe(true);
    expect(world.conditions()).toMatch(/^Ready=True\/Applied /);
  });

  it('a rotated Secret reaches ALM although the object did not change', async () => {
    const world = await settled();
    world.applySecret(secretText('rotated'));
    await world.pass();
    expect(world.alm.holds(want, secretText('rotated'))).toBe(true);
  });

  it('drift is repaired although the generation was observed already', async () => {
    const world = await settled();
    world.alm.clients.set('orders', { record: { ...want, roles: ['SLMAdmin'] }, secret: PASSWORD });
    world.nowMs += 2 * HOUR;
    await world.pass();
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('the loss of a Secret takes no client from ALM and gives it no other id', async () => {
    const world = await settled();
    world.cluster.drop('secrets', { namespace: TEAM, name: 'orders' });
    world.nowMs += 9 * HOUR;
    await world.pass();
    world.applySecret();
    await world.pass();
    expect([...world.alm.clients.keys()]).toEqual(['orders']);
    expect(world.cluster.steps.filter((step) => step === 'POST')).toHaveLength(1);
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('a missing Secret is waited for and never taken as a wish for a generated one', async () => {
    const world = World.good();
    world.cluster.drop('secrets', { namespace: TEAM, name: 'orders' });
    await world.pass();
    expect(world.cluster.of('secrets')).toEqual([]);
    expect(world.alm.clients.size).toBe(0);
  });

  it('whoever may write objects cannot aim the operator at an address of their own', async () => {
    const world = World.good({ connectionRef: { name: 'evil' } });
    world.cluster.put('almconnections', {
      apiVersion: 'alm-operator.dev/v1beta1',
      kind: 'AlmConnection',
      metadata: { namespace: TEAM, name: 'evil' },
      spec: { endpoint: 'https://evil', auth: { none: {} } },
    });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ reason: 'ConnectionNotFound' });
  });

  it.each(['AlmUnavailable', 'OutcomeUnknown', 'TlsError', 'Unauthorised', 'MalformedAnswer'] as const)(
    '%s brings the object back after its back-off, not after hours',
    async (reason) => {
      const world = World.good();
      world.cluster.breaks.push({ at: 'POST', when: 'before', error: new EdgeError(fail(reason, 'why')) });
      await world.pass();
      expect(world.outcome).toEqual({ then: 'retry' });
    },
  );

  it('a server that starts anew without its clients has them again after a resync', async () => {
    const world = await settled();
    world.alm.clients.clear();
    world.nowMs += 2 * HOUR;
    await world.pass();
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    expect(world.condition('Synced')).toMatchObject({ reason: 'Recreated' });
  });

  it('an uncertain creation is no dead end, neither with a restart nor without', async () => {
    for (const restart of [true, false]) {
      const world = World.good();
      const lost = new EdgeError(fail('OutcomeUnknown', 'no answer came'));
      world.cluster.breaks.push({ at: 'POST', when: 'after', error: lost });
      await world.pass();
      if (restart) world.restart();
      await world.pass();
      expect(world.conditions()).toMatch(/^Ready=True\/Applied /);
      expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created' });
    }
  });

  it('a status that was lost, as by a restore, costs one update and no conflict', async () => {
    const world = await settled();
    const object = world.cluster.one('clientcredentials', 'orders')!;
    world.cluster.objects.set(`clientcredentials/${TEAM}/orders`, { ...object, status: undefined });
    world.restart();
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → status');
    expect(world.conditions()).toMatch(/^Ready=True\/Applied /);
  });

  it('a broken object is not looked at more often than a healthy one', async () => {
    const world = World.good({ adoptionPolicy: 'Required' });
    await world.pass();
    expect(world.condition('Ready')).toMatchObject({ reason: 'NotFoundForUpdate' });
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
  });

  it('an existing client is never taken over in silence', async () => {
    const world = World.good();
    const theirs = { record: { ...want, roles: ['SLMAdmin'] }, secret: secretText('theirs') };
    world.alm.clients.set('orders', theirs);
    for (let n = 0; n < 3; n += 1) await world.pass();
    expect(world.alm.clients.get('orders')).toEqual(theirs);
  });

  it('a finalizer of somebody else survives ours', async () => {
    const world = World.good();
    world.cluster.one('clientcredentials', 'orders')!.metadata.finalizers = ['example.org/backup'];
    await world.pass();
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.finalizers).toEqual([
      'example.org/backup',
      'alm-operator.dev/release',
    ]);
  });

  it('spec and annotations are never written', async () => {
    const world = World.good();
    world.apply({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } });
    const before = world.cluster.one('clientcredentials', 'orders');
    await world.pass();
    await world.pass();
    const after = world.cluster.one('clientcredentials', 'orders');
    expect(after?.spec).toEqual(before?.spec);
    expect(after?.metadata.annotations).toEqual(before?.metadata.annotations);
  });
});
