import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { HOUR, PASSWORD, want } from './manifests.ts';
import { CREATION, READY, settled, World } from './world.ts';

describe('the process that dies', () => {
  const steps = CREATION.split(' → ');
  const places = steps.flatMap((at) => (['before', 'after'] as const).map((when) => [when, at] as const));

  it.each(places)('%s "%s" of a creation loses nothing and makes no second client', async (when, at) => {
    const world = World.good();
    world.cluster.breaks.push({ at, when });
    await world.pass();
    expect(world.cluster.dead).toBe(true);
    world.restart();
    for (let pass = 0; pass < 3; pass += 1) await world.pass();
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created' });
    expect(world.conditions()).toMatch(/^Ready=True\/Applied /);
    expect(await world.pass()).toBe('');
  });

  it('and starts again on a settled world asks and writes nothing', async () => {
    const world = await settled();
    world.restart();
    expect(await world.pass()).toBe('');
  });

  it.each([
    ['without the record that was sent costs one update', 'effective', 'PUT → status'],
    ['without what it was made from costs one update', 'applied', 'PUT → status'],
  ])('and finds a status %s', async (_, member, steps) => {
    const world = await settled();
    loseFromStatus(world, member);
    world.restart();
    expect(await world.pass()).toBe(`read Secret → read object → read claim → ${steps}`);
    expect(world.conditions()).toMatch(/^Ready=True/);
  });

  it('and finds a status without conditions writes them anew, for what was applied still stands', async () => {
    const world = await settled();
    loseFromStatus(world, 'conditions');
    world.restart();
    expect(await world.pass()).toBe('status');
    expect(world.conditions()).toBe(`${READY} Synced=True/Created`);
  });

  it('does not turn a refused re-assertion into Ready by forgetting it', async () => {
    const world = await settled();
    world.nowMs += 2 * HOUR;
    world.alm.script.PUT.push({ answer: 'refused', status: 400 });
    world.alm.script.POST.push({ answer: 'exists' });
    await world.pass();
    expect(world.conditions()).toContain('Ready=False/RejectedByAlm');
    world.restart();
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → status');
    expect(world.conditions()).toMatch(/^Ready=True/);
  });

  it('asks again, once it is back, what silence of ALM had left open', async () => {
    const world = await settled();
    world.nowMs += 2 * HOUR;
    world.cluster.breaks.push({
      at: 'PUT',
      when: 'before',
      error: new EdgeError(fail('AlmUnavailable', 'away')),
    });
    await world.pass();
    expect(world.conditions()).toBe(`${READY} Synced=Unknown/AlmUnavailable`);
    world.restart();
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → status');
    expect(world.conditions()).toBe(`${READY} Synced=True/Created`);
  });
});

function loseFromStatus(world: World, member: string): void {
  const rest = Object.entries(world.status()).filter(([name]) => name !== member);
  Object.assign(world.cluster.one('clientcredentials', 'orders')!, { status: Object.fromEntries(rest) });
}
