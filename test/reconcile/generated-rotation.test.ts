import { describe, expect, it } from 'vitest';
import { Making, made } from './making.ts';
import { HOUR } from './manifests.ts';

/** When a secret is replaced, and what becomes of one that ALM does not let in. */

const RESTING = /^Ready=True\/Applied .* Verified=True\/TokenIssued$/;

describe('a rotation', () => {
  it('is made when it is due, not before, and status says when', async () => {
    const world = await made({ rotateEvery: '24h' });
    const next = Date.parse(world.status().rotation?.next ?? '');
    const last = Date.parse(world.status().rotation?.last ?? '');
    expect(next - last).toBeGreaterThanOrEqual(0.9 * 24 * HOUR - 1000);
    expect(next - last).toBeLessThanOrEqual(1.1 * 24 * HOUR);
    world.nowMs = next - 1_000;
    await world.settle(1);
    expect(world.made).toHaveLength(1);
    world.nowMs = next + 1_000;
    await world.settle();
    expect(world.made).toHaveLength(2);
    expect(world.logsIn()).toBe(true);
    expect(world.told().at(-1)).toMatch(/^Rotated: .*rotateEvery was over/);
    world.restart();
    expect(await world.pass()).toBe('');
  });

  it('is looked at again when it is due', async () => {
    const world = await made({ rotateEvery: '24h' });
    world.declare({ resyncInterval: '0s' });
    await world.settle();
    const next = Date.parse(world.status().rotation?.next ?? '');
    const outcome = world.outcome as { resyncMs?: number };
    expect(Math.abs((outcome.resyncMs ?? 0) - (next - world.nowMs))).toBeLessThan(2_000);
  });

  it('is made once for each value of the annotation, whatever becomes of the annotation', async () => {
    const world = await made();
    for (const token of ['a', 'a', 'b', 'b']) {
      world.ask(token);
      await world.settle();
    }
    expect(world.made).toHaveLength(3);
    expect(world.status().lastHandledRotateAt).toBe('b');
    world.apply({ clientSecretRef: undefined, generatedSecret: { name: 'orders-login' } });
    await world.settle();
    expect(world.made).toHaveLength(3);
    expect(world.logsIn()).toBe(true);
  });

  it('is not repeated where claims and Secrets were restored and the status was lost', async () => {
    const world = await made({ rotateEvery: '24h' });
    world.ask('a');
    await world.settle();
    const rotation = world.rotation();
    Object.assign(world.cluster.one('clientcredentials', 'orders')!, { status: undefined });
    world.restart();
    await world.settle();
    expect(world.made).toHaveLength(2);
    expect(world.rotation()).toEqual(rotation);
    expect(world.logsIn()).toBe(true);
    expect(world.conditions()).toMatch(RESTING);
  });

  it('waits while the object is suspended, and nobody comes back at once for ever', async () => {
    const world = await made({ rotateEvery: '24h' });
    world.declare({ suspend: true });
    world.ask('a');
    world.nowMs += 48 * HOUR;
    await world.settle();
    expect(world.made).toHaveLength(1);
    expect(world.logsIn()).toBe(true);
    expect((world.outcome as { resyncMs?: number }).resyncMs).toBeGreaterThan(60_000);
    world.declare({ suspend: false });
    await world.settle();
    expect(world.made).toHaveLength(2);
    expect(world.logsIn()).toBe(true);
  });

  it('that no login proves is not published, and the status says so until one does', async () => {
    const world = await made();
    const resourceVersion = world.published()?.metadata.resourceVersion;
    world.alm.takesNewSecrets = false;
    world.ask('a');
    for (let pass = 0; pass < 12; pass += 1) {
      await world.pass();
      world.nowMs += 5_000;
    }
    expect(world.condition('Verified')).toMatchObject({ status: 'False', reason: 'TokenRefused' });
    expect(world.published()?.metadata.resourceVersion).toBe(resourceVersion);
    expect(world.logsIn()).toBe(true);
    expect(world.staged()).toHaveLength(1);
    world.alm.takesNewSecrets = true;
    await world.settle();
    world.nowMs += HOUR;
    await world.settle();
    expect(world.text()).toBe(world.made[1]);
    expect(world.logsIn()).toBe(true);
    expect(world.conditions()).toMatch(RESTING);
  });

  it('that ALM refuses leaves the old one working, and at most one staged', async () => {
    const world = await made();
    world.alm.shortestValidity = 100_000;
    world.ask('a');
    for (let hour = 0; hour < 4; hour += 1) {
      await world.settle(2);
      world.nowMs += 2 * HOUR;
    }
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'RejectedByAlm' });
    expect(world.logsIn()).toBe(true);
    expect(world.staged()).toHaveLength(1);
    expect(world.made).toHaveLength(2);
    world.alm.shortestValidity = 1;
    await world.settle();
    expect(world.text()).toBe(world.made[1]);
    expect(world.conditions()).toMatch(RESTING);
  });
});

