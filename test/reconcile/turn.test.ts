import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { ClaimWorld } from './claimworld.ts';
import { HOUR } from './manifests.ts';
import { CREATION, settled, World } from './world.ts';

const SLOW = { then: 'retryAfter', ms: 30 * 60_000 };

const unavailable = fail('AlmUnavailable', 'ALM is away');

/** Two clients of somebody else failed in a row. */
function open(world: World): void {
  const throttle = world.throttles.of('default');
  throttle.failed('others_a');
  throttle.failed('others_b');
}

/** Passes of somebody else have all places. */
function crowd(world: World): Disposable[] {
  const throttle = world.throttles.of('default');
  throttle.configure({ requestsPerSecond: 50, burst: 100, concurrency: 1 });
  const lane = { name: 'clientcredential', workers: 8, wake: () => undefined };
  const turn = throttle.enter({ lane, key: 'others/a', tenant: 'others', object: 'others_a' });
  if (typeof turn === 'string') throw new Error('The place is taken');
  return [turn];
}

describe('a pass whose turn it is not', () => {
  it('makes no request at all and says nothing; its key is woken when it is', async () => {
    const world = World.good();
    const [turn] = crowd(world);
    expect(await world.pass()).toBe('');
    expect(world.outcome).toEqual(SLOW);
    expect(world.woken).toEqual([]);
    turn?.[Symbol.dispose]();
    expect(world.woken).toEqual(['team-a/orders']);
    expect(await world.pass()).toBe(CREATION);
    expect(world.throttles.of('default').view()).toMatchObject({ passing: 0, waiting: 0 });
  });

  it('for the breaker says so and changes nothing else', async () => {
    const world = World.good();
    open(world);
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'CircuitOpen' });
    expect(world.condition('Synced')).toMatchObject({ status: 'False', reason: 'CircuitOpen' });
    expect(world.condition('Reconciling')).toMatchObject({ status: 'True', reason: 'CircuitOpen' });
    expect(world.condition('Ready')?.message).toMatch(/AlmConnection default .*; look at the state of ALM/);
    expect(world.outcome).toEqual(SLOW);
    expect(await world.pass()).toBe('');
  });

  it('for the breaker leaves standing why its last attempt failed, until its spec is another', async () => {
    const world = World.good();
    world.cluster.breaks.push({ at: 'POST', when: 'before', error: new EdgeError(unavailable) });
    await world.pass();
    world.throttles.of('default').answered('others_a');
    open(world);
    expect(await world.pass()).toBe('');
    expect(world.outcome).toEqual(SLOW);
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'AlmUnavailable' });
    expect(world.condition('Reconciling')).toMatchObject({ status: 'True', reason: 'AlmUnavailable' });
    world.apply({ accessTokenValidity: 60 });
    await world.pass();
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'CircuitOpen' });
  });

  it('for a claim leaves standing why its last attempt failed', async () => {
    const world = ClaimWorld.revoking();
    world.cluster.breaks.push({ at: 'PUT', when: 'before', error: new EdgeError(unavailable) });
    await world.claimPass();
    world.throttles.of('default').answered('others_a');
    open(world);
    expect(await world.claimPass()).toBe('read claim');
    expect(world.claimOutcome).toEqual(SLOW);
    expect(world.told()).toBe('Revoked=False/AlmUnavailable');
  });

  it('leaves an object Ready that has nothing pending', async () => {
    const world = await settled();
    world.nowMs += 2 * HOUR;
    open(world);
    expect(await world.pass()).toBe('');
    expect(world.outcome).toEqual({ then: 'retryAfter', ms: 10_000 });
    world.nowMs += 10_000;
    const lane = { name: 'almclientclaim', workers: 8, wake: () => undefined };
    world.throttles.of('default').enter({ lane, key: 'others/c', tenant: 'others', object: 'others_c' });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ status: 'True', reason: 'Applied' });
    expect(world.condition('Synced')).toMatchObject({ status: 'Unknown', reason: 'CircuitOpen' });
  });

  it('does not, where a change waits', async () => {
    const world = await settled();
    world.apply({ accessTokenValidity: 60 });
    open(world);
    await world.pass();
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'CircuitOpen' });
  });

  it('for a long rest that ALM asked for says so, for a short one not', async () => {
    const world = World.good();
    world.throttles.of('default').rest(9_999);
    expect(await world.pass()).toBe('');
    world.throttles.of('default').rest(10_000);
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'RateLimited' });
    expect(world.outcome).toEqual(SLOW);
  });

  it('for a claim says why the client is not revoked yet, and gives the claim back', async () => {
    const world = ClaimWorld.revoking();
    open(world);
    expect(await world.claimPass()).toBe('read claim → status');
    expect(world.told()).toBe('Revoked=False/CircuitOpen');
    expect(world.claimOutcome).toEqual(SLOW);
    world.throttles.of('default').renew();
    expect(world.again).toEqual([world.claimKey()]);
    await world.untilDone();
    expect(world.phase()).toBe('Revoked');
  });

  it('for a claim and no longer than a moment says nothing', async () => {
    const world = ClaimWorld.revoking();
    const [turn] = crowd(world);
    expect(await world.claimPass()).toBe('read claim');
    expect(world.told()).toBe('');
    expect(world.claimOutcome).toEqual(SLOW);
    turn?.[Symbol.dispose]();
    expect(world.again).toEqual([world.claimKey()]);
  });
});

