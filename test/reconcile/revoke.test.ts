import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { findCanary } from '../support/canary.ts';
import { ClaimWorld } from './claimworld.ts';
import { HOUR, PASSWORD, want } from './manifests.ts';
import { settled } from './world.ts';

const ADOPTED = { origin: 'Adopted' as const };
const DELETING = { api: { delete: 'Enabled' } };
const down = () => new EdgeError(fail('AlmUnavailable', 'ALM is away'));

describe('a revocation', () => {
  it('overwrites the client, proves it, and only then says so', async () => {
    const world = ClaimWorld.revoking();
    expect(await world.claimPass()).toBe('read claim → PUT → prove → claim Revoked → status');
    expect(world.claimOutcome).toEqual({ then: 'settle' });
    expect(world.claim()).toMatchObject({ phase: 'Revoked', origin: 'Created', owner: { name: 'orders' } });
    expect(world.told()).toBe('Revoked=True/Revoked');
    expect(world.claimEvents()).toEqual(['Normal Revoked']);
    expect(await world.claimPass()).toBe('');
  });

  it('leaves in ALM what nobody can use', async () => {
    const world = ClaimWorld.revoking();
    await world.claimPass();
    expect(world.alm.clients.get('orders')).toEqual({
      record: {
        clientId: 'orders',
        authorisedGrantTypes: ['client_credentials'],
        accessTokenValidity: 1,
        refreshTokenValidity: 1,
        roles: [],
      },
      secret: world.thrownAway[0],
    });
    expect(world.thrownAway.length).toBe(1);
  });

  it('lets no secret out', async () => {
    const world = ClaimWorld.revoking();
    world.alm.script.prove.push('refused', 'cannotAsk');
    await world.untilDone();
    const out = [world.events, world.logged, [...world.cluster.of('almclientclaims')]];
    expect(findCanary(out)).toBeUndefined();
  });

  it('of an adopted client goes the same way where its object asked for it', async () => {
    const world = ClaimWorld.revoking(ADOPTED);
    await world.claimPass();
    expect(world.claim()).toMatchObject({ phase: 'Revoked', origin: 'Adopted' });
  });

  it('of what ALM does not have ends with the claim', async () => {
    const world = ClaimWorld.revoking();
    world.alm.clients.clear();
    expect(await world.claimPass()).toBe('read claim → PUT → delete claim');
    expect(world.claimOutcome).toEqual({ then: 'forget' });
    expect(world.claim()).toBeUndefined();
    expect(world.claimEvents()).toEqual(['Normal Revoked']);
  });

  it.each([false, true])('deletes where the connection says so (readable: %s)', async (readable) => {
    const world = ClaimWorld.revoking({}, readable);
    world.applyConnection(DELETING);
    const steps = `read claim → DELETE${readable ? ' → GET' : ''} → delete claim`;
    expect(await world.claimPass()).toBe(steps);
    expect([world.claim(), world.alm.clients.size]).toEqual([undefined, 0]);
    expect(world.claimEvents()).toEqual(['Normal Revoked']);
  });

  it.each(['notOffered', 'absent'] as const)('overwrites where a DELETE is answered %s', async (answer) => {
    const world = ClaimWorld.revoking();
    world.applyConnection(DELETING);
    world.alm.script.DELETE.push({ answer });
    expect(await world.claimPass()).toBe('read claim → DELETE → PUT → prove → claim Revoked → status');
    expect(world.stillWorks()).toBe(false);
  });

  it('that ALM refuses to delete says what to do, and waits', async () => {
    const world = ClaimWorld.revoking();
    world.applyConnection(DELETING);
    world.alm.script.DELETE.push({ answer: 'refused', status: 422 });
    expect(await world.claimPass()).toBe('read claim → DELETE → status');
    expect(world.told()).toBe('Revoked=False/RejectedByAlm');
    expect(world.message()).toMatch(/set api\.delete of the AlmConnection to Disabled/);
    expect(world.claimOutcome).toEqual({ then: 'settle', resyncMs: HOUR });
  });

  it('keeps the former validities where ALM takes no others', async () => {
    const world = ClaimWorld.revoking({}, true);
    world.alm.shortestValidity = 60;
    expect(await world.claimPass()).toBe('read claim → PUT → GET → PUT → prove → claim Revoked → status');
    expect(world.alm.clients.get('orders')?.record).toMatchObject({ accessTokenValidity: 1200, roles: [] });
  });

  it('clears what was said before', async () => {
    const world = ClaimWorld.revoking();
    world.cluster.breaks.push({ at: 'PUT', when: 'before', error: down() });
    await world.claimPass();
    expect(world.told()).toBe('Revoked=False/AlmUnavailable');
    await world.claimPass();
    expect(world.told()).toBe('Revoked=True/Revoked');
  });

  it('ends what the next object of the name waits for, which then has the client anew', async () => {
    const world = ClaimWorld.revoking();
    world.applySecret();
    world.apply();
    await world.pass();
    expect(world.condition('Ready')).toMatchObject({ reason: 'Progressing' });
    await world.claimPass();
    await world.pass();
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    expect(await world.claimPass()).toBe('read claim → status');
    expect([world.phase(), world.told()]).toEqual(['Held', '']);
  });

  it('is not what a creation costs', async () => {
    const world = await settled();
    expect(world.cluster.steps.filter((step) => step === 'status').length).toBe(1);
  });
});

