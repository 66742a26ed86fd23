import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { findCanary, secretText } from '../support/canary.ts';
import { HOUR, TEAM, want } from './manifests.ts';
import { settled, World } from './world.ts';

describe('what a pass tells others', () => {
  it('one event for each change at ALM, none for a re-assertion', async () => {
    const world = await settled();
    world.nowMs += 2 * HOUR;
    await world.pass();
    world.apply({ accessTokenValidity: 60 });
    await world.pass();
    expect(world.events).toMatchObject([
      {
        regarding: { kind: 'ClientCredential', namespace: TEAM, name: 'orders' },
        type: 'Normal',
        reason: 'Created',
        action: 'Reconcile',
        note: 'ALM accepted the new client',
      },
      { type: 'Normal', reason: 'Updated', note: 'ALM accepted the changed client' },
    ]);
  });

  it('one event for a failure, however often it is met again', async () => {
    const world = World.good();
    world.cluster.drop('secrets', { namespace: TEAM, name: 'orders' });
    await world.pass();
    await world.pass();
    expect(world.events).toMatchObject([
      {
        type: 'Warning',
        reason: 'SecretNotFound',
        note: 'Secret orders does not exist in namespace team-a; create it',
      },
    ]);
  });

  it('no event for another generation that meets the same failure', async () => {
    const world = World.good();
    world.cluster.drop('secrets', { namespace: TEAM, name: 'orders' });
    await world.pass();
    world.apply({ accessTokenValidity: 60 });
    expect(await world.pass()).toBe('read Secret → status');
    expect(world.events).toHaveLength(1);
  });

  it('no event for a silence of ALM through which the object stays Ready', async () => {
    const world = await settled();
    world.nowMs += 2 * HOUR;
    world.cluster.breaks.push({
      at: 'PUT',
      when: 'before',
      error: new EdgeError(fail('AlmUnavailable', 'away')),
    });
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → status');
    expect(world.events).toHaveLength(1);
  });

  it('an event where Ready turns and its reason does not', async () => {
    const world = await settled();
    world.apply({ suspend: true });
    await world.pass();
    world.applySecret(secretText('rotated'));
    await world.pass();
    expect(world.events.slice(1)).toMatchObject([
      { reason: 'Suspended', type: 'Normal', note: expect.stringContaining('no change waits') },
      { reason: 'Suspended', type: 'Normal', note: expect.stringContaining('a change waits for its end') },
    ]);
  });

  it.each<[Parameters<typeof fail>[0], string[], boolean]>([
    ['AlmUnavailable', ['default'], true],
    ['OutcomeUnknown', ['default'], true],
    ['TlsError', ['default'], true],
    ['MalformedAnswer', ['default'], true],
    ['EndpointNotFound', ['default'], true],
    ['Unauthorised', ['default'], true],
    ['PrivilegeMissing', ['default'], true],
    ['RateLimited', [], false],
  ])(
    'that %s may be the fault of the connection: probes %j, with a new login: %s',
    async (reason, probed, login) => {
      const world = World.good();
      world.cluster.breaks.push({ at: 'POST', when: 'before', error: new EdgeError(fail(reason, 'why')) });
      await world.pass();
      expect(world.probed).toEqual(probed);
      expect(world.sessions.needsLogin('default')).toBe(login);
    },
  );

  it('that a privilege is missing, only while no write was ever accepted', async () => {
    const world = await settled();
    expect(world.probed).toEqual(['default']);
    world.apply({ accessTokenValidity: 60 });
    world.cluster.breaks.push({
      at: 'PUT',
      when: 'before',
      error: new EdgeError(fail('PrivilegeMissing', 'why')),
    });
    await world.pass();
    expect(world.probed).toEqual(['default']);
    expect(world.sessions.written('default')).toBe('shown');
  });

  it('that a privilege is missing, and asks for a new login at growing distances, for it may have been given since', async () => {
    const world = World.good();
    const error = new EdgeError(fail('PrivilegeMissing', 'why'));
    for (const [afterMs, probes] of [
      [0, 1],
      [999, 1],
      [2, 2],
      [998, 2],
      [3_000, 3],
    ] as const) {
      world.nowMs += afterMs;
      world.cluster.breaks.push({ at: 'POST', when: 'before', error });
      await world.pass();
      expect(world.probed).toHaveLength(probes);
    }
    expect(world.sessions.needsLogin('default')).toBe(true);
  });

  it('never a password', async () => {
    const world = World.good();
    for (const change of [{}, { roles: ['ReadOnly'] }, { accessTokenValidity: 60 }]) {
      world.apply(change);
      await world.pass();
    }
    world.applySecret(secretText('rotated'));
    world.alm.script.PUT.push({ answer: 'refused', status: 400, quote: 'no such role' });
    await world.pass();
    const told = { events: world.events, logged: world.logged, steps: world.cluster.steps };
    expect(findCanary(told)).toBeUndefined();
    for (const plural of ['clientcredentials', 'almclientclaims', 'almconnections']) {
      expect(findCanary([...world.cluster.of(plural)])).toBeUndefined();
    }
  });

  it('the record last sent and the policies as resolved, and nothing of the Secret but its version', async () => {
    const world = await settled();
    const { metadata } = world.cluster.one('secrets', 'orders')!;
    expect(world.status()).toMatchObject({
      observedGeneration: 1,
      origin: 'Created',
      connection: 'default',
      effective: { ...want, adoptionPolicy: 'Never', deletionPolicy: 'Revoke', resyncInterval: '1h' },
      applied: {
        generation: 1,
        endpoint: 'https://alm',
        secret: {
          name: 'orders',
          key: 'clientSecret',
          uid: metadata.uid,
          resourceVersion: metadata.resourceVersion,
        },
        operation: 'Created',
        time: '2026-03-01T12:00:00Z',
      },
    });
  });
});