describe('what a pass shows of ALM', () => {
  const breaks = (world: World, at: string, reason: Parameters<typeof fail>[0]) =>
    world.cluster.breaks.push({ at, when: 'before', error: new EdgeError(fail(reason, 'why')) });
  const breaker = (world: World) => world.throttles.of('default').view().breaker;

  it.each([
    ['AlmUnavailable', 'open'],
    ['OutcomeUnknown', 'open'],
    ['TlsError', 'open'],
    ['MalformedAnswer', 'open'],
    ['EndpointNotFound', 'open'],
    ['Unauthorised', 'open'],
    ['RateLimited', 'closed'],
    ['PrivilegeMissing', 'closed'],
  ] as const)('%s after another client’s failure leaves the breaker %s', async (reason, state) => {
    const world = World.good();
    world.throttles.of('default').failed('others_a');
    breaks(world, 'POST', reason);
    await world.pass();
    expect(breaker(world)).toBe(state);
  });

  it.each([
    ['a refusal', { answer: 'refused', status: 400 }],
    ['another’s client', { answer: 'exists' }],
    ['a client that was taken', { answer: 'accepted' }],
  ] as const)('%s is an answer, after which one failure opens nothing', async (_, answer) => {
    const world = World.good();
    const throttle = world.throttles.of('default');
    throttle.failed('others_a');
    world.alm.script.POST.push(answer);
    await world.pass();
    throttle.failed('others_b');
    expect(breaker(world)).toBe('closed');
  });

  it('nothing, where it made no call', async () => {
    const world = World.good();
    const throttle = world.throttles.of('default');
    throttle.failed('others_a');
    world.cluster.objects.delete('secrets/team-a/orders');
    await world.pass();
    throttle.failed('others_b');
    expect(breaker(world)).toBe('open');
  });

  it('a proof that could not be had counts less than the write before it', async () => {
    const world = World.good();
    world.applyConnection({ verification: 'OnChange' });
    const throttle = world.throttles.of('default');
    throttle.failed('others_a');
    breaks(world, 'prove', 'AlmUnavailable');
    await world.pass();
    throttle.failed('others_b');
    expect(breaker(world)).not.toBe('halfOpen');
    expect(world.alm.clients.has('orders')).toBe(true);
  });

  it('a revocation that was answered closes the breaker, one that was not opens it', async () => {
    const world = ClaimWorld.revoking();
    const throttle = world.throttles.of('default');
    throttle.failed('others_a');
    breaks(world, 'PUT', 'AlmUnavailable');
    await world.claimPass();
    expect(breaker(world)).toBe('open');
    world.nowMs += 60_000;
    await world.claimPass();
    expect(breaker(world)).toBe('closed');
  });

  it('while it makes trials, a login that is refused asks for a look at the connection, and nothing else does', async () => {
    for (const [reason, probed] of [
      ['AlmUnavailable', 0],
      ['Unauthorised', 1],
    ] as const) {
      const world = World.good();
      open(world);
      world.nowMs += 60_000;
      breaks(world, 'POST', reason);
      await world.pass();
      expect(world.probed).toHaveLength(probed);
      expect(breaker(world)).toBe('open');
    }
  });

  it('a trial that is put off is no reason for the next one, and a missing privilege is an answer', async () => {
    for (const [reason, state, steps] of [
      ['RateLimited', 'open', 'status'],
      ['PrivilegeMissing', 'closed', 'read Secret'],
    ] as const) {
      const world = World.good();
      open(world);
      world.nowMs += 60_000;
      breaks(world, 'POST', reason);
      await world.pass();
      expect(breaker(world)).toBe(state);
      expect((await world.pass()).split(' → ')[0]).toBe(steps);
    }
  });

  it('nothing, where its key was called and wants no turn any more: the next one is called at once', async () => {
    const world = World.good();
    const [turn] = crowd(world);
    await world.pass();
    const lane = { name: 'clientcredential', workers: 8, wake: (key: string) => world.woken.push(key) };
    world.throttles.of('default').enter({ lane, key: 'team-b/next', tenant: 'team-b', object: 'next' });
    turn?.[Symbol.dispose]();
    expect(world.woken).toEqual(['team-a/orders']);
    world.apply({ suspend: true });
    await world.pass();
    expect(world.woken).toEqual(['team-a/orders', 'team-b/next']);
  });
});
