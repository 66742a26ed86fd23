import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client } from './testing/client.ts';
import { installWidgets } from './testing/widgets.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const KUBECTL = `${AGGREGATED},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;

let server: ApiServer;
let client: Client;

beforeAll(async () => {
  server = await startApiServer();
  client = new Client(server);
  await installWidgets(client);
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

type Listed = Readonly<{ name: string }>;
const named = (list: readonly Listed[], name: string) => list.find((one) => one.name === name);

describe('classic discovery', () => {
  it('lists the versions of the core group, and every other group', async () => {
    expect((await client.get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const { body } = await client.get('/apis');
    expect(body.kind).toBe('APIGroupList');
    expect(named(body.groups, 'example.org')).toEqual({
      name: 'example.org',
      versions: [{ groupVersion: 'example.org/v1', version: 'v1' }],
      preferredVersion: { groupVersion: 'example.org/v1', version: 'v1' },
    });
    expect(named(body.groups, '')).toBeUndefined();
  });

  it('tells a group by itself, and its resources with their subresources', async () => {
    expect((await client.get('/apis/example.org')).body).toMatchObject({
      kind: 'APIGroup',
      name: 'example.org',
    });
    const { body } = await client.get('/apis/example.org/v1');
    expect(body.groupVersion).toBe('example.org/v1');
    expect(body.resources).toEqual([
      {
        name: 'widgets',
        singularName: 'widget',
        namespaced: true,
        kind: 'Widget',
        verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
        shortNames: ['wd'],
        categories: ['tools'],
      },
      {
        name: 'widgets/status',
        singularName: '',
        namespaced: true,
        kind: 'Widget',
        verbs: ['get', 'patch', 'update'],
      },
    ]);
  });

  it('knows no group, version or root that is not served', async () => {
    for (const path of ['/apis/nope.org', '/apis/example.org/v2', '/api/v2', '/api/v1/', '/nope']) {
      const { status } = await client.get(path);
      expect([path, status]).toEqual([path, path === '/api/v1/' ? 200 : 404]);
    }
  });

  it('does not offer to delete all namespaces, and refuses it', async () => {
    const { body } = await client.get('/api/v1');
    expect(named(body.resources, 'namespaces')).toMatchObject({
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    });
    expect((await client.delete('/api/v1/namespaces')).status).toBe(405);
  });
});

describe('aggregated discovery', () => {
  it('tells all of a root at once to the one who prefers it', async () => {
    const { body, headers } = await client.get('/apis', KUBECTL);
    expect(headers['content-type']).toBe(AGGREGATED);
    expect([body.kind, body.apiVersion]).toEqual(['APIGroupDiscoveryList', 'apidiscovery.k8s.io/v2']);
    const names = body.items.map(({ metadata }: { metadata: Listed }) => metadata.name);
    expect(names).toEqual(
      expect.arrayContaining(['apiextensions.k8s.io', 'coordination.k8s.io', 'example.org']),
    );
    expect(body.items[names.indexOf('example.org')].versions).toEqual([
      {
        version: 'v1',
        freshness: 'Current',
        resources: [
          {
            resource: 'widgets',
            responseKind: { group: 'example.org', version: 'v1', kind: 'Widget' },
            scope: 'Namespaced',
            singularResource: 'widget',
            verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
            shortNames: ['wd'],
            categories: ['tools'],
            subresources: [
              {
                subresource: 'status',
                responseKind: { group: 'example.org', version: 'v1', kind: 'Widget' },
                verbs: ['get', 'patch', 'update'],
              },
            ],
          },
        ],
      },
    ]);
  });

  it('tells the core group apart, without a name', async () => {
    const { body } = await client.get('/api', KUBECTL);
    expect(body.items).toHaveLength(1);
    expect(body.items[0].metadata).toEqual({});
    const resources = body.items[0].versions[0].resources;
    expect(resources.map(({ resource }: { resource: string }) => resource)).toEqual(
      expect.arrayContaining(['configmaps', 'namespaces', 'secrets', 'serviceaccounts']),
    );
    expect(resources[0].responseKind).toMatchObject({ group: '', version: '' });
  });

  it('gives the plain form where that stands first', async () => {
    expect((await client.get('/apis', `application/json,${AGGREGATED}`)).body.kind).toBe('APIGroupList');
  });

  it('is not sent again to a client that has it, until a kind comes or goes', async () => {
    const first = await client.get('/apis', KUBECTL);
    const again = () =>
      client.send('GET', '/apis', undefined, { accept: KUBECTL, etag: String(first.headers['etag']) });
    const kept = await again();
    expect([kept.status, kept.text, kept.headers['content-type']]).toEqual([304, '', AGGREGATED]);
    await client.delete('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.org');
    await expect.poll(async () => (await again()).status, { timeout: 10_000 }).toBe(200);
  });
});
