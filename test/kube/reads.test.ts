import { afterEach, describe, expect, it } from 'vitest';
import { createKubeReader, type KubeReader, type Scope, type WatchQuery } from '../../src/kube/reads.ts';
import { createTransport } from '../../src/kube/transport.ts';
import { bookmark, SECRETS, statusBody, THINGS, thing } from './support/objects.ts';
import { type Handler, type ScriptedServer, startServer } from './support/server.ts';

const never = new AbortController().signal;
const scope: Scope = { resource: THINGS };
const plain: WatchQuery = { timeoutSeconds: 321, initialEvents: false, resourceVersion: '7' };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function connect(handler: Handler): Promise<Readonly<{ server: ScriptedServer; reader: KubeReader }>> {
  const server = await startServer(handler);
  const transport = createTransport({ auth: server.auth, userAgent: 'example/1' });
  closers.push(async () => {
    await transport.close();
    await server.close();
  });
  return { server, reader: createKubeReader(transport) };
}

async function collect<T>(values: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

const queryOf = (server: ScriptedServer, at = 0) => Object.fromEntries(server.asked[at]?.query ?? []);

/** As PartialObjectMetadata, and whole, as a server might send it all the same. */
const applied = (resourceVersion: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'a',
    namespace: 'n',
    uid: 'u',
    resourceVersion,
    labels: { tier: 'x' },
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"p":"canary-7f3a9"}}',
    },
  },
  data: { p: 'Y2FuYXJ5LTdmM2E5' },
});
const bare = (resourceVersion: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion, labels: { tier: 'x' } },
});

describe('a read of metadata', () => {
  const secrets: Scope = { resource: SECRETS, metadataOnly: true };

  it('gives no item that holds a value, not even in an annotation', async () => {
    const { reader } = await connect((_, reply) =>
      reply.json(200, { metadata: { resourceVersion: '9' }, items: [applied('8')] }),
    );
    expect(await collect(reader.pages(secrets, never))).toEqual([
      { items: [bare('8')], resourceVersion: '9' },
    ]);
  });

  it('gives no event that holds one, and bookmarks with their mark', async () => {
    const mark = { ...bookmark(9), metadata: { resourceVersion: '9', annotations: { end: 'true' } } };
    const { reader } = await connect((_, reply) => {
      reply.head(200);
      for (const type of ['ADDED', 'MODIFIED', 'DELETED'] as const) reply.event(type, applied('8'));
      reply.event('BOOKMARK', mark);
      reply.end();
    });
    expect(await collect(reader.watch(secrets, plain, never))).toEqual([
      ...['ADDED', 'MODIFIED', 'DELETED'].map((type) => ({ type, object: bare('8') })),
      { type: 'BOOKMARK', object: mark },
    ]);
  });
});

describe('a list', () => {
  it('goes through all pages of 500 and keeps its selectors', async () => {
    const { server, reader } = await connect(({ query }, reply) =>
      query.has('continue')
        ? reply.json(200, { metadata: { resourceVersion: '9' }, items: [thing('n/b', 2)] })
        : reply.json(200, { metadata: { resourceVersion: '9', continue: 'next' }, items: [thing('n/a', 1)] }),
    );
    const pages = await collect(
      reader.pages({ ...scope, namespace: 'n', labelSelector: 'a=b', fieldSelector: 'c=d' }, never),
    );
    expect(pages).toEqual([
      { items: [thing('n/a', 1)], resourceVersion: '9' },
      { items: [thing('n/b', 2)], resourceVersion: '9' },
    ]);
    expect(server.asked.map(({ path }) => path)).toEqual(
      Array(2).fill('/apis/example.org/v1/namespaces/n/things'),
    );
    expect(queryOf(server)).toEqual({ labelSelector: 'a=b', fieldSelector: 'c=d', limit: '500' });
    expect(queryOf(server, 1)).toEqual({
      labelSelector: 'a=b',
      fieldSelector: 'c=d',
      limit: '500',
      continue: 'next',
    });
  });

  it('names the kind of items that do not', async () => {
    const { metadata } = thing('n/a', 1);
    const { reader } = await connect((_, reply) =>
      reply.json(200, { metadata: { resourceVersion: '9' }, items: [{ metadata }] }),
    );
    const [page] = await collect(reader.pages({ resource: SECRETS }, never));
    expect(page?.items).toEqual([{ apiVersion: 'v1', kind: 'Secret', metadata }]);
  });

  it('may have no items', async () => {
    const { reader } = await connect((_, reply) =>
      reply.json(200, { metadata: { resourceVersion: '9' }, items: null }),
    );
    expect(await collect(reader.pages(scope, never))).toEqual([{ items: [], resourceVersion: '9' }]);
  });

  it('asks for metadata where no values may come, in the form for lists', async () => {
    const { server, reader } = await connect((_, reply) =>
      reply.json(200, { metadata: { resourceVersion: '9' } }),
    );
    await collect(reader.pages({ resource: SECRETS, metadataOnly: true }, never));
    expect(server.asked[0]?.headers['accept']).toBe(
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    );
  });

  it.each([
    ['expires between pages', (page: number) => (page === 0 ? undefined : 410), { status: 410 }],
    ['is no list', () => 200, { status: 0, reason: 'MalformedAnswer' }],
  ])('that %s is an error', async (_, statusAt, error) => {
    const { server, reader } = await connect((_asked, reply) => {
      const status = statusAt(server.asked.length - 1);
      if (status === undefined)
        reply.json(200, { metadata: { resourceVersion: '9', continue: 'x' }, items: [] });
      else reply.json(status, statusBody(status, 'Expired'));
    });
    await expect(collect(reader.pages(scope, never))).rejects.toMatchObject(error);
  });
});

