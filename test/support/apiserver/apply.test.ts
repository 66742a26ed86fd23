import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client } from './testing/client.ts';
import { installWidgets, namespaced, WIDGETS, widget } from './testing/widgets.ts';

const START = Date.parse('2026-05-04T03:02:01Z');
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const SECRETS = namespaced('default', 'secrets');

let server: ApiServer;
let client: Client;
let now = START;

beforeAll(async () => {
  server = await startApiServer({ now: () => now });
  client = new Client(server);
  await installWidgets(client);
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

function apply(path: string, body: unknown, { manager = 'me', query = '' } = {}) {
  const type = 'application/apply-patch+yaml';
  return client.send('PATCH', `${path}?fieldManager=${manager}${query}`, body, { type });
}

type Noted = Readonly<{
  manager: string;
  operation: string;
  subresource?: string;
  time?: string;
  fieldsV1: object;
}>;
const noted = (body: { metadata: { managedFields?: readonly Noted[] } }) =>
  (body.metadata.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) =>
    [manager, operation, subresource, JSON.stringify(fieldsV1)]
      .filter((part) => part !== undefined)
      .join(' '),
  );

describe('an apply', () => {
  it('is YAML or JSON, creates what is not there, and keeps the version when nothing changes', async () => {
    const path = `${WIDGETS}/yaml`;
    const yaml = 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: yaml}\nspec:\n  size: 3\n';
    const first = await apply(path, yaml);
    expect([first.status, first.body.spec]).toEqual([201, { size: 3 }]);
    expect(noted(first.body)).toEqual(['me Apply {"f:spec":{"f:size":{}}}']);
    // The first update stores the default of the status, which a creation leaves to reads.
    const second = await apply(path, yaml);
    now += 60_000;
    const third = await apply(path, widget('yaml', { spec: { size: 3 } }));
    expect([third.status, third.body]).toEqual([200, second.body]);
  });

  it('is refused before anything is made where it names something else', async () => {
    const refuse = async (body: unknown) => (await apply(`${WIDGETS}/x`, body)).body.message;
    expect(await refuse({ ...widget('x'), kind: 'Cog' })).toBe(
      'invalid object type: example.org/v1, Kind=Cog',
    );
    expect(await refuse({ metadata: { name: 'x' } })).toBe('invalid object type: /, Kind=');
    expect(await refuse(widget('y'))).toBe(
      'the name of the object (y) does not match the name on the URL (x)',
    );
    expect(await refuse({ ...widget('x'), metadata: {} })).toBe(
      'the name of the object (x based on URL) was undeterminable: name must be provided',
    );
    expect(await refuse(widget('x', { metadata: { uid: 'u' } }))).toBe(
      'Operation cannot be fulfilled on widgets.example.org "x": uid mismatch: the provided object specified uid u, and no existing object was found',
    );
    expect(await refuse(widget('x', { spec: { nope: 1 } }))).toBe(
      'failed to create typed patch object (/x; example.org/v1, Kind=Widget): .spec.nope: field not declared in schema',
    );
    expect(await refuse([])).toBe(
      'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
    expect((await client.get(`${WIDGETS}/x`)).status).toBe(404);
  });

  it('judges the version that it names', async () => {
    await apply(`${WIDGETS}/versioned`, widget('versioned'));
    const stale = await apply(
      `${WIDGETS}/versioned`,
      widget('versioned', { metadata: { resourceVersion: '1' } }),
    );
    expect([stale.status, stale.body.reason]).toEqual([409, 'Conflict']);
  });

  it('of the status reaches the status alone', async () => {
    await client.post(`${WIDGETS}?fieldManager=maker`, widget('s'));
    const body = widget('s', {
      metadata: { labels: { a: 'b' } },
      spec: { size: 9 },
      status: { word: 'done' },
    });
    const { body: answer } = await apply(`${WIDGETS}/s/status`, body);
    expect(answer.spec).toEqual({ size: 1 });
    expect(answer.metadata.labels).toBeUndefined();
    expect(noted(answer)).toEqual([
      'me Apply status {"f:status":{"f:word":{}}}',
      'maker Update {"f:spec":{".":{},"f:size":{}}}',
    ]);
    expect((await apply(`${WIDGETS}/absent/status`, widget('absent'))).status).toBe(404);
  });

  it('owns of a Secret what it says in plain text', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'plain' },
      stringData: { a: 'canary-7f3a9' },
    };
    const { body } = await apply(`${SECRETS}/plain`, secret);
    expect(body.data).toEqual({ a: Buffer.from('canary-7f3a9').toString('base64') });
    expect(noted(body)).toEqual(['me Apply {"f:stringData":{"f:a":{}}}']);
  });
});

