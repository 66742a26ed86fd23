import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { PASSWORD, TEAM, want } from './manifests.ts';
import { CREATION, settled, World } from './world.ts';

describe('a Secret', () => {
  it('that is rotated is sent, and its version is written down', async () => {
    const world = await settled();
    const { metadata } = world.applySecret(secretText('rotated'));
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → status');
    expect(world.alm.holds(want, secretText('rotated'))).toBe(true);
    expect(world.status().applied?.secret).toMatchObject({
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
    });
  });

  it('that was deleted and made anew is sent, though it holds the same', async () => {
    const world = await settled();
    world.cluster.drop('secrets', { namespace: TEAM, name: 'orders' });
    world.applySecret();
    expect(await world.pass()).toContain('PUT');
  });

  it('that is missing is waited for, with nothing begun and nothing generated', async () => {
    const world = World.good();
    world.cluster.drop('secrets', { namespace: TEAM, name: 'orders' });
    expect(await world.pass()).toBe('read Secret → status');
    expect(world.condition('Ready')).toMatchObject({
      status: 'False',
      reason: 'SecretNotFound',
      message: 'Secret orders does not exist in namespace team-a; create it',
    });
    expect(world.cluster.of('almclientclaims')).toEqual([]);
    expect(world.cluster.of('secrets')).toEqual([]);
    world.applySecret();
    expect(await world.pass()).toBe(CREATION);
  });

  it('that vanishes later leaves ALM alone and is told', async () => {
    const world = await settled();
    world.cluster.drop('secrets', { namespace: TEAM, name: 'orders' });
    expect(await world.pass()).toBe('read Secret → status');
    expect(world.conditions()).toBe(
      'Ready=False/SecretNotFound Accepted=True/Valid ResolvedRefs=False/SecretNotFound ' +
        'Synced=Unknown/SecretNotFound Reconciling=True/SecretNotFound',
    );
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it.each([
    ['has another key', { clientSecretRef: { name: 'orders', key: 'password' } }, 'SecretKeyNotFound'],
    ['has another name', { clientSecretRef: { name: 'other' } }, 'SecretNotFound'],
  ])('that %s is waited for', async (_, change, reason) => {
    const world = World.good(change);
    await world.pass();
    expect(world.condition('ResolvedRefs')).toMatchObject({ status: 'False', reason });
    expect(world.outcome).toMatchObject({ then: 'settle' });
  });

  it('of white space is never sent', async () => {
    const world = World.good();
    world.applySecret(' \n');
    expect(await world.pass()).toBe('read Secret → status');
    expect(world.condition('Ready')).toMatchObject({ reason: 'SecretEmpty' });
  });

  it('with a newline at its end is sent as it is, and the warning stays while nothing changes', async () => {
    const world = World.good();
    world.applySecret(`${PASSWORD}\n`);
    await world.pass();
    expect(world.alm.holds(want, `${PASSWORD}\n`)).toBe(true);
    const message =
      'connection and Secret are usable; warning: key clientSecret of Secret orders ends with a newline, which is ' +
      'sent as part of the password';
    expect(world.condition('ResolvedRefs')?.message).toBe(message);
    expect(await world.pass()).toBe('');
    expect(world.condition('ResolvedRefs')?.message).toBe(message);
    world.applySecret();
    await world.pass();
    expect(world.condition('ResolvedRefs')?.message).toBe('connection and Secret are usable');
  });

  it('without the label that the operator wants is read and refused', async () => {
    const world = World.good();
    world.settings.labels = 'alm=yes';
    world.reconfigure();
    expect(await world.pass()).toBe('read Secret → status');
    expect(world.condition('Ready')).toMatchObject({ reason: 'SecretNotAllowed' });
    world.applySecret(PASSWORD, { alm: 'yes' });
    expect(await world.pass()).toBe(CREATION);
  });
});
