import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { HOUR, PASSWORD, want } from './manifests.ts';
import { READY, settled, World } from './world.ts';

describe('the resync', () => {
  it('re-asserts to an ALM that cannot be read, and writes no status', async () => {
    const world = await settled();
    const before = structuredClone(world.status());
    world.nowMs += 2 * HOUR;
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT');
    expect(world.status()).toEqual(before);
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
    expect(await world.pass()).toBe('');
  });

  it('repairs drift that nobody can see', async () => {
    const world = await settled();
    world.alm.clients.set('orders', { record: { ...want, roles: [] }, secret: secretText('drifted') });
    world.nowMs += 2 * HOUR;
    await world.pass();
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('only reads an ALM that can be read, where nothing differs', async () => {
    const world = World.good();
    world.connect(true);
    await world.pass();
    world.nowMs += 2 * HOUR;
    expect(await world.pass()).toBe('read Secret → read object → read claim → GET');
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
  });

  it('writes to a readable ALM where a rotated Secret, which no read can show, waits too', async () => {
    const world = World.good();
    world.connect(true);
    await world.pass();
    world.nowMs += 2 * HOUR;
    world.applySecret(secretText('rotated'));
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → GET → status');
    expect(world.alm.holds(want, secretText('rotated'))).toBe(true);
  });

  it('of a stalled object without an interval of its own comes every half hour', async () => {
    const world = World.good({ resyncInterval: '0s', adoptionPolicy: 'Required' });
    await world.pass();
    expect(world.condition('Ready')).toMatchObject({ reason: 'NotFoundForUpdate' });
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR / 2 });
  });

  it('repairs drift that it reads', async () => {
    const world = World.good();
    world.connect(true);
    await world.pass();
    world.alm.clients.set('orders', { record: { ...want, roles: ['SLMAdmin'] }, secret: PASSWORD });
    world.nowMs += 2 * HOUR;
    expect(await world.pass()).toBe('read Secret → read object → read claim → GET → PUT → GET → status');
    expect(world.conditions()).toBe(`${READY} Synced=True/Updated`);
  });

  it('never comes with 0s', async () => {
    const world = await settled({ resyncInterval: '0s' });
    expect(world.outcome).toEqual({ then: 'settle' });
    world.nowMs += 999 * HOUR;
    expect(await world.pass()).toBe('');
    expect(world.outcome).toEqual({ then: 'settle' });
  });

  it('that meets silence keeps Ready for two intervals and then says that it cannot know', async () => {
    const world = await settled();
    const silence = {
      at: 'PUT',
      when: 'before',
      error: new EdgeError(fail('AlmUnavailable', 'ALM is away')),
    } as const;
    for (const [hours, ready] of [
      [2, 'Ready=True/Applied'],
      [1, 'Ready=True/Applied'],
      [1, 'Ready=Unknown/AlmUnavailable'],
    ] as const) {
      world.nowMs += hours * HOUR;
      world.cluster.breaks.push(silence);
      await world.pass();
      expect(world.conditions()).toContain(ready);
      expect(world.outcome).toEqual({ then: 'retry' });
    }
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → status');
    expect(world.conditions()).toBe(`${READY} Synced=True/Created`);
  });

  it('keeps Ready=False through silence that follows a refusal', async () => {
    const world = World.good();
    world.connect(true);
    await world.pass();
    world.nowMs += 2 * HOUR;
    world.alm.script.GET.push(
      { answer: 'record', record: { ...want, roles: [] } },
      { answer: 'record', record: { ...want, roles: [] } },
    );
    await world.pass();
    expect(world.conditions()).toContain('Ready=False/RecordDiffers');
    world.cluster.breaks.push({
      at: 'GET',
      when: 'before',
      error: new EdgeError(fail('AlmUnavailable', 'away')),
    });
    await world.pass();
    expect(world.conditions()).toContain('Ready=False/AlmUnavailable');
    await world.pass();
    expect(world.conditions()).toMatch(/^Ready=True/);
  });
});
