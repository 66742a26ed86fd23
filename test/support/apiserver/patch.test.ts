import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, causesOf } from './testing/client.ts';
import { installWidgets, namespaced, secret, WIDGETS, widget } from './testing/widgets.ts';
import { mergePatch } from './write/patch.ts';

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

const SECRETS = namespaced('default', 'secrets');
const F = 'example.org/f';
const made = async (name: string, metadata: object = {}) =>
  (await client.post(WIDGETS, widget(name, { metadata }))).body;

describe('a JSON patch', () => {
  const add = (path: string, value: unknown) => ({ op: 'add', path, value });
  const test = (path: string, value: unknown) => ({ op: 'test', path, value });
  const drop = (path: string) => ({ op: 'remove', path });
  const LIST = '/metadata/finalizers';

  it.each<[string, object, object[], string[] | undefined]>([
    ['a test for null passes where there is nothing', {}, [test(LIST, null), add(LIST, [F])], [F]],
    [
      'a test for null fails where there is something',
      { finalizers: [F] },
      [test(LIST, null), add(LIST, [F])],
      undefined,
    ],
    ['an add to the end of an absent list', {}, [add(`${LIST}/-`, F)], undefined],
    ['an add to the end of a list', { finalizers: ['a.io/a'] }, [add(`${LIST}/-`, F)], ['a.io/a', F]],
    ['a second add stores the same twice', { finalizers: [F] }, [add(`${LIST}/-`, F)], [F, F]],
    ['a tested remove', { finalizers: ['a.io/a', F] }, [test(`${LIST}/1`, F), drop(`${LIST}/1`)], ['a.io/a']],
    ['a test of another value', { finalizers: [F] }, [test(`${LIST}/0`, 'x'), drop(`${LIST}/0`)], undefined],
    ['a remove out of range', { finalizers: [F] }, [drop(`${LIST}/1`)], undefined],
    ['a remove of an absent key', {}, [drop(LIST)], undefined],
    ['a replace of an absent key', {}, [{ op: 'replace', path: LIST, value: [F] }], [F]],
    [
      'a copy of what is not there',
      { finalizers: [F] },
      [{ op: 'copy', from: '/spec/none', path: '/spec/colour' }],
      [F],
    ],
    [
      'a move of what is not there',
      {},
      [{ op: 'move', from: '/spec/none', path: '/spec/colour' }],
      undefined,
    ],
    [
      'a replace out of range',
      { finalizers: [F] },
      [{ op: 'replace', path: `${LIST}/1`, value: F }],
      undefined,
    ],
    ['an unknown operation', {}, [{ op: 'turn', path: '/spec' }], undefined],
    [
      'a test of a stale version',
      { finalizers: [F] },
      [test('/metadata/resourceVersion', '1'), drop(LIST)],
      undefined,
    ],
    [
      'a move',
      { finalizers: ['a.io/a', F] },
      [{ op: 'move', from: `${LIST}/0`, path: `${LIST}/1` }],
      [F, 'a.io/a'],
    ],
  ])('%s', async (what, metadata, operations, finalizers) => {
    const name = `json-${what.replaceAll(' ', '-').toLowerCase()}`;
    await made(name, metadata);
    const { status, body } = await client.json(`${WIDGETS}/${name}`, operations);
    if (finalizers !== undefined) {
      expect([status, body.metadata.finalizers]).toEqual([200, finalizers]);
      return;
    }
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'the server rejected our request due to an error in our request',
      reason: 'Invalid',
      details: {},
      code: 422,
    });
  });

  it('changes nothing where one of its operations fails', async () => {
    const body = await made('whole');
    await client.json(`${WIDGETS}/whole`, [add('/spec/colour', 'red'), test('/spec/size', 7)]);
    expect((await client.get(`${WIDGETS}/whole`)).body).toEqual(body);
  });

  it('that is no list is refused', async () => {
    await made('no-list');
    const { status, body } = await client.json(`${WIDGETS}/no-list`, { op: 'add' });
    expect([status, body.message]).toEqual([
      400,
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ]);
  });
});