describe('the owners of fields', () => {
  it('are known by their program where they give no name', async () => {
    const { body } = await client.post(WIDGETS, widget('anonymous'));
    expect(body.metadata.managedFields[0]).toMatchObject({ manager: 'unknown', operation: 'Update' });
  });

  it('change with an update, in which what is gone belongs to nobody', async () => {
    const path = `${WIDGETS}/moves`;
    await client.post(
      `${WIDGETS}?fieldManager=a`,
      widget('moves', { spec: { colour: 'red', roles: ['x', 'y'] } }),
    );
    const stored = await client.merge(`${path}?fieldManager=b`, {
      spec: { size: 2, colour: null, roles: ['y', 'z'] },
    });
    expect(noted(stored.body)).toEqual([
      'a Update {"f:spec":{".":{},"f:roles":{".":{},"v:\\"y\\"":{}}}}',
      'b Update {"f:spec":{"f:roles":{"v:\\"z\\"":{}},"f:size":{}}}',
    ]);
  });

  it('stay when a client that knows nothing of them puts the object back', async () => {
    const { body } = await client.post(`${WIDGETS}?fieldManager=a`, widget('innocent'));
    const { managedFields: _gone, ...metadata } = body.metadata;
    const put = await client.put(`${WIDGETS}/innocent?fieldManager=b`, { ...body, metadata });
    expect(put.body.metadata.managedFields).toEqual(body.metadata.managedFields);
  });

  it('may be written by a client, and forgotten by an empty entry', async () => {
    const path = `${WIDGETS}/rewritten`;
    const { body } = await client.post(`${WIDGETS}?fieldManager=a`, widget('rewritten'));
    const [entry] = body.metadata.managedFields;
    const renamed = await client.json(path, [
      { op: 'replace', path: '/metadata/managedFields', value: [{ ...entry, manager: 'other' }] },
    ]);
    expect(noted(renamed.body)).toEqual(['other Update {"f:spec":{".":{},"f:size":{}}}']);
    const reset = await client.merge(path, { metadata: { managedFields: [{}] } });
    expect(reset.body.metadata.managedFields).toBeUndefined();
    const later = await client.merge(`${path}?fieldManager=b`, { spec: { size: 2 } });
    expect(later.body.metadata.managedFields).toBeUndefined();
    const applied = await apply(path, widget('rewritten', { spec: { size: 2 } }));
    expect(noted(applied.body)).toEqual([
      'me Apply {"f:spec":{"f:size":{}}}',
      'before-first-apply Update {"f:spec":{".":{},"f:size":{}}}',
    ]);
  });

  it('are noted of an event in the words in which it was written', async () => {
    const event = {
      metadata: { name: 'e' },
      involvedObject: { name: 'x', namespace: 'default' },
      message: 'm',
    };
    const { body } = await client.post(`${namespaced('default', 'events')}?fieldManager=a`, event);
    expect(noted(body)).toEqual(['a Update {"f:involvedObject":{},"f:message":{}}']);
  });
});

describe('kubectl, on its way to server-side apply', () => {
  const annotated = (spec: object) => {
    const applied = widget('csa', { spec });
    const text = JSON.stringify(applied);
    return widget('csa', { metadata: { annotations: { [LAST_APPLIED]: text } }, spec });
  };

  it('may take what it applied itself, and tells the annotation', async () => {
    await client.post(
      `${WIDGETS}?fieldManager=kubectl-client-side-apply`,
      annotated({ size: 1, colour: 'red' }),
    );
    const path = `${WIDGETS}/csa`;
    const other = await apply(path, widget('csa', { spec: { size: 2 } }), { manager: 'argocd' });
    expect(other.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using example.org/v1: .spec.size',
    );
    const taken = await apply(path, widget('csa', { spec: { size: 2 } }), { manager: 'kubectl' });
    expect([taken.status, taken.body.spec]).toEqual([200, { size: 2, colour: 'red' }]);
    expect(JSON.parse(taken.body.metadata.annotations[LAST_APPLIED]).spec).toEqual({ size: 2 });
  });

  it('may not take what somebody changed meanwhile', async () => {
    const path = `${WIDGETS}/csa`;
    await client.merge(`${path}?fieldManager=somebody`, { spec: { size: 7 } });
    const { body } = await apply(path, widget('csa', { spec: { size: 3 } }), { manager: 'kubectl' });
    expect(body.message).toBe(
      'Apply failed with 1 conflict: conflict with "somebody" using example.org/v1: .spec.size',
    );
  });
});
