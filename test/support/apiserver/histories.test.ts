/** A reader of any history ends with what the list says. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, type Event } from './testing/client.ts';
import { installWidgets, widget } from './testing/widgets.ts';

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

/** A namespace of its own, so that tests do not see each other's objects. */
async function room(): Promise<string> {
  const { metadata } = (await client.post('/api/v1/namespaces', { metadata: { generateName: 'w-' } })).body;
  return `/apis/example.org/v1/namespaces/${metadata.name}/widgets`;
}

type Step = Readonly<{ name: string; act: 'create' | 'label' | 'size' | 'delete'; value: number }>;

async function perform(path: string, { name, act, value }: Step): Promise<void> {
  const label = value % 2 === 0 ? 'yes' : 'no';
  if (act === 'create') await client.post(path, widget(name, { metadata: { labels: { in: label } } }));
  else if (act === 'label') await client.merge(`${path}/${name}`, { metadata: { labels: { in: label } } });
  else if (act === 'size') await client.merge(`${path}/${name}`, { spec: { size: value + 1 } });
  else await client.delete(`${path}/${name}`);
}

describe('any history', () => {
  it('told to watches, whole or by selector, from any version, adds up to the list', async () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      act: fc.constantFrom('create' as const, 'label' as const, 'size' as const, 'delete' as const),
      value: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.nat(15), async (steps, at) => {
        const path = await room();
        const live = await client.watch(`${path}?labelSelector=in%3Dyes`);
        for (const one of steps.slice(0, at)) await perform(path, one);
        const base = (await client.get(`${path}?labelSelector=in%3Dyes`)).body;
        for (const one of steps.slice(at)) await perform(path, one);
        await client.post(path, widget('end', { metadata: { labels: { in: 'yes' } } }));
        const resumed = await client.watch(
          `${path}?labelSelector=in%3Dyes&resourceVersion=${base.metadata.resourceVersion}`,
        );
        const { items } = (await client.get(`${path}?labelSelector=in%3Dyes`)).body;
        expect(await folded(live, [])).toEqual(items);
        expect(await folded(resumed, base.items)).toEqual(items);
      }),
      { numRuns: 25 },
    );
  });
});

/** What a reader holds after the event for `end`; it insists that no event contradicts what it holds. */
async function folded(
  watch: { next(): Promise<Event>; close(): void },
  start: readonly Event['object'][],
): Promise<readonly unknown[]> {
  const held = new Map(start.map((object) => [object.metadata.name, object]));
  while (!held.has('end')) {
    const { type, object } = await watch.next();
    const { name } = object.metadata;
    expect(held.has(name)).toBe(type !== 'ADDED');
    if (type === 'DELETED') held.delete(name);
    else held.set(name, object);
  }
  watch.close();
  return [...held.keys()].sort().map((name) => held.get(name));
}
