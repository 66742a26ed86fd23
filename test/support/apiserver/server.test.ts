import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ApiServer, startApiServer } from './server.ts';
import { Storage } from './storage/storage.ts';
import { Client } from './testing/client.ts';
import {
  DEFINITIONS,
  definition,
  installWidgets,
  namespaced,
  secret,
  WIDGETS,
  widget,
} from './testing/widgets.ts';

describe('a server', () => {
  let server: ApiServer;
  let client: Client;
  beforeAll(async () => {
    server = await startApiServer({ tokens: { 'canary-7f3a9-reader': 'reader' } });
    client = new Client(server);
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  it('answers 401 to a token that it does not know', async () => {
    const token = 'canary-7f3a9-wrong';
    const { status, body } = await client.send('GET', '/api/v1/namespaces', undefined, { token });
    expect(status).toBe(401);
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    });
  });

  it.each([
    [
      'GET',
      '/api/v1/configmaps',
      'configmaps is forbidden',
      'list resource "configmaps"',
      'at the cluster scope',
    ],
    [
      'GET',
      '/api/v1/namespaces/x',
      'namespaces "x" is forbidden',
      'get resource "namespaces"',
      'in the namespace "x"',
    ],
    [
      'DELETE',
      '/api/v1/namespaces/x/secrets',
      'secrets is forbidden',
      'deletecollection resource "secrets"',
      'in the namespace "x"',
    ],
  ])('answers 403 to nobody: %s %s', async (method, path, who, what, where) => {
    const { status, body } = await client.send(method, path, undefined, { token: '' });
    const user = 'User "system:anonymous"';
    expect([status, body.message]).toEqual([403, `${who}: ${user} cannot ${what} in API group "" ${where}`]);
  });

  it('answers 403 to nobody who asks for more than its health', async () => {
    const { status, body } = await client.send('GET', '/apis', undefined, { token: '' });
    expect([status, body.message, body.details]).toEqual([
      403,
      'forbidden: User "system:anonymous" cannot get path "/apis"',
      {},
    ]);
  });

  it('knows the users it was started with', async () => {
    const reply = await client.send('GET', '/api/v1/namespaces', undefined, { token: 'canary-7f3a9-reader' });
    expect(reply.status).toBe(200);
  });

  it.each(['/healthz', '/livez', '/readyz', '/readyz/etcd'])('says ok at %s to anybody', async (path) => {
    const reply = await client.send('GET', path, undefined, { token: 'none' });
    expect([reply.status, reply.text]).toEqual([200, 'ok']);
  });

  it.each(['/', '/version'])('answers %s in lines for people', async (path) => {
    const { text, headers } = await client.get(path);
    expect([text.split('\n')[0], headers['content-type']]).toEqual(['{', 'application/json']);
    expect(text.split('\n')[1]).toMatch(/^ {2}"/);
  });

  it.each(['/api', '/api/v1/namespaces', '/api/v1/namespaces/none'])('ends %s as a line', async (path) => {
    expect((await client.get(path)).text).toMatch(/^\{.*\}\n$/);
  });

  it('tells its version', async () => {
    const { body } = await client.get('/version');
    expect([body.major, body.minor]).toEqual(['1', '34']);
  });

  it('speaks HTTP/1.1 and HTTP/2 on one port, watches included', async () => {
    const replies = [];
    for (const allowH2 of [true, false]) {
      const one = new Client(server, { allowH2 });
      const watch = await one.watch('/api/v1/namespaces');
      replies.push((await watch.next()).type, (await one.get('/api')).body.versions);
      await one.close();
    }
    expect(replies).toEqual(['ADDED', ['v1'], 'ADDED', ['v1']]);
  });

  it('gives a kubeconfig that leads to it', async () => {
    const config = parse(server.kubeconfig());
    const { cluster } = config.clusters[0];
    expect(cluster.server).toBe(server.url);
    expect(Buffer.from(cluster['certificate-authority-data'], 'base64').toString()).toBe(server.caPem);
    expect(config.users[0].user.token).toBe(server.token);
  });

  it.each([
    ['GET', '/apis/example.org/v1/widgets'],
    ['GET', '/nowhere'],
  ])('has no page for %s %s', async (method, path) => {
    const reply = await client.send(method, path);
    expect([reply.status, reply.text]).toEqual([404, '404 page not found\n']);
  });

  it.each([
    '/api/v1/nothings',
    '/api/v1/secrets/x',
    '/api/v1/namespaces/default/secrets/x/status',
    '/apis/coordination.k8s.io/v1/namespaces/default/pods',
  ])('has no resource at %s', async (path) => {
    const { status, body } = await client.get(path);
    expect([status, body.reason, body.message]).toEqual([
      404,
      'NotFound',
      'the server could not find the requested resource',
    ]);
  });

  it.each([
    ['POST', '/api/v1/secrets'],
    ['PUT', '/api/v1/namespaces/default/secrets'],
    ['POST', '/api/v1/namespaces/default/secrets/x'],
  ])('refuses %s %s as a method', async (method, path) => {
    const reply = await client.send(method, path, secret('x'));
    expect([reply.status, reply.body.reason]).toEqual([405, 'MethodNotAllowed']);
  });

  it('refuses a body of more than 3 MiB, one that is no JSON, and one of another type', async () => {
    const path = namespaced('default', 'configmaps');
    const large = await client.post(path, 'x'.repeat(3 * 1024 * 1024 + 1));
    const broken = await client.post(path, '{"a":');
    const other = await client.send('POST', path, '{}', { type: 'text/plain' });
    expect([large.status, large.body.message]).toEqual([413, 'Request entity too large: limit is 3145728']);
    expect([broken.status, broken.body.message]).toEqual([
      400,
      'the object provided is unrecognized (must be of type ConfigMap): couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"a":)',
    ]);
    expect([other.status, other.body.reason]).toEqual([415, 'UnsupportedMediaType']);
  });

  it.each([
    ['POST', '/apis/example.org/v1/widgets', 404, '404 page not found\n'],
    ['PUT', WIDGETS, 400, 'name must be provided'],
    [
      'POST',
      `${WIDGETS}/x/status`,
      405,
      'create is not supported on resources of kind "widgets.example.org"',
    ],
    [
      'DELETE',
      `${WIDGETS}/x/status`,
      405,
      'delete is not supported on resources of kind "widgets.example.org"',
    ],
    ['GET', `${WIDGETS}/x/scale`, 404, 'widgets.example.org "x" not found'],
  ])('answers %s %s of a custom kind with %i', async (method, path, status, message) => {
    await installWidgets(client);
    const reply = await client.send(method, path, method === 'GET' ? undefined : {});
    expect([reply.status, reply.body?.message ?? reply.text]).toEqual([status, message]);
  });
});

describe('a server that stops', () => {
  it('resets connections, and takes no new ones', async () => {
    const server = await startApiServer();
    const client = new Client(server);
    const watch = await client.watch('/api/v1/secrets?resourceVersion=1');
    const ended = expect(watch.next()).rejects.toThrow();
    await server.stop();
    await ended;
    await expect(request(`${server.url}/readyz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await client.close();
  });

  it('comes back on the same port with the same objects, versions, kinds and credentials', async () => {
    const first = await startApiServer();
    const before = new Client(first);
    await installWidgets(before);
    await before.post(WIDGETS, widget('kept'));
    const kept = (await before.get(`${WIDGETS}/kept`)).body;
    await before.close();
    await first.stop();

    const { port, storage, authority } = first;
    const second = await startApiServer({ port, storage, authority });
    const after = new Client(first);
    expect(second.kubeconfig()).toBe(first.kubeconfig());
    expect((await after.get(`${WIDGETS}/kept`)).body).toEqual(kept);
    const next = (await after.post(WIDGETS, widget('new'))).body;
    expect(Number(next.metadata.resourceVersion)).toBe(Number(kept.metadata.resourceVersion) + 1);
    await after.close();
    await second.stop();
  });

  it('comes back from a dump as from its own storage', async () => {
    const first = await startApiServer();
    const before = new Client(first);
    await installWidgets(before);
    await before.post(WIDGETS, widget('kept'));
    const kept = (await before.get(WIDGETS)).body;
    await before.close();
    await first.stop();

    const storage = new Storage(JSON.parse(JSON.stringify(first.storage.dump())));
    const second = await startApiServer({ port: first.port, storage, authority: first.authority });
    const after = new Client(second);
    expect(second.kubeconfig()).toBe(first.kubeconfig());
    expect((await after.get(WIDGETS)).body).toEqual(kept);
    await after.close();
    await second.stop();
  });

  it('establishes after a restart what was created just before it', async () => {
    const first = await startApiServer();
    const before = new Client(first);
    await before.post(DEFINITIONS, definition());
    await before.close();
    await first.stop();
    const second = await startApiServer({ storage: first.storage });
    const after = new Client(second);
    expect((await installWidgets(after)).status).toBe(200);
    await after.close();
    await second.stop();
  });

  it('lets a watch resume after a restart only if nothing at all was written since', async () => {
    const first = await startApiServer();
    const client = new Client(first);
    const { body } = await client.post(namespaced('default', 'secrets'), secret('quiet'));
    const version = body.metadata.resourceVersion;
    await client.close();
    await first.stop();

    const second = await startApiServer({ storage: first.storage });
    const resumed = new Client(second);
    const watch = await resumed.watch(`/api/v1/secrets?resourceVersion=${version}`);
    await resumed.post(namespaced('default', 'configmaps'), { metadata: { name: 'elsewhere' } });
    await resumed.post(namespaced('default', 'secrets'), secret('after'));
    expect((await watch.next()).object.metadata.name).toBe('after');
    await resumed.close();
    await second.stop();

    const third = await startApiServer({ storage: first.storage });
    const late = new Client(third);
    const [refused] = await (await late.watch(`/api/v1/secrets?resourceVersion=${version}`)).rest();
    const message = `too old resource version: ${version} (${Number(version) + 2})`;
    expect(refused).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired', message } });
    await late.close();
    await third.stop();
  });
});