describe('a merge patch', () => {
  it.each([
    ['a key is added', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['null removes', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['null of what is absent does nothing', { a: 1 }, { b: null }, { a: 1 }],
    ['objects are merged', { a: { b: 1, c: 2 } }, { a: { b: null, d: 3 } }, { a: { c: 2, d: 3 } }],
    ['lists are replaced', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['a scalar gives way to an object', { a: 1 }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
  ])('%s (RFC 7386)', (_what, current, change, expected) => {
    expect(mergePatch(current, change)).toEqual(expected);
  });

  it('with a stale version is a conflict, and without one overwrites', async () => {
    await made('versioned');
    await client.merge(`${WIDGETS}/versioned`, { spec: { size: 2 } });
    const stale = await client.merge(`${WIDGETS}/versioned`, {
      metadata: { resourceVersion: '1', finalizers: [F] },
    });
    expect([stale.status, stale.body.reason]).toEqual([409, 'Conflict']);
    expect((await client.merge(`${WIDGETS}/versioned`, { metadata: { finalizers: [F] } })).status).toBe(200);
  });

  it('of a wrong uid is refused as an immutable field', async () => {
    await made('uid');
    const reply = await client.merge(`${WIDGETS}/uid`, { metadata: { uid: 'other' } });
    expect([reply.status, [...new Set(causesOf(reply))]]).toEqual([
      422,
      ['metadata.uid: Invalid value: "other": field is immutable'],
    ]);
  });

  it('by forty at once succeeds for all', async () => {
    await made('forty');
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        client.merge(`${WIDGETS}/forty`, { metadata: { labels: { [`l${i}`]: 'x' } } }),
      ),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(Object.keys((await client.get(`${WIDGETS}/forty`)).body.metadata.labels)).toHaveLength(40);
  });

  it('of what is not there is not found', async () => {
    expect((await client.merge(`${WIDGETS}/absent`, {})).body.message).toBe(
      'widgets.example.org "absent" not found',
    );
  });

  it('that breaks a Secret echoes the whole Secret', async () => {
    await client.post(SECRETS, secret('echo', { stringData: { password: 'canary-7f3a9' } }));
    const { status, body } = await client.merge(`${SECRETS}/echo`, { data: { other: 'not base64!' } });
    expect([status, body.reason]).toEqual([422, 'Invalid']);
    expect(body.message).toMatch(/^ "" is invalid: patch: Invalid value: "\{/);
    expect(body.message).toContain(Buffer.from('canary-7f3a9').toString('base64'));
    expect(body.message).toMatch(/": illegal base64 data at input byte 3$/);
  });

  it('with an unknown field is refused with the whole object where validation is strict', async () => {
    await made('strict');
    const { status, body } = await client.merge(`${WIDGETS}/strict?fieldValidation=Strict`, {
      spec: { wings: 2 },
    });
    expect([status, body.reason]).toEqual([422, 'Invalid']);
    expect(body.message).toMatch(
      /^ "" is invalid: patch: Invalid value: ".*": strict decoding error: unknown field "spec\.wings"$/,
    );
  });

  it('may be called strategic for a built-in kind', async () => {
    await client.post(SECRETS, secret('strategic'));
    const { status, body } = await client.send(
      'PATCH',
      `${SECRETS}/strategic`,
      { metadata: { labels: { a: 'b' } } },
      {
        type: 'application/strategic-merge-patch+json',
      },
    );
    expect([status, body.metadata.labels]).toEqual([200, { a: 'b' }]);
  });
});

it.each(['application/strategic-merge-patch+json', 'application/json', 'text/plain'])(
  'a patch of type %s is not known to a custom kind',
  async (type) => {
    const { status, body } = await client.send('PATCH', `${WIDGETS}/any`, {}, { type });
    expect([status, body.reason, body.message]).toEqual([
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    ]);
  },
);
