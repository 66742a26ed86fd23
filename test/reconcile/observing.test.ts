import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import type { Change, Observer } from '../../src/reconcile/observer.ts';
import { secretText } from '../support/canary.ts';
import { made } from './making.ts';
import { HOUR, PASSWORD, want } from './manifests.ts';
import { World } from './world.ts';

/** What passes tell the observer. */

function recording(): Readonly<{ told: string[]; observer: Observer }> {
  const told: string[] = [];
  const observer: Observer = {
    driftFound: (connection) => told.push(`${connection}: drift`),
    driftRepaired: (connection) => told.push(`${connection}: repaired`),
    proof: (connection, result) => told.push(`${connection}: proof ${result}`),
    rotated: (cause) => told.push(`rotated ${cause}`),
    arrived: (connection, change, ms) => told.push(`${connection}: ${change} after ${ms}`),
  };
  return { told, observer };
}

function observed(world: World): string[] {
  const { told, observer } = recording();
  world.observer = observer;
  world.reconfigure();
  return told;
}

const uidOf = (world: World) => world.cluster.one('clientcredentials', 'orders')?.metadata.uid ?? '';

function note(world: World, change: Change, agoMs: number): void {
  world.nowMs -= agoMs;
  world.changes.note(uidOf(world), change);
  world.nowMs += agoMs;
}

const outage = {
  at: 'PUT',
  when: 'before' as const,
  error: new EdgeError(fail('AlmUnavailable', 'nobody answers')),
};

async function readable(): Promise<World> {
  const world = World.good();
  world.connect(true);
  await world.pass();
  return world;
}

function changeBehind(world: World): void {
  world.alm.clients.set('orders', { record: { ...want, roles: ['SLMAdmin'] }, secret: PASSWORD });
  world.nowMs += 2 * HOUR;
}

describe('drift', () => {
  it('is found and repaired by a resync that reads another record', async () => {
    const world = await readable();
    const told = observed(world);
    world.nowMs += 2 * HOUR;
    await world.pass();
    expect(told).toEqual([]);
    changeBehind(world);
    await world.pass();
    expect(told).toEqual(['default: drift', 'default: repaired']);
  });

  it('is found and repaired where ALM has lost the client, readable or not', async () => {
    const world = World.good();
    await world.pass();
    const told = observed(world);
    world.alm.clients.clear();
    world.nowMs += 2 * HOUR;
    await world.pass();
    expect(world.condition('Synced')?.reason).toBe('Recreated');
    expect(told).toEqual(['default: drift', 'default: repaired']);
  });

  it('is found and not repaired where the write fails', async () => {
    const world = await readable();
    const told = observed(world);
    changeBehind(world);
    world.cluster.breaks.push(outage);
    await world.pass();
    expect(told).toEqual(['default: drift']);
  });

  it('is found and not repaired where somebody else keeps changing the client', async () => {
    const world = await readable();
    const told = observed(world);
    for (let time = 0; time < 4; time += 1) {
      changeBehind(world);
      await world.pass();
    }
    expect(told.filter((line) => line.endsWith('repaired'))).toHaveLength(3);
    expect(told.filter((line) => line.endsWith('drift'))).toHaveLength(4);
  });

  it('is none where a new client is not seen by every replica yet', async () => {
    const world = World.good();
    world.connect(true);
    const told = observed(world);
    world.alm.script.GET.push({ answer: 'absent' }, { answer: 'absent' });
    await world.pass();
    expect(world.condition('Ready')?.reason).toBe('AlmUnavailable');
    expect(told).toEqual([]);
  });

  it('is none where the change is our own', async () => {
    const world = await readable();
    const told = observed(world);
    world.apply({ accessTokenValidity: 60 });
    await world.pass();
    expect(world.condition('Synced')?.reason).toBe('Updated');
    expect(told).toEqual([]);
  });
});

describe('proofs', () => {
  it('are told with what they showed', async () => {
    const world = World.good();
    world.applyConnection({ verification: 'OnChange' });
    const told = observed(world);
    for (const proof of ['refused', 'grantMissing', 'cannotAsk'] as const) {
      world.alm.script.prove.push(proof);
      await world.pass();
      world.nowMs += 10_000;
    }
    world.applySecret(secretText('next'));
    world.cluster.breaks.push({ ...outage, at: 'prove' });
    await world.pass();
    await world.pass();
    expect(told).toEqual([
      'default: proof refused',
      'default: proof grantMissing',
      'default: proof cannotAsk',
      'default: proof unreached',
      'default: proof accepted',
    ]);
  });
});

describe('rotations', () => {
  it('are told with their cause, once', async () => {
    const world = await made();
    const told = observed(world);
    world.ask('now');
    await world.settle();
    await world.settle();
    expect(told.filter((line) => line.startsWith('rotated'))).toEqual(['rotated requested']);
  });

  it('are none where only the labels of the Secret change', async () => {
    const world = await made();
    const told = observed(world);
    world.generate({ template: { labels: { team: 'a' } } });
    await world.settle();
    expect(world.published()?.metadata.labels).toMatchObject({ team: 'a' });
    expect(told.filter((line) => line.startsWith('rotated'))).toEqual([]);
  });
});

describe('the arrival of a change', () => {
  it('is told when ALM has taken it', async () => {
    const world = World.good();
    const told = observed(world);
    note(world, 'spec', 400);
    await world.pass();
    world.applySecret(secretText('next'));
    note(world, 'secret', 70);
    await world.pass();
    await world.pass();
    expect(told).toEqual(['default: spec after 400', 'default: secret after 70']);
  });

  it('waits for ALM to answer', async () => {
    const world = World.good();
    const told = observed(world);
    note(world, 'spec', 400);
    world.cluster.breaks.push({ ...outage, at: 'POST' });
    await world.pass();
    expect(told).toEqual([]);
    world.nowMs += 5000;
    await world.pass();
    expect(told).toEqual(['default: spec after 5400']);
  });

  it('is told also where the status cannot be written', async () => {
    const world = World.good();
    const told = observed(world);
    note(world, 'spec', 400);
    world.cluster.breaks.push({ ...outage, at: 'status' });
    await world.pass();
    expect(told).toEqual(['default: spec after 400']);
  });

  it.each<[string, (world: World) => void]>([
    ['it asks nothing of ALM', (world) => void world.apply({ resyncInterval: '1h' })],
    ['the object is suspended', (world) => void world.apply({ suspend: true, accessTokenValidity: 60 })],
    ['the object is to be corrected', (world) => void world.apply({ roles: ['a,b'] })],
    ['the Secret is missing', (world) => void world.apply({ clientSecretRef: { name: 'missing' } })],
    ['the connection is missing', (world) => void world.apply({ connectionRef: { name: 'missing' } })],
  ])('is none where %s', async (_, change) => {
    const world = World.good();
    await world.pass();
    const told = observed(world);
    change(world);
    note(world, 'spec', 400);
    await world.pass();
    expect(told).toEqual([]);
    expect(world.changes.size).toBe(0);
  });

  it('goes on waiting where the connection is not ready', async () => {
    const world = World.good();
    const told = observed(world);
    world.sessions.set('default', { usable: false });
    note(world, 'spec', 400);
    await world.pass();
    world.nowMs += 1000;
    world.connect();
    await world.pass();
    expect(told).toEqual(['default: spec after 1400']);
  });
});
