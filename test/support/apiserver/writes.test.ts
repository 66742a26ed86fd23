/** Rows of the measured answers: creation, update, status, generation, finalizers, deletion. */

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
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const lease = (name: string, metadata: object = {}) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, ...metadata },
  spec: { holderIdentity: 'a', leaseDurationSeconds: 15 },
});
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

describe('a PUT', () => {
  it('of an equal object keeps the version, once the default of the status is stored', async () => {
    const created = await made('same');
    const first = await client.put(`${WIDGETS}/same`, created);
    expect(first.body).toEqual({
      ...created,
      metadata: {
        ...created.metadata,
        resourceVersion: expect.not.stringMatching(`^${created.metadata.resourceVersion}$`),
      },
    });
    const again = await client.put(`${WIDGETS}/same`, first.body);
    expect([again.status, again.body]).toEqual([200, first.body]);
  });

  it('with a stale version is a conflict, even if nothing would change', async () => {
    const old = await made('stale');
    await client.merge(`${WIDGETS}/stale`, { metadata: { labels: { moved: 'yes' } } });
    for (const path of [`${WIDGETS}/stale`, `${WIDGETS}/stale/status`]) {
      const { status, body } = await client.put(path, old);
      expect(status).toBe(409);
      expect(body).toMatchObject({
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on widgets.example.org "stale": the object has been modified; please apply your changes to the latest version and try again',
        details: { name: 'stale', group: 'example.org', kind: 'widgets' },
      });
    }
  });

  it('with the uid of a former namesake is a conflict', async () => {
    const old = await made('twice');
    await client.delete(`${WIDGETS}/twice`);
    const now = await made('twice');
    const { status, body } = await client.put(`${WIDGETS}/twice/status`, {
      ...now,
      metadata: { name: 'twice', uid: old.metadata.uid, resourceVersion: now.metadata.resourceVersion },
    });
    expect([status, body.message]).toEqual([
      409,
      `Operation cannot be fulfilled on widgets.example.org "twice": StorageError: invalid object, Code: 4, Key: /registry/example.org/widgets/default/twice, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${old.metadata.uid}, UID in object meta: ${now.metadata.uid}`,
    ]);
  });

  it('without a version is refused for a custom kind and a Lease, and overwrites a Secret', async () => {
    await made('blind');
    await client.post(LEASES, lease('blind'));
    await client.post(SECRETS, secret('blind'));
    const refused = await client.put(`${WIDGETS}/blind`, widget('blind'));
    expect(causesOf(refused)).toEqual([
      'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    ]);
    expect((await client.put(`${LEASES}/blind`, lease('blind', { resourceVersion: '0' }))).status).toBe(422);
    const taken = await client.put(
      `${SECRETS}/blind`,
      secret('blind', { stringData: { a: 'canary-7f3a9' } }),
    );
    expect([taken.status, Object.keys(taken.body.data)]).toEqual([200, ['a']]);
  });

  it('creates only Leases and Events, and those not with a former uid', async () => {
    expect((await client.put(`${WIDGETS}/ghost`, widget('ghost'))).status).toBe(404);
    expect((await client.put(`${SECRETS}/ghost`, secret('ghost'))).status).toBe(404);
    const former = await client.put(`${LEASES}/ghost`, lease('ghost', { uid: 'former' }));
    expect([former.status, former.body.message]).toEqual([
      409,
      'Operation cannot be fulfilled on leases.coordination.k8s.io "ghost": StorageError: invalid object, Code: 4, Key: /registry/leases/default/ghost, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: former, UID in object meta: ',
    ]);
    expect((await client.put(`${LEASES}/ghost`, lease('ghost'))).status).toBe(201);
  });

  it('under another name than the path is refused', async () => {
    await made('here');
    const { status, body } = await client.put(`${WIDGETS}/here`, widget('there'));
    expect([status, body.message]).toEqual([
      400,
      'the name of the object (there) does not match the name on the URL (here)',
    ]);
  });

  it('without a name in the body is refused', async () => {
    await made('nameless');
    const { status, body } = await client.put(`${WIDGETS}/nameless`, { ...widget('x'), metadata: {} });
    expect([status, body.message]).toEqual([
      400,
      'the name of the object (nameless based on URL) was undeterminable: name must be provided',
    ]);
  });

  it('may not move what the server gave', async () => {
    const { metadata, ...rest } = await made('fixed');
    const put = (moved: object) =>
      client.put(`${WIDGETS}/fixed`, { ...rest, metadata: { ...metadata, ...moved } });
    const told = 'metadata.deletionTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable';
    expect(causesOf(await put({ deletionTimestamp: '2020-01-01T00:00:00Z' }))).toEqual([told, told]);
    const kept = (await put({ creationTimestamp: '2020-01-01T00:00:00Z', generation: 77 })).body.metadata;
    expect([kept.creationTimestamp, kept.generation]).toEqual([metadata.creationTimestamp, 1]);
  });

  it('of twenty rivals with one version succeeds for one', async () => {
    const body = await made('contested');
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        client.put(`${WIDGETS}/contested`, { ...body, spec: { size: i + 2 } }),
      ),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(19);
  });
});

describe('the status subresource', () => {
  it('takes nothing but the status, and the main resource everything else', async () => {
    const body = await made('split', { metadata: { labels: { a: 'b' }, finalizers: ['x.io/f'] } });
    const { name, uid, resourceVersion } = body.metadata;
    const minimal = {
      apiVersion: 'example.org/v1',
      kind: 'Widget',
      metadata: { name, uid, resourceVersion, labels: { other: 'x' } },
      spec: { size: 99 },
      status: { word: 'hello' },
    };
    const status = (await client.put(`${WIDGETS}/split/status`, minimal)).body;
    expect(status).toMatchObject({ spec: { size: 1 }, status: { word: 'hello', observedGeneration: -1 } });
    expect(status.metadata).toMatchObject({ labels: { a: 'b' }, finalizers: ['x.io/f'], generation: 1 });
    const main = (
      await client.put(`${WIDGETS}/split`, { ...status, spec: { size: 2 }, status: { word: 'bye' } })
    ).body;
    expect(main).toMatchObject({ spec: { size: 2 }, status: { word: 'hello' }, metadata: { generation: 2 } });
  });

  it('keeps the version where the status is equal, pruned fields aside', async () => {
    const body = await made('quiet');
    const first = (await client.put(`${WIDGETS}/quiet/status`, { ...body, status: { word: 'a' } })).body;
    const second = (await client.put(`${WIDGETS}/quiet/status`, { ...first, status: { word: 'a', odd: 1 } }))
      .body;
    expect(second).toEqual(first);
  });

  it('without a status falls back to the default', async () => {
    const body = await made('emptied');
    const full = (await client.put(`${WIDGETS}/emptied/status`, { ...body, status: { word: 'a' } })).body;
    const { status: _gone, ...rest } = full;
    const emptied = (await client.put(`${WIDGETS}/emptied/status`, rest)).body;
    expect(emptied.status).toEqual({ observedGeneration: -1 });
  });

  it('is patched like the main resource', async () => {
    await made('patched');
    const { body } = await client.merge(`${WIDGETS}/patched/status`, {
      status: { word: 'p' },
      spec: { size: 9 },
    });
    expect([body.status.word, body.spec.size, body.metadata.generation]).toEqual(['p', 1, 1]);
  });
});

describe('generation', () => {
  it.each([
    ['a spec field', { spec: { size: 2 } }, 2],
    ['the order of a set', { spec: { roles: ['b', 'a'] } }, 2],
    ['a label', { metadata: { labels: { a: 'c' } } }, 1],
    ['an annotation', { metadata: { annotations: { a: 'c' } } }, 1],
    ['a finalizer', { metadata: { finalizers: ['x.io/f'] } }, 1],
    ['nothing', {}, 1],
  ])('after a change of %s', async (what, change, generation) => {
    const name = `gen-${what.replaceAll(' ', '-')}`;
    await made(name, { spec: { roles: ['a', 'b'] } });
    expect((await client.merge(`${WIDGETS}/${name}`, change)).body.metadata.generation).toBe(generation);
  });

  it('is not known to Secrets', async () => {
    const { metadata } = (await client.post(SECRETS, secret('plain'))).body;
    expect(metadata).not.toHaveProperty('generation');
  });
});

describe('a DELETE', () => {
  it('without finalizers removes, and answers with a Status', async () => {
    const { metadata } = await made('gone');
    const { status, body } = await client.delete(`${WIDGETS}/gone`);
    expect([status, body]).toEqual([
      200,
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'gone', group: 'example.org', kind: 'widgets', uid: metadata.uid },
      },
    ]);
    expect((await client.get(`${WIDGETS}/gone`)).body).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'widgets.example.org "gone" not found',
    });
  });

  it('with finalizers marks, once, and answers with the object', async () => {
    await made('held', { metadata: { finalizers: ['x.io/f'] } });
    const { status, body } = await client.delete(`${WIDGETS}/held`);
    expect(status).toBe(200);
    expect(body.metadata).toMatchObject({
      deletionTimestamp: '2026-05-04T03:02:01Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
    expect((await client.delete(`${WIDGETS}/held`)).body).toEqual(body);
    const again = await client.post(WIDGETS, widget('held'));
    expect([again.status, again.body.message]).toEqual([
      409,
      'object is being deleted: widgets.example.org "held" already exists',
    ]);
  });

  it('while finalizers hold still lets the spec be edited, but no finalizer be added', async () => {
    await made('edited', { metadata: { finalizers: ['x.io/f'] } });
    await client.delete(`${WIDGETS}/edited`);
    const edit = (await client.merge(`${WIDGETS}/edited`, { spec: { size: 5 } })).body;
    expect([edit.spec.size, edit.metadata.generation]).toEqual([5, 3]);
    const late = await client.merge(`${WIDGETS}/edited`, {
      metadata: { finalizers: ['x.io/f', 'new.io/x'] },
    });
    expect([...new Set(causesOf(late))]).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"new.io/x"}',
    ]);
  });

  it('ends when the last finalizer goes; the answer shows what was sent, the event what was stored', async () => {
    await made('last', { metadata: { finalizers: ['x.io/f'] } });
    const marked = (await client.delete(`${WIDGETS}/last`)).body;
    const watch = await client.watch(`${WIDGETS}?resourceVersion=${marked.metadata.resourceVersion}`);
    const patched = await client.merge(`${WIDGETS}/last`, {
      metadata: { finalizers: null, annotations: { words: 'last' } },
    });
    expect(patched.status).toBe(200);
    expect(patched.body.metadata.annotations).toEqual({ words: 'last' });
    expect(patched.body.metadata).not.toHaveProperty('finalizers');
    expect(patched.body.metadata.resourceVersion).toBe(marked.metadata.resourceVersion);
    const event = await watch.next();
    watch.close();
    expect(event.type).toBe('DELETED');
    expect(event.object.metadata).toEqual({
      ...marked.metadata,
      resourceVersion: String(Number(marked.metadata.resourceVersion) + 1),
    });
    expect((await client.merge(`${WIDGETS}/last`, {})).status).toBe(404);
  });

  it('with preconditions deletes exactly the object seen', async () => {
    const { metadata } = await made('exact');
    const byUid = await client.delete(`${WIDGETS}/exact`, { preconditions: { uid: 'other' } });
    expect([byUid.status, byUid.body.reason, byUid.body.message]).toEqual([
      409,
      'Conflict',
      `Operation cannot be fulfilled on Widget.example.org "exact": the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    ]);
    const byVersion = await client.delete(`${WIDGETS}/exact`, { preconditions: { resourceVersion: '1' } });
    expect([byVersion.status, byVersion.body.message]).toEqual([
      409,
      expect.stringContaining(
        `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${metadata.resourceVersion})`,
      ),
    ]);
    const { uid, resourceVersion } = metadata;
    expect(
      (await client.delete(`${WIDGETS}/exact`, { preconditions: { uid, resourceVersion } })).status,
    ).toBe(200);
  });

  it('of a collection deletes what the selector says', async () => {
    await made('many-1', { metadata: { labels: { heap: 'a' } } });
    await made('many-2', { metadata: { labels: { heap: 'a' } } });
    await made('many-3', { metadata: { labels: { heap: 'b' } } });
    expect((await client.delete(`${WIDGETS}?labelSelector=heap%3Da`)).body.items).toHaveLength(2);
    const { items } = (await client.get(`${WIDGETS}?labelSelector=heap`)).body;
    expect(items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['many-3']);
  });

  it('with a propagation policy that nobody knows is refused', async () => {
    await made('policy');
    const reply = await client.delete(`${WIDGETS}/policy?propagationPolicy=Sideways`);
    expect([reply.status, causesOf(reply)]).toEqual([
      422,
      [
        'propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"',
      ],
    ]);
  });
});
