import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { unavailable } from './cluster.ts';
import { Making, made } from './making.ts';
import { HOUR } from './manifests.ts';

const GENERATION =
  'read Secret → add finalizer → create claim → read staged → create staged → POST → claim Held → prove → ' +
  'create Secret → claim rotation → delete staged → status';
const ROTATION =
  'read Secret → read object → read claim → read staged → create staged → PUT → prove → replace Secret → ' +
  'claim rotation → delete staged → status';

const ALM: ReadonlySet<string> = new Set(['POST', 'PUT', 'prove']);

/** Every step, each with the process that dies there and with an answer that is lost, before and after it took effect. */
function places(steps: string): readonly (readonly [string, 'before' | 'after', string])[] {
  return steps
    .split(' → ')
    .flatMap((at) =>
      (['before', 'after'] as const).flatMap((when) =>
        ['the process dies', 'no answer comes'].map((what) => [what, when, at] as const),
      ),
    );
}

async function breakAt(world: Making, what: string, when: 'before' | 'after', at: string): Promise<void> {
  const lost = ALM.has(at) ? new EdgeError(fail('OutcomeUnknown', 'no answer came')) : unavailable();
  world.cluster.breaks.push({ at, when, ...(what !== 'the process dies' && { error: lost }) });
  await world.pass();
  expect(world.cluster.breaks).toEqual([]);
  if (world.cluster.dead) world.restart();
}

/** How many were ever stored: one that was drawn and got no further is none. */
function secrets(world: Making, when: string, at: string): number {
  return world.made.length - (when === 'before' && at === 'create staged' ? 1 : 0);
}

function expectWhole(world: Making): void {
  expect(world.logsIn()).toBe(true);
  expect(world.staged()).toEqual([]);
  expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created' });
  expect(world.conditions()).toMatch(/^Ready=True\/Applied .* Verified=True\/TokenIssued$/);
}

describe('the first secret', () => {
  it('is staged, taken by ALM, proved, published, written down, and then no longer staged', async () => {
    const world = new Making();
    world.generate();
    expect(await world.pass()).toBe(GENERATION);
    expectWhole(world);
    expect(world.text()).toBe(world.made[0]);
    expect(world.text()).toHaveLength(40);
    expect(world.rotation()).toEqual({ last: '2026-03-01T12:00:00.000Z' });
    expect(await world.pass()).toBe('');
  });

  it.each(places(GENERATION))('comes into being although %s %s "%s"', async (what, when, at) => {
    const world = new Making();
    world.generate();
    await breakAt(world, what, when, at);
    await world.settle();
    expectWhole(world);
    expect(secrets(world, when, at)).toBe(1);
    expect(world.text()).toBe(world.made.at(-1));
    expect(await world.pass()).toBe('');
  });
});

describe('a rotation', () => {
  it('does the same over the Secret that is there', async () => {
    const world = await made();
    world.ask('july');
    expect(await world.pass()).toBe(ROTATION);
    expectWhole(world);
    expect(world.text()).toBe(world.made[1]);
    expect(world.rotation()).toEqual({ last: '2026-03-01T12:01:01.000Z', token: 'july' });
    expect(await world.pass()).toBe('');
  });

  it.each(places(ROTATION))('takes place once although %s %s "%s"', async (what, when, at) => {
    const world = await made();
    world.ask('july');
    await breakAt(world, what, when, at);
    if (!world.logsIn()) expectTold(world);
    await world.settle();
    expectWhole(world);
    expect(secrets(world, when, at)).toBe(2);
    expect(world.text()).toBe(world.made.at(-1));
    expect(world.rotation()).toMatchObject({ token: 'july' });
    world.restart();
    world.nowMs += HOUR / 2;
    const drawn = world.made.length;
    await world.settle();
    expect(world.made.length).toBe(drawn);
  });

  it.each(places(ROTATION))('that is due takes place once although %s %s "%s"', async (what, when, at) => {
    const world = await made({ rotateEvery: '24h' });
    world.nowMs += 30 * HOUR;
    await breakAt(world, what, when, at);
    await world.settle();
    expectWhole(world);
    expect(secrets(world, when, at)).toBe(2);
    expect(world.text()).toBe(world.made.at(-1));
  });
});

/** Where ALM answers, the status is the first to know; where the pass was cut short, the next one says it. */
function expectTold(world: Making): void {
  if (world.thrown === undefined) expect(world.conditions()).toMatch(/^Ready=(False|Unknown)/);
}
