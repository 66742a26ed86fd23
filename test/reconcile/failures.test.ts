import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { KubeError } from '../../src/kube/client.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { unavailable } from './cluster.ts';
import { PASSWORD, want } from './manifests.ts';
import { CREATION, READY, World } from './world.ts';

describe('a failure at one step', () => {
  it.each<[string, string, string]>([
    ['read Secret', 'read Secret', CREATION],
    ['add finalizer', 'read Secret → add finalizer', CREATION],
    [
      'create claim',
      'read Secret → add finalizer → create claim',
      'read Secret → read object → create claim → POST → claim Held → status',
    ],
    [
      'claim Held',
      'read Secret → add finalizer → create claim → POST → claim Held',
      'read Secret → read object → read claim → prove → claim Held → PUT → status',
    ],
    ['status', CREATION, 'read Secret → read object → read claim → PUT → status'],
  ])('of the API server, %s, ends the pass there, and the next one goes on', async (at, steps, next) => {
    const world = World.good();
    world.cluster.breaks.push({ at, when: 'before', error: unavailable() });
    expect(await world.pass()).toBe(steps);
    expect(world.thrown).toBeInstanceOf(KubeError);
    expect(world.status().conditions).toBeUndefined();
    expect(await world.pass()).toBe(next);
    expect(world.conditions()).toMatch(/^Ready=True/);
    expect(world.cluster.steps.filter((step) => step === 'POST')).toHaveLength(1);
  });

  it.each<[string, string]>([
    ['add finalizer', 'read Secret → read object → create claim → POST → claim Held → status'],
    ['create claim', 'read Secret → read object → read claim → prove → POST → claim Held → status'],
    ['claim Held', 'read Secret → read object → read claim → PUT → status'],
    ['status', ''],
  ])('whose answer was lost, %s, is found done by the next pass', async (at, next) => {
    const world = World.good();
    world.cluster.breaks.push({ at, when: 'after', error: unavailable() });
    await world.pass();
    expect(world.thrown).toBeInstanceOf(KubeError);
    expect(await world.pass()).toBe(next);
    expect(world.conditions()).toMatch(/^Ready=True/);
  });

  it.each<[string, string, string]>([
    [
      'before',
      'Ready=False/OutcomeUnknown',
      'read Secret → read object → read claim → prove → POST → claim Held → status',
    ],
    [
      'after',
      'Ready=False/OutcomeUnknown',
      'read Secret → read object → read claim → prove → claim Held → PUT → status',
    ],
  ])('of ALM, lost %s the POST took effect, is told and cleared up by a login', async (when, ready, next) => {
    const world = World.good();
    const error = new EdgeError(fail('OutcomeUnknown', 'the connection ended before ALM answered'));
    world.cluster.breaks.push({ at: 'POST', when: when as 'before' | 'after', error });
    expect(await world.pass()).toBe('read Secret → add finalizer → create claim → POST → status');
    expect(world.conditions()).toContain(ready);
    expect(world.condition('Synced')?.status).toBe('Unknown');
    expect(world.outcome).toEqual({ then: 'retry' });
    expect(world.claim()).toMatchObject({ phase: 'Pending' });
    expect(await world.pass()).toBe(next);
    expect(world.conditions()).toBe(`${READY} Synced=True/Created`);
    expect(world.claim()).toMatchObject({ origin: 'Created' });
  });

  it('of ALM, lost before a rotation, leaves a client that looks like a stranger’s; only consent takes it', async () => {
    const world = World.good();
    const error = new EdgeError(fail('OutcomeUnknown', 'the connection ended before ALM answered'));
    world.cluster.breaks.push({ at: 'POST', when: 'after', error });
    await world.pass();
    world.applySecret(secretText('rotated'));
    await world.pass();
    expect(world.conditions()).toContain('Ready=False/OutcomeUnknown');
    expect(world.outcome).toEqual({ then: 'retryAfter', ms: 2_000 });
    world.nowMs += 29_999;
    await world.pass();
    expect(world.outcome).toEqual({ then: 'retryAfter', ms: 1 });
    expect(world.claim()).toMatchObject({ phase: 'Pending' });
    world.nowMs += 1;
    await world.pass();
    expect(world.conditions()).toContain('Ready=False/AlreadyExists');
    expect(world.claim()).toBeUndefined();
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    world.apply({ adoptionPolicy: 'IfExists' });
    await world.pass();
    expect(world.conditions()).toContain('Ready=True/Adopted');
    expect(world.alm.holds(want, secretText('rotated'))).toBe(true);
  });

  it('of ALM, is cleared up by a replica that knows of the client later than another', async () => {
    const world = World.good();
    const error = new EdgeError(fail('OutcomeUnknown', 'the connection ended before ALM answered'));
    world.cluster.breaks.push({ at: 'POST', when: 'after', error });
    await world.pass();
    world.alm.script.prove.push('refused');
    await world.pass();
    expect(world.conditions()).toContain('Ready=False/OutcomeUnknown');
    world.restart();
    world.nowMs += 1_000;
    await world.pass();
    expect(world.conditions()).toBe(`${READY} Synced=True/Created`);
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created' });
  });

  it.each([
    ['is taken as its own on a hint', 'portal', 'prove → claim Held → PUT → status', 'Adopted'],
    [
      'is never taken on a hint where its id is protected',
      'NimrodClient',
      'prove → POST → PUT → claim Held → status',
      'Adopted',
    ],
  ])('of ALM, lost for a client that cannot log in by itself, %s', async (_, clientId, steps, origin) => {
    const world = World.good({
      clientId,
      adoptionPolicy: 'IfExists',
      authorisedGrantTypes: ['password'],
      roles: undefined,
    });
    const error = new EdgeError(fail('OutcomeUnknown', 'the connection ended before ALM answered'));
    world.cluster.breaks.push({ at: 'POST', when: 'after', error });
    await world.pass();
    expect(await world.pass()).toBe(`read Secret → read object → read claim → ${steps}`);
    expect(world.claim()).toMatchObject({ phase: 'Held', origin });
  });

  it('of ALM that asks for a wait is waited for as long', async () => {
    const world = World.good();
    const failure = { ...fail('RateLimited', 'slow down'), retryAfterMs: 7000 };
    world.cluster.breaks.push({ at: 'POST', when: 'before', error: new EdgeError(failure) });
    await world.pass();
    expect(world.outcome).toEqual({ then: 'retryAfter', ms: 7000 });
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'RateLimited' });
  });

  it('that nobody expected is told without its details, and thrown on', async () => {
    const world = World.good();
    const bug = new TypeError(`cannot read ${PASSWORD}`);
    world.cluster.breaks.push({ at: 'POST', when: 'before', error: bug });
    await world.pass();
    expect(world.thrown).toBe(bug);
    expect(world.condition('Ready')).toMatchObject({
      status: 'False',
      reason: 'InternalError',
      message: 'the operator met an error that it does not know; its log has the details',
    });
  });

  it('after the signal fired is no failure of the object', async () => {
    const world = World.good();
    const stop = new AbortController();
    world.cluster.meanwhile.set('POST', () => stop.abort(new Error('the operator stops')));
    world.cluster.breaks.push({ at: 'POST', when: 'before', error: new Error('the operator stops') });
    world.sync();
    await world.passOnStale(undefined, stop.signal);
    expect(world.thrown).toBeInstanceOf(Error);
    expect(world.status().conditions).toBeUndefined();
  });
});
