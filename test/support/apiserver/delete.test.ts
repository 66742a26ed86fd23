/** DELETE, finalizers and preconditions. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, causesOf } from './testing/client.ts';
import { installWidgets, WIDGETS, widget } from './testing/widgets.ts';

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

const made = async (name: string, more = {}) => (await client.post(WIDGETS, widget(name, more))).body;

describe('a DELETE', () => {
  it('without finalizers removes, and answers with a Status', async () => {
    const { metadata } = await made('gone');
    const { status, body } = await client.delete(`${WIDGETS}/gone`);
    expect([status, body]).toEqual([
      200,
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'gone', group: 'example.org', kind: 'widgets', uid: metadata.uid },
      },
    ]);
    expect((await client.get(`${WIDGETS}/gone`)).body).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'widgets.example.org "gone" not found',
    });
  });

  it('with finalizers marks, once, and answers with the object', async () => {
    await made('held', { metadata: { finalizers: ['x.io/f'] } });
    const { status, body } = await client.delete(`${WIDGETS}/held`);
    expect(status).toBe(200);
    expect(body.metadata).toMatchObject({
      deletionTimestamp: '2026-05-04T03:02:01Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
    expect((await client.delete(`${WIDGETS}/held`)).body).toEqual(body);
    const again = await client.post(WIDGETS, widget('held'));
    expect([again.status, again.body.message]).toEqual([
      409,
      'object is being deleted: widgets.example.org "held" already exists',
    ]);
  });

  it('while finalizers hold still lets the spec be edited, but no finalizer be added', async () => {
    await made('edited', { metadata: { finalizers: ['x.io/f'] } });
    await client.delete(`${WIDGETS}/edited`);
    const edit = (await client.merge(`${WIDGETS}/edited`, { spec: { size: 5 } })).body;
    expect([edit.spec.size, edit.metadata.generation]).toEqual([5, 3]);
    const late = await client.merge(`${WIDGETS}/edited`, {
      metadata: { finalizers: ['x.io/f', 'new.io/x'] },
    });
    expect([...new Set(causesOf(late))]).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"new.io/x"}',
    ]);
  });

  it('ends when the last finalizer goes; the answer shows what was sent, the event what was stored', async () => {
    await made('last', { metadata: { finalizers: ['x.io/f'] } });
    const marked = (await client.delete(`${WIDGETS}/last`)).body;
    const watch = await client.watch(`${WIDGETS}?resourceVersion=${marked.metadata.resourceVersion}`);
    const patched = await client.merge(`${WIDGETS}/last`, {
      metadata: { finalizers: null, annotations: { words: 'last' } },
    });
    expect(patched.status).toBe(200);
    expect(patched.body.metadata.annotations).toEqual({ words: 'last' });
    expect(patched.body.metadata).not.toHaveProperty('finalizers');
    expect(patched.body.metadata.resourceVersion).toBe(marked.metadata.resourceVersion);
    const event = await watch.next();
    watch.close();
    expect(event.type).toBe('DELETED');
    expect(event.object.metadata).toEqual({
      ...marked.metadata,
      resourceVersion: String(Number(marked.metadata.resourceVersion) + 1),
    });
    expect((await client.merge(`${WIDGETS}/last`, {})).status).toBe(404);
  });

  it('with preconditions deletes exactly the object seen', async () => {
    const { metadata } = await made('exact');
    const byUid = await client.delete(`${WIDGETS}/exact`, { preconditions: { uid: 'other' } });
    expect([byUid.status, byUid.body.reason, byUid.body.message]).toEqual([
      409,
      'Conflict',
      `Operation cannot be fulfilled on Widget.example.org "exact": the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    ]);
    const byVersion = await client.delete(`${WIDGETS}/exact`, { preconditions: { resourceVersion: '1' } });
    expect([byVersion.status, byVersion.body.message]).toEqual([
      409,
      expect.stringContaining(
        `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${metadata.resourceVersion})`,
      ),
    ]);
    const { uid, resourceVersion } = metadata;
    expect(
      (await client.delete(`${WIDGETS}/exact`, { preconditions: { uid, resourceVersion } })).status,
    ).toBe(200);
  });

  it('of a collection deletes what the selector says', async () => {
    await made('many-1', { metadata: { labels: { heap: 'a' } } });
    await made('many-2', { metadata: { labels: { heap: 'a' } } });
    await made('many-3', { metadata: { labels: { heap: 'b' } } });
    expect((await client.delete(`${WIDGETS}?labelSelector=heap%3Da`)).body.items).toHaveLength(2);
    const { items } = (await client.get(`${WIDGETS}?labelSelector=heap`)).body;
    expect(items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['many-3']);
  });

  it('with a propagation policy that nobody knows is refused', async () => {
    await made('policy');
    const reply = await client.delete(`${WIDGETS}/policy?propagationPolicy=Sideways`);
    expect([reply.status, causesOf(reply)]).toEqual([
      422,
      [
        'propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"',
      ],
    ]);
  });
});
