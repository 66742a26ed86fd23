import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { ClaimWorld } from './claimworld.ts';
import { unavailable } from './cluster.ts';
import { HOUR, PASSWORD, TEAM, want } from './manifests.ts';

/** Claims whose creation was never answered: nobody knows whether ALM holds a client of ours. */

const ref = { namespace: TEAM, name: 'orders' };

/** An object whose POST was taken and not answered, and that is being deleted. Its finalizer still holds it. */
async function unsettled(change = {}, readable = false, adopting = false): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  if (adopting) strange(world);
  world.connect(readable);
  world.applySecret();
  world.apply(change);
  const answer = new EdgeError(fail('OutcomeUnknown', 'no answer came'));
  const at = adopting ? 'PUT' : 'POST';
  world.cluster.breaks.push({ at, when: 'after', error: answer });
  await world.pass();
  expect(world.claim()).toMatchObject({ phase: 'Pending' });
  world.cluster.drop('clientcredentials', ref);
  await world.pass();
  expect(world.phase()).toBe('Revoking');
  expect(world.claim()).not.toHaveProperty('origin');
  return world;
}

const gone = (world: ClaimWorld) => world.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);

/** What ALM holds under the id is a stranger's. */
function strange(world: ClaimWorld): void {
  world.alm.clients.set('orders', { record: want, secret: secretText('of-a-stranger') });
}

