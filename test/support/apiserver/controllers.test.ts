/** What happens a little after a write: namespaces that end, dependents that are collected. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, type Event, until, type Watch } from './testing/client.ts';
import { installWidgets, namespaced, secret, WIDGETS, widget } from './testing/widgets.ts';

let server: ApiServer;
let client: Client;
beforeAll(async () => {
  server = await startApiServer({ namespaceSweepMs: 150 });
  client = new Client(server);
  await installWidgets(client);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const SECRETS = namespaced('default', 'secrets');
const told = ({ type, object }: Event) => `${type} ${object.kind} ${object.metadata.name}`;
const gone = (path: string) =>
  until(
    () => client.get(path),
    ({ status }) => status === 404,
  );

describe('a namespace that is deleted', () => {
  const F = 'example.org/release';

  it('refuses creations, leaves its content alone for a while, then deletes all and waits for finalizers', async () => {
    await client.post('/api/v1/namespaces', { metadata: { name: 'ending' } });
    const widgets = '/apis/example.org/v1/namespaces/ending/widgets';
    await client.post(namespaced('ending', 'secrets'), secret('s', { stringData: { a: 'canary-7f3a9' } }));
    await client.post(widgets, widget('held', { metadata: { finalizers: [F] } }));
    const watch = await client.watch(`/api/v1/namespaces?resourceVersion=${server.storage.version}`);

    const { status, body } = await client.delete('/api/v1/namespaces/ending');
    expect([status, body.status.phase, body.metadata.deletionTimestamp]).toEqual([
      200,
      'Terminating',
      expect.any(String),
    ]);
    expect((await client.get(`${widgets}/held`)).body.metadata).not.toHaveProperty('deletionTimestamp');
    expect((await client.merge(`${widgets}/held`, { spec: { size: 2 } })).status).toBe(200);

    const refused = await client.post(namespaced('ending', 'secrets'), secret('new'));
    expect(refused.body).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'secrets "new" is forbidden: unable to create new content in namespace ending because it is being terminated',
      details: {
        name: 'new',
        kind: 'secrets',
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: 'namespace ending is being terminated',
            field: 'metadata.namespace',
          },
        ],
      },
    });

    await gone(`${namespaced('ending', 'secrets')}/s`);
    const held = await until(
      () => client.get(`${widgets}/held`),
      ({ body: { metadata } }) => metadata.deletionTimestamp !== undefined,
    );
    expect(held.body.metadata.finalizers).toEqual([F]);
    await until(
      () => client.get('/api/v1/namespaces/ending'),
      ({ text }) => text.includes(`has finalizers remaining: ${F} in 1 resource instances`),
    );
    const { conditions } = (await client.get('/api/v1/namespaces/ending')).body.status;
    expect(conditions).toContainEqual(
      expect.objectContaining({
        type: 'NamespaceContentRemaining',
        status: 'True',
        message: 'Some resources are remaining: widgets.example.org has 1 resource instances',
      }),
    );

    await client.merge(`${widgets}/held`, { metadata: { finalizers: [] } });
    await gone('/api/v1/namespaces/ending');
    let event = await watch.next();
    while (event.type !== 'DELETED') event = await watch.next();
    expect(event.object.metadata.name).toBe('ending');
    watch.close();
  });

  it('goes by itself when it is empty, and may come again', async () => {
    await client.post('/api/v1/namespaces', { metadata: { name: 'empty' } });
    await client.delete('/api/v1/namespaces/empty');
    await gone('/api/v1/namespaces/empty');
    expect((await client.post('/api/v1/namespaces', { metadata: { name: 'empty' } })).status).toBe(201);
  });

  it('goes on ending after a restart', async () => {
    const first = await startApiServer({ namespaceSweepMs: 60_000 });
    const before = new Client(first);
    await before.post('/api/v1/namespaces', { metadata: { name: 'restarted' } });
    await before.delete('/api/v1/namespaces/restarted');
    await before.close();
    await first.stop();
    const second = await startApiServer({ storage: first.storage, namespaceSweepMs: 10 });
    const after = new Client(second);
    await until(
      () => after.get('/api/v1/namespaces/restarted'),
      ({ status }) => status === 404,
    );
    await after.close();
    await second.stop();
  });
});

describe('a dependent', () => {
  const F = 'example.org/release';
  const owned = (name: string, uid: string, owner: string, more: object = {}) =>
    secret(name, {
      metadata: {
        name,
        ownerReferences: [{ apiVersion: 'example.org/v1', kind: 'Widget', name: owner, uid, ...more }],
      },
    });

  async function family(name: string, metadata: object = {}, more: object = {}): Promise<Watch[]> {
    const { body } = await client.post(WIDGETS, widget(name, { metadata }));
    await client.post(SECRETS, owned(name, body.metadata.uid, name, more));
    const from = `resourceVersion=${server.storage.version}&fieldSelector=metadata.name%3D${name}`;
    return [await client.watch(`${WIDGETS}?${from}`), await client.watch(`${SECRETS}?${from}`)];
  }

  it('goes after its owner in the background', async () => {
    const [owners, secrets] = await family('background');
    await client.delete(`${WIDGETS}/background`);
    const first = await owners?.next();
    const second = await secrets?.next();
    expect([first && told(first), second && told(second)]).toEqual([
      'DELETED Widget background',
      'DELETED Secret background',
    ]);
    expect(Number(second?.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(first?.object.metadata.resourceVersion),
    );
    owners?.close();
    secrets?.close();
  });

  it('stays while a finalizer holds its owner', async () => {
    await family('finalized', { finalizers: [F] });
    await client.delete(`${WIDGETS}/finalized`);
    await client.merge(`${WIDGETS}/finalized`, { spec: { size: 3 } });
    expect((await client.get(`${SECRETS}/finalized`)).status).toBe(200);
    await client.merge(`${WIDGETS}/finalized`, { metadata: { finalizers: [] } });
    await gone(`${SECRETS}/finalized`);
  });

  it.each([true, false])(
    'goes before its owner in the foreground (blockOwnerDeletion %s)',
    async (blocks) => {
      const name = `foreground-${blocks}`;
      const [owners, secrets] = await family(name, { finalizers: [F] }, { blockOwnerDeletion: blocks });
      const { body } = await client.delete(`${WIDGETS}/${name}?propagationPolicy=Foreground`);
      expect(body.metadata.finalizers).toEqual([F, 'foregroundDeletion']);
      const marked = await owners?.next();
      const released = await owners?.next();
      expect(marked?.object.metadata.finalizers).toEqual([F, 'foregroundDeletion']);
      expect([released?.type, released?.object.metadata.finalizers]).toEqual(['MODIFIED', [F]]);
      const dependent = await secrets?.next();
      expect(dependent && told(dependent)).toBe(`DELETED Secret ${name}`);
      if (blocks) {
        expect(Number(dependent?.object.metadata.resourceVersion)).toBeLessThan(
          Number(released?.object.metadata.resourceVersion),
        );
      }
      owners?.close();
      secrets?.close();
    },
  );

  it('that a finalizer holds keeps its owner in the foreground until it goes', async () => {
    const { body } = await client.post(WIDGETS, widget('blocked'));
    const { metadata } = owned('blocked', body.metadata.uid, 'blocked', {
      blockOwnerDeletion: true,
    }) as unknown as {
      metadata: object;
    };
    await client.post(SECRETS, secret('blocked', { metadata: { ...metadata, finalizers: [F] } }));
    await client.delete(`${WIDGETS}/blocked?propagationPolicy=Foreground`);
    await until(
      () => client.get(`${SECRETS}/blocked`),
      (reply) => reply.body.metadata.deletionTimestamp !== undefined,
    );
    expect((await client.get(`${WIDGETS}/blocked`)).body.metadata.finalizers).toEqual(['foregroundDeletion']);
    await client.merge(`${SECRETS}/blocked`, { metadata: { finalizers: [] } });
    await gone(`${WIDGETS}/blocked`);
  });

  it('survives an orphaning deletion without its reference', async () => {
    await family('orphaned');
    const deleted = await client.delete(`${WIDGETS}/orphaned`, { propagationPolicy: 'Orphan' });
    expect(deleted.body.metadata.finalizers).toEqual(['orphan']);
    await gone(`${WIDGETS}/orphaned`);
    const { metadata } = (await client.get(`${SECRETS}/orphaned`)).body;
    expect(metadata).not.toHaveProperty('ownerReferences');
  });

  it('of an owner that is not there is collected at once; of a kind that is not served it stays', async () => {
    const stranger = { apiVersion: 'nowhere.org/v1', kind: 'Nothing', name: 'x', uid: 'x' };
    await client.post(
      SECRETS,
      secret('unknown', { metadata: { name: 'unknown', ownerReferences: [stranger] } }),
    );
    await client.post(SECRETS, owned('lost', 'no-such-uid', 'nobody'));
    await gone(`${SECRETS}/lost`);
    expect((await client.get(`${SECRETS}/unknown`)).status).toBe(200);
  });

  it('of two owners stays until the last has gone', async () => {
    const [one, two] = await Promise.all(
      ['owner-1', 'owner-2'].map(async (name) => (await client.post(WIDGETS, widget(name))).body),
    );
    const ownerReferences = [one, two].map(({ apiVersion, kind, metadata: { name, uid } }) => ({
      apiVersion,
      kind,
      name,
      uid,
    }));
    await client.post(SECRETS, secret('shared', { metadata: { name: 'shared', ownerReferences } }));
    await client.post(SECRETS, owned('witness', one.metadata.uid, 'owner-1'));
    await client.delete(`${WIDGETS}/owner-1`);
    await gone(`${SECRETS}/witness`);
    expect((await client.get(`${SECRETS}/shared`)).status).toBe(200);
    await client.delete(`${WIDGETS}/owner-2`);
    await gone(`${SECRETS}/shared`);
  });
});