describe('a login that does not prove it', () => {
  it('is repeated with the same secret every 2 s, holding no worker, and without another PUT', async () => {
    const world = ClaimWorld.revoking();
    world.alm.script.prove.push('refused', 'refused', 'refused');
    expect(await world.claimPass()).toBe('read claim → PUT → prove → status');
    expect(world.claimOutcome).toEqual({ then: 'retryAfter', ms: 2000 });
    expect(world.told()).toBe('Revoked=False/Verifying');
    expect(world.claimEvents()).toEqual([]);
    world.nowMs += 2000;
    expect(await world.claimPass()).toBe('read claim → prove');
    world.nowMs += 2000;
    expect(await world.claimPass()).toBe('read claim → prove');
    world.nowMs += 2000;
    expect(await world.claimPass()).toBe('read claim → prove → claim Revoked → status');
    expect(world.thrownAway.length).toBe(1);
  });

  it('for 30 s means that ALM ignores the secret: said with an event, and begun anew after a back-off', async () => {
    const world = ClaimWorld.revoking();
    world.alm.takesNewSecrets = false;
    await world.claimPass();
    let passes = 1;
    for (; world.claimOutcome?.then === 'retryAfter' && passes < 99; passes += 1) {
      world.nowMs += 2000;
      await world.claimPass();
    }
    expect(passes).toBe(16);
    expect(world.claimOutcome).toEqual({ then: 'retry' });
    expect(world.told()).toBe('Revoked=False/TokenRefused');
    expect([world.phase(), world.stillWorks()]).toEqual(['Revoking', true]);
    expect(await world.claimPass()).toBe('read claim → PUT → prove');
    expect(world.claimOutcome).toEqual({ then: 'retryAfter', ms: 2000 });
    expect([world.told(), world.claimEvents()]).toEqual([
      'Revoked=False/TokenRefused',
      ['Warning TokenRefused'],
    ]);
    world.alm.takesNewSecrets = true;
    expect(await world.claimPass()).toBe('read claim → prove');
    world.nowMs += 31_000;
    expect(await world.claimPass()).toBe('read claim → PUT → prove → claim Revoked → status');
    expect(world.thrownAway.length).toBe(3);
  });

  it.each([30_001, -1])('is not repeated with a secret that is not of this window (%i ms)', async (ms) => {
    const world = ClaimWorld.revoking();
    world.alm.script.prove.push('refused');
    await world.claimPass();
    world.nowMs += ms;
    expect(await world.claimPass()).toBe('read claim → PUT → prove → claim Revoked → status');
    expect(world.thrownAway.length).toBe(2);
  });

  it('is forgotten by a restart, which overwrites anew', async () => {
    const world = ClaimWorld.revoking();
    world.alm.script.prove.push('refused');
    await world.claimPass();
    world.restartClaims();
    expect(await world.claimPass()).toBe('read claim → PUT → prove → claim Revoked → status');
  });

  it('because nobody can be asked is told, and tried again slowly', async () => {
    const world = ClaimWorld.revoking();
    world.alm.script.prove.push('cannotAsk');
    expect(await world.claimPass()).toBe('read claim → PUT → prove → status');
    expect(world.told()).toBe('Revoked=False/Unprovable');
    expect(world.claimOutcome).toEqual({ then: 'settle', resyncMs: HOUR });
    expect(world.claimEvents()).toEqual(['Warning Unprovable']);
    expect(world.phase()).toBe('Revoking');
  });
});
