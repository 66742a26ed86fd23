/** What a creation gives, and what it refuses. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, causesOf } from './testing/client.ts';
import { installWidgets, namespaced, secret, WIDGETS, widget } from './testing/widgets.ts';

let server: ApiServer;
let client: Client;
beforeAll(async () => {
  server = await startApiServer({ now: () => Date.parse('2026-05-04T03:02:01.900Z') });
  client = new Client(server);
  await installWidgets(client);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const SECRETS = namespaced('default', 'secrets');
const made = async (name: string, more = {}) => (await client.post(WIDGETS, widget(name, more))).body;

describe('a creation', () => {
  it('gives uid, time, version and generation, and drops the status sent with it', async () => {
    const sent = widget('born', {
      metadata: { uid: 'mine', generation: 7, creationTimestamp: null, labels: { a: 'b' } },
      status: { word: 'x' },
    });
    const { status, body } = await client.post(WIDGETS, sent);
    expect(status).toBe(201);
    expect(body).toEqual({
      apiVersion: 'example.org/v1',
      kind: 'Widget',
      metadata: {
        name: 'born',
        namespace: 'default',
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: expect.stringMatching(/^[1-9][0-9]*$/),
        creationTimestamp: '2026-05-04T03:02:01Z',
        generation: 1,
        labels: { a: 'b' },
        managedFields: [
          {
            ...{ manager: 'unknown', operation: 'Update', apiVersion: 'example.org/v1' },
            ...{ time: '2026-05-04T03:02:01Z', fieldsType: 'FieldsV1' },
            fieldsV1: {
              'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
              'f:spec': { '.': {}, 'f:size': {} },
            },
          },
        ],
      },
      spec: { size: 1 },
      status: { observedGeneration: -1 },
    });
    expect((await client.get(`${WIDGETS}/born`)).body).toEqual(body);
  });

  it('counts one version for all kinds', async () => {
    const first = await made('one');
    const second = (await client.post(SECRETS, secret('two'))).body;
    expect(Number(second.metadata.resourceVersion)).toBe(Number(first.metadata.resourceVersion) + 1);
  });

  it('finds a name for generateName', async () => {
    const { metadata } = (await client.post(SECRETS, { metadata: { generateName: 'made-' } })).body;
    expect(metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
  });

  it('stores nothing on a dry run', async () => {
    const { version } = server.storage;
    const dry = await client.post(`${WIDGETS}?dryRun=All`, widget('dry'));
    expect([dry.status, dry.body.metadata.name, server.storage.version]).toEqual([201, 'dry', version]);
    expect((await client.get(`${WIDGETS}/dry`)).status).toBe(404);
  });

  it('of one name by twenty at once succeeds for one', async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => client.post(WIDGETS, widget('rival'))),
    );
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
    const loser = replies.find(({ status }) => status === 409);
    expect(loser?.body).toMatchObject({
      reason: 'AlreadyExists',
      message: 'widgets.example.org "rival" already exists',
      details: { name: 'rival', group: 'example.org', kind: 'widgets' },
    });
  });

  it.each([
    [
      'a version',
      widget('v', { metadata: { resourceVersion: '5' } }),
      500,
      'resourceVersion should not be set on objects to be created',
    ],
    [
      'another namespace than the path',
      widget('v', { metadata: { namespace: 'other' } }),
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'another apiVersion',
      { ...widget('v'), apiVersion: 'example.org/v2' },
      400,
      'the API version in the data (example.org/v2) does not match the expected API version (example.org/v1)',
    ],
    [
      'another kind',
      { ...widget('v'), kind: 'Gadget' },
      422,
      'Gadget.example.org "v" is invalid: kind: Invalid value: "Gadget": must be Widget',
    ],
    [
      'no name',
      widget(''),
      422,
      'Widget.example.org "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'a number for a label',
      widget('v', { metadata: { labels: { a: 1 } } }),
      400,
      'Widget in version "v1" cannot be handled as a Widget: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    ],
    [
      'a missing required field',
      { ...widget('v'), spec: {} },
      422,
      'Widget.example.org "v" is invalid: spec.size: Required value',
    ],
  ])('with %s is refused', async (_what, body, status, message) => {
    const reply = await client.post(WIDGETS, body);
    expect([reply.status, reply.body.message]).toEqual([
      status,
      typeof message === 'string' ? message : expect.stringMatching(message),
    ]);
  });

  it('in a namespace that is not there is not found', async () => {
    const reply = await client.post('/apis/example.org/v1/namespaces/nope/widgets', widget('x'));
    expect([reply.status, reply.body.message]).toEqual([404, 'namespaces "nope" not found']);
  });

  it('tells all that is wrong with metadata and spec together', async () => {
    const reply = await client.post(WIDGETS, widget('Upper', { spec: { size: 0 } }));
    expect(causesOf(reply).map((text) => text.split(':')[0])).toEqual(['metadata.name', 'spec.size']);
    expect(reply.body.message).toMatch(
      /^Widget\.example\.org "Upper" is invalid: \[metadata\.name: .*, spec\.size: /,
    );
  });

  const odd = () =>
    JSON.stringify(widget('odd', { spec: { wings: 2 }, metadata: { shoes: 1 } })).replace(
      '"size":1',
      '"size":1,"size":1',
    );
  it('with unknown and double fields is refused where validation is strict', async () => {
    const strict = await client.post(`${WIDGETS}?fieldValidation=Strict`, odd());
    expect(strict.status).toBe(400);
    expect(strict.body.message).toContain('strict decoding error: ');
    for (const told of [
      'unknown field "spec.wings"',
      'unknown field "metadata.shoes"',
      'duplicate field "spec.size"',
    ]) {
      expect(strict.body.message).toContain(told);
    }
  });

  it('with unknown and double fields is warned about unless that is refused, and stores them not', async () => {
    const warned = await client.post(`${WIDGETS}?fieldValidation=Warn&dryRun=All`, odd());
    const unasked = await client.post(`${WIDGETS}?dryRun=All`, odd());
    const ignored = await client.post(`${WIDGETS}?fieldValidation=Ignore&dryRun=All`, odd());
    expect(unasked.headers['warning']).toBe(warned.headers['warning']);
    expect(ignored.headers).not.toHaveProperty('warning');
    expect(warned.headers['warning']).toContain('299 - "unknown field \\"spec.wings\\""');
    expect(warned.headers['warning']).toContain('299 - "duplicate field \\"spec.size\\""');
    expect(warned.body.spec).toEqual({ size: 1 });
  });

  it('with a finalizer without a domain is warned about', async () => {
    const { headers } = await client.post(`${SECRETS}?dryRun=All`, {
      metadata: { name: 'f', finalizers: ['mine'] },
    });
    const ofWidget = await client.post(
      `${WIDGETS}?dryRun=All`,
      widget('f', { metadata: { finalizers: ['mine'] } }),
    );
    expect(String(headers['warning'] ?? '') + ofWidget.headers['warning']).toContain(
      'prefer a domain-qualified finalizer name',
    );
  });
});
