import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { ClaimWorld } from './claimworld.ts';
import { edge, Scene } from './connections.ts';
import { HOUR } from './manifests.ts';
import { World } from './world.ts';

/** What a pass says at info and above: one line for what was done at ALM, one for each change of a claim or a status. */
function told(world: World): readonly string[] {
  return world.logged
    .splice(0)
    .filter(({ level }) => level !== 'debug')
    .map(({ message }) => message);
}

const fieldsOf = (world: World, wanted: string) =>
  world.logged.filter(({ message }) => message === wanted).map(({ fields }) => fields);

describe('the log of a credential', () => {
  it('tells the claim, the write with its cause, and the status, once', async () => {
    const world = World.good();
    await world.pass();
    expect(fieldsOf(world, 'client written to ALM')).toEqual([
      {
        clientId: 'orders',
        connection: 'default',
        why: expect.arrayContaining(['claim']),
        operation: 'Created',
        drift: false,
      },
    ]);
    expect(fieldsOf(world, 'status changed')).toEqual([
      { ready: 'True', reason: 'Applied', synced: 'Created', note: expect.any(String) },
    ]);
    expect(told(world)).toEqual([
      'claim created',
      'claim changed',
      'client written to ALM',
      'status changed',
    ]);
    for (let turn = 0; turn < 3; turn += 1) await world.pass();
    expect(told(world)).toEqual([]);
  });

  it('tells a write of the same again, and no status that it does not change', async () => {
    const world = World.good();
    await world.pass();
    await world.pass();
    told(world);
    world.nowMs += 2 * HOUR;
    await world.pass();
    const writes = fieldsOf(world, 'client written to ALM');
    expect(writes).toMatchObject([{ operation: 'Updated', why: ['resync'] }]);
    expect(told(world)).not.toContain('claim changed');
  });

  it('tells no status in which only the generation is another', async () => {
    const world = World.good();
    for (const accessTokenValidity of [60, 61, 62]) {
      world.apply({ accessTokenValidity });
      told(world);
      await world.pass();
    }
    expect(told(world)).toEqual(['client written to ALM']);
  });

  it('tells nothing of a look at ALM that finds everything as it should be', async () => {
    const world = World.good();
    world.connect(true);
    await world.pass();
    await world.pass();
    told(world);
    world.nowMs += 2 * HOUR;
    await world.pass();
    expect(fieldsOf(world, 'ALM was asked, and nothing written')).toMatchObject([{ why: ['resync'] }]);
    expect(told(world)).toEqual([]);
  });

  it('tells a failure when the status changes with it, and repeats of it to nobody', async () => {
    const world = World.good();
    for (let turn = 0; turn < 3; turn += 1) {
      world.cluster.breaks.push({
        at: 'POST',
        when: 'before',
        error: new EdgeError(fail('RateLimited', 'why')),
      });
      await world.pass();
    }
    const failures = fieldsOf(world, 'the attempt failed');
    expect(failures).toHaveLength(3);
    expect(failures[0]).toMatchObject({ clientId: 'orders', connection: 'default', reason: 'RateLimited' });
    const lines = told(world);
    expect(lines.filter((line) => line === 'status changed')).toHaveLength(1);
    expect(lines).not.toContain('client written to ALM');
  });

  it('tells a silence of ALM through which the object stays Ready', async () => {
    const world = World.good();
    await world.pass();
    told(world);
    world.nowMs += 2 * HOUR;
    world.cluster.breaks.push({
      at: 'PUT',
      when: 'before',
      error: new EdgeError(fail('AlmUnavailable', 'away')),
    });
    await world.pass();
    expect(fieldsOf(world, 'status changed')).toMatchObject([{ ready: 'True', synced: 'AlmUnavailable' }]);
  });

  it('says nowhere that a client is as declared whose login was refused', async () => {
    const world = World.good();
    world.applyConnection({ verification: 'OnChange' });
    world.alm.script.prove.push('refused');
    await world.pass();
    expect(world.cluster.steps).toContain('prove');
    const lines = world.logged.map(({ message }) => message);
    expect(lines).toContain('client written to ALM');
    expect(lines.filter((line) => /as declared/.test(line))).toEqual([]);
  });
});

describe('the log of a claim', () => {
  it('tells once why its client is not revoked yet', async () => {
    const world = ClaimWorld.revoking();
    for (let turn = 0; turn < 3; turn += 1) {
      world.cluster.breaks.push({ at: 'PUT', when: 'before', error: edge('RateLimited') });
      await world.claimPass();
    }
    expect(fieldsOf(world, 'the client is not revoked yet')).toHaveLength(3);
    expect(told(world).filter((line) => line === 'the client is not revoked yet')).toHaveLength(1);
  });
});

describe('the news of a connection', () => {
  it('is logged and an event when what Ready says changes', async () => {
    const scene = new Scene();
    await scene.pass();
    scene.apply({ limits: { concurrency: 4 } });
    await scene.pass();
    for (let turn = 0; turn < 2; turn += 1) {
      scene.sessions.remove('main');
      scene.cluster.breaks.push({ at: 'login', when: 'before', error: edge('Unauthorised') });
      scene.applySecret(secretText(`wrong-${turn}`));
      await scene.pass();
    }
    expect(scene.events).toMatchObject([
      { type: 'Normal', action: 'Probe', regarding: { kind: 'AlmConnection', name: 'main' } },
      { type: 'Warning', reason: 'Unauthorised', note: expect.any(String) },
    ]);
    expect(scene.logged.map((fields) => (fields as { ready?: string }).ready).filter(Boolean)).toEqual([
      'True',
      'False',
    ]);
  });
});
