import { describe, expect, it } from 'vitest';
import { REQUESTED_AT } from '../../src/api/group.ts';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { HOUR, PASSWORD, want } from './manifests.ts';
import { CREATION, READY, settled, World } from './world.ts';

describe('the annotation that asks for a pass now', () => {
  const asked = { annotations: { [REQUESTED_AT]: 'token-1' } };

  it('asks ALM once, and is echoed', async () => {
    const world = await settled();
    world.apply({}, asked);
    expect(await world.pass()).toBe('read Secret → read object → read claim → PUT → status');
    expect(world.status().lastHandledReconcileAt).toBe('token-1');
    expect(await world.pass()).toBe('');
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.annotations).toEqual(asked.annotations);
  });

  it('is not echoed while ALM has not answered', async () => {
    const world = await settled();
    world.apply({}, asked);
    world.cluster.breaks.push({
      at: 'PUT',
      when: 'before',
      error: new EdgeError(fail('AlmUnavailable', 'away')),
    });
    await world.pass();
    expect(world.status().lastHandledReconcileAt).toBeUndefined();
    await world.pass();
    expect(world.status().lastHandledReconcileAt).toBe('token-1');
  });

  it('waits for the end of a suspension', async () => {
    const world = await settled();
    world.apply({ suspend: true }, asked);
    expect(await world.pass()).toBe('status');
    expect(world.status().lastHandledReconcileAt).toBeUndefined();
    world.apply({ suspend: false }, asked);
    expect(await world.pass()).toContain('PUT');
    expect(world.status().lastHandledReconcileAt).toBe('token-1');
  });
});

describe('a suspended object', () => {
  it('is not begun, and goes on when it is suspended no more', async () => {
    const world = World.good({ suspend: true });
    expect(await world.pass()).toBe('status');
    expect(world.conditions()).toBe(
      'Ready=False/Suspended Accepted=True/Valid ResolvedRefs=Unknown/Suspended Synced=False/Suspended',
    );
    world.apply({ suspend: false });
    expect(await world.pass()).toBe(CREATION);
  });

  it('stays Ready while nothing waits, and is asked nothing at its resync', async () => {
    const world = await settled();
    world.apply({ suspend: true });
    expect(await world.pass()).toBe('status');
    expect(world.conditions()).toBe(
      'Ready=True/Suspended Accepted=True/Valid ResolvedRefs=True/Resolved Synced=True/Created',
    );
    world.nowMs += 9 * HOUR;
    expect(await world.pass()).toBe('');
    expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
    world.apply({ suspend: false });
    expect(await world.pass()).toBe('status');
    expect(world.conditions()).toBe(`${READY} Synced=True/Created`);
  });

  it('is not Ready while a rotated Secret waits', async () => {
    const world = await settled();
    world.apply({ suspend: true });
    await world.pass();
    world.applySecret(secretText('rotated'));
    expect(await world.pass()).toBe('status');
    expect(world.conditions()).toContain('Ready=False/Suspended');
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('does not become Ready by its end where ALM had refused before', async () => {
    const world = await settled();
    world.nowMs += 2 * HOUR;
    world.alm.script.PUT.push({ answer: 'refused', status: 400 });
    world.alm.script.POST.push({ answer: 'exists' });
    await world.pass();
    world.apply({ suspend: true });
    await world.pass();
    expect(world.conditions()).toContain('Ready=False/Suspended');
    world.apply({ suspend: false });
    expect(await world.pass()).toContain('PUT');
  });
});
