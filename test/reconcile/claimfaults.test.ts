import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { ClaimWorld } from './claimworld.ts';
import { unavailable } from './cluster.ts';

const DELETING = { api: { delete: 'Enabled' } };
const lost = () => new EdgeError(fail('OutcomeUnknown', 'no answer came'));
const down = (more = {}) => new EdgeError({ ...fail('AlmUnavailable', 'ALM is away'), ...more });

describe('what goes wrong on the way', () => {
  it.each(['PUT', 'prove'])('at %s is told once, and tried again with back-off', async (at) => {
    const world = ClaimWorld.revoking();
    for (let times = 0; times < 3; times += 1)
      world.cluster.breaks.push({ at, when: 'before', error: down() });
    await world.claimPass();
    expect(world.claimOutcome).toEqual({ then: 'retry' });
    expect(world.told()).toBe('Revoked=False/AlmUnavailable');
    await world.claimPass();
    await world.claimPass();
    expect(world.claimEvents()).toEqual(['Warning AlmUnavailable']);
    expect(world.probed).toEqual(['default']);
    expect(world.sessions.needsLogin('default')).toBe(true);
    await world.claimPass();
    expect(world.phase()).toBe('Revoked');
  });

  it('waits as long as ALM asks for', async () => {
    const world = ClaimWorld.revoking();
    world.cluster.breaks.push({ at: 'PUT', when: 'before', error: down({ retryAfterMs: 7000 }) });
    await world.claimPass();
    expect(world.claimOutcome).toEqual({ then: 'retryAfter', ms: 7000 });
  });

  it('is told with one event a reason, however its words change', async () => {
    const world = ClaimWorld.revoking();
    for (const quote of ['busy', 'busy still']) {
      world.alm.script.PUT.push({ answer: 'refused', status: 415, quote });
      await world.claimPass();
      expect(world.message()).toMatch(`415: ${quote};`);
    }
    expect(world.claimEvents()).toEqual(['Warning RejectedByAlm']);
  });

  it('is not told of a claim that is deleted meanwhile', async () => {
    const world = ClaimWorld.revoking();
    world.alm.script.PUT.push({ answer: 'refused', status: 415 });
    world.cluster.meanwhile.set('status', () => world.cluster.objects.clear());
    await world.claimPass();
    expect(world.claimEvents()).toEqual([]);
  });

  it('is told by its own reason with an event each', async () => {
    const world = ClaimWorld.revoking();
    world.cluster.breaks.push({ at: 'PUT', when: 'before', error: down() });
    await world.claimPass();
    world.alm.script.PUT.push({ answer: 'refused', status: 415 });
    await world.claimPass();
    expect(world.claimEvents()).toEqual(['Warning AlmUnavailable', 'Warning RejectedByAlm']);
  });

  it('is the connection’s to hear of where the privilege is missing', async () => {
    const world = ClaimWorld.revoking();
    const error = new EdgeError(fail('PrivilegeMissing', 'no'));
    world.cluster.breaks.push({ at: 'PUT', when: 'before', error });
    await world.claimPass();
    expect([world.sessions.written('default'), world.probed]).toEqual(['denied', ['default']]);
    await world.claimPass();
    expect([world.sessions.written('default'), world.phase()]).toEqual(['shown', 'Revoked']);
  });

  it('is not the connection’s where ALM refused this client', async () => {
    const world = ClaimWorld.revoking();
    world.alm.script.PUT.push({ answer: 'refused', status: 415 });
    await world.claimPass();
    expect([world.probed, world.sessions.needsLogin('default')]).toEqual([[], false]);
  });

  it('of an unknown kind is a bug, which the controller hears of', async () => {
    const world = ClaimWorld.revoking();
    const bug = new TypeError('bug');
    world.cluster.breaks.push({ at: 'PUT', when: 'before', error: bug });
    await world.claimPass();
    expect(world.thrown).toBe(bug);
  });

  const ways: readonly (readonly [string, ClaimWorldMaker])[] = [
    ['an overwrite', () => ClaimWorld.revoking()],
    ['a deletion', () => deleting(false)],
    ['a deletion that is read back', () => deleting(true)],
    ['an overwrite instead of a deletion', () => notDeleting()],
  ];
  type ClaimWorldMaker = () => ClaimWorld;

  function deleting(readable: boolean): ClaimWorld {
    const world = ClaimWorld.revoking({}, readable);
    world.applyConnection(DELETING);
    return world;
  }

  function notDeleting(): ClaimWorld {
    const world = deleting(false);
    world.alm.script.DELETE.push({ answer: 'notOffered' }, { answer: 'notOffered' });
    return world;
  }

  it.each(ways)('%s survives a crash before and after each of its steps', async (_name, make) => {
    const model = make();
    const steps = (await model.claimPass()).split(' → ');
    expect(steps.length).toBeGreaterThan(2);
    for (const when of ['before', 'after'] as const) {
      for (const at of steps) {
        const world = make();
        const { readable } = world.sessions.of('default') as { readable: boolean };
        world.cluster.breaks.push({ at, when });
        await world.claimPass();
        expect(world.cluster.dead, `${when} ${at}`).toBe(true);
        const { spec } = world.cluster.one('almconnections', 'default')!;
        world.restartClaims(readable);
        world.applyConnection(spec as Record<string, unknown>);
        await world.untilDone();
        await world.claimPass();
        expect(world.phase() ?? 'gone', `${when} ${at}`).toMatch(/^(Revoked|gone)$/);
        expect(world.stillWorks(), `${when} ${at}`).toBe(false);
        expect(world.told(), `${when} ${at}`).toBe(world.phase() === undefined ? '' : 'Revoked=True/Revoked');
      }
    }
  });

  it.each(ways)('%s survives lost answers and an API server that is away', async (_name, make) => {
    const steps = (await make().claimPass()).split(' → ');
    for (const when of ['before', 'after'] as const) {
      for (const at of steps) {
        const world = make();
        const isAlm = ['PUT', 'DELETE', 'GET', 'prove'].includes(at);
        world.cluster.breaks.push({ at, when, error: isAlm ? lost() : unavailable() });
        await world.claimPass();
        await world.untilDone();
        await world.claimPass();
        expect(world.phase() ?? 'gone', `${when} ${at}`).toMatch(/^(Revoked|gone)$/);
        expect(world.stillWorks(), `${when} ${at}`).toBe(false);
      }
    }
  });
});
