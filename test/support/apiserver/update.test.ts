/** PUT, the status subresource and generation. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, causesOf } from './testing/client.ts';
import { installWidgets, namespaced, secret, WIDGETS, widget } from './testing/widgets.ts';

let server: ApiServer;
let client: Client;
beforeAll(async () => {
  server = await startApiServer({ now: () => Date.parse('2026-05-04T03:02:01.900Z') });
  client = new Client(server);
  await installWidgets(client);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const SECRETS = namespaced('default', 'secrets');
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const lease = (name: string, metadata: object = {}) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, ...metadata },
  spec: { holderIdentity: 'a', leaseDurationSeconds: 15 },
});
const made = async (name: string, more = {}) => (await client.post(WIDGETS, widget(name, more))).body;

describe('a PUT', () => {
  it('of an equal object keeps the version, once the default of the status is stored', async () => {
    const created = await made('same');
    const first = await client.put(`${WIDGETS}/same`, created);
    expect(first.body).toEqual({
      ...created,
      metadata: {
        ...created.metadata,
        resourceVersion: expect.not.stringMatching(`^${created.metadata.resourceVersion}$`),
      },
    });
    const again = await client.put(`${WIDGETS}/same`, first.body);
    expect([again.status, again.body]).toEqual([200, first.body]);
  });

  it('with a stale version is a conflict, even if nothing would change', async () => {
    const old = await made('stale');
    await client.merge(`${WIDGETS}/stale`, { metadata: { labels: { moved: 'yes' } } });
    for (const path of [`${WIDGETS}/stale`, `${WIDGETS}/stale/status`]) {
      const { status, body } = await client.put(path, old);
      expect(status).toBe(409);
      expect(body).toMatchObject({
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on widgets.example.org "stale": the object has been modified; please apply your changes to the latest version and try again',
        details: { name: 'stale', group: 'example.org', kind: 'widgets' },
      });
    }
  });

  it('with the uid of a former namesake is a conflict', async () => {
    const old = await made('twice');
    await client.delete(`${WIDGETS}/twice`);
    const now = await made('twice');
    const { status, body } = await client.put(`${WIDGETS}/twice/status`, {
      ...now,
      metadata: { name: 'twice', uid: old.metadata.uid, resourceVersion: now.metadata.resourceVersion },
    });
    expect([status, body.message]).toEqual([
      409,
      `Operation cannot be fulfilled on widgets.example.org "twice": StorageError: invalid object, Code: 4, Key: /registry/example.org/widgets/default/twice, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${old.metadata.uid}, UID in object meta: ${now.metadata.uid}`,
    ]);
  });

  it('without a version is refused for a custom kind and a Lease, and overwrites a Secret', async () => {
    await made('blind');
    await client.post(LEASES, lease('blind'));
    await client.post(SECRETS, secret('blind'));
    const refused = await client.put(`${WIDGETS}/blind`, widget('blind'));
    expect(causesOf(refused)).toEqual([
      'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    ]);
    expect((await client.put(`${LEASES}/blind`, lease('blind', { resourceVersion: '0' }))).status).toBe(422);
    const taken = await client.put(
      `${SECRETS}/blind`,
      secret('blind', { stringData: { a: 'canary-7f3a9' } }),
    );
    expect([taken.status, Object.keys(taken.body.data)]).toEqual([200, ['a']]);
  });

  it('creates only Leases and Events, and those not with a former uid', async () => {
    expect((await client.put(`${WIDGETS}/ghost`, widget('ghost'))).status).toBe(404);
    expect((await client.put(`${SECRETS}/ghost`, secret('ghost'))).status).toBe(404);
    const former = await client.put(`${LEASES}/ghost`, lease('ghost', { uid: 'former' }));
    expect([former.status, former.body.message]).toEqual([
      409,
      'Operation cannot be fulfilled on leases.coordination.k8s.io "ghost": StorageError: invalid object, Code: 4, Key: /registry/leases/default/ghost, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: former, UID in object meta: ',
    ]);
    expect((await client.put(`${LEASES}/ghost`, lease('ghost'))).status).toBe(201);
  });

  it('under another name than the path is refused', async () => {
    await made('here');
    const { status, body } = await client.put(`${WIDGETS}/here`, widget('there'));
    expect([status, body.message]).toEqual([
      400,
      'the name of the object (there) does not match the name on the URL (here)',
    ]);
  });

  it('without a name in the body is refused', async () => {
    await made('nameless');
    const { status, body } = await client.put(`${WIDGETS}/nameless`, { ...widget('x'), metadata: {} });
    expect([status, body.message]).toEqual([
      400,
      'the name of the object (nameless based on URL) was undeterminable: name must be provided',
    ]);
  });

  it('may not move what the server gave', async () => {
    const { metadata, ...rest } = await made('fixed');
    const put = (moved: object) =>
      client.put(`${WIDGETS}/fixed`, { ...rest, metadata: { ...metadata, ...moved } });
    const told = 'metadata.deletionTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable';
    expect(causesOf(await put({ deletionTimestamp: '2020-01-01T00:00:00Z' }))).toEqual([told, told]);
    const kept = (await put({ creationTimestamp: '2020-01-01T00:00:00Z', generation: 77 })).body.metadata;
    expect([kept.creationTimestamp, kept.generation]).toEqual([metadata.creationTimestamp, 1]);
  });

  it('of twenty rivals with one version succeeds for one', async () => {
    const body = await made('contested');
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        client.put(`${WIDGETS}/contested`, { ...body, spec: { size: i + 2 } }),
      ),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(19);
  });
});

describe('the status subresource', () => {
  it('takes nothing but the status, and the main resource everything else', async () => {
    const body = await made('split', { metadata: { labels: { a: 'b' }, finalizers: ['x.io/f'] } });
    const { name, uid, resourceVersion } = body.metadata;
    const minimal = {
      apiVersion: 'example.org/v1',
      kind: 'Widget',
      metadata: { name, uid, resourceVersion, labels: { other: 'x' } },
      spec: { size: 99 },
      status: { word: 'hello' },
    };
    const status = (await client.put(`${WIDGETS}/split/status`, minimal)).body;
    expect(status).toMatchObject({ spec: { size: 1 }, status: { word: 'hello', observedGeneration: -1 } });
    expect(status.metadata).toMatchObject({ labels: { a: 'b' }, finalizers: ['x.io/f'], generation: 1 });
    const main = (
      await client.put(`${WIDGETS}/split`, { ...status, spec: { size: 2 }, status: { word: 'bye' } })
    ).body;
    expect(main).toMatchObject({ spec: { size: 2 }, status: { word: 'hello' }, metadata: { generation: 2 } });
  });

  it('keeps the version where the status is equal, pruned fields aside', async () => {
    const body = await made('quiet');
    const first = (await client.put(`${WIDGETS}/quiet/status`, { ...body, status: { word: 'a' } })).body;
    const second = (await client.put(`${WIDGETS}/quiet/status`, { ...first, status: { word: 'a', odd: 1 } }))
      .body;
    expect(second).toEqual(first);
  });

  it('without a status falls back to the default', async () => {
    const body = await made('emptied');
    const full = (await client.put(`${WIDGETS}/emptied/status`, { ...body, status: { word: 'a' } })).body;
    const { status: _gone, ...rest } = full;
    const emptied = (await client.put(`${WIDGETS}/emptied/status`, rest)).body;
    expect(emptied.status).toEqual({ observedGeneration: -1 });
  });

  it('is patched like the main resource', async () => {
    await made('patched');
    const { body } = await client.merge(`${WIDGETS}/patched/status`, {
      status: { word: 'p' },
      spec: { size: 9 },
    });
    expect([body.status.word, body.spec.size, body.metadata.generation]).toEqual(['p', 1, 1]);
  });
});

describe('generation', () => {
  it.each([
    ['a spec field', { spec: { size: 2 } }, 2],
    ['the order of a set', { spec: { roles: ['b', 'a'] } }, 2],
    ['a label', { metadata: { labels: { a: 'c' } } }, 1],
    ['an annotation', { metadata: { annotations: { a: 'c' } } }, 1],
    ['a finalizer', { metadata: { finalizers: ['x.io/f'] } }, 1],
    ['nothing', {}, 1],
  ])('after a change of %s', async (what, change, generation) => {
    const name = `gen-${what.replaceAll(' ', '-')}`;
    await made(name, { spec: { roles: ['a', 'b'] } });
    expect((await client.merge(`${WIDGETS}/${name}`, change)).body.metadata.generation).toBe(generation);
  });

  it('is not known to Secrets', async () => {
    const { metadata } = (await client.post(SECRETS, secret('plain'))).body;
    expect(metadata).not.toHaveProperty('generation');
  });
});
