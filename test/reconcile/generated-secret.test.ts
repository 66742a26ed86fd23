import { describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import { secretText } from '../support/canary.ts';
import { conflict, unavailable } from './cluster.ts';
import { GENERATED, Making, made, textIn } from './making.ts';
import { HOUR, PASSWORD, TEAM } from './manifests.ts';

/** What becomes of the published Secret when somebody else touches it, or the object names another. */

const RESTING = /^Ready=True\/Applied .* Verified=True\/TokenIssued$/;

describe('a published Secret', () => {
  it('belongs to its object and holds what was asked for, and nothing else', async () => {
    const world = await made({
      key: 'password',
      clientIdKey: 'id',
      tokenUrlKey: 'url',
      length: 64,
      template: { labels: { app: 'orders' }, annotations: { note: 'made' } },
    });
    const { metadata, ...object } = world.published()!;
    const data = { password: world.made[0]!, id: 'orders', url: 'https://alm/oauth/token' };
    expect(object).toMatchObject({ kind: 'Secret', type: 'Opaque' });
    expect(Object.keys((object as { data?: object }).data ?? {}).sort()).toEqual(Object.keys(data).sort());
    for (const [key, text] of Object.entries(data)) expect(world.text(key)).toBe(text);
    expect(world.made[0]).toHaveLength(64);
    expect(metadata).toMatchObject({
      namespace: TEAM,
      labels: { app: 'orders' },
      annotations: { note: 'made' },
      ownerReferences: [
        {
          apiVersion: 'alm-operator.dev/v1beta1',
          kind: 'ClientCredential',
          name: 'orders',
          uid: world.cluster.one('clientcredentials', 'orders')!.metadata.uid,
          controller: true,
        },
      ],
    });
  });

  it('that is deleted by hand is made anew, and an event says so', async () => {
    const world = await made();
    world.remove();
    await world.settle();
    expect(world.logsIn()).toBe(true);
    expect(world.made).toHaveLength(2);
    expect(world.text()).toBe(world.made[1]);
    expect(world.told().filter((note) => note.startsWith('Rotated'))).toEqual([
      'Rotated: Secret orders-login: it was not there any more, and a new secret was generated and published',
    ]);
    expect(world.conditions()).toMatch(RESTING);
  });

  it.each([
    ['its key is removed', { clientSecret: null }],
    ['its key is emptied', { clientSecret: '' }],
    ['its key is blanked', { clientSecret: ' \n' }],
  ])('is filled anew where %s', async (_, data) => {
    const world = await made();
    world.edit(data);
    await world.settle();
    expect(world.text()).toBe(world.made[1]);
    expect(world.logsIn()).toBe(true);
    expect(world.staged()).toEqual([]);
    expect(world.conditions()).toMatch(RESTING);
  });

  it('in which somebody puts another password is followed by ALM', async () => {
    const world = await made();
    const last = world.rotation()?.last;
    world.edit({ clientSecret: secretText('by-hand') });
    expect(await world.pass()).toBe(
      'read Secret → read object → read claim → read staged → PUT → prove → status',
    );
    expect(world.text()).toBe(secretText('by-hand'));
    expect(world.logsIn()).toBe(true);
    expect(world.made).toHaveLength(1);
    expect(world.rotation()?.last).toBe(last);
    expect(await world.pass()).toBe('');
  });

  it('that somebody labels costs one update and then nothing', async () => {
    const world = await made();
    world.edit({}, { team: 'a' });
    expect(await world.pass()).toContain('PUT');
    expect(await world.pass()).toBe('');
    expect(world.published()?.metadata.labels).toEqual({ team: 'a' });
    expect(world.made).toHaveLength(1);
  });

  it('loses a key that somebody adds, with the next thing that is written', async () => {
    const world = await made();
    world.edit({ extra: secretText('extra') });
    await world.settle();
    expect(world.text('extra')).toBeUndefined();
    expect(world.logsIn()).toBe(true);
    expect(world.made).toHaveLength(1);
  });

  it.each([
    ['its template', { template: { labels: { app: 'orders' }, annotations: { note: 'n' } } }, 'clientSecret'],
    ['the keys beside it', { clientIdKey: 'id', tokenUrlKey: 'url' }, 'clientSecret'],
    ['its key', { key: 'password' }, 'password'],
  ])('is published again without a rotation where the object changes %s', async (_, change, key) => {
    const world = await made({ clientIdKey: 'client' });
    world.edit({}, { team: 'a' });
    await world.settle();
    const last = world.rotation()?.last;
    world.generate(change);
    await world.settle();
    expect(world.made).toHaveLength(1);
    expect(world.rotation()?.last).toBe(last);
    expect(world.text(key)).toBe(world.made[0]);
    const extra = 'clientIdKey' in change ? ['id', 'url'] : [];
    const { data = {} } = world.published() as { data?: object };
    expect(Object.keys(data).sort()).toEqual([key, ...extra].sort());
    const labels = 'template' in change ? { app: 'orders' } : {};
    expect(world.published()?.metadata.labels).toEqual({ team: 'a', ...labels });
    expect(world.conditions()).toMatch(RESTING);
    expect(await world.pass()).toBe('');
  });

  it('is not written because something else of the object changes', async () => {
    const world = await made();
    const { resourceVersion } = world.published()!.metadata;
    world.declare({ resyncInterval: '2h' });
    await world.settle();
    world.declare({ accessTokenValidity: 60 });
    await world.settle();
    expect(world.published()?.metadata.resourceVersion).toBe(resourceVersion);
    expect(world.made).toHaveLength(1);
    expect(await world.pass()).toBe('');
  });

  it('of a former name goes once the one of the new name is published', async () => {
    const world = await made();
    world.generate({ name: 'renamed' });
    expect(await world.pass()).toMatch(/prove → create Secret → .* → delete Secret → status$/);
    expect(world.logsIn('renamed')).toBe(true);
    expect(world.published()).toBeUndefined();
    expect(await world.pass()).toBe('');
  });

  it('of a former name stays as long as ALM refuses the one that is to follow it', async () => {
    const world = await made();
    world.alm.takesNewSecrets = false;
    world.generate({ name: 'renamed' });
    for (let pass = 0; pass < 10; pass += 1) {
      await world.pass();
      world.nowMs += 5_000;
    }
    expect(world.conditions()).toMatch(/^Ready=False\/TokenRefused .* Verified=False\/TokenRefused/);
    expect(world.published('renamed')).toBeUndefined();
    expect(world.logsIn()).toBe(true);
    expect(world.staged()).toHaveLength(1);
  });

  it.each([400, 403, 422])(
    'that the API server refuses with %i is told, and published once it may be',
    async (status) => {
      const world = await made();
      const refusal = () => new KubeError({ status, reason: 'Forbidden', message: 'no' });
      world.ask('july');
      world.cluster.breaks.push({ at: 'replace Secret', when: 'before', error: refusal() });
      await world.pass();
      expect(world.logsIn()).toBe(false);
      expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'SecretNotAllowed' });
      expect(world.condition('Ready')?.message).toContain(`Secret orders-login written (${status})`);
      expect(world.staged()).toHaveLength(1);
      world.nowMs += 2 * HOUR;
      await world.settle();
      expect(world.logsIn()).toBe(true);
      expect(world.text()).toBe(world.made[1]);
      expect(world.staged()).toEqual([]);
      expect(world.conditions()).toMatch(RESTING);
    },
  );
});