describe('a client that no login can prove', () => {
  it.each([
    ['has no grant for it', 'OnChange', ['password']],
    ['is not to be proved', 'Never', ['client_credentials']],
  ])('because it %s has its secret published once ALM took it', async (_, verification, grants) => {
    const world = new Making();
    world.verification = verification;
    world.connect();
    world.declare({ authorisedGrantTypes: grants, roles: grants.includes('password') ? [] : ['Portal'] });
    expect(await world.pass()).toMatch(
      /POST → claim Held → create Secret → claim rotation → delete staged → status$/,
    );
    expect(world.logsIn()).toBe(true);
    expect(world.condition('Ready')).toMatchObject({ status: 'True' });
    expect(world.condition('Verified')).toBeUndefined();
  });

  it('because ALM does not say has it published, and the status says so', async () => {
    const world = new Making();
    world.generate();
    world.alm.script.prove.push('cannotAsk');
    await world.pass();
    expect(world.logsIn()).toBe(true);
    expect(world.staged()).toEqual([]);
    expect(world.conditions()).toMatch(/^Ready=True.* Verified=Unknown\/Unprovable$/);
  });
});

describe('a suspended object', () => {
  const message = (world: Making) => world.condition('Ready')?.message;

  it('says that a rotation waits which was asked for, and stays Ready, for the present secret works', async () => {
    const world = await made();
    world.declare({ suspend: true });
    await world.settle();
    expect(message(world)).toContain('no change waits');
    world.ask('a');
    await world.settle();
    expect(message(world)).toContain('a rotation waits for its end');
    expect(world.condition('Ready')).toMatchObject({ status: 'True', reason: 'Suspended' });
    expect(world.status().lastHandledRotateAt).toBeUndefined();
    expect(world.logsIn()).toBe(true);
    world.declare({ suspend: false });
    await world.settle();
    expect(world.status().lastHandledRotateAt).toBe('a');
    expect(world.conditions()).toMatch(RESTING);
  });

  it('is looked at when its rotation becomes due, to say so, and then no more often than before', async () => {
    const world = await made({ rotateEvery: '24h' });
    world.declare({ suspend: true, resyncInterval: '0s' });
    await world.settle();
    expect(message(world)).toContain('no change waits');
    const { resyncMs = 0 } = world.outcome as { resyncMs?: number };
    expect(resyncMs).toBeGreaterThan(20 * HOUR);
    world.nowMs += resyncMs;
    await world.settle();
    expect(message(world)).toContain('a rotation waits for its end');
    expect(world.outcome).toEqual({ then: 'settle' });
    expect(world.made).toHaveLength(1);
  });

  it('says that a rotation waits which has begun, also if nobody asks for it any more', async () => {
    const world = await made();
    world.ask('a');
    world.alm.shortestValidity = 100_000;
    await world.settle();
    expect(world.staged()).toHaveLength(1);
    world.apply({ clientSecretRef: undefined, generatedSecret: { name: 'orders-login' }, suspend: true });
    await world.settle();
    expect(message(world)).toContain('a rotation waits for its end');
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'Suspended' });
  });
});
