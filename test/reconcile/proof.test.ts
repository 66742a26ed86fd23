import { describe, expect, it } from 'vitest';
import { REQUESTED_AT } from '../../src/api/group.ts';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { HOUR, PASSWORD, TEAM, want } from './manifests.ts';
import { CREATION, READY, settled, World } from './world.ts';

/** Passes that have a login prove what they wrote. */

const FIRST = CREATION.replace(' → status', ' → prove → status');
const LOGIN = 'read Secret → read object → read claim → prove';
const WRITE = 'read Secret → read object → read claim → PUT → prove';
const DONE = `${READY} Synced=True/Created`;
const WAITS =
  'Ready=False/Progressing Accepted=True/Valid ResolvedRefs=True/Resolved Synced=True/Created ' +
  'Verified=Unknown/Verifying Reconciling=True/Progressing';
const REFUSED =
  'Ready=False/TokenRefused Accepted=True/Valid ResolvedRefs=True/Resolved Synced=True/Created ' +
  'Verified=False/TokenRefused Reconciling=True/TokenRefused';

function proving(verification: 'OnChange' | 'EachResync' = 'OnChange', change = {}): World {
  const world = World.good(change);
  world.applyConnection({ verification });
  return world;
}

async function proved(verification: 'OnChange' | 'EachResync' = 'OnChange', change = {}): Promise<World> {
  const world = proving(verification, change);
  await world.pass();
  return world;
}

/** Logins that are refused until the window is over; each pass comes when the last one asked for it. */
async function refuseForAWindow(world: World): Promise<string[]> {
  const steps: string[] = [];
  while (steps.length < 20) {
    world.alm.script.prove.push('refused');
    steps.push(await world.pass());
    if (world.outcome?.then !== 'retryAfter') return steps;
    world.nowMs += world.outcome.ms;
  }
  throw new Error(`no window ends: ${steps.join(', ')}`);
}

const silence = (at: string, reason: 'AlmUnavailable' | 'OutcomeUnknown' = 'AlmUnavailable') => ({
  at,
  when: 'before' as const,
  error: new EdgeError(fail(reason, 'nobody answers')),
});

describe('the first proof', () => {
  it('comes in the pass that created the client, with one write of the status', async () => {
    const world = proving();
    expect(await world.pass()).toBe(FIRST);
    expect(world.conditions()).toBe(`${DONE} Verified=True/TokenIssued`);
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
    expect(world.events.map(({ reason }) => reason)).toEqual(['Created']);
    expect(await world.pass()).toBe('');
  });

  it('may be refused within the window, which is no failure and no cause to write again', async () => {
    const world = proving();
    world.alm.script.prove.push('refused');
    expect(await world.pass()).toBe(FIRST);
    expect(world.conditions()).toBe(WAITS);
    expect(world.status().applied).toMatchObject({ operation: 'Created' });
    expect(world.outcome).toEqual({ then: 'retryAfter', ms: 2000 });
    world.alm.script.prove.push('grantMissing');
    world.nowMs += 2000;
    expect(await world.pass()).toBe(LOGIN);
    expect(world.outcome).toEqual({ then: 'retryAfter', ms: 2000 });
    world.nowMs += 2000;
    expect(await world.pass()).toBe(`${LOGIN} → status`);
    expect(world.conditions()).toBe(`${DONE} Verified=True/TokenIssued`);
    expect(await world.pass()).toBe('');
  });

  it('is told of by events that are no warnings', async () => {
    const world = proving();
    world.alm.script.prove.push('refused');
    await world.pass();
    await world.pass();
    expect(world.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Normal Created',
      'Normal Applied',
    ]);
  });

  it('that cannot be had leaves the client Ready, and says so', async () => {
    const world = proving();
    world.alm.script.prove.push('cannotAsk');
    expect(await world.pass()).toBe(FIRST);
    expect(world.conditions()).toBe(`${DONE} Verified=Unknown/Unprovable`);
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
    expect(await world.pass()).toBe('');
  });

  it('is tried again where it could not be had and ALM is looked at anyway', async () => {
    const world = proving();
    world.alm.script.prove.push('cannotAsk', 'cannotAsk');
    await world.pass();
    world.nowMs += 2 * HOUR;
    expect(await world.pass()).toBe(WRITE);
    world.nowMs += 2 * HOUR;
    expect(await world.pass()).toBe(`${WRITE} → status`);
    expect(world.conditions()).toBe(`${DONE} Verified=True/TokenIssued`);
  });

  it('of a client of a readable ALM that could not be had costs no write at a resync', async () => {
    const world = proving();
    world.connect(true);
    world.applyConnection({ verification: 'OnChange' });
    world.alm.script.prove.push('cannotAsk', 'cannotAsk');
    await world.pass();
    world.nowMs += 2 * HOUR;
    expect(await world.pass()).toBe('read Secret → read object → read claim → GET → prove');
  });

  it('that nobody answers keeps what was written, and goes by back-off', async () => {
    const world = proving();
    world.cluster.breaks.push(silence('prove'), silence('prove'));
    expect(await world.pass()).toBe(FIRST);
    expect(world.conditions()).toBe(WAITS);
    expect(world.status().applied).toMatchObject({ operation: 'Created' });
    expect(world.claim()).toMatchObject({ phase: 'Held' });
    expect(world.outcome).toEqual({ then: 'retry' });
    expect(world.probed).toEqual(['default', 'default']);
    expect(await world.pass()).toBe(LOGIN);
    expect(world.outcome).toEqual({ then: 'retry' });
    expect(await world.pass()).toBe(`${LOGIN} → status`);
    expect(world.conditions()).toBe(`${DONE} Verified=True/TokenIssued`);
  });

  it('is not asked for where the connection does not want it, or the client cannot log in by itself', async () => {
    expect((await settled()).conditions()).toBe(DONE);
    const world = await proved('EachResync', { authorisedGrantTypes: ['password'], roles: [] });
    expect(world.cluster.steps).not.toContain('prove');
    expect(world.conditions()).toBe(DONE);
    world.nowMs += 2 * HOUR;
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT');
  });
});

