/** Watches that begin with the state (WatchList). */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, type Event } from './testing/client.ts';
import { ITEM_METADATA, installWidgets, namespaced, WIDGETS, widget } from './testing/widgets.ts';

let server: ApiServer;
let client: Client;
beforeAll(async () => {
  server = await startApiServer({ bookmarkMs: 40, historySize: 100 });
  client = new Client(server);
  await installWidgets(client);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const SECRETS = namespaced('default', 'secrets');
const NO_MATCH = 'fieldSelector=metadata.name%3Dnobody';
const WATCH_LIST = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
const INITIAL_END = { 'k8s.io/initial-events-end': 'true' };

const told = ({ type, object }: Event) => `${type} ${object.metadata.name}`;
const version = () => server.storage.version;

async function take(watch: { next(): Promise<Event> }, count: number): Promise<readonly Event[]> {
  const events: Event[] = [];
  while (events.length < count) events.push(await watch.next());
  return events;
}

/** A namespace of its own, so that tests do not see each other's objects. */
async function room(): Promise<string> {
  const { metadata } = (await client.post('/api/v1/namespaces', { metadata: { generateName: 'w-' } })).body;
  return `/apis/example.org/v1/namespaces/${metadata.name}/widgets`;
}

describe('a WatchList', () => {
  it('tells the state, then marks its end, then goes on', async () => {
    const path = await room();
    await client.post(path, widget('a'));
    const watch = await client.watch(`${path}?${WATCH_LIST}`);
    const [first, mark] = await take(watch, 2);
    expect(first && told(first)).toBe('ADDED a');
    expect(mark?.type).toBe('BOOKMARK');
    expect(mark?.object.metadata).toMatchObject({
      annotations: INITIAL_END,
      resourceVersion: String(version()),
    });
    await client.post(path, widget('b'));
    let next = await watch.next();
    while (next.type === 'BOOKMARK') next = await watch.next();
    expect(told(next)).toBe('ADDED b');
    watch.close();
  });

  it('of nothing marks the end at once, in the form of the items', async () => {
    const watch = await client.watch(`/api/v1/secrets?${WATCH_LIST}&${NO_MATCH}`, ITEM_METADATA);
    const { type, object } = await watch.next();
    watch.close();
    expect([type, object.kind, object.metadata.annotations]).toEqual([
      'BOOKMARK',
      'PartialObjectMetadata',
      INITIAL_END,
    ]);
  });

  it('without bookmarks has no end mark', async () => {
    const path = await room();
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    const watch = await client.watch(`${path}?${query}`);
    await client.post(path, widget('a'));
    expect(told(await watch.next())).toBe('ADDED a');
    watch.close();
  });

  it('that asks for no initial events begins now', async () => {
    const path = await room();
    await client.post(path, widget('old'));
    const watch = await client.watch(`${path}?sendInitialEvents=false&resourceVersionMatch=NotOlderThan`);
    await client.post(path, widget('new'));
    expect(told(await watch.next())).toBe('ADDED new');
    watch.close();
  });

  it('of a version of the future answers when it has come', async () => {
    const path = await room();
    const opening = client.watch(`${path}?${WATCH_LIST}&resourceVersion=${version() + 2}`);
    await client.post(path, widget('a'));
    await client.post(path, widget('b'));
    const watch = await opening;
    expect((await take(watch, 3)).map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK']);
    watch.close();
  });

  it.each([
    [
      'sendInitialEvents=true',
      [
        'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ],
    ],
    [
      'resourceVersionMatch=NotOlderThan',
      [
        'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ],
    ],
    [
      'sendInitialEvents=true&resourceVersionMatch=Exact',
      [
        'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
      ],
    ],
  ])('as %s is refused', async (query, causes) => {
    const { status, body } = await client.get(`${WIDGETS}?watch=true&${query}`);
    const found = body.details.causes.map(
      (one: { field: string; message: string }) => `${one.field}: ${one.message}`,
    );
    expect([status, found]).toEqual([422, causes]);
  });

  it('is refused by a server that does not have it', async () => {
    const old = await startApiServer({ watchList: false });
    const asking = new Client(old);
    const { status, body } = await asking.get(`${SECRETS}?watch=true&${WATCH_LIST}`);
    expect([status, body.details.causes]).toEqual([
      422,
      [
        {
          reason: 'FieldValueForbidden',
          message:
            'Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
          field: 'sendInitialEvents',
        },
      ],
    ]);
    await asking.close();
    await old.stop();
  });
});
