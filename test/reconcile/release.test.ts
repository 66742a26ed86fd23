import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../src/api/group.ts';
import { secretText } from '../support/canary.ts';
import { conflict, unavailable } from './cluster.ts';
import { NAMESPACE, PASSWORD, TEAM, want } from './manifests.ts';
import { claimBy, claimNameOf, settled, World } from './world.ts';

const ref = { namespace: TEAM, name: 'orders' };

/** What a deletion of the object turns its claim into, and the steps on the way. */
const turned = (phase: string) => `read claim → read definition → claim ${phase}`;
const REVOKING = `${turned('Revoking')} → status`;
const RETAINED = `${turned('Retained')} → remove finalizer`;

async function deleted(change = {}, prepare: (world: World) => void = () => undefined): Promise<World> {
  const world = World.good(change);
  prepare(world);
  await world.pass();
  world.cluster.drop('clientcredentials', ref);
  return world;
}

const nothing = () => undefined;
const adopt = (world: World) => {
  world.alm.clients.set('orders', { record: want, secret: secretText('theirs') });
};

describe('a deleted object', () => {
  it('leaves on its claim what it owes, and waits, without a word to ALM', async () => {
    const world = await deleted();
    expect(await world.pass()).toBe(REVOKING);
    expect(world.claim()).toMatchObject({ phase: 'Revoking', origin: 'Created', owner: { ...ref } });
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it('that leaves its client in ALM goes at once', async () => {
    const world = await deleted({ deletionPolicy: 'Retain' });
    expect(await world.pass()).toBe(RETAINED);
    expect(world.outcome).toEqual({ then: 'forget' });
    expect(world.cluster.of('clientcredentials')).toEqual([]);
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
  });

  it.each<[string, Record<string, unknown>, (world: World) => void, string]>([
    ['Retained for a client that it adopted', { adoptionPolicy: 'IfExists' }, adopt, RETAINED],
    [
      'Revoking for an adopted one where the spec says so',
      { adoptionPolicy: 'IfExists', deletionPolicy: 'Revoke' },
      adopt,
      REVOKING,
    ],
    ['Retained for a created one where the spec says so', { deletionPolicy: 'Retain' }, nothing, RETAINED],
    ['Revoking for a created one where the spec says so', { deletionPolicy: 'Revoke' }, nothing, REVOKING],
    [
      'Retained for an adopted one where the spec says a word that nobody knows',
      { adoptionPolicy: 'IfExists', deletionPolicy: 'Forget' },
      adopt,
      RETAINED,
    ],
  ])('turns its claim %s', async (_, change, prepare, steps) => {
    const world = await deleted({ ...change, deletionPolicy: undefined }, prepare);
    Object.assign(world.cluster.one('clientcredentials', 'orders')!.spec as object, change);
    expect(await world.pass()).toBe(steps);
  });

  it.each(['Admin', 'admin'])(
    'never owes the revocation of a protected id, whatever its spec says',
    async (id) => {
      const world = await deleted({ deletionPolicy: 'Revoke' });
      world.applyConnection({ protectedClientIds: ['Orders', id] });
      expect(await world.pass()).toBe(RETAINED);
    },
  );

  it('never owes the revocation of what any connection logs in with by now', async () => {
    const world = await deleted({ deletionPolicy: 'Revoke' });
    const login = { clientCredentials: { clientId: 'ORDERS', clientSecretRef: { name: 'login' } } };
    world.applyConnection({ endpoint: 'https://second', auth: login }, 'second');
    expect(await world.pass()).toBe(RETAINED);
  });

  const all = [{ namespaces: { all: true }, clientIds: ['*'], requireRevoke: true }];
  const golden = [
    { namespaces: { selector: { matchLabels: { tier: 'gold' } } }, clientIds: ['*'], requireRevoke: true },
  ];
  it.each<[string, Record<string, unknown>, Record<string, string>, string]>([
    ['owes a revocation where the rule of its connection requires one', { access: all }, {}, REVOKING],
    [
      'owes it where the labels of its namespace choose that rule',
      { access: golden },
      { tier: 'gold' },
      REVOKING,
    ],
    ['owes none where they do not', { access: golden }, { tier: 'iron' }, RETAINED],
    [
      'owes none for a protected id all the same',
      { access: all, protectedClientIds: ['orders'] },
      {},
      RETAINED,
    ],
    [
      'asks the first rule that matches alone',
      { access: [{ namespaces: { all: true }, clientIds: ['o*'] }, ...all] },
      {},
      RETAINED,
    ],
  ])('with Retain %s', async (_, connection, labels, steps) => {
    const world = await deleted({ deletionPolicy: 'Retain' });
    world.applyConnection(connection);
    world.applyNamespace(TEAM, labels);
    expect(await world.pass()).toBe(steps);
  });

  it('says in its status beforehand that the rule of its connection requires a revocation', async () => {
    const world = World.good({ deletionPolicy: 'Retain' });
    world.applyConnection({ access: [{ ...all[0], roles: ['*'] }] });
    await world.pass();
    expect(world.status().effective?.deletionPolicy).toBe('Revoke');
  });

  it('owes the revocation of what a lost answer left open', async () => {
    const world = await deleted({}, ({ cluster }) => {
      cluster.breaks.push({ at: 'claim Held', when: 'before', error: unavailable() });
    });
    expect(await world.pass()).toBe(REVOKING);
    expect(world.claim()).not.toHaveProperty('origin');
  });

  it('needs neither Secret nor connection nor a spec that anybody can read', async () => {
    const world = await deleted();
    world.cluster.drop('secrets', ref);
    world.cluster.drop('almconnections', { namespace: NAMESPACE, name: 'default' });
    world.apply({ clientId: 7 });
    world.sessions.remove('default');
    expect(await world.pass()).toBe(`read claim → read definition → claim Revoking → status`);
  });

  it.each([undefined, null, 'text', 7])('with the spec %j owes what its claim says', async (spec) => {
    const world = await deleted();
    Object.assign(world.cluster.one('clientcredentials', 'orders')!, { spec });
    expect(await world.pass()).toBe(REVOKING);
    expect(world.claim()).toMatchObject({ phase: 'Revoking' });
  });

  it('is deleted although it is suspended', async () => {
    const world = await settled();
    world.apply({ suspend: true });
    await world.pass();
    world.cluster.drop('clientcredentials', ref);
    expect(await world.pass()).toBe(REVOKING);
  });

  it('is released although its access is gone', async () => {
    const world = await deleted();
    world.applyConnection({ access: undefined });
    expect(await world.pass()).toBe(REVOKING);
  });

  it('keeps its finalizer until the claim is written', async () => {
    const world = await deleted();
    world.cluster.breaks.push({ at: 'claim Revoking', when: 'before', error: unavailable() });
    expect(await world.pass()).toBe(turned('Revoking'));
    expect(world.cluster.one('clientcredentials', 'orders')?.metadata.finalizers).toEqual([FINALIZER]);
    expect(await world.pass()).toBe(REVOKING);
  });

  it('decides on the claim as it is now: one that changes meanwhile is looked at again', async () => {
    const world = await deleted();
    world.cluster.meanwhile.set('claim Revoking', () => world.changeClaim({ phase: 'Retained' }));
    expect(await world.pass()).toBe(turned('Revoking'));
    expect(world.thrown).toMatchObject(conflict());
    expect(await world.pass()).toBe('read claim → remove finalizer');
    expect(world.claim()).toMatchObject({ phase: 'Retained' });
  });

  it('whose claim the store does not know yet releases it all the same', async () => {
    const world = await deleted();
    const [claim] = world.cluster.of('almclientclaims');
    world.cluster.objects.delete(`almclientclaims/${NAMESPACE}/${claimNameOf(world)}`);
    world.sync();
    world.cluster.put('almclientclaims', claim!);
    expect(await world.passOnStale()).toBe(REVOKING);
  });

  it('releases also a claim that its spec does not name any more', async () => {
    const world = await settled({ deletionPolicy: 'Retain' });
    world.apply({ deletionPolicy: 'Retain', connectionRef: { name: 'other' } });
    world.cluster.drop('clientcredentials', ref);
    expect(await world.pass()).toBe(RETAINED);
    expect(world.claim()).toMatchObject({ phase: 'Retained' });
  });

  it('never touches the claim of somebody else', async () => {
    const world = World.good();
    world.cluster.put('almclientclaims', claimBy('team-b', claimNameOf(world)));
    await world.pass();
    const theirs = world.claim();
    world.cluster.one('clientcredentials', 'orders')!.metadata.finalizers = [FINALIZER];
    world.cluster.drop('clientcredentials', ref);
    expect(await world.pass()).toBe('read claim → remove finalizer');
    expect(world.claim()).toEqual(theirs);
  });

  it('never touches what an object of the same name holds by now', async () => {
    const world = await settled();
    world.changeClaim({ owner: { ...ref, uid: 'uid-of-the-next' } });
    world.cluster.drop('clientcredentials', ref);
    expect(await world.pass()).toBe('read claim → remove finalizer');
    expect(world.claim()).toMatchObject({ phase: 'Held', owner: { uid: 'uid-of-the-next' } });
  });

  it.each(['Retained', 'Revoked', 'Sealed'])('leaves a claim alone that is %s already', async (phase) => {
    const world = await settled();
    world.changeClaim({ phase });
    world.cluster.drop('clientcredentials', ref);
    expect(await world.pass()).toBe('read claim → remove finalizer');
    expect(world.claim()).toMatchObject({ phase });
  });
});

describe('the object after it', () => {
  it('waits for the end of the revocation', async () => {
    const world = await deleted();
    await world.pass();
    world.nowMs += 30_000;
    expect(await world.pass()).toBe('read claim → remove finalizer');
    world.apply();
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'Progressing' });
    world.claimQueue.wake(claimNameOf(world));
    expect(world.woken).toEqual(['team-a/orders']);
  });

  it('takes over what was Retained, and its client counts as before', async () => {
    const world = await deleted({ deletionPolicy: 'Retain' });
    await world.pass();
    world.apply({ deletionPolicy: 'Retain' });
    expect(await world.pass()).toBe('read Secret → add finalizer → read claim → claim Held → PUT → status');
    expect(world.claim()).toMatchObject({ phase: 'Held', origin: 'Created' });
  });

  it('settles by a login what a Retained claim leaves open, which never says where the client came from', async () => {
    const world = await deleted({ deletionPolicy: 'Retain' });
    await world.pass();
    world.changeClaim({ origin: undefined });
    world.apply();
    expect(await world.pass()).toBe(
      'read Secret → add finalizer → read claim → claim Pending → prove → claim Held → PUT → status',
    );
    expect(world.conditions()).toMatch(/^Ready=True/);
  });
});