describe('a window', () => {
  it('is 30 s of logins, then the refusal is told once, and each back-off brings a write and another window', async () => {
    const world = proving();
    const [first, ...logins] = await refuseForAWindow(world);
    expect(first).toBe(FIRST);
    expect(logins).toEqual([LOGIN, LOGIN, LOGIN, LOGIN, `${LOGIN} → status`]);
    expect(world.conditions()).toBe(REFUSED);
    expect(world.outcome).toEqual({ then: 'retry' });
    const told = world.status();
    for (const _ of ['second', 'third']) {
      world.nowMs += 5000;
      const [write, ...again] = await refuseForAWindow(world);
      expect(write).toBe(WRITE);
      expect(again).toEqual([LOGIN, LOGIN, LOGIN, LOGIN, LOGIN]);
      expect(world.outcome).toEqual({ then: 'retry' });
      expect(world.status()).toEqual(told);
    }
    world.nowMs += 5000;
    expect(await world.pass()).toBe(`${WRITE} → status`);
    expect(world.conditions()).toBe(`${DONE} Verified=True/TokenIssued`);
    expect(world.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Normal Created',
      'Warning TokenRefused',
      'Normal Applied',
    ]);
  });

  it('that was told as over may still end well within the next one, without a write', async () => {
    const world = proving();
    await refuseForAWindow(world);
    world.alm.script.prove.push('refused');
    expect(await world.pass()).toBe(WRITE);
    world.nowMs += 2000;
    expect(await world.pass()).toBe(`${LOGIN} → status`);
    expect(world.conditions()).toBe(`${DONE} Verified=True/TokenIssued`);
  });

  it('after a refusal in which nobody answers changes nothing that is said', async () => {
    const world = proving();
    await refuseForAWindow(world);
    const told = world.status();
    world.cluster.breaks.push(silence('prove'));
    expect(await world.pass()).toBe(WRITE);
    expect(world.status()).toEqual(told);
    expect(world.outcome).toEqual({ then: 'retry' });
  });

  it('goes on after a restart, without a write', async () => {
    const world = proving();
    world.alm.script.prove.push('refused', 'refused');
    await world.pass();
    world.restart();
    world.applyConnection({ verification: 'OnChange' });
    world.nowMs += 20_000;
    expect(await world.pass()).toBe(LOGIN);
    expect(world.outcome).toEqual({ then: 'retryAfter', ms: 10_000 });
    world.nowMs += 10_000;
    world.alm.script.prove.push('refused');
    expect(await world.pass()).toBe(`${LOGIN} → status`);
    expect(world.conditions()).toBe(REFUSED);
  });

  it('is over after a restart that took longer', async () => {
    const world = proving();
    world.alm.script.prove.push('refused', 'refused');
    await world.pass();
    world.restart();
    world.applyConnection({ verification: 'OnChange' });
    world.nowMs += 31_000;
    expect(await world.pass()).toBe(`${LOGIN} → status`);
    expect(world.conditions()).toBe(REFUSED);
  });

  it('after which the process was restarted begins with a write', async () => {
    const world = proving();
    await refuseForAWindow(world);
    world.restart();
    world.applyConnection({ verification: 'OnChange' });
    expect(await world.pass()).toBe(`${WRITE} → status`);
    expect(world.conditions()).toBe(`${DONE} Verified=True/TokenIssued`);
  });

  it('begins anew with a Secret that is rotated during it, also for a process started since', async () => {
    const world = proving();
    world.alm.script.prove.push('refused', 'refused', 'refused');
    await world.pass();
    world.nowMs += 20_000;
    world.applySecret(secretText('rotated'));
    expect(await world.pass()).toBe(`${WRITE} → status`);
    expect(world.alm.holds(want, secretText('rotated'))).toBe(true);
    expect(world.outcome).toEqual({ then: 'retryAfter', ms: 2000 });
    world.nowMs += 20_000;
    world.restart();
    world.applyConnection({ verification: 'OnChange' });
    expect(await world.pass()).toBe(LOGIN);
    expect(world.outcome).toEqual({ then: 'retryAfter', ms: 10_000 });
    expect(await world.pass()).toBe(`${LOGIN} → status`);
    expect(world.condition('Verified')).toMatchObject({ status: 'True' });
  });

  it('is opened by no clock that is behind', async () => {
    const world = proving();
    world.alm.script.prove.push('refused', 'refused');
    await world.pass();
    world.restart();
    world.applyConnection({ verification: 'OnChange' });
    world.nowMs -= HOUR;
    await world.pass();
    expect(world.conditions()).toBe(REFUSED);
  });

  it('ends with the object', async () => {
    const world = proving();
    world.alm.script.prove.push('refused');
    await world.pass();
    const { uid = '' } = world.cluster.one('clientcredentials', 'orders')?.metadata ?? {};
    const { secret } = world.status().applied ?? {};
    const version = `${secret?.uid} ${secret?.resourceVersion} ${secret?.key}`;
    expect(world.proofs.isOpen(uid, version)).toBe(true);
    world.cluster.drop('clientcredentials', { namespace: TEAM, name: 'orders' });
    await world.pass();
    expect(world.proofs.isOpen(uid, version)).toBe(false);
  });
});

