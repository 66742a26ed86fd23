import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRecord, type Json } from './objects.ts';
import { wireFields } from './protobuf/wire.ts';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, until } from './testing/client.ts';
import { DEFINITION, DEFINITIONS, definition, installWidgets, SPEC_PROPERTIES } from './testing/widgets.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const WIDGET_DOCUMENT = '/openapi/v3/apis/example.org/v1';

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

type Index = Readonly<Record<string, Readonly<{ serverRelativeURL: string }>>>;

async function index(): Promise<Index> {
  return (await client.get('/openapi/v3')).body.paths;
}

function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isRecord(value)) return [];
  const own = typeof value['$ref'] === 'string' ? [value['$ref']] : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

/** Properties without a description, by their path. */
function undescribed(schema: Json, at: string): readonly string[] {
  const properties = isRecord(schema['properties']) ? Object.entries(schema['properties']) : [];
  return properties.flatMap(([name, inner]) => {
    if (!isRecord(inner)) return [`${at}.${name}`];
    const here = typeof inner['description'] === 'string' ? [] : [`${at}.${name}`];
    return [...here, ...undescribed(inner, `${at}.${name}`)];
  });
}

describe('OpenAPI', () => {
  it('has a document for every group and version', async () => {
    expect(Object.keys(await index()).sort()).toEqual(
      expect.arrayContaining([
        'api/v1',
        'apis/apiextensions.k8s.io/v1',
        'apis/coordination.k8s.io/v1',
        'apis/events.k8s.io/v1',
        'apis/example.org/v1',
      ]),
    );
    expect((await client.get('/openapi/v3/apis/nope.org/v1')).status).toBe(404);
  });

  it('refers to nothing that is not there, and describes every field of built-in kinds', async () => {
    for (const [path, { serverRelativeURL }] of Object.entries(await index())) {
      const { body } = await client.get(serverRelativeURL);
      expect(body.openapi).toBe('3.0.0');
      const schemas = body.components.schemas as Readonly<Record<string, Json>>;
      const known = Object.keys(schemas).map((name) => `#/components/schemas/${name}`);
      expect([path, referencesIn(body).filter((name) => !known.includes(name))]).toEqual([path, []]);
      const builtIn = Object.entries(schemas).filter(([name]) => name.startsWith('io.k8s.'));
      expect(builtIn.flatMap(([name, schema]) => undescribed(schema, name))).toEqual([]);
    }
  });

  it('says what a field is where the field is, and not again where its type is', async () => {
    const { body } = await client.get('/openapi/v3/apis/coordination.k8s.io/v1');
    const { schemas } = body.components;
    const { spec, metadata } = schemas['io.k8s.api.coordination.v1.Lease'].properties;
    const { 'io.k8s.api.coordination.v1.LeaseSpec': specType, [OBJECT_META]: metaType } = schemas;
    expect([spec.description, metadata.description]).toEqual([
      'Who holds the lease, and for how long.',
      expect.stringMatching(/^Standard object's metadata/),
    ]);
    expect([specType, metaType].map(({ description }) => description)).toEqual([undefined, undefined]);
    const owners = metaType.properties.ownerReferences;
    expect(owners).toMatchObject({ description: expect.any(String), items: { allOf: [expect.anything()] } });
    expect(owners.items).not.toHaveProperty('description');
  });

  it('tells the schema of a definition, with the fields that every object has', async () => {
    const { body } = await client.get(WIDGET_DOCUMENT);
    const schemas = body.components.schemas;
    const widget = schemas['org.example.v1.Widget'];
    expect(widget['x-kubernetes-group-version-kind']).toEqual([
      { group: 'example.org', version: 'v1', kind: 'Widget' },
    ]);
    expect(widget['x-kubernetes-selectable-fields']).toEqual([{ fieldPath: 'spec.colour' }]);
    expect(widget.properties.spec).toEqual({
      type: 'object',
      required: ['size'],
      properties: SPEC_PROPERTIES,
    });
    expect(widget.properties.metadata.allOf).toEqual([
      { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
    ]);
    expect(schemas['org.example.v1.WidgetList'].properties.items.items).toEqual({
      $ref: '#/components/schemas/org.example.v1.Widget',
    });
  });

  it('says what kubectl looks for: that a patch takes fieldValidation, and who takes strategic merge', async () => {
    const patchOf = async (path: string, at: string) => (await client.get(path)).body.paths[at].patch;
    const widget = await patchOf(
      WIDGET_DOCUMENT,
      '/apis/example.org/v1/namespaces/{namespace}/widgets/{name}',
    );
    const secret = await patchOf('/openapi/v3/api/v1', '/api/v1/namespaces/{namespace}/secrets/{name}');
    for (const patch of [widget, secret]) {
      const names = patch.parameters.map(({ name }: { name: string }) => name);
      expect(names).toEqual(expect.arrayContaining(['dryRun', 'fieldManager', 'fieldValidation', 'force']));
    }
    const strategic = 'application/strategic-merge-patch+json';
    expect(Object.keys(widget.requestBody.content)).not.toContain(strategic);
    expect(Object.keys(secret.requestBody.content)).toContain(strategic);
    expect(secret['x-kubernetes-group-version-kind']).toEqual({ group: '', version: 'v1', kind: 'Secret' });
  });

  it('has paths for each way in which a kind is asked for', async () => {
    const { body } = await client.get(WIDGET_DOCUMENT);
    const home = '/apis/example.org/v1/namespaces/{namespace}/widgets';
    const operations = Object.entries(body.paths as Readonly<Record<string, Json>>).map(([path, item]) => [
      path,
      Object.keys(item).filter((key) => key !== 'parameters'),
    ]);
    expect(Object.fromEntries(operations)).toEqual({
      '/apis/example.org/v1/widgets': ['get'],
      [home]: ['get', 'post'],
      [`${home}/{name}`]: ['get', 'put', 'patch', 'delete'],
      [`${home}/{name}/status`]: ['get', 'put', 'patch'],
    });
  });

  it('may be kept for good by the one who asked by its hash, whose address changes with the kinds', async () => {
    const url = (await index())['apis/example.org/v1']?.serverRelativeURL ?? '';
    const first = await client.get(url);
    expect(first.headers['cache-control']).toBe('public, immutable');
    const etag = String(first.headers['etag']);
    expect((await client.send('GET', url, undefined, { etag })).status).toBe(304);
    expect((await client.get(WIDGET_DOCUMENT)).headers['cache-control']).toBe('no-cache, private');

    const stored = (await client.get(DEFINITION)).body;
    const wider = definition({ ...SPEC_PROPERTIES, weight: { type: 'integer' } });
    await client.put(DEFINITION, { ...wider, metadata: stored.metadata });
    const changed = await until(
      () => client.get(WIDGET_DOCUMENT),
      ({ text }) => text.includes('"weight"'),
    );
    expect(changed.headers['etag']).not.toBe(etag);
    expect((await index())['apis/example.org/v1']?.serverRelativeURL).not.toBe(url);
    await client.delete(`${DEFINITIONS}/widgets.example.org`);
    await until(
      () => client.get(WIDGET_DOCUMENT),
      ({ status }) => status === 404,
    );
  });
});

describe('OpenAPI v2', () => {
  const inner = (message: Buffer, ...numbers: readonly number[]): readonly Buffer[] =>
    numbers.reduce<readonly Buffer[]>(
      (messages, wanted) =>
        messages.flatMap((one) =>
          wireFields(one).flatMap(({ number, value }) =>
            number === wanted && Buffer.isBuffer(value) ? [value] : [],
          ),
        ),
      [message],
    );
  const texts = (messages: readonly Buffer[]) => messages.map((message) => message.toString('utf8'));

  it('says in protobuf that a patch takes fieldValidation, of namespaces too, by which lists are judged', async () => {
    const { status, headers, bytes } = await client.bytes('/openapi/v2');
    expect([status, headers['content-type']]).toEqual([
      200,
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    ]);
    // Document.paths.path: a name, and in its value the patch operation.
    const paths = inner(bytes, 8, 2);
    const namespaces = paths.find((path) => texts(inner(path, 1)).includes('/api/v1/namespaces/{name}'));
    const [patch] = inner(namespaces ?? Buffer.alloc(0), 2, 8);
    // Operation.parameters.parameter.non_body_parameter.query_parameter_sub_schema.name
    const names = texts(inner(patch ?? Buffer.alloc(0), 8, 1, 2, 3, 4));
    expect(names).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
    // Operation.vendor_extension: a name, and a value in YAML.
    const [extension = Buffer.alloc(0)] = inner(patch ?? Buffer.alloc(0), 13);
    expect(texts(inner(extension, 1))).toEqual(['x-kubernetes-group-version-kind']);
    expect(texts(inner(extension, 2, 2)).map((text) => JSON.parse(text))).toEqual([
      { group: '', version: 'v1', kind: 'Namespace' },
    ]);
  });
});
