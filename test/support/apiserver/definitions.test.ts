/** The life of a custom kind: served, changed, deleted with its objects. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, causesOf, until } from './testing/client.ts';
import {
  DEFINITION,
  DEFINITIONS,
  definition,
  installWidgets,
  SPEC_PROPERTIES,
  WIDGETS,
  widget,
} from './testing/widgets.ts';

let server: ApiServer;
let client: Client;
beforeEach(async () => {
  server = await startApiServer();
  client = new Client(server);
});
afterEach(async () => {
  await client.close();
  await server.stop();
});

describe('a definition', () => {
  it('is served once it is established, and is not found in plain text before', async () => {
    const slow = await startApiServer({ establishMs: 1_000 });
    const early = new Client(slow);
    await early.post(DEFINITIONS, definition());
    const reply = await early.get(WIDGETS);
    expect([reply.status, reply.text, reply.headers['content-type']]).toEqual([
      404,
      '404 page not found\n',
      'text/plain; charset=utf-8',
    ]);
    expect((await installWidgets(early)).status).toBe(200);
    await early.close();
    await slow.stop();
  });

  it('says what became of its names', async () => {
    const created = await client.post(DEFINITIONS, definition());
    expect(created.body).toMatchObject({
      metadata: { generation: 1 },
      spec: { names: { singular: 'widget', listKind: 'WidgetList' }, conversion: { strategy: 'None' } },
    });
    expect(created.body.status).toEqual({
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: ['v1'],
    });
    await installWidgets(client);
    const { status, metadata } = (await client.get(DEFINITION)).body;
    const conditions = status.conditions.map(({ type, status: is }: { type: string; status: string }) => [
      type,
      is,
    ]);
    expect(conditions).toEqual([
      ['NamesAccepted', 'True'],
      ['Established', 'True'],
    ]);
    expect([status.acceptedNames.kind, status.storedVersions, metadata.generation]).toEqual([
      'Widget',
      ['v1'],
      1,
    ]);
  });

  it.each([
    [
      'another name',
      { metadata: { name: 'x.example.org' } },
      ['metadata.name: Invalid value: "x.example.org": must be spec.names.plural+"."+spec.group'],
    ],
    [
      'no kind',
      { spec: { ...definition().spec, names: { plural: 'widgets' } } },
      [
        'spec.names.singular: Required value',
        'spec.names.kind: Required value',
        'spec.names.listKind: Required value',
      ],
    ],
    [
      'a scope of its own',
      { spec: { ...definition().spec, scope: 'Wide' } },
      ['spec.scope: Unsupported value: "Wide": supported values: "Cluster", "Namespaced"'],
    ],
    [
      'no version',
      { spec: { ...definition().spec, versions: [] } },
      [
        'spec.versions: Invalid value: []: must have exactly one version marked as storage version',
        'status.storedVersions: Invalid value: null: must have at least one stored version',
      ],
    ],
  ])('with %s is refused', async (_what, change, causes) => {
    const reply = await client.post(DEFINITIONS, { ...definition(), ...change });
    expect([reply.status, causesOf(reply)]).toEqual([422, causes]);
  });

  it('that lets select by a field which its schema does not have is refused', async () => {
    const reply = await client.post(DEFINITIONS, definition({ size: { type: 'integer' } }));
    expect([reply.status, causesOf(reply)]).toEqual([
      422,
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec.colour": is an invalid path: does not refer to a valid field',
      ],
    ]);
  });

  it('with a schema that is not structural is refused in the words of the schema', async () => {
    const reply = await client.post(DEFINITIONS, definition({ ...SPEC_PROPERTIES, size: { minimum: 1 } }));
    expect(reply.status).toBe(422);
    expect(causesOf(reply)[0]).toMatch(/properties\[size\]\.type: Required value: must not be empty/);
  });

  it('with an unknown word in its schema is refused where validation is strict', async () => {
    const odd = definition({ ...SPEC_PROPERTIES, size: { type: 'integer', const: 1 } });
    const { status, body } = await client.post(`${DEFINITIONS}?fieldValidation=Strict`, odd);
    expect([status, body.message]).toEqual([400, expect.stringMatching(/unknown field ".*const"/)]);
    expect((await client.post(DEFINITIONS, odd)).status).toBe(201);
    expect((await installWidgets(client)).status).toBe(200);
  });

  it('that changes is in force at once, ends the watches, and fills new defaults into old objects', async () => {
    await installWidgets(client);
    await client.post(WIDGETS, widget('old', { spec: { size: 50 } }));
    const watch = await client.watch(`${WIDGETS}?resourceVersion=${server.storage.version}`);
    const changed = definition({
      ...SPEC_PROPERTIES,
      size: { type: 'integer', maximum: 10 },
      shape: { type: 'string', default: 'round' },
    });
    expect((await client.merge(DEFINITION, { spec: changed.spec })).body.metadata.generation).toBe(2);
    expect(await watch.rest()).toEqual([]);
    expect((await client.get(`${WIDGETS}/old`)).body.spec).toEqual({ size: 50, shape: 'round' });
    expect((await client.get(WIDGETS)).body.items[0].spec.shape).toBe('round');
    expect(causesOf(await client.post(WIDGETS, widget('new', { spec: { size: 11 } })))[0]).toMatch(
      /^spec\.size: /,
    );
    const labelled = await client.merge(`${WIDGETS}/old`, { metadata: { labels: { a: 'b' } } });
    expect([labelled.status, labelled.body.metadata.generation]).toEqual([200, 1]);
  });

  it.each([
    ['scope', { scope: 'Cluster' }, 'Cluster'],
    ['group', { group: 'other.org' }, 'other.org'],
    ['names.kind', { names: { kind: 'Gadget' } }, 'Gadget'],
    ['names.plural', { names: { plural: 'gadgets' } }, 'gadgets'],
  ])('may not change its %s', async (field, spec, value) => {
    await installWidgets(client);
    const reply = await client.merge(DEFINITION, { spec });
    expect(causesOf(reply)).toEqual([`spec.${field}: Invalid value: "${value}": field is immutable`]);
  });

  it('of a kind without namespaces is served at the root', async () => {
    const wide = definition();
    await client.post(DEFINITIONS, { ...wide, spec: { ...wide.spec, scope: 'Cluster' } });
    const path = '/apis/example.org/v1/widgets';
    await until(
      () => client.get(path),
      ({ status }) => status === 200,
    );
    const { body } = await client.post(path, widget('wide'));
    expect(body.metadata).not.toHaveProperty('namespace');
    expect((await client.get(`${path}/wide`)).status).toBe(200);
    expect((await client.get(WIDGETS)).status).toBe(404);
  });

  it('of two versions shows one object under both', async () => {
    const two = definition();
    const [first] = two.spec.versions;
    const versions = [
      { ...first, storage: false },
      { ...first, name: 'v2' },
    ];
    await client.post(DEFINITIONS, { ...two, spec: { ...two.spec, versions } });
    await until(
      () => client.get(WIDGETS),
      ({ status }) => status === 200,
    );
    const V2 = WIDGETS.replace('/v1/', '/v2/');
    expect((await client.post(WIDGETS, widget('both'))).body.apiVersion).toBe('example.org/v1');
    const watch = await client.watch(V2);
    expect((await watch.next()).object.apiVersion).toBe('example.org/v2');
    watch.close();
    expect((await client.get(`${V2}/both`)).body.apiVersion).toBe('example.org/v2');
    const patched = await client.merge(`${V2}/both`, { spec: { size: 3 } });
    expect([patched.body.apiVersion, patched.body.metadata.generation]).toEqual(['example.org/v2', 2]);
  });
});

describe('the deletion of a definition', () => {
  it('marks its objects, refuses creations, lets them finish, then ends watches and serves nothing', async () => {
    await installWidgets(client);
    await client.post(WIDGETS, widget('free'));
    await client.post(WIDGETS, widget('held', { metadata: { finalizers: ['x.io/f'] } }));
    const watch = await client.watch(`${WIDGETS}?resourceVersion=${server.storage.version}`);
    const { body } = await client.delete(DEFINITION);
    expect(body.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    expect([(await watch.next()).type, (await watch.next()).type].sort()).toEqual(['DELETED', 'MODIFIED']);
    const refused = await client.post(WIDGETS, widget('late'));
    expect([refused.status, refused.body.reason, refused.body.message]).toEqual([
      403,
      'Forbidden',
      'widgets.example.org "late" is forbidden: create not allowed while custom resource definition is terminating',
    ]);
    expect((await client.merge(`${WIDGETS}/held/status`, { status: { word: 'bye' } })).status).toBe(200);
    expect((await client.merge(`${WIDGETS}/held`, { metadata: { finalizers: [] } })).status).toBe(200);
    expect((await watch.rest()).map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']);
    await until(
      () => client.get(WIDGETS),
      ({ status, text }) => status === 404 && text === '404 page not found\n',
    );
    expect((await client.get(DEFINITION)).status).toBe(404);
  });

  it('without objects is done soon, and the kind may come again, empty', async () => {
    await installWidgets(client);
    await client.post(WIDGETS, widget('former'));
    await client.delete(DEFINITION);
    await until(
      () => client.get(DEFINITION),
      ({ status }) => status === 404,
    );
    expect((await installWidgets(client)).body.items).toEqual([]);
  });
});