describe('an API server that fails when a secret is to be published', () => {
  const failures = [
    ['503', unavailable(), 1_000],
    ['no answer', new KubeError({ status: 0, reason: 'Timeout', message: 'no answer' }), undefined],
    ['429', new KubeError({ status: 429, reason: 'TooManyRequests', message: 'later' }), undefined],
  ] as const;

  it.each(failures)('(%s) is told of, and the staged one is published next', async (_, error, waitMs) => {
    const world = await made();
    world.ask('july');
    world.cluster.breaks.push({ at: 'replace Secret', when: 'before', error });
    await world.pass();
    expect(world.logsIn()).toBe(false);
    expect(world.conditions()).toMatch(/^Ready=False\/SecretNotPublished .* Reconciling=True/);
    expect(world.condition('Ready')?.message).toMatch(
      /^ALM has the generated password, but the API server did not confirm that Secret orders-login has it;/,
    );
    expect(world.outcome).toEqual(
      waitMs === undefined ? { then: 'retry' } : { then: 'retryAfter', ms: waitMs },
    );
    expect(world.staged()).toHaveLength(1);
    await world.settle();
    expect(world.text()).toBe(world.made[1]);
    expect(world.logsIn()).toBe(true);
    expect(world.conditions()).toMatch(RESTING);
  });

  it('says the same each time, so that a long outage costs one write of the status', async () => {
    const world = await made();
    world.ask('july');
    const fault = { at: 'replace Secret', when: 'before', error: unavailable() } as const;
    world.cluster.breaks.push(fault, fault);
    expect(await world.pass()).toMatch(/status$/);
    world.nowMs += 1_000;
    expect(await world.pass()).toMatch(/replace Secret$/);
  });

  it('whose answer is lost is told of, and the next pass finds it done', async () => {
    const world = await made();
    world.ask('july');
    world.cluster.breaks.push({ at: 'replace Secret', when: 'after', error: unavailable() });
    await world.pass();
    expect(world.logsIn()).toBe(true);
    expect(world.conditions()).toMatch(/^Ready=False\/SecretNotPublished/);
    await world.settle();
    expect(world.made).toHaveLength(2);
    expect(world.rotation()).toMatchObject({ token: 'july' });
    expect(world.conditions()).toMatch(RESTING);
  });

  it('is told of for a first secret too', async () => {
    const world = new Making();
    world.generate();
    world.cluster.breaks.push({ at: 'create Secret', when: 'before', error: unavailable() });
    await world.pass();
    expect(world.conditions()).toMatch(/^Ready=False\/SecretNotPublished/);
    await world.settle();
    expect(world.made).toHaveLength(1);
    expect(world.conditions()).toMatch(RESTING);
  });

  it('is not told of where what is published works as it is', async () => {
    const world = await made();
    world.generate({ template: { labels: { app: 'orders' } } });
    world.cluster.breaks.push({ at: 'replace Secret', when: 'before', error: unavailable() });
    await world.pass();
    expect(world.thrown).toBeInstanceOf(KubeError);
    expect(world.conditions()).toMatch(RESTING);
    await world.settle();
    expect(world.published()?.metadata.labels).toEqual({ app: 'orders' });
  });

  it.each([
    ['wrote', conflict()],
    ['removed it', new KubeError({ status: 404, reason: 'NotFound', message: 'not found' })],
  ])('because somebody %s first is not told of: the next pass looks again', async (_, error) => {
    const world = await made();
    world.ask('july');
    world.cluster.breaks.push({ at: 'replace Secret', when: 'before', error });
    await world.pass();
    expect(world.thrown).toBeInstanceOf(KubeError);
    expect(world.conditions()).toMatch(RESTING);
    await world.settle();
    expect(world.text()).toBe(world.made[1]);
  });
});

