/** Lists: whole, in pages, at a version. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, causesOf, type Reply } from './testing/client.ts';
import { installWidgets, namespaced, secret, WIDGETS, widget } from './testing/widgets.ts';

let server: ApiServer;
let client: Client;
beforeAll(async () => {
  server = await startApiServer({ futureWaitMs: 50 });
  client = new Client(server);
  await installWidgets(client);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const ALL = '/apis/example.org/v1/widgets';
const namesIn = ({ body }: Reply): readonly string[] =>
  body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);

async function namespaceOf(...names: readonly string[]): Promise<string> {
  const { metadata } = (await client.post('/api/v1/namespaces', { metadata: { generateName: 'n-' } })).body;
  const path = `/apis/example.org/v1/namespaces/${metadata.name}/widgets`;
  for (const name of names) await client.post(path, widget(name));
  return path;
}

describe('a list', () => {
  it('is in the order of names, and of one namespace or all', async () => {
    const path = await namespaceOf('c', 'a', 'b');
    expect(namesIn(await client.get(path))).toEqual(['a', 'b', 'c']);
    await client.post(WIDGETS, widget('zz'));
    expect(namesIn(await client.get(ALL))).toEqual(expect.arrayContaining(['a', 'b', 'c', 'zz']));
  });

  it('does not mistake a namespace for one that begins like it', async () => {
    for (const name of ['pre', 'pre-fix', 'pre0']) {
      await client.post('/api/v1/namespaces', { metadata: { name } });
      await client.post(namespaced(name, 'secrets'), secret(`in-${name}`));
    }
    expect(namesIn(await client.get(namespaced('pre', 'secrets')))).toEqual(['in-pre']);
  });

  it('carries the version of the whole server', async () => {
    const path = await namespaceOf();
    const { body } = await client.post(namespaced('default', 'configmaps'), {
      metadata: { generateName: 'c' },
    });
    expect((await client.get(path)).body).toEqual({
      kind: 'WidgetList',
      apiVersion: 'example.org/v1',
      metadata: { resourceVersion: body.metadata.resourceVersion, continue: '' },
      items: [],
    });
  });

  it('says of custom objects what they are, and of built-in ones not', async () => {
    await client.post(WIDGETS, widget('kinded'));
    await client.post(namespaced('default', 'secrets'), secret('kinded'));
    expect((await client.get(WIDGETS)).body.items[0]).toMatchObject({
      kind: 'Widget',
      apiVersion: 'example.org/v1',
    });
    expect((await client.get(namespaced('default', 'secrets'))).body.items[0]).not.toHaveProperty('kind');
  });
});

describe('pages', () => {
  it('give every object once, and the state of the first page', async () => {
    const path = await namespaceOf('a', 'b', 'c', 'd', 'e');
    const first = await client.get(`${path}?limit=2`);
    expect(namesIn(first)).toEqual(['a', 'b']);
    expect(first.body.metadata.remainingItemCount).toBe(3);
    await client.delete(`${path}/c`);
    await client.merge(`${path}/d`, { spec: { size: 50 } });
    await client.merge(`${path}/d`, { spec: { size: 60 } });
    await client.post(path, widget('bb'));
    const second = await client.get(`${path}?limit=2&continue=${first.body.metadata.continue}`);
    expect(namesIn(second)).toEqual(['c', 'd']);
    expect(second.body.items[1].spec.size).toBe(1);
    const third = await client.get(`${path}?limit=2&continue=${second.body.metadata.continue}`);
    expect(namesIn(third)).toEqual(['e']);
    expect(third.body.metadata).toEqual({
      resourceVersion: first.body.metadata.resourceVersion,
      continue: '',
    });
  });

  it('of a selector count what it matches', async () => {
    const path = await namespaceOf('a', 'b', 'c', 'd');
    for (const name of ['b', 'd'])
      await client.merge(`${path}/${name}`, { metadata: { labels: { pick: 'me' } } });
    const first = await client.get(`${path}?labelSelector=pick&limit=1`);
    expect([namesIn(first), first.body.metadata.remainingItemCount]).toEqual([['b'], undefined]);
    const last = await client.get(
      `${path}?labelSelector=pick&limit=1&continue=${first.body.metadata.continue}`,
    );
    expect([namesIn(last), last.body.metadata.continue]).toEqual([['d'], '']);
  });

  it('after a compaction are gone, with a token for the inconsistent rest', async () => {
    const path = await namespaceOf('a', 'b', 'c');
    const first = await client.get(`${path}?limit=1`);
    await client.delete(`${path}/b`);
    server.compact();
    const gone = await client.get(`${path}?limit=1&continue=${first.body.metadata.continue}`);
    expect([gone.status, gone.body.reason]).toEqual([410, 'Expired']);
    expect(gone.body.message).toMatch(/^The provided continue parameter is too old /);
    const rest = await client.get(`${path}?continue=${gone.body.metadata.continue}`);
    expect([rest.status, namesIn(rest)]).toEqual([200, ['c']]);
  });

  it.each([
    ['a token of nobody', 'continue=abc', /^invalid continue token: continue key is not valid: /],
    [
      'a token beside a version',
      `continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":5,"start":"/a"}').toString('base64url')}&resourceVersion=5`,
      'specifying resource version is not allowed when using continue',
    ],
  ])('refuse %s', async (_what, query, message) => {
    const reply = await client.get(`${WIDGETS}?${query}`);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringMatching(message)]);
  });

  it('are not known to "any version", which is answered whole', async () => {
    const path = await namespaceOf('a', 'b', 'c');
    expect(namesIn(await client.get(`${path}?limit=1&resourceVersion=0`))).toHaveLength(3);
  });
});

describe('a version asked for', () => {
  it('exactly shows the state at it', async () => {
    const path = await namespaceOf('a');
    const { metadata } = (await client.post(path, widget('b'))).body;
    await client.delete(`${path}/a`);
    const past = await client.get(
      `${path}?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`,
    );
    expect([namesIn(past), past.body.metadata.resourceVersion]).toEqual([
      ['a', 'b'],
      metadata.resourceVersion,
    ]);
    server.compact();
    const gone = await client.get(
      `${path}?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`,
    );
    expect([gone.status, gone.body.reason]).toEqual([410, 'Expired']);
  });

  it('not older than shows the present', async () => {
    const path = await namespaceOf('a', 'b');
    expect(
      namesIn(await client.get(`${path}?resourceVersion=2&resourceVersionMatch=NotOlderThan`)),
    ).toHaveLength(2);
  });

  it.each(['', '/one'])('of the future is waited for, then refused (path + "%s")', async (suffix) => {
    await client.post(WIDGETS, widget('one'));
    const { status, body, headers } = await client.get(`${WIDGETS}${suffix}?resourceVersion=1000000`);
    expect([status, body.reason, headers['retry-after']]).toEqual([504, 'Timeout', '1']);
    expect(body.message).toMatch(/^Timeout: Too large resource version: 1000000, current: [0-9]+$/);
    expect(body.details).toEqual({
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  });

  it('of the future is given when it comes in time', async () => {
    const patient = await startApiServer({ storage: server.storage, futureWaitMs: 10_000 });
    const other = new Client(patient);
    const next = server.storage.version + 1;
    const [reply] = await Promise.all([
      other.get(`/api/v1/namespaces?resourceVersion=${next}`),
      client.post(namespaced('default', 'secrets'), secret('in-time')),
    ]);
    expect(reply.status).toBe(200);
    await other.close();
    await patient.stop();
  });

  it.each([
    [
      'resourceVersion=abc',
      400,
      'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    ],
    [
      'resourceVersionMatch=Exact',
      422,
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersionMatch=Near&resourceVersion=1',
      422,
      'resourceVersionMatch: Unsupported value: "Near": supported values: "Exact", "NotOlderThan", ""',
    ],
    [
      'resourceVersionMatch=Exact&resourceVersion=0',
      422,
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    ['sendInitialEvents=true', 422, 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
  ])('as %s is refused', async (query, status, message) => {
    const reply = await client.get(`${WIDGETS}?${query}`);
    expect(reply.status).toBe(status);
    expect(status === 422 ? causesOf(reply) : [reply.body.message]).toEqual([message]);
  });
});
