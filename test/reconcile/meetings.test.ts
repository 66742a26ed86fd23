import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { NAMESPACE, PASSWORD, TEAM, want } from './manifests.ts';
import { claimNameOf, settled, type World } from './world.ts';

/** The table of claims met, through passes: who may go on with what others left, and what ALM is asked then. */

const THEIRS = secretText('theirs');
const OTHER = 'team-b/orders';
const CREATED = 'read Secret → add finalizer → create claim → POST → claim Held → status';
const TAKEN = 'read Secret → add finalizer → read claim → claim Held → PUT → status';
const SETTLED = 'read Secret → add finalizer → read claim → claim Pending → prove → ';

/** A world in which the client belongs to team-a/orders, and another object asks for it. */
async function met(claim: Readonly<Record<string, unknown>>, change = {}): Promise<World> {
  const world = await settled();
  world.changeClaim(claim);
  world.applySecret(THEIRS, {}, 'team-b');
  world.apply(change, { namespace: 'team-b' });
  return world;
}

/** The object was deleted past everything and applied again: another uid of the same name. */
async function again(claim: Readonly<Record<string, unknown>>, change = {}): Promise<World> {
  const world = await settled();
  world.changeClaim(claim);
  world.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);
  world.apply(change);
  return world;
}

const ready = (world: World, key: string) => {
  const object = world.cluster.objects.get(`clientcredentials/${key}`);
  const status = object?.status as
    | { conditions: { type: string; reason: string; message: string }[] }
    | undefined;
  return status?.conditions.find(({ type }) => type === 'Ready');
};