describe('a Secret that is not of our making', () => {
  it('is never touched, and nothing is staged or claimed because of it', async () => {
    const world = new Making();
    const foreign = world.cluster.put('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: TEAM, name: GENERATED.name },
      data: { clientSecret: Buffer.from(PASSWORD).toString('base64') },
    });
    world.generate();
    await world.settle();
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'GeneratedSecretConflict' });
    expect(world.published()).toEqual(foreign);
    expect(world.staged()).toEqual([]);
    expect(world.claim()).toBeUndefined();
    expect(world.alm.clients.size).toBe(0);
    world.remove();
    await world.settle();
    expect(world.logsIn()).toBe(true);
  });

  it('and comes in the middle of a generation is not overwritten', async () => {
    const world = new Making();
    world.generate();
    world.cluster.meanwhile.set('create Secret', () => {
      const metadata = { namespace: TEAM, name: GENERATED.name };
      const data = { clientSecret: Buffer.from(PASSWORD).toString('base64') };
      world.cluster.put('secrets', { apiVersion: 'v1', kind: 'Secret', metadata, data });
    });
    await world.settle();
    expect(world.text()).toBe(PASSWORD);
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'GeneratedSecretConflict' });
    expect(world.staged()).toHaveLength(1);
    world.remove();
    await world.settle();
    expect(world.logsIn()).toBe(true);
    expect(world.made).toHaveLength(1);
    expect(world.staged()).toEqual([]);
  });

  it('but of another kind of owner with this name is foreign too', async () => {
    const world = await made();
    const [owner] = world.published()!.metadata.ownerReferences!;
    Object.assign(world.published()!.metadata, { ownerReferences: [{ ...owner, kind: 'ExternalSecret' }] });
    world.generate({ clientIdKey: 'id' });
    await world.settle();
    expect(world.condition('Ready')).toMatchObject({ reason: 'GeneratedSecretConflict' });
    expect(world.text('id')).toBeUndefined();
  });

  it('but of an earlier object of this name is waited for until it is collected', async () => {
    const world = await made();
    const [owner] = world.published()!.metadata.ownerReferences!;
    Object.assign(world.published()!.metadata, { ownerReferences: [{ ...owner, uid: 'uid-of-former' }] });
    const was = structuredClone(world.published());
    world.edit({}, { touched: 'yes' });
    await world.settle();
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'SecretNotFound' });
    expect(textIn(world.published(), 'clientSecret')).toBe(textIn(was, 'clientSecret'));
    world.cluster.collect();
    expect(world.published()).toBeUndefined();
    await world.settle();
    expect(world.logsIn()).toBe(true);
    expect(world.conditions()).toMatch(RESTING);
  });

  it('and stands where a new one is to be staged is left alone', async () => {
    const world = await made();
    const { name } = world.cluster.of('almclientclaims')[0]!.metadata;
    const metadata = { namespace: 'alm-operator', name };
    const data = { clientSecret: Buffer.from(PASSWORD).toString('base64') };
    const foreign = world.cluster.put('secrets', { apiVersion: 'v1', kind: 'Secret', metadata, data });
    world.ask('july');
    await world.settle();
    expect(world.staged()).toEqual([foreign]);
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'GeneratedSecretConflict' });
    expect(world.logsIn()).toBe(true);
    world.cluster.drop('secrets', metadata);
    await world.settle();
    expect(world.rotation()).toMatchObject({ token: 'july' });
    expect(world.conditions()).toMatch(RESTING);
  });
});
