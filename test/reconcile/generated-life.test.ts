import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { Making, made } from './making.ts';
import { HOUR, NAMESPACE, PASSWORD, TEAM, want } from './manifests.ts';

/** A generated secret where another kind of it, another owner of the client, or nobody any more is concerned. */

const RESTING = /^Ready=True\/Applied .* Verified=True\/TokenIssued$/;

describe('from one kind of secret to the other', () => {
  it('and back: each time ALM holds what the object names, and nothing of the other stays', async () => {
    const world = new Making();
    world.applySecret();
    world.refer('orders');
    await world.settle();
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    world.generate();
    await world.settle();
    expect(world.logsIn()).toBe(true);
    expect(world.text('clientSecret', 'orders')).toBe(PASSWORD);
    world.refer('orders');
    await world.settle();
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    expect(world.published()).toBeUndefined();
    expect(world.conditions()).toMatch(RESTING);
    world.generate();
    await world.settle();
    expect(world.logsIn()).toBe(true);
    expect(world.staged()).toEqual([]);
    expect(world.conditions()).toMatch(RESTING);
  });

  it('in the middle of a rotation leaves nothing staged', async () => {
    const world = await made();
    world.applySecret();
    world.ask('a');
    world.alm.script.prove.push('refused');
    await world.pass();
    expect(world.staged()).toHaveLength(1);
    world.refer('orders');
    await world.settle();
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    expect(world.cluster.of('secrets').map(({ metadata }) => metadata.name)).toEqual(['orders']);
    expect(world.conditions()).toMatch(RESTING);
  });

  it('keeps the generated Secret where the object names that very one', async () => {
    const world = await made();
    world.refer('orders-login');
    await world.settle();
    world.nowMs += 2 * HOUR;
    expect(await world.pass()).toContain('PUT');
    expect(world.logsIn()).toBe(true);
    expect(world.conditions()).toMatch(RESTING);
  });
});

describe('the rotations of an object', () => {
  it('are not told of while it names a Secret, and nothing of them is due when it asks for one again', async () => {
    const world = await made({ rotateEvery: '24h' });
    world.ask('a');
    await world.settle();
    world.applySecret();
    world.refer('orders');
    await world.settle();
    expect(world.status().rotation).toBeUndefined();
    expect(world.status().lastHandledRotateAt).toBeUndefined();
    expect(world.rotation()).toEqual({ token: 'a' });
    world.nowMs += 48 * HOUR;
    await world.settle();
    const drawn = world.made.length;
    const told = world.told().length;
    world.generate({ rotateEvery: '24h' });
    await world.settle();
    expect(world.made).toHaveLength(drawn + 1);
    expect(world.logsIn()).toBe(true);
    expect(world.rotation()).toMatchObject({ token: 'a' });
    expect(world.status().lastHandledRotateAt).toBe('a');
    const { last = '', next = '' } = world.status().rotation ?? {};
    expect(Date.parse(next) - Date.parse(last)).toBeGreaterThan(20 * HOUR);
    expect(world.told().slice(told).join()).not.toContain('rotateEvery');
    world.restart();
    await world.settle();
    expect(world.made).toHaveLength(drawn + 1);
  });

  it('go on where they were if it named the generated Secret itself meanwhile', async () => {
    const world = await made({ rotateEvery: '24h' });
    const rotation = world.rotation();
    world.refer('orders-login');
    await world.settle();
    world.nowMs += 2 * HOUR;
    expect(await world.pass()).toContain('PUT');
    expect(world.status().rotation).toBeUndefined();
    expect(world.rotation()).toEqual(rotation);
    world.generate({ rotateEvery: '24h' });
    await world.settle();
    expect(world.made).toHaveLength(1);
    expect(world.status().rotation).toMatchObject(rotation ?? {});
    expect(world.conditions()).toMatch(RESTING);
  });

  it('are forgotten before the generated Secret goes, whatever happens in between', async () => {
    for (const at of ['claim rotation', 'delete Secret']) {
      for (const when of ['before', 'after'] as const) {
        const world = await made();
        world.applySecret();
        world.refer('orders');
        world.cluster.breaks.push({ at, when });
        await world.pass();
        expect(world.cluster.breaks).toEqual([]);
        if (world.published() === undefined) expect(world.rotation()?.last).toBeUndefined();
        world.restart();
        await world.settle();
        expect(world.rotation()?.last).toBeUndefined();
        expect(world.published()).toBeUndefined();
        expect(world.alm.holds(want, PASSWORD)).toBe(true);
      }
    }
  });

  it('are kept as long as no login has shown that ALM took the named Secret', async () => {
    const world = await made();
    const rotation = world.rotation();
    world.applySecret();
    world.alm.takesNewSecrets = false;
    world.refer('orders');
    for (let pass = 0; pass < 10; pass += 1) {
      await world.pass();
      world.nowMs += 5_000;
    }
    expect(world.condition('Verified')).toMatchObject({ reason: 'TokenRefused' });
    expect(world.rotation()).toEqual(rotation);
  });
});