describe('a client that another object holds', () => {
  it.each(['Pending', 'Held'])('is not for anybody else while its claim is %s', async (phase) => {
    const world = await met({ phase }, { adoptionPolicy: 'IfExists' });
    expect(await world.pass(OTHER)).toBe('status');
    expect(ready(world, OTHER)?.reason).toBe('ClientIdConflict');
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('is not for anybody else either when its owner is gone', async () => {
    const world = await met({}, { adoptionPolicy: 'IfExists' });
    world.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);
    expect(await world.pass(OTHER)).toBe('status');
    expect(ready(world, OTHER)?.reason).toBe('ClientIdConflict');
  });

  it('is taken over by the next object of the name, by compare-and-swap', async () => {
    const world = await again({});
    expect(await world.pass()).toBe(TAKEN);
    const { uid } = world.cluster.one('clientcredentials', 'orders')!.metadata;
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created', owner: { name: 'orders', uid } });
    expect(world.conditions()).toMatch(/^Ready=True/);
  });

  it('stays with whoever takes it over first', async () => {
    const world = await again({});
    world.cluster.meanwhile.set('claim Held', () =>
      world.changeClaim({ owner: { name: 'x', namespace: 'y', uid: 'z' } }),
    );
    expect(await world.pass()).toBe('read Secret → add finalizer → read claim → claim Held');
    expect(world.thrown).toMatchObject({ status: 409 });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')?.reason).toBe('ClientIdConflict');
  });

  it('keeps for the next object of the name that it was adopted', async () => {
    const world = await again({ origin: 'Adopted' });
    await world.pass();
    expect(world.claim()).toMatchObject({ origin: 'Adopted' });
  });

  it('of which only an attempt is known is settled by a login of the next object of the name', async () => {
    const world = await again({ phase: 'Pending', origin: undefined });
    expect(await world.pass()).toBe(`${SETTLED}claim Held → PUT → status`);
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created' });
  });
});

describe('a client that another object left', () => {
  it('is not taken without consent', async () => {
    const world = await met({ phase: 'Retained' });
    expect(await world.pass(OTHER)).toBe('status');
    expect(ready(world, OTHER)).toMatchObject({
      reason: 'AlreadyExists',
      message:
        'ALM still holds client orders, which ClientCredential team-a/orders left there; set adoptionPolicy to IfExists ' +
        'to take it over, or choose another clientId',
    });
    world.claimQueue.wake(claimNameOf(world));
    expect(world.woken).toEqual([OTHER]);
  });

  it.each(['IfExists', 'Required'])('is adopted with the policy %s', async (adoptionPolicy) => {
    const world = await met({ phase: 'Retained' }, { adoptionPolicy });
    expect(await world.pass(OTHER)).toBe(TAKEN);
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Adopted', owner: { namespace: 'team-b' } });
    expect(ready(world, OTHER)?.reason).toBe('Adopted');
    expect(world.alm.holds(want, THEIRS)).toBe(true);
  });

  it('is not adopted where no rule allows that', async () => {
    const world = await met({ phase: 'Retained' }, { adoptionPolicy: 'IfExists' });
    world.applyConnection({ access: [{ namespaces: { all: true }, clientIds: ['*'], roles: ['*'] }] });
    expect(await world.pass(OTHER)).toBe('status');
    expect(ready(world, OTHER)?.reason).toBe('AccessDenied');
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('is not the client of another spelling', async () => {
    const world = await met({ phase: 'Retained' }, { adoptionPolicy: 'IfExists', clientId: 'Orders' });
    expect(await world.pass(OTHER)).toBe('status');
    expect(ready(world, OTHER)?.reason).toBe('ClientIdConflict');
  });
});

describe('a client that is revoked', () => {
  it('is free to anybody whom access admits, and counts as created', async () => {
    const world = await met({ phase: 'Revoked', origin: 'Adopted' });
    expect(await world.pass(OTHER)).toBe(TAKEN);
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created', owner: { namespace: 'team-b' } });
    expect(world.alm.holds(want, THEIRS)).toBe(true);
  });

  it('is made anew where ALM has deleted it meanwhile', async () => {
    const world = await met({ phase: 'Revoked' });
    world.alm.clients.clear();
    expect(await world.pass(OTHER)).toBe(
      'read Secret → add finalizer → read claim → claim Held → PUT → POST → status',
    );
    expect(world.alm.holds(want, THEIRS)).toBe(true);
  });

  it('is free in another spelling, which its claim takes on', async () => {
    const world = await met({ phase: 'Revoked' }, { clientId: 'Orders' });
    await world.pass(OTHER);
    expect(world.claim()).toMatchObject({ phase: 'Held', clientId: 'Orders' });
  });
});

describe('a client that is being revoked', () => {
  it.each<[string, string, () => Promise<World>]>([
    ['the next object of the name', 'team-a/orders', () => again({ phase: 'Revoking' })],
    ['anybody else', OTHER, () => met({ phase: 'Revoking' }, { adoptionPolicy: 'IfExists' })],
  ])('lets %s wait, and go on when it is revoked', async (_, key, scene) => {
    const world = await scene();
    expect(await world.pass(key)).toBe('status');
    expect(ready(world, key)).toMatchObject({
      reason: 'Progressing',
      message:
        'the client of an earlier object is being revoked; this object goes on when the claim of the client says Revoked',
    });
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    world.claimQueue.wake(claimNameOf(world));
    expect(world.woken).toEqual([key]);
    world.changeClaim({ phase: 'Revoked' });
    expect(await world.pass(key)).toBe(TAKEN);
  });

  const unsettled = { phase: 'Revoking', origin: undefined };
  it('and was only an attempt is settled by a login of the next object of the name', async () => {
    const world = await again(unsettled);
    expect(await world.pass()).toBe(`${SETTLED}claim Held → PUT → status`);
    expect(world.conditions()).toMatch(/^Ready=True/);
  });

  it('and was only an attempt belongs to nobody where that login fails', async () => {
    const world = await again(unsettled);
    world.applySecret(secretText('another'));
    expect(await world.pass()).toBe(`${SETTLED}POST → status`);
    expect(world.condition('Ready')?.reason).toBe('OutcomeUnknown');
    world.nowMs += 30_000;
    expect(await world.pass()).toMatch(/prove → POST → delete claim → status$/);
    expect(world.condition('Ready')?.reason).toBe('AlreadyExists');
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('and was only an attempt is not for anybody else', async () => {
    const world = await met(unsettled, { adoptionPolicy: 'IfExists' });
    expect(await world.pass(OTHER)).toBe('status');
    expect(ready(world, OTHER)?.reason).toBe('Progressing');
  });
});

describe('another spelling', () => {
  it.each(['Pending', 'Held', 'Retained'])(
    'of a client whose claim is %s conflicts for the same name too',
    async (phase) => {
      const world = await again({ phase }, { clientId: 'Orders' });
      expect(await world.pass()).toBe('status');
      expect(world.condition('Ready')).toMatchObject({
        reason: 'ClientIdConflict',
        message:
          'this client is on record as orders, which differs in case only; declare it with that spelling, or ask the ' +
          'administrators of the operator to release it',
      });
    },
  );
});

describe('another connection to the same ALM', () => {
  /** The connection was made anew under another name; what the former one's claims say still counts. */
  async function renamed(claim: Readonly<Record<string, unknown>>): Promise<World> {
    const world = await met(claim, {
      connectionRef: { name: 'second' },
      adoptionPolicy: 'IfExists',
      clientId: 'ORDERS',
    });
    world.cluster.drop('almconnections', { namespace: NAMESPACE, name: 'default' });
    world.applyConnection({}, 'second');
    const client = world.alm.client();
    world.sessions.set('second', { usable: true, client, endpoint: 'https://alm', readable: false });
    return world;
  }

  it.each(['Pending', 'Held', 'Retained', 'Revoking', 'Sealed'])(
    'does not hide a claim that is %s',
    async (phase) => {
      const world = await renamed({ phase });
      expect(await world.pass(OTHER)).toBe('status');
      expect(ready(world, OTHER)).toMatchObject({
        reason: 'ClientIdConflict',
        message:
          'clientId orders on connection default belongs to ClientCredential team-a/orders; choose another clientId, ' +
          'or ask its owner or the administrators of the operator to release it',
      });
    },
  );

  it('is free to use what is revoked there', async () => {
    const world = await renamed({ phase: 'Revoked' });
    expect(await world.pass(OTHER)).toBe(CREATED);
  });
});

describe('a connection that leads to another ALM than before', () => {
  it('lets its objects begin anew there: what was held counts as an attempt', async () => {
    const world = await settled();
    world.alm.clients.clear();
    world.applyConnection({ endpoint: 'https://other/' });
    const client = world.alm.client();
    world.sessions.set('default', { usable: true, client, endpoint: 'https://other', readable: false });
    world.cluster.breaks.push({ at: 'POST', when: 'before' });
    expect(await world.pass()).toBe('read Secret → read object → read claim → claim Pending → prove → POST');
    expect(world.claim()).toEqual({
      connection: 'default',
      endpoint: 'https://other',
      clientId: 'orders',
      owner: expect.objectContaining({ name: 'orders' }),
      phase: 'Pending',
    });
  });

  it('leaves a client that is there to its owner', async () => {
    const world = await settled();
    world.alm.clients.set('orders', { record: want, secret: THEIRS });
    world.applyConnection({ endpoint: 'https://other/' });
    const client = world.alm.client();
    world.sessions.set('default', { usable: true, client, endpoint: 'https://other', readable: false });
    await world.pass();
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'OutcomeUnknown' });
    world.nowMs += 30_000;
    await world.pass();
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'AlreadyExists' });
    expect(world.alm.holds(want, THEIRS)).toBe(true);
  });
});
