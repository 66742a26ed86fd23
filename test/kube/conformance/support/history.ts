/**
 * A history of the suite: a watch, what is done meanwhile, and the events that it shows, no more and no fewer. Where the
 * watch does not end by itself, a last deed that it must show is the end of what is looked at.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Answer, check, checkLacks } from './answers.ts';
import type { Client, Event, Request } from './client.ts';
import { placed } from './requests.ts';
import { type Bench, type Scene, type Told, told } from './row.ts';

const SETTLE_LIMIT_MS = 20_000;
const SETTLE_PAUSE_MS = 50;

/** Type, what the object holds among other things, and paths that lead nowhere in it. */
export type Seen = readonly [type: string, holds: object, lacks?: readonly string[]];

export type History = Readonly<{
  /** A sentence about watches. */
  name: string;
  given?: readonly Told<Request>[];
  /** `watch=true` is added. */
  watch: Told<Request>;
  /** Done one after the other while the watch is open. */
  deeds?: readonly Told<Request>[];
  events: Told<readonly Seen[]>;
  /** The watch ends by itself after its events, and shows nothing more. */
  ends?: boolean;
  /** Before the watch is opened, and after what is given. */
  compacted?: boolean;
}>;

/** A watch that is refused before it begins. */
export type Refusal = Readonly<{ name: string; watch: Request; answer: Answer }>;

export function testHistories(histories: readonly History[], bench: () => Bench): void {
  it.each(histories)('$name', (history) => play(history, bench()));
}

export function testRefusals(refusals: readonly Refusal[], bench: () => Bench): void {
  it.each(refusals)('$name', async ({ watch, answer }) => {
    const { cluster, client } = bench();
    const ns = await cluster.namespace('watch');
    check(await client.send(watching(watch, ns)), answer);
  });
}

async function play(history: History, { cluster, client }: Bench): Promise<void> {
  const ns = await cluster.namespace('watch');
  const given: Scene['given'][number][] = [];
  const scene = (): Scene => ({ ns, given, first: given[0], last: given.at(-1) });
  const send = async (request: Told<Request>) => {
    const asked = told(request, scene());
    const reply = await client.send({ ...asked, path: placed(asked.path, ns) });
    expect(reply.status, `${asked.method} ${asked.path}: ${JSON.stringify(reply.body)}`).toBeLessThan(300);
    given.push(reply.body);
  };
  for (const request of history.given ?? []) await send(request);
  const asked = told(history.watch, scene());
  if (history.compacted === true) {
    await cluster.compact();
    await settled(client, { ...asked, path: placed(asked.path, ns), query: { resourceVersion: '0' } });
  }
  const watch = await client.watch(watching(asked, ns));
  try {
    for (const deed of history.deeds ?? []) await send(deed);
    const expected = told(history.events, scene());
    const seen: Event[] = [];
    while (seen.length < expected.length) {
      const event = await watch.next();
      if (event === undefined) break;
      seen.push(event);
    }
    expect(seen.map(({ type, object }) => [type, object])).toMatchObject(
      expected.map(([type, holds]) => [type, holds]),
    );
    expected.forEach(([, , lacks], i) => {
      checkLacks(seen[i]?.object, lacks);
    });
    if (history.ends === true) expect(await watch.next()).toBeUndefined();
  } finally {
    watch.close();
  }
}

/** A server that was restarted refuses watches, and lists from its cache, until it has read the kind. */
async function settled(client: Client, list: Request): Promise<void> {
  const deadline = Date.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const { status, body } = await client.send(list);
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(JSON.stringify(body));
    await sleep(SETTLE_PAUSE_MS);
  }
}

function watching(request: Request, ns: string): Request {
  return { ...request, path: placed(request.path, ns), query: { ...request.query, watch: 'true' } };
}
