import { describe, expect, it } from 'vitest';
import { REQUESTED_AT } from '../../src/api/group.ts';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { Drifts } from '../../src/reconcile/drifts.ts';
import { secretText } from '../support/canary.ts';
import { HOUR, PASSWORD, want } from './manifests.ts';
import { World } from './world.ts';

/** Somebody else writes the same client, time and again: two operators on one ALM must not fight for ever. */

const THEIRS = { ...want, roles: ['SLMAdmin'] };
const CHECK = 'read Secret → read object → read claim → GET';
const REPAIR = `${CHECK} → PUT → GET`;

async function readable(): Promise<World> {
  const world = World.good();
  world.connect(true);
  await world.pass();
  return world;
}

/** The other one writes, and the next resync comes. */
function drift(world: World): Promise<string> {
  world.alm.clients.set('orders', { record: THEIRS, secret: PASSWORD });
  return resync(world);
}

function resync(world: World): Promise<string> {
  world.nowMs += 2 * HOUR;
  return world.pass();
}

async function contested(): Promise<World> {
  const world = await readable();
  for (let time = 0; time < 4; time += 1) await drift(world);
  return world;
}

describe('a client that somebody else keeps changing', () => {
  it('is repaired by three resyncs in a row; the fourth says that it is contested', async () => {
    const world = await readable();
    expect(await drift(world)).toBe(`${REPAIR} → status`);
    for (const _ of ['second', 'third']) {
      expect(await drift(world)).toMatch(new RegExp(`^${REPAIR}`));
      expect(world.conditions()).toMatch(/^Ready=True/);
      expect(world.alm.holds(want, PASSWORD)).toBe(true);
    }
    expect(await drift(world)).toBe(`${CHECK} → status`);
    expect(world.condition('Ready')).toMatchObject({
      status: 'False',
      reason: 'Contested',
      message:
        'somebody else keeps changing client orders in ALM, so that it is no longer written at each resync; let one of ' +
        'the two go, then change this object or its annotation reconcile.fluxcd.io/requestedAt to write it again',
    });
    expect(world.conditions()).toMatch(/Synced=False\/Contested Stalled=True\/Contested$/);
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
    expect(world.alm.clients.get('orders')?.record).toEqual(THEIRS);
  });

  it('is read and no longer written at each resync from then on', async () => {
    const world = await contested();
    for (let time = 0; time < 3; time += 1) expect(await resync(world)).toBe(CHECK);
    world.alm.clients.clear();
    expect(await resync(world)).toBe(CHECK);
  });

  it('is repaired as before where ALM held it at one resync in between', async () => {
    const world = await readable();
    for (let time = 0; time < 3; time += 1) await drift(world);
    expect(await resync(world)).toBe(CHECK);
    for (let time = 0; time < 3; time += 1) expect(await drift(world)).toMatch(/PUT → GET/);
    expect(await drift(world)).toBe(`${CHECK} → status`);
  });

  it('is repaired as before where it was written for another reason in between', async () => {
    const world = await readable();
    for (let time = 0; time < 3; time += 1) await drift(world);
    world.applySecret(secretText('rotated'));
    await world.pass();
    expect(await drift(world)).toMatch(/PUT → GET/);
  });

  it('counts also where ALM lost it each time', async () => {
    const world = await readable();
    for (let time = 0; time < 3; time += 1) {
      world.alm.clients.clear();
      expect(await resync(world)).toMatch(/GET → PUT → POST → GET/);
    }
    world.alm.clients.clear();
    expect(await resync(world)).toBe(`${CHECK} → status`);
    expect(world.condition('Synced')?.reason).toBe('Contested');
  });

  it('is not contested by what nobody can read', async () => {
    const world = World.good();
    world.connect();
    await world.pass();
    for (let time = 0; time < 6; time += 1) expect(await drift(world)).toMatch(/read claim → PUT/);
    expect(world.conditions()).toMatch(/^Ready=True/);
  });

  it('is not contested by an ALM that fails to answer', async () => {
    const world = await readable();
    for (let time = 0; time < 5; time += 1) {
      const error = new EdgeError(fail('AlmUnavailable', 'away'));
      world.cluster.breaks.push({ at: 'GET', when: 'before', error });
      await resync(world);
    }
    expect(await drift(world)).toMatch(/PUT → GET/);
  });

  it('stays contested after a restart, since its status says so', async () => {
    const world = await contested();
    world.restart(true);
    expect(await world.pass()).toBe(CHECK);
    expect(await resync(world)).toBe(CHECK);
    expect(world.condition('Ready')?.reason).toBe('Contested');
  });
});

describe('the contest ends', () => {
  it.each<[string, (world: World) => void]>([
    ['when somebody asks for it', (world) => world.apply({}, { annotations: { [REQUESTED_AT]: 'now' } })],
    ['with another spec', (world) => world.apply({ accessTokenValidity: 60 })],
    ['with another Secret', (world) => world.applySecret(secretText('rotated'))],
  ])('%s: the client is written again, and three more times', async (_, happens) => {
    const world = await contested();
    happens(world);
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → GET → status');
    expect(world.conditions()).toMatch(/^Ready=True/);
    for (let time = 0; time < 3; time += 1) expect(await drift(world)).toMatch(/PUT → GET/);
    expect(await drift(world)).toBe(`${CHECK} → status`);
  });

  it.each([
    ['', false],
    [', also after a restart', true],
  ])('when ALM holds it as declared%s, without a write', async (_, restarts) => {
    const world = await contested();
    world.alm.clients.set('orders', { record: want, secret: PASSWORD });
    if (restarts) world.restart(true);
    expect(await resync(world)).toBe(`${CHECK} → status`);
    expect(world.conditions()).toMatch(/^Ready=True/);
    expect(await drift(world)).toMatch(/PUT → GET/);
  });

  it('with the object', async () => {
    const world = await contested();
    const { uid } = world.cluster.one('clientcredentials', 'orders')!.metadata;
    expect(world.drifts.isContested(uid)).toBe(true);
    world.cluster.drop('clientcredentials', { namespace: 'team-a', name: 'orders' });
    await world.pass();
    expect(world.drifts.isContested(uid)).toBe(false);
  });
});

describe('the count of repairs', () => {
  it('is kept for each object by itself', () => {
    const drifts = new Drifts();
    for (const uid of ['a', 'a', 'b', 'a']) drifts.repaired(uid);
    expect([drifts.isContested('a'), drifts.isContested('b'), drifts.isContested('c')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