describe('an attempt without an answer, whose object is being deleted', () => {
  it('is proved by the secret that it sent, held, and revoked', async () => {
    const world = await unsettled();
    expect(await world.claimPass()).toBe(
      'read claim → read Secret → prove → claim Revoking → PUT → prove → claim Revoked → status',
    );
    expect(world.claim()).toMatchObject({ phase: 'Revoked', origin: 'Created' });
    expect(world.stillWorks()).toBe(false);
  });

  it.each(['IfExists', 'Required'])(
    'counts as adopted with adoptionPolicy %s, and is left',
    async (policy) => {
      const world = await unsettled({ adoptionPolicy: policy }, false, policy === 'Required');
      expect(await world.claimPass()).toBe('read claim → read Secret → prove → claim Retained');
      expect(world.claim()).toMatchObject({ phase: 'Retained', origin: 'Adopted' });
      expect(world.stillWorks()).toBe(true);
    },
  );

  it('is revoked although it counts as adopted, where the object says so', async () => {
    const world = await unsettled({ adoptionPolicy: 'IfExists', deletionPolicy: 'Revoke' });
    await world.claimPass();
    expect(world.claim()).toMatchObject({ phase: 'Revoked', origin: 'Adopted' });
  });

  it('never touches a stranger’s client, and says what to do', async () => {
    const world = await unsettled();
    strange(world);
    const before = structuredClone(world.alm.clients);
    expect(await world.claimPass()).toBe('read claim → read Secret → prove → status');
    expect(world.alm.clients).toEqual(before);
    expect(world.told()).toBe('Revoked=False/OutcomeUnknown');
    expect(world.message()).toMatch(
      /^nobody knows whether ALM holds client orders: .* look in ALM, .* this claim/,
    );
    expect(world.claimEvents()).toEqual(['Warning OutcomeUnknown']);
    expect(world.claimOutcome).toEqual({ then: 'retry' });
  });

  it('that arrives late is found while the object waits', async () => {
    const world = await unsettled();
    const late = world.alm.clients.get('orders')!;
    world.alm.clients.clear();
    await world.claimPass();
    expect(world.phase()).toBe('Revoking');
    world.alm.clients.set('orders', late);
    await world.claimPass();
    expect([world.phase(), world.stillWorks()]).toEqual(['Revoked', false]);
  });

  it('is looked at slowly once its object is gone', async () => {
    const world = await unsettled();
    gone(world);
    expect(await world.claimPass()).toBe('read claim → status');
    expect(world.claimOutcome).toEqual({ then: 'settle', resyncMs: HOUR });
    expect(world.stillWorks()).toBe(true);
  });

  it.each([true, false])(
    'left nothing where a readable ALM shows nothing (object there: %s)',
    async (there) => {
      const world = await unsettled({}, true);
      world.alm.clients.clear();
      if (!there) gone(world);
      expect(await world.claimPass()).toBe(`read claim${there ? ' → read Secret' : ''} → GET → delete claim`);
      expect(world.claimEvents()).toEqual(['Normal Revoked']);
    },
  );

  it('is not revoked because a readable ALM shows a record', async () => {
    const world = await unsettled({}, true);
    gone(world);
    expect(await world.claimPass()).toBe('read claim → GET → status');
    expect([world.told(), world.stillWorks()]).toEqual(['Revoked=False/OutcomeUnknown', true]);
  });

  it('is not proved where the Secret is gone or another, or the object names none', async () => {
    for (const change of ['drop', 'another', 'none']) {
      const world = await unsettled();
      if (change === 'drop') world.cluster.drop('secrets', ref);
      if (change === 'another') world.applySecret(secretText('another'));
      if (change === 'none') world.apply({ clientSecretRef: undefined });
      await world.claimPass();
      expect([world.told(), world.stillWorks()], change).toEqual(['Revoked=False/OutcomeUnknown', true]);
    }
  });

  it('is proved with the key of the Secret that the object names', async () => {
    const world = await unsettled();
    world.apply({ clientSecretRef: { name: 'orders', key: 'other' } });
    await world.claimPass();
    expect(world.told()).toBe('Revoked=False/OutcomeUnknown');
  });

  it('is tried again where ALM or the API server cannot be asked', async () => {
    const world = await unsettled();
    world.cluster.breaks.push({
      at: 'prove',
      when: 'before',
      error: new EdgeError(fail('AlmUnavailable', 'away')),
    });
    await world.claimPass();
    expect([world.told(), world.claimOutcome]).toEqual(['Revoked=False/AlmUnavailable', { then: 'retry' }]);
    expect(world.probed).toContain('default');
    world.cluster.breaks.push({ at: 'read Secret', when: 'before', error: unavailable() });
    await world.claimPass();
    expect(world.thrown).toMatchObject({ status: 503 });
    await world.claimPass();
    expect(world.phase()).toBe('Revoked');
  });

  it('keeps what it found out where the next step fails', async () => {
    const world = await unsettled();
    world.cluster.breaks.push({
      at: 'PUT',
      when: 'before',
      error: new EdgeError(fail('AlmUnavailable', 'away')),
    });
    await world.claimPass();
    expect(world.claim()).toMatchObject({ phase: 'Revoking', origin: 'Created' });
    gone(world);
    expect(await world.claimPass()).toBe('read claim → PUT → prove → claim Revoked → status');
  });

  it('is settled by the next object of the name', async () => {
    const world = await unsettled();
    gone(world);
    await world.claimPass();
    world.apply();
    await world.pass();
    await world.claimPass();
    expect([world.phase(), world.told()]).toEqual(['Held', '']);
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });
});

describe('an attempt without an answer, whose object went past its finalizer', () => {
  it('is proved by the object as it was when it went, which is then forgotten', async () => {
    const world = new ClaimWorld();
    world.connect();
    world.applySecret();
    const { metadata } = world.apply();
    const answer = new EdgeError(fail('OutcomeUnknown', 'no answer came'));
    world.cluster.breaks.push({ at: 'POST', when: 'after', error: answer });
    await world.pass();
    world.strip();
    expect(await world.claimPass()).toMatch(/claim Revoking → read Secret → prove → claim Revoking → PUT/);
    expect([world.phase(), world.stillWorks()]).toEqual(['Revoked', false]);
    expect(world.departures.get(metadata.uid)).toBeUndefined();
  });

  it('is looked at slowly where it is not proved', async () => {
    const world = new ClaimWorld();
    world.connect();
    world.applySecret();
    world.apply();
    world.cluster.breaks.push({
      at: 'POST',
      when: 'before',
      error: new EdgeError(fail('OutcomeUnknown', 'x')),
    });
    await world.pass();
    world.strip();
    await world.claimPass();
    expect(world.claimOutcome).toEqual({ then: 'settle', resyncMs: HOUR });
  });
});
