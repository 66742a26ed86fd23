import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, causesOf } from './testing/client.ts';

const NEW = '/apis/events.k8s.io/v1/namespaces/default/events';
const CORE = '/api/v1/namespaces/default/events';

const told = (name: string) => ({
  metadata: { name },
  ...{ eventTime: '2026-11-23T20:59:00.123456Z', type: 'Normal', reason: 'Applied', action: 'Apply' },
  ...{ note: 'a note', reportingController: 'x.dev/y', reportingInstance: 'y-1' },
  regarding: { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', namespace: 'default', uid: 'u-1' },
  series: { count: 2, lastObservedTime: '2026-11-23T21:00:00.000000Z' },
});

const old = (name: string, more: object = {}) => ({
  metadata: { name },
  involvedObject: { kind: 'ConfigMap', name: 'c', namespace: 'default' },
  ...{ message: 'hello', firstTimestamp: '2026-11-23T21:00:00Z', count: 3, source: { component: 'me' } },
  ...more,
});

let server: ApiServer;
let client: Client;

beforeAll(async () => {
  server = await startApiServer();
  client = new Client(server);
});

beforeEach(async () => {
  await client.delete(CORE);
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

const withoutMeta = ({ metadata: _metadata, ...rest }: Record<string, unknown>) => rest;

describe('an event', () => {
  it('written through events.k8s.io is read through core, under the names of old', async () => {
    await client.post(NEW, told('e'));
    expect(withoutMeta((await client.get(`${CORE}/e`)).body)).toEqual({
      ...{ apiVersion: 'v1', kind: 'Event', eventTime: '2026-11-23T20:59:00.123456Z', type: 'Normal' },
      ...{ reason: 'Applied', action: 'Apply', message: 'a note' },
      ...{ reportingComponent: 'x.dev/y', reportingInstance: 'y-1', source: {} },
      ...{ firstTimestamp: null, lastTimestamp: null },
      involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', namespace: 'default', uid: 'u-1' },
      series: { count: 2, lastObservedTime: '2026-11-23T21:00:00.000000Z' },
    });
  });

  it('written through core needs little, and is read through events.k8s.io', async () => {
    expect((await client.post(CORE, old('e'))).status).toBe(201);
    expect(withoutMeta((await client.get(`${NEW}/e`)).body)).toEqual({
      ...{ apiVersion: 'events.k8s.io/v1', kind: 'Event', eventTime: null, note: 'hello' },
      ...{
        deprecatedFirstTimestamp: '2026-11-23T21:00:00Z',
        deprecatedLastTimestamp: null,
        deprecatedCount: 3,
      },
      deprecatedSource: { component: 'me' },
      regarding: { kind: 'ConfigMap', name: 'c', namespace: 'default' },
    });
  });

  it('lives where its object does, or in default', async () => {
    const elsewhere = await client.post(
      CORE,
      old('e', { involvedObject: { name: 'c', namespace: 'other' } }),
    );
    expect(causesOf(elsewhere)).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
    expect(
      (await client.post(CORE, old('e', { involvedObject: { kind: 'Namespace', name: 'x' } }))).status,
    ).toBe(201);
  });

  it('put back as it was read is not changed, through either', async () => {
    await client.post(NEW, told('e'));
    for (const path of [NEW, CORE]) {
      const { body } = await client.get(`${path}/e`);
      const again = await client.put(`${path}/e`, body);
      expect([again.status, again.body]).toEqual([200, body]);
    }
  });

  it('is patched in the words of whom it is asked of', async () => {
    await client.post(NEW, told('e'));
    const patched = await client.merge(`${CORE}/e`, {
      series: { count: 5 },
      metadata: { labels: { a: 'b' } },
    });
    expect(patched.body).toMatchObject({
      kind: 'Event',
      apiVersion: 'v1',
      message: 'a note',
      series: { count: 5 },
    });
    expect((await client.get(`${NEW}/e`)).body).toMatchObject({ note: 'a note', series: { count: 5 } });
    const unknown = await client.send(
      'PATCH',
      `${CORE}/e?fieldValidation=Strict`,
      { note: 'x' },
      { type: 'application/merge-patch+json' },
    );
    expect(unknown.body.message).toContain('unknown field "note"');
  });

  it('is found by the fields of its object, as kubectl describe asks', async () => {
    await client.post(NEW, told('e'));
    const find = async (selector: string) => {
      const { body } = await client.get(`${CORE}?fieldSelector=${encodeURIComponent(selector)}`);
      return body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    };
    expect(await find('involvedObject.kind=ConfigMap,involvedObject.name=c,involvedObject.uid=u-1')).toEqual([
      'e',
    ]);
    expect(await find('involvedObject.uid=u-2')).toEqual([]);
    expect(await find('source=x.dev/y,type!=Warning')).toEqual(['e']);
  });

  it('is told to watches of both at once, each in its words', async () => {
    const watches = await Promise.all([CORE, NEW].map((path) => client.watch(path)));
    await client.post(NEW, told('e'));
    const [core, fresh] = await Promise.all(watches.map((watch) => watch.next()));
    expect(core?.object).toMatchObject({ apiVersion: 'v1', message: 'a note' });
    expect(fresh?.object).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'a note' });
    for (const watch of watches) watch.close();
  });
});
