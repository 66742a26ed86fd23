/** Watches from their start to their end. */

import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, type Event } from './testing/client.ts';
import { ITEM_METADATA, installWidgets, namespaced, secret, widget } from './testing/widgets.ts';

let server: ApiServer;
let client: Client;
beforeAll(async () => {
  server = await startApiServer({ bookmarkMs: 40, historySize: 100 });
  client = new Client(server);
  await installWidgets(client);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const SECRETS = namespaced('default', 'secrets');

const told = ({ type, object }: Event) => `${type} ${object.metadata.name}`;
const version = () => server.storage.version;

async function take(watch: { next(): Promise<Event> }, count: number): Promise<readonly Event[]> {
  const events: Event[] = [];
  while (events.length < count) events.push(await watch.next());
  return events;
}

/** A namespace of its own, so that tests do not see each other's objects. */
async function room(): Promise<string> {
  const { metadata } = (await client.post('/api/v1/namespaces', { metadata: { generateName: 'w-' } })).body;
  return `/apis/example.org/v1/namespaces/${metadata.name}/widgets`;
}

describe('a watch', () => {
  it('from a version tells every change after it, in order', async () => {
    const path = await room();
    const { metadata } = (await client.post(path, widget('before'))).body;
    await client.post(path, widget('a'));
    const watch = await client.watch(`${path}?resourceVersion=${metadata.resourceVersion}`);
    await client.merge(`${path}/a`, { spec: { size: 2 } });
    await client.delete(`${path}/before`);
    const events = await take(watch, 3);
    watch.close();
    expect(events.map(told)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED before']);
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(versions[2]).toBe(version());
  });

  it.each(['', '?resourceVersion=0'])('from the state (%j) begins with every object', async (query) => {
    const path = await room();
    await client.post(path, widget('b'));
    await client.post(path, widget('a'));
    const watch = await client.watch(`${path}${query}`);
    await client.post(path, widget('c'));
    expect((await take(watch, 3)).map(told)).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
    watch.close();
  });

  it('tells nothing of a write that changes nothing', async () => {
    const path = await room();
    await client.post(path, widget('same'));
    const { metadata } = (await client.merge(`${path}/same`, { spec: { size: 2 } })).body;
    const watch = await client.watch(`${path}?resourceVersion=${metadata.resourceVersion}`);
    await client.merge(`${path}/same`, { spec: { size: 2 } });
    await client.post(path, widget('next'));
    expect(told(await watch.next())).toBe('ADDED next');
    watch.close();
  });

  it('with a selector tells DELETED, with the old labels, of what leaves it, and ADDED of what comes back', async () => {
    const path = await room();
    const watch = await client.watch(`${path}?labelSelector=in%3Dyes`);
    await client.post(path, widget('outside'));
    await client.post(path, widget('mover', { metadata: { labels: { in: 'yes' } } }));
    await client.merge(`${path}/mover`, { spec: { size: 2 } });
    const left = (await client.merge(`${path}/mover`, { metadata: { labels: { in: 'no' } } })).body;
    await client.merge(`${path}/mover`, { spec: { size: 3 } });
    await client.merge(`${path}/mover`, { metadata: { labels: { in: 'yes' } } });
    const events = await take(watch, 4);
    watch.close();
    expect(events.map(told)).toEqual(['ADDED mover', 'MODIFIED mover', 'DELETED mover', 'ADDED mover']);
    expect(events[2]?.object.metadata).toMatchObject({
      labels: { in: 'yes' },
      resourceVersion: left.metadata.resourceVersion,
    });
  });

  it('of a selector resumes from a version with the same eyes', async () => {
    const path = await room();
    const { metadata } = (await client.post(path, widget('m', { metadata: { labels: { in: 'yes' } } }))).body;
    await client.merge(`${path}/m`, { metadata: { labels: { in: null } } });
    await client.merge(`${path}/m`, { spec: { size: 2 } });
    const watch = await client.watch(`${path}?labelSelector=in&resourceVersion=${metadata.resourceVersion}`);
    expect(told(await watch.next())).toBe('DELETED m');
    watch.close();
  });

  it('of metadata tells no data', async () => {
    const watch = await client.watch(`${SECRETS}?resourceVersion=${version()}`, ITEM_METADATA);
    await client.post(SECRETS, secret('veiled', { stringData: { a: 'canary-7f3a9' } }));
    const { object } = await watch.next();
    watch.close();
    expect([object.kind, object.apiVersion]).toEqual(['PartialObjectMetadata', 'meta.k8s.io/v1']);
    expect(Object.keys(object).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  it('ends cleanly after timeoutSeconds', async () => {
    const watch = await client.watch(`${SECRETS}?timeoutSeconds=1&resourceVersion=${version()}`);
    expect(await watch.rest()).toEqual([]);
  });
});

describe('bookmarks', () => {
  it('come on a quiet watch that asked for them, with the version of the server', async () => {
    const path = await room();
    const watch = await client.watch(`${path}?allowWatchBookmarks=true&resourceVersion=${version()}`);
    await client.post(SECRETS, secret('elsewhere'));
    const [first, second] = await take(watch, 2);
    watch.close();
    expect(first?.type).toBe('BOOKMARK');
    expect(second?.object).toMatchObject({ kind: 'Widget', apiVersion: 'example.org/v1', metadata: {} });
    expect(second?.object.metadata.resourceVersion).toBe(String(version()));
    expect(second?.object.metadata).not.toHaveProperty('annotations');
  });

  it('are versions to resume from', async () => {
    const path = await room();
    const watch = await client.watch(`${path}?allowWatchBookmarks=true`);
    const { object } = await watch.next();
    watch.close();
    await client.post(path, widget('later'));
    const resumed = await client.watch(`${path}?resourceVersion=${object.metadata.resourceVersion}`);
    expect(told(await resumed.next())).toBe('ADDED later');
    resumed.close();
  });

  it('do not come unasked', async () => {
    const path = await room();
    const [quiet, bookmarked] = await Promise.all([
      client.watch(path),
      client.watch(`${path}?allowWatchBookmarks=true`),
    ]);
    await take(bookmarked, 2);
    await client.post(path, widget('first'));
    expect(told(await quiet.next())).toBe('ADDED first');
    quiet.close();
    bookmarked.close();
  });
});

describe('the end of a watch', () => {
  it('is announced by a bookmark two seconds before', async () => {
    const calm = await startApiServer();
    const patient = new Client(calm);
    const watch = await patient.watch(
      `${SECRETS}?allowWatchBookmarks=true&timeoutSeconds=3&resourceVersion=1`,
    );
    const { version: now } = calm.storage;
    expect((await watch.rest()).map(({ type, object }) => [type, object.metadata])).toEqual([
      ['BOOKMARK', { resourceVersion: String(now) }],
    ]);
    await patient.close();
    await calm.stop();
  });

  it('comes early for a reader that does not read', async () => {
    const strict = await startApiServer({ watchBufferBytes: 100_000 });
    const writer = new Client(strict);
    const agent = new Agent({ connect: { ca: strict.caPem } });
    const { body } = await request(`${strict.url}/api/v1/configmaps?watch=true`, {
      dispatcher: agent,
      headers: { authorization: `Bearer ${strict.token}` },
    });
    const data = { text: 'x'.repeat(500_000) };
    for (let i = 0; i < 10; i += 1) {
      await writer.post(namespaced('default', 'configmaps'), { metadata: { name: `large-${i}` }, data });
    }
    const seen = (await body.text()).trimEnd().split('\n').length;
    expect(seen).toBeLessThan(10);
    await agent.destroy();
    await writer.close();
    await strict.stop();
  });
});

describe('a version that cannot be watched from', () => {
  it('is too old after a compaction: 410 inside a 200', async () => {
    const asked = version();
    server.compact();
    const watch = await client.watch(`${SECRETS}?resourceVersion=${asked}`);
    expect(watch.status).toBe(200);
    expect(await watch.rest()).toEqual([
      {
        type: 'ERROR',
        object: {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: `too old resource version: ${asked} (${asked + 1})`,
          reason: 'Expired',
          code: 410,
        },
      },
    ]);
  });

  it('is too old where the history of the kind does not reach back; another kind is not concerned', async () => {
    const path = await room();
    await client.post(path, widget('busy'));
    const asked = version();
    for (let i = 0; i < 101; i += 1)
      await client.merge(`${path}/busy`, { metadata: { annotations: { i: `${i}` } } });
    const [refused] = await (await client.watch(`${path}?resourceVersion=${asked}`)).rest();
    expect(refused).toMatchObject({ type: 'ERROR', object: { code: 410 } });
    const reaching = await client.watch(`${path}?resourceVersion=${asked + 1}`);
    expect((await reaching.next()).object.metadata.annotations).toEqual({ i: '1' });
    const other = await client.watch(`${SECRETS}?resourceVersion=${asked}&allowWatchBookmarks=true`);
    expect((await other.next()).type).toBe('BOOKMARK');
    reaching.close();
    other.close();
  });

  it('is silence if it lies in the future, for what is written meanwhile as well', async () => {
    const path = await room();
    const future = version() + 3;
    const watch = await client.watch(`${path}?resourceVersion=${future}&allowWatchBookmarks=true`);
    expect(watch.status).toBe(200);
    const witness = await client.watch(`${path}?allowWatchBookmarks=true`);
    await take(witness, 3);
    for (const name of ['a', 'b', 'c', 'd']) await client.post(path, widget(name));
    expect(told(await watch.next())).toBe('ADDED d');
    watch.close();
    witness.close();
  });

  it('is an error if it is no number', async () => {
    expect((await client.get(`${SECRETS}?watch=true&resourceVersion=abc`)).status).toBe(500);
  });
});
