/** Selectors, and metadata alone. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, type Reply } from './testing/client.ts';
import {
  ITEM_METADATA,
  installWidgets,
  LIST_METADATA,
  namespaced,
  secret,
  WIDGETS,
  widget,
} from './testing/widgets.ts';

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

const namesIn = ({ body }: Reply): readonly string[] =>
  body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);

async function namespaceOf(...names: readonly string[]): Promise<string> {
  const { metadata } = (await client.post('/api/v1/namespaces', { metadata: { generateName: 'n-' } })).body;
  const path = `/apis/example.org/v1/namespaces/${metadata.name}/widgets`;
  for (const name of names) await client.post(path, widget(name));
  return path;
}

describe('selectors', () => {
  let path: string;
  beforeAll(async () => {
    path = await namespaceOf();
    const labels = { none: {}, east: { zone: 'east', tier: '3' }, west: { zone: 'west', tier: '12' } };
    for (const [name, set] of Object.entries(labels)) {
      await client.post(
        path,
        widget(name, { metadata: { labels: set }, spec: name === 'east' ? { colour: 'red' } : {} }),
      );
    }
  });

  it.each([
    ['zone=east', ['east']],
    ['zone == east', ['east']],
    ['zone!=east', ['none', 'west']],
    ['zone in (east, west)', ['east', 'west']],
    ['zone notin (east)', ['none', 'west']],
    ['zone', ['east', 'west']],
    ['!zone', ['none']],
    ['tier>3', ['west']],
    ['tier<4,zone in (east,north)', ['east']],
    ['zone=', []],
    ['', ['east', 'none', 'west']],
  ])('by label %j', async (selector, names) => {
    const reply = await client.get(`${path}?labelSelector=${encodeURIComponent(selector)}`);
    expect([...namesIn(reply)].sort()).toEqual(names);
  });

  it.each([
    ['metadata.name=east', ['east']],
    ['metadata.name!=east', ['none', 'west']],
    ['spec.colour=red', ['east']],
    ['spec.colour==red,metadata.name=west', []],
    ['spec.colour=', ['none', 'west']],
  ])('by field %j', async (selector, names) => {
    const reply = await client.get(`${path}?fieldSelector=${encodeURIComponent(selector)}`);
    expect([...namesIn(reply)].sort()).toEqual(names);
  });

  it.each([
    [
      'labelSelector=a%20b%20c',
      /^unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt$/,
    ],
    ['fieldSelector=spec.size%3D1', /^field label not supported: spec\.size$/],
    ['fieldSelector=constructor%3D1', /^field label not supported: constructor$/],
    ['fieldSelector=nonsense', /^invalid selector/],
  ])('as %s are refused', async (query, message) => {
    const { status, body } = await client.get(`${path}?${query}`);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
  });

  it('of Secrets know the type', async () => {
    await client.post(namespaced('default', 'secrets'), secret('typed', { type: 'example.org/t' }));
    const reply = await client.get(`/api/v1/secrets?fieldSelector=type%3Dexample.org/t`);
    expect(namesIn(reply)).toEqual(['typed']);
  });
});

describe('metadata alone', () => {
  const SECRETS = namespaced('default', 'secrets');
  beforeAll(async () => {
    await client.post(WIDGETS, widget('one'));
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":"canary-7f3a9"}' };
    await client.post(
      SECRETS,
      secret('meta', { metadata: { name: 'meta', annotations }, stringData: { a: 'canary-7f3a9' } }),
    );
  });

  it('of a list holds items of the meta kind, with all their annotations and no data', async () => {
    const reply = await client.get(`${SECRETS}?fieldSelector=metadata.name%3Dmeta`, LIST_METADATA);
    expect(reply.body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
    const [item] = reply.body.items;
    expect(Object.keys(item).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
    expect([item.kind, item.apiVersion]).toEqual(['PartialObjectMetadata', 'meta.k8s.io/v1']);
    expect(item.metadata).toEqual((await client.get(`${SECRETS}/meta`)).body.metadata);
  });

  it.each<[string, string, number, string]>([
    ['of one object', `${SECRETS}/meta`, 200, ITEM_METADATA],
    ['of one object as a list', `${SECRETS}/meta`, 406, LIST_METADATA],
    ['of one custom object as a list', `${WIDGETS}/one`, 500, LIST_METADATA],
    ['of a list as one object', SECRETS, 406, ITEM_METADATA],
    [
      'of a list as a table, else as it is',
      SECRETS,
      200,
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    ],
    ['as protobuf only', SECRETS, 406, 'application/vnd.kubernetes.protobuf'],
    ['as anything', SECRETS, 200, '*/*'],
  ])('%s: %s answers %i', async (_what, path, status, accept) => {
    expect((await client.get(path, accept)).status).toBe(status);
  });

  it('says why it cannot be given', async () => {
    const { body } = await client.get(SECRETS, ITEM_METADATA);
    expect([body.reason, body.message]).toEqual([
      'NotAcceptable',
      'you requested PartialObjectMetadata, but the requested object is a list (*core.SecretList)',
    ]);
    expect((await client.get(SECRETS, `${ITEM_METADATA},application/json`)).status).toBe(406);
  });

  it('is given for writes, too', async () => {
    const { body } = await client.send(
      'PATCH',
      `${SECRETS}/meta`,
      { metadata: { labels: { a: 'b' } } },
      {
        type: 'application/merge-patch+json',
        accept: ITEM_METADATA,
      },
    );
    expect([body.kind, body.metadata.labels]).toEqual(['PartialObjectMetadata', { a: 'b' }]);
  });
});