describe('a client that somebody else made', () => {
  function found(policy: string): Making {
    const world = new Making();
    world.alm.clients.set('orders', { record: want, secret: secretText('others') });
    world.declare({ adoptionPolicy: policy });
    return world;
  }

  it.each(['Never', 'IfExists', 'Required'])(
    'keeps its secret without a word of consent (%s)',
    async (policy) => {
      const world = found(policy);
      await world.settle();
      expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'AlreadyExists' });
      expect(world.alm.clients.get('orders')?.secret).toBe(secretText('others'));
      expect(world.staged()).toEqual([]);
      expect(world.published()).toBeUndefined();
      expect(world.claim()).toBeUndefined();
      if (policy !== 'Never') expect(world.condition('Ready')?.message).toContain('alm-operator.dev/rotate');
    },
  );

  it.each([
    ['Never', false],
    ['IfExists', true],
    ['Required', true],
  ])('is taken over with consent where the policy allows it (%s: %s)', async (policy, taken) => {
    const world = found(policy);
    await world.settle();
    world.ask('mine');
    await world.settle();
    expect(world.logsIn()).toBe(taken);
    expect(world.staged()).toEqual([]);
    if (taken) expect(world.claim()).toMatchObject({ origin: 'Adopted', rotation: { token: 'mine' } });
    else expect(world.alm.clients.get('orders')?.secret).toBe(secretText('others'));
  });

  it('and was adopted with a Secret keeps that until a rotation is asked for', async () => {
    const world = found('IfExists');
    world.applySecret();
    world.refer('orders');
    await world.settle();
    expect(world.claim()).toMatchObject({ origin: 'Adopted' });
    world.generate();
    await world.settle();
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'AlreadyExists' });
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    expect(world.staged()).toEqual([]);
    world.ask('mine');
    await world.settle();
    expect(world.logsIn()).toBe(true);
    expect(world.conditions()).toMatch(/^Ready=True\/Adopted .* Verified=True/);
  });

  it('and got a Secret again keeps that one too, for an old word is no consent', async () => {
    const world = found('IfExists');
    world.ask('mine');
    await world.settle();
    expect(world.claim()).toMatchObject({ origin: 'Adopted', rotation: { token: 'mine' } });
    world.applySecret();
    world.refer('orders');
    await world.settle();
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    world.generate();
    await world.settle();
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'AlreadyExists' });
    expect(world.condition('Ready')?.message).toContain('alm-operator.dev/rotate');
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    expect(world.staged()).toEqual([]);
    world.ask('mine again');
    await world.settle();
    expect(world.logsIn()).toBe(true);
    expect(world.status().lastHandledRotateAt).toBe('mine again');
  });

  it('and is protected gets no secret from us', async () => {
    const world = new Making();
    world.declare({ clientId: 'NimrodClient' });
    world.ask('a');
    await world.settle();
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'ProtectedClientId' });
    expect(world.made).toEqual([]);
    expect(world.cluster.of('secrets')).toEqual([]);
  });
});

describe('the deletion of an object', () => {
  it('in the middle of a rotation takes the staged secret with it, and the published one with the object', async () => {
    const world = await made();
    world.declare({ deletionPolicy: 'Retain' });
    await world.settle();
    world.ask('a');
    world.alm.script.prove.push('refused');
    await world.pass();
    expect(world.staged()).toHaveLength(1);
    world.cluster.drop('clientcredentials', { namespace: TEAM, name: 'orders' });
    await world.settle();
    expect(world.cluster.of('clientcredentials')).toEqual([]);
    expect(world.staged()).toEqual([]);
    world.cluster.collect();
    expect(world.cluster.of('secrets')).toEqual([]);
    expect(world.claim()).toMatchObject({ phase: 'Retained', owner: { namespace: TEAM } });
  });

  it('whose client stayed lets the next object of its name make a secret anew', async () => {
    const world = await made();
    world.declare({ deletionPolicy: 'Retain' });
    await world.settle();
    world.cluster.drop('clientcredentials', { namespace: TEAM, name: 'orders' });
    await world.settle();
    world.generate();
    await world.settle();
    expect(world.condition('Ready')).toMatchObject({ reason: 'SecretNotFound' });
    world.cluster.collect();
    await world.settle();
    expect(world.logsIn()).toBe(true);
    expect(world.made).toHaveLength(2);
    expect(world.conditions()).toMatch(RESTING);
  });

  it('of an attempt without an answer keeps the staged secret, which alone can settle it', async () => {
    const world = new Making();
    world.generate();
    world.cluster.breaks.push({ at: 'POST', when: 'after' });
    await world.pass();
    world.restart();
    world.cluster.drop('clientcredentials', { namespace: TEAM, name: 'orders' });
    await world.pass();
    expect(world.claim()).toMatchObject({ phase: 'Revoking' });
    expect(world.staged().map(({ metadata }) => metadata.namespace)).toEqual([NAMESPACE]);
  });
});