describe('a watch', () => {
  it('goes on from a version and gives what comes, bookmarks included', async () => {
    const { server, reader } = await connect((_, reply) => {
      reply.head(200);
      reply.event('ADDED', thing('n/a', 8));
      reply.event('BOOKMARK', bookmark(9));
      reply.end();
    });
    expect(await collect(reader.watch({ ...scope, labelSelector: 'a=b' }, plain, never))).toEqual([
      { type: 'ADDED', object: thing('n/a', 8) },
      { type: 'BOOKMARK', object: bookmark(9) },
    ]);
    expect(queryOf(server)).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '321',
      resourceVersion: '7',
      labelSelector: 'a=b',
    });
  });

  it('says when the server has taken it, before anything comes, and not where it is refused', async () => {
    const { server, reader } = await connect((_, reply) => {
      if (server.asked.length === 1) reply.head(200);
      else reply.json(503, statusBody(503, 'ServiceUnavailable'));
    });
    const stop = new AbortController();
    let opened = 0;
    const taken = collect(
      reader.watch(scope, plain, stop.signal, () => {
        opened += 1;
        stop.abort(new Error('stopped'));
      }),
    );
    await expect(taken).rejects.toThrow('stopped');
    await expect(collect(reader.watch(scope, plain, never, () => (opened += 1)))).rejects.toMatchObject({
      status: 503,
    });
    expect(opened).toBe(1);
  });

  it('may begin with the state of now', async () => {
    const { server, reader } = await connect((_, reply) => reply.end());
    await collect(
      reader.watch(
        { resource: SECRETS, metadataOnly: true },
        { timeoutSeconds: 300, initialEvents: true },
        never,
      ),
    );
    expect(queryOf(server)).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '300',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
    });
    expect(server.asked[0]?.headers['accept']).toBe(
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    );
  });

  it.each([
    [
      'an expired version',
      { type: 'ERROR', object: statusBody(410, 'Expired') },
      { status: 410, reason: 'Expired' },
    ],
    ['an error of the server', { type: 'ERROR', object: statusBody(500, 'InternalError') }, { status: 500 }],
    ['an unknown type', { type: 'PRUNED', object: {} }, { status: 0, reason: 'MalformedEvent' }],
    ['an event without an object', { type: 'ADDED' }, { status: 0, reason: 'MalformedEvent' }],
    ['a line that is no event', 7, { status: 0, reason: 'MalformedEvent' }],
  ])('ends with %s after it gave what came before', async (_, line, error) => {
    const { reader } = await connect((_asked, reply) => {
      reply.head(200);
      reply.event('ADDED', thing('n/a', 8));
      reply.write(`${JSON.stringify(line)}\n`);
    });
    const events = reader.watch(scope, plain, never)[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ type: 'ADDED', object: thing('n/a', 8) });
    await expect(events.next()).rejects.toMatchObject(error);
  });

  it.each([
    ['a malformed line', '{"canary-7f3a9\n'],
    ['half a line', '{"type":"ADDED","object":{"x":"canary-7f3a9"'],
  ])('ends with an error that quotes nothing at %s', async (_, text) => {
    const { reader } = await connect((_asked, reply) => {
      reply.head(200);
      reply.end(text);
    });
    const error: unknown = await collect(reader.watch(scope, plain, never)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ status: 0, reason: 'MalformedEvent' });
    expect(String(error)).not.toContain('canary');
  });
});