describe('a request for a look', () => {
  const request = (world: World, token: string, change = {}) =>
    world.apply(change, { annotations: { [REQUESTED_AT]: token } });

  it('costs a write and a login, and is echoed', async () => {
    const world = await proved();
    request(world, 'now');
    expect(await world.pass()).toBe(`${WRITE} → status`);
    expect(world.status().lastHandledReconcileAt).toBe('now');
    expect(world.conditions()).toContain('Verified=True/TokenIssued');
  });

  it('is echoed while the login has yet to succeed, and where it is refused', async () => {
    const world = await proved();
    request(world, 'first');
    world.alm.script.prove.push('refused');
    await world.pass();
    expect(world.status().lastHandledReconcileAt).toBe('first');
    expect(world.condition('Verified')).toMatchObject({ reason: 'Verifying' });
    await refuseForAWindow(world);
    request(world, 'second');
    world.alm.script.prove.push('refused');
    expect(await world.pass()).toBe(`${WRITE} → status`);
    expect(world.status().lastHandledReconcileAt).toBe('second');
    expect(world.condition('Verified')).toMatchObject({ reason: 'TokenRefused' });
  });

  it('is echoed where the same look would give the same answer, and not where ALM was not asked', async () => {
    const stalled = proving('OnChange', { adoptionPolicy: 'Required' });
    request(stalled, 'now', { adoptionPolicy: 'Required' });
    await stalled.pass();
    expect(stalled.condition('Ready')).toMatchObject({ reason: 'NotFoundForUpdate' });
    expect(stalled.status().lastHandledReconcileAt).toBe('now');
    const transient = await proved();
    request(transient, 'now');
    transient.cluster.breaks.push(silence('PUT'));
    await transient.pass();
    expect(transient.status().lastHandledReconcileAt).toBeUndefined();
    expect(transient.alm.holds(want, PASSWORD)).toBe(true);
  });
});
