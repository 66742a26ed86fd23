import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError, type Failure } from '../../src/kube/outcome.ts';
import { unavailable } from './cluster.ts';
import { PASSWORD, TEAM, want } from './manifests.ts';
import { claimNameOf, settled, World } from './world.ts';

/** A write that ALM certainly did not take leaves no claim behind; so a claim that is Pending misses an answer. */

const untaken: Failure = { ...fail('AlmUnavailable', 'nobody answers'), untaken: true };
const lost: Failure = fail('OutcomeUnknown', 'the connection ended before ALM answered');

function broken(world: World, at: string, failure: Failure): World {
  world.cluster.breaks.push({ at, when: 'before', error: new EdgeError(failure) });
  return world;
}

const CLAIMED = 'read Secret → add finalizer → create claim';

describe('an attempt that ALM did not take', () => {
  it.each(['AlmUnavailable', 'Unauthorised', 'PrivilegeMissing', 'RateLimited'] as const)(
    'for %s drops the claim that it made, and begins anew',
    async (reason) => {
      const world = broken(World.good(), 'POST', { ...fail(reason, 'not now'), untaken: true });
      expect(await world.pass()).toBe(`${CLAIMED} → POST → delete claim → status`);
      expect(world.claim()).toBeUndefined();
      expect(world.condition('Ready')).toMatchObject({ status: 'False', reason });
      expect(await world.pass()).toBe(
        'read Secret → read object → create claim → POST → claim Held → status',
      );
    },
  );

  it('frees the client for others', async () => {
    const world = broken(World.good(), 'POST', untaken);
    await world.pass();
    world.applySecret(PASSWORD, {}, 'team-b');
    world.apply({}, { namespace: 'team-b' });
    expect(await world.pass('team-b/orders')).toMatch(/POST → claim Held → status$/);
  });

  it('drops its claim also where the refusal of a creation came before', async () => {
    const world = broken(World.good({ adoptionPolicy: 'IfExists' }), 'PUT', untaken);
    world.alm.script.POST.push({ answer: 'exists' });
    expect(await world.pass()).toBe(`${CLAIMED} → POST → PUT → delete claim → status`);
  });

  it('drops its claim where it ended at a look, before anything was sent', async () => {
    const world = World.good();
    world.connect(true);
    broken(world, 'GET', fail('AlmUnavailable', 'nobody answers'));
    expect(await world.pass()).toBe(`${CLAIMED} → GET → delete claim → status`);
    expect(world.claim()).toBeUndefined();
  });

  it('that may have been taken keeps its claim', async () => {
    const world = broken(World.good(), 'POST', lost);
    expect(await world.pass()).toBe(`${CLAIMED} → POST → status`);
    expect(world.claim()).toMatchObject({ phase: 'Pending' });
  });

  it('keeps a claim that it found Pending: an earlier answer is still missing', async () => {
    const world = broken(World.good(), 'POST', lost);
    await world.pass();
    broken(world, 'POST', untaken);
    expect(await world.pass()).toBe('read Secret → read object → read claim → prove → POST → status');
    expect(world.claim()).toMatchObject({ phase: 'Pending' });
  });

  it('keeps a claim that it took over', async () => {
    const world = await settled();
    world.changeClaim({ phase: 'Pending', origin: undefined });
    world.alm.clients.clear();
    world.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);
    world.apply();
    broken(world, 'POST', untaken);
    expect(await world.pass()).toMatch(/claim Pending → prove → POST → status$/);
    expect(world.claim()).toMatchObject({ phase: 'Pending' });
  });

  it('keeps a claim that is held', async () => {
    const world = await settled();
    world.apply({ accessTokenValidity: 60 });
    broken(world, 'PUT', untaken);
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → status');
    expect(world.claim()).toMatchObject({ phase: 'Held' });
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('keeps the claim of a client that ALM took, whatever fails after that', async () => {
    const world = World.good();
    world.connect(true);
    world.cluster.meanwhile.set('claim Held', () => {
      broken(world, 'GET', untaken);
    });
    expect(await world.pass()).toBe(`${CLAIMED} → GET → POST → claim Held → GET → status`);
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created' });
  });

  it('is an attempt all the same where its claim could not be dropped', async () => {
    const world = broken(World.good(), 'POST', untaken);
    world.cluster.breaks.push({ at: 'delete claim', when: 'before', error: unavailable() });
    expect(await world.pass()).toBe(`${CLAIMED} → POST → delete claim`);
    expect(world.thrown).toMatchObject({ status: 503 });
    expect(await world.pass()).toBe(
      'read Secret → read object → read claim → prove → POST → claim Held → status',
    );
    expect(claimNameOf(world)).toMatch(/^orders-/);
  });
});
