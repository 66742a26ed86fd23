import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, until } from './testing/client.ts';
import { DEFINITIONS, definition, namespaced, WIDGETS, widget } from './testing/widgets.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const KUBECTL = `${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`;
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

describe('tables over the wire', () => {
  let server: ApiServer;
  let client: Client;
  const start = Date.parse('2026-11-23T21:00:00Z');
  let now = start;

  beforeAll(async () => {
    server = await startApiServer({ now: () => now });
    client = new Client(server);
    const made = definition();
    const [version] = made.spec.versions;
    await client.post(DEFINITIONS, {
      ...made,
      spec: {
        ...made.spec,
        versions: [
          {
            ...version,
            additionalPrinterColumns: [
              {
                name: 'Colour',
                type: 'string',
                jsonPath: '.spec.colour',
                description: 'What it looks like.',
              },
              { name: 'Size', type: 'integer', jsonPath: '.spec.size', priority: 1 },
              { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
            ],
          },
        ],
      },
    });
    await until(
      () => client.get(WIDGETS),
      ({ status }) => status === 200,
    );
    await client.post(WIDGETS, widget('a', { spec: { colour: 'red', size: 2 } }));
    await client.post(WIDGETS, widget('b'));
    now = start + 90_000;
  });

  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  it('describe the columns of a definition and fill a row for each object', async () => {
    const { body } = await client.get(`${WIDGETS}?limit=1`, KUBECTL);
    expect([body.kind, body.apiVersion]).toEqual(['Table', 'meta.k8s.io/v1']);
    expect(body.metadata).toMatchObject({ remainingItemCount: 1, continue: expect.any(String) });
    expect(body.columnDefinitions.slice(1)).toEqual([
      { name: 'Colour', type: 'string', format: '', description: 'What it looks like.', priority: 0 },
      {
        name: 'Size',
        type: 'integer',
        format: '',
        description: 'Custom resource definition column (in JSONPath format): .spec.size',
        priority: 1,
      },
      {
        name: 'Age',
        type: 'date',
        format: '',
        description: 'Custom resource definition column (in JSONPath format): .metadata.creationTimestamp',
        priority: 0,
      },
    ]);
    expect(body.rows).toHaveLength(1);
    expect(body.rows[0].cells).toEqual(['a', 'red', 2, '90s']);
    expect(body.rows[0].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    expect(body.rows[0].object.spec).toBeUndefined();
  });

  it('carry the object as it is asked for', async () => {
    const none = await client.get(`${WIDGETS}/b?includeObject=None`, KUBECTL);
    expect(none.body.rows).toEqual([{ cells: ['b', null, 1, '90s'], object: null }]);
    const whole = await client.get(`${WIDGETS}/b?includeObject=Object`, KUBECTL);
    expect(whole.body.rows[0].object).toMatchObject({ kind: 'Widget', spec: { size: 1 } });
    const { status, body } = await client.get(`${WIDGETS}?includeObject=Nope`, KUBECTL);
    expect([status, body.message]).toEqual([
      400,
      `Unable to convert to Table as requested: includeObject: Invalid value: "Nope": must be 'Metadata', 'Object', 'None', or empty`,
    ]);
  });

  it('give way to the object where they are asked for in a version that is not known', async () => {
    const { body } = await client.get(
      `${WIDGETS}/a`,
      'application/json;as=Table;v=v9;g=meta.k8s.io,application/json',
    );
    expect(body.kind).toBe('Widget');
  });

  it('refuse as other answers do', async () => {
    const { status, body } = await client.get(`${WIDGETS}/nope`, KUBECTL);
    expect([status, body.kind, body.reason]).toEqual([404, 'Status', 'NotFound']);
  });

  it('describe their columns once in a watch', async () => {
    const watch = await client.watch(
      `${WIDGETS}?allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
      TABLE,
    );
    const a = await watch.next();
    expect([a.type, a.object['kind'], a.object['columnDefinitions']]).toEqual([
      'ADDED',
      'Table',
      expect.any(Array),
    ]);
    expect((await watch.next()).object).toMatchObject({
      columnDefinitions: null,
      rows: [{ cells: ['b', null, 1, '90s'] }],
    });
    const mark = await watch.next();
    expect(mark).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'Table',
        columnDefinitions: null,
        rows: [
          {
            cells: ['', null, null, null],
            object: {
              kind: 'PartialObjectMetadata',
              metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
            },
          },
        ],
      },
    });
    await client.merge(`${WIDGETS}/b`, { spec: { colour: 'blue' } });
    expect((await watch.next()).object).toMatchObject({
      columnDefinitions: null,
      rows: [{ cells: ['b', 'blue', 1, '90s'] }],
    });
    watch.close();
  });

  it('describe them in the first event, however late that comes', async () => {
    const watches = await Promise.all(
      ['rows', 'more rows'].map(async () => {
        const { body } = await client.get(WIDGETS);
        return client.watch(`${WIDGETS}?resourceVersion=${body.metadata.resourceVersion}`, TABLE);
      }),
    );
    await client.merge(`${WIDGETS}/b`, { spec: { colour: 'green' } });
    for (const watch of watches) {
      expect((await watch.next()).object['columnDefinitions']).toEqual(expect.any(Array));
      watch.close();
    }
  });

  it('show of each built-in kind what kubectl users know', async () => {
    const rowsOf = async (path: string) => {
      const { body } = await client.get(path, KUBECTL);
      return {
        columns: body.columnDefinitions.map(({ name }: { name: string }) => name).join(' '),
        cells: body.rows[0].cells,
      };
    };
    now = start;
    await client.post(namespaced('default', 'secrets'), {
      metadata: { name: 's' },
      stringData: { a: 'canary-7f3a9', b: 'b' },
    });
    await client.post(namespaced('default', 'configmaps'), {
      metadata: { name: 'c' },
      data: { a: '1' },
      binaryData: { b: '' },
    });
    await client.post(namespaced('default', 'serviceaccounts'), { metadata: { name: 'sa' } });
    await client.post(LEASES, { metadata: { name: 'l' }, spec: { holderIdentity: 'me' } });
    await client.post('/apis/events.k8s.io/v1/namespaces/default/events', {
      metadata: { name: 'e' },
      ...{
        eventTime: '2026-11-23T20:59:00.000000Z',
        type: 'Normal',
        reason: 'Applied',
        action: 'Do',
        note: ' told ',
      },
      ...{ reportingController: 'x.dev/y', reportingInstance: 'y-1' },
      regarding: { kind: 'Widget', name: 'a', namespace: 'default', fieldPath: 'spec.size' },
    });
    now = start + 5_000;
    expect(await rowsOf('/api/v1/namespaces/default')).toEqual({
      columns: 'Name Status Age',
      cells: ['default', 'Active', '5s'],
    });
    expect(await rowsOf(namespaced('default', 'secrets'))).toEqual({
      columns: 'Name Type Data Age',
      cells: ['s', 'Opaque', 2, '5s'],
    });
    expect(await rowsOf(namespaced('default', 'configmaps'))).toEqual({
      columns: 'Name Data Age',
      cells: ['c', 2, '5s'],
    });
    expect(await rowsOf(namespaced('default', 'serviceaccounts'))).toEqual({
      columns: 'Name Age',
      cells: ['sa', '5s'],
    });
    expect(await rowsOf(LEASES)).toEqual({ columns: 'Name Holder Age', cells: ['l', 'me', '5s'] });
    expect(await rowsOf(DEFINITIONS)).toEqual({
      columns: 'Name Created At',
      cells: ['widgets.example.org', '2026-11-23T21:00:00Z'],
    });
    expect(await rowsOf('/apis/events.k8s.io/v1/namespaces/default/events')).toEqual({
      columns: 'Last Seen Type Reason Object Subobject Source Message First Seen Count Name',
      cells: ['65s', 'Normal', 'Applied', 'widget/a', 'spec.size', 'x.dev/y, y-1', 'told', '65s', 1, 'e'],
    });
  });
});
