import { afterEach, describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import { decodeObject, decodeSecretMetadata } from '../../src/kube/decode.ts';
import type { Presence } from '../../src/kube/presence.ts';
import {
  createKubeReader,
  type KubeReader,
  type Page,
  type WatchEvent,
  type WatchQuery,
} from '../../src/kube/reads.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { createStore, type Store } from '../../src/kube/store.ts';
import { createTransport } from '../../src/kube/transport.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { ManualClock, settle } from './support/clock.ts';
import { eventually } from './support/eventually.ts';
import { recordingLog } from './support/log.ts';
import { bookmark, SECRETS, statusBody, THINGS, thing } from './support/objects.ts';
import { type Asked, type Reply, startServer } from './support/server.ts';

const enders: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of enders.splice(0).reverse()) await end();
});

/** One watch or list that the reflector asked for; the test plays the server. */
type Asking = Readonly<{
  query: WatchQuery | 'pages';
  /** The server takes the watch; its first event says so too. */
  open(): void;
  give(event: WatchEvent): Promise<void>;
  page(page: Page): Promise<void>;
  close(): Promise<void>;
  fail(error: Error): Promise<void>;
}>;

type Piece = Readonly<{ value: unknown }> | Readonly<{ error: Error }> | 'end';

class Played {
  readonly pieces: Piece[] = [];
  wake = () => {};

  async push(piece: Piece): Promise<void> {
    this.pieces.push(piece);
    this.wake();
    await settle();
  }

  async *values(signal: AbortSignal): AsyncGenerator<unknown> {
    const onAbort = () => void this.push({ error: signal.reason });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    for (;;) {
      const piece = this.pieces.shift();
      if (piece === undefined) await new Promise<void>((resolve) => (this.wake = resolve));
      else if (piece === 'end') return;
      else if ('error' in piece) throw piece.error;
      else yield piece.value;
    }
  }
}

function play(presence?: Presence, dispensable = false) {
  const askings: Asking[] = [];
  const ask = (query: WatchQuery | 'pages', signal: AbortSignal, opened = () => {}) => {
    const played = new Played();
    askings.push({
      query,
      open: opened,
      give: (value) => played.push({ value }),
      page: (value) => played.push({ value }),
      close: () => played.push('end'),
      fail: (error) => played.push({ error }),
    });
    return played.values(signal);
  };
  const reader: KubeReader = {
    pages: (_, signal) => ask('pages', signal) as AsyncIterable<Page>,
    watch: (_, query, signal, opened) => ask(query, signal, opened) as AsyncIterable<WatchEvent>,
  };
  const clock = new ManualClock();
  const { log, lines, at } = recordingLog();
  const store = createStore<KubeObject>({ log });
  const changes: string[] = [];
  store.onChange((key, _, after) => changes.push(`${key} ${after?.metadata.resourceVersion ?? 'gone'}`));
  const partition = store.partition();
  const reflector = createReflector({
    scope: { resource: THINGS },
    decode: decodeObject,
    reader,
    partition,
    log,
    clock,
    dispensable,
    ...(presence && { presence }),
  });
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  enders.push(async () => {
    stop.abort();
    await running;
    expect(clock.timers).toBe(0);
  });
  const last = () => askings.at(-1)!;
  return { askings, last, clock, store, changes, lines, at, stop, running, vitals: reflector.vitals };
}

const added = (key: string, version: number): WatchEvent => ({
  type: 'ADDED',
  object: { ...thing(key, version) },
});
const changed = (key: string, version: number): WatchEvent => ({ ...added(key, version), type: 'MODIFIED' });
const gone = (key: string, version: number): WatchEvent => ({ ...added(key, version), type: 'DELETED' });
const marked = (version: number, end = false): WatchEvent => ({
  type: 'BOOKMARK',
  object: bookmark(version, end),
});
const refused = (status: number, reason: string, retryAfterMs = 0) =>
  new KubeError({ status, reason, message: reason, ...(retryAfterMs > 0 && { retryAfterMs }) });

const keysOf = (store: Store<KubeObject>) => store.list().map(({ metadata }) => metadata.name);

async function streamed(
  objects: readonly WatchEvent[] = [added('n/a', 1)],
  version = 5,
  presence?: Presence,
) {
  const own = play(presence);
  own.last().open();
  for (const event of objects) await own.last().give(event);
  await own.last().give(marked(version, true));
  own.changes.length = 0;
  return own;
}

describe('with WatchList', () => {
  it('shows nothing until the end mark, and then everything at once', async () => {
    const { last, store, changes, askings } = play();
    expect(last().query).toEqual({ timeoutSeconds: 450, initialEvents: true });
    await last().give(added('n/a', 1));
    await last().give(added('n/b', 2));
    await last().give(marked(3));
    expect([store.size(), store.synced()]).toEqual([0, false]);
    await last().give(marked(5, true));
    expect([keysOf(store), store.synced()]).toEqual([['a', 'b'], true]);
    expect(changes).toEqual(['n/a 1', 'n/b 2']);
    expect(askings).toHaveLength(1);
  });

  it('is synced with an empty list too', async () => {
    const { store } = await streamed([], 5);
    expect([store.size(), store.synced()]).toEqual([0, true]);
  });

  it('heeds a deletion among the initial events', async () => {
    const { store } = await streamed([added('n/a', 1), added('n/b', 2), gone('n/a', 3)]);
    expect(keysOf(store)).toEqual(['b']);
  });

  it('goes on with events on the same stream', async () => {
    const { last, changes } = await streamed();
    await last().give(changed('n/a', 6));
    await last().give(added('n/b', 7));
    await last().give(gone('n/a', 8));
    expect(changes).toEqual(['n/a 6', 'n/b 7', 'n/a gone']);
  });

  it('turns to pages where the server does not offer it, and stays with them', async () => {
    const { last, askings, clock, store } = play();
    await last().fail(refused(422, 'Invalid'));
    expect(last().query).toBe('pages');
    await last().page({ items: [thing('n/a', 1)], resourceVersion: '5' });
    await last().page({ items: [thing('n/b', 2)], resourceVersion: '5' });
    expect(store.synced()).toBe(false);
    await last().close();
    expect(keysOf(store)).toEqual(['a', 'b']);
    expect(last().query).toMatchObject({ resourceVersion: '5', initialEvents: false });
    await last().fail(refused(410, 'Expired'));
    await clock.advance(0);
    expect(last().query).toBe('pages');
    expect(askings).toHaveLength(4);
  });

  it('turns to pages once where the end mark never comes', async () => {
    const { last, clock } = play();
    await last().give(added('n/a', 1));
    await clock.advance(120_000);
    await clock.advance(800);
    expect(last().query).toBe('pages');
  });
});

describe('an ended watch', () => {
  it('is resumed from the last event', async () => {
    const { last, clock } = await streamed();
    await last().give(changed('n/a', 9));
    await last().close();
    await clock.advance(800);
    expect(last().query).toMatchObject({ resourceVersion: '9', initialEvents: false });
  });

  it('is resumed from the last bookmark, which changes nothing else', async () => {
    const { last, clock, changes, store } = await streamed();
    await last().give(marked(77));
    store.upsertIfNewer(thing('n/long-gone', 76));
    await last().fail(refused(0, 'ECONNRESET'));
    await clock.advance(800);
    expect(last().query).toMatchObject({ resourceVersion: '77' });
    expect(changes).toEqual([]);
  });

  it.each([
    ['a 410', refused(410, 'Expired')],
    ['a malformed line', refused(0, 'MalformedEvent')],
    ['a silence of two minutes', undefined],
  ])('is listed anew after %s: what vanished is reported, and nothing is seen half', async (_, error) => {
    const { last, clock, store, changes } = await streamed([added('n/a', 1), added('n/b', 2)]);
    if (error === undefined) {
      await clock.advance(120_000);
      await last().close();
    } else await last().fail(error);
    await clock.advance(800);
    expect(last().query).toMatchObject({ initialEvents: true });
    await last().give(added('n/b', 2));
    expect(store.size()).toBe(2);
    await last().give(marked(20, true));
    expect(keysOf(store)).toEqual(['b']);
    expect(changes).toEqual(['n/a gone']);
  });

  it('is tried again with growing pauses for as long as it takes', async () => {
    const { askings, last, clock, lines } = await streamed();
    for (const pause of [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]) {
      const before = askings.length;
      await last().fail(refused(0, 'ECONNREFUSED'));
      await clock.advance(pause - 1);
      expect(askings).toHaveLength(before);
      await clock.advance(1);
      expect(askings).toHaveLength(before + 1);
      expect(last().query).toMatchObject({ resourceVersion: '5' });
    }
    const failures = lines.filter(({ message }) => message.includes('failed'));
    expect(failures.map(({ level }) => level)).toEqual(['debug', ...Array(7).fill('warn')]);
  });

  it('waits as long as a small Retry-After says', async () => {
    const { askings, last, clock } = await streamed();
    await last().fail(refused(429, 'TooManyRequests', 950));
    await clock.advance(949);
    expect(askings).toHaveLength(1);
    await clock.advance(1);
    expect(askings).toHaveLength(2);
  });

  it('that does not end by itself is cut 15 s after its time, and resumed', async () => {
    const { last, clock, askings } = await streamed();
    for (let minute = 1; minute <= 7; minute += 1) {
      await clock.advance(60_000);
      await last().give(marked(5 + minute));
    }
    await clock.advance(44_999);
    expect(askings).toHaveLength(1);
    await clock.advance(1);
    expect(last().query).toMatchObject({ resourceVersion: '12' });
  });

  it('that falls silent is cut after two and a half minutes and resumed, and listed anew when silent again', async () => {
    const { last, clock, askings, at } = await streamed();
    await clock.advance(100_000);
    await last().give(changed('n/a', 9));
    await clock.advance(149_999);
    expect(askings).toHaveLength(1);
    await clock.advance(1);
    expect(last().query).toMatchObject({ resourceVersion: '9', initialEvents: false });
    last().open();
    await clock.advance(150_000);
    expect(askings).toHaveLength(3);
    expect(last().query).toMatchObject({ initialEvents: true });
    expect(at('warn')).toEqual([]);
  });

  it('lasts as long as it shows a bookmark a minute, on a busy server or a quiet one', async () => {
    const { last, clock, askings } = await streamed();
    for (let minute = 1; minute <= 7; minute += 1) {
      await clock.advance(60_000);
      await last().give(marked(5));
    }
    expect(askings).toHaveLength(1);
  });

  it('is not silent while nobody has taken it: an outage leads to no relist', async () => {
    const { last, clock } = await streamed();
    await last().fail(refused(0, 'ECONNRESET'));
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await clock.advance(60_000);
      await last().fail(refused(0, 'Timeout'));
    }
    await clock.advance(60_000);
    expect(last().query).toMatchObject({ resourceVersion: '5', initialEvents: false });
  });

  it('is never resumed from before what it has shown: an older bookmark only says that the server lives', async () => {
    const { last, clock, askings } = await streamed();
    await last().give(changed('n/a', 9));
    await last().give(marked(7));
    await last().close();
    await clock.advance(800);
    expect(last().query).toMatchObject({ resourceVersion: '9', initialEvents: false });
    expect(askings).toHaveLength(2);
  });

  it('that shows an older event lists anew, and believes the server: its past was restored', async () => {
    const { last, clock, store, changes, at } = await streamed([added('n/a', 1), added('n/b', 4)]);
    await last().give(changed('n/a', 30));
    await last().give(changed('n/a', 10));
    await clock.advance(800);
    expect(last().query).toMatchObject({ initialEvents: true });
    await last().give(added('n/a', 10));
    await last().give(marked(12, true));
    expect(changes).toEqual(['n/a 30', 'n/a 10', 'n/b gone']);
    expect(store.get('n/a')?.metadata.resourceVersion).toBe('10');
    expect(at('warn')).toEqual(['the API server has gone back to older versions']);
  });
});

describe('a clock on the wall that jumps', () => {
  it.each([-86_400_000, 86_400_000])('by %d ms changes nothing', async (jumpMs) => {
    const { last, clock, askings } = await streamed();
    const before = clock.wallMs;
    clock.wallMs = () => before() + jumpMs;
    await clock.advance(149_999);
    expect(askings).toHaveLength(1);
    await clock.advance(1);
    expect(last().query).toMatchObject({ resourceVersion: '5' });
  });
});

describe('its vitals', () => {
  it('tell what it is at since when, and when the server was last heard of', async () => {
    const { last, clock, vitals, stop, running } = play();
    expect(vitals()).toEqual({ phase: 'stream', attemptMs: 0, lastSignMs: undefined, relists: 0 });
    await clock.advance(100);
    expect(vitals()).toMatchObject({ phase: 'stream', attemptMs: 100, lastSignMs: undefined });
    await last().give(marked(5, true));
    await clock.advance(1000);
    expect(vitals()).toEqual({ phase: 'watch', attemptMs: 1100, lastSignMs: 1000, relists: 0 });
    await last().give(marked(6));
    await clock.advance(10);
    await last().give(changed('n/a', 7));
    expect(vitals().lastSignMs).toBe(0);
    await last().fail(refused(410, 'Expired'));
    expect(vitals()).toMatchObject({ phase: 'stream', attemptMs: 0, relists: 0 });
    await last().give(marked(9, true));
    expect(vitals()).toMatchObject({ phase: 'watch', relists: 1 });
    await last().fail(refused(0, 'ECONNRESET'));
    await clock.advance(500);
    expect(vitals()).toMatchObject({ phase: 'pause', attemptMs: 500, lastSignMs: 500 });
    stop.abort();
    await running;
    expect(vitals()).toMatchObject({ phase: 'idle' });
  });

  it('tell of pages', async () => {
    const { last, vitals } = play();
    await last().fail(refused(422, 'Invalid'));
    expect(vitals().phase).toBe('pages');
    await last().page({ items: [], resourceVersion: '5' });
    await last().close();
    expect(vitals()).toMatchObject({ phase: 'watch', lastSignMs: 0 });
  });
});

describe('a list in pages that takes for ever', () => {
  it('is given up after ten minutes', async () => {
    const { last, clock, askings, at } = play();
    await last().fail(refused(422, 'Invalid'));
    for (let minute = 1; minute < 10; minute += 1) {
      await clock.advance(60_000);
      await last().page({ items: [], resourceVersion: '5' });
    }
    expect(askings).toHaveLength(2);
    await clock.advance(60_000);
    await clock.advance(800);
    expect(askings.map(({ query }) => query)).toEqual([expect.anything(), 'pages', 'pages']);
    expect(at('warn')).toEqual(['reading from the API server failed, and is tried again']);
  });
});

describe('waiting', () => {
  const asked: number[] = [];
  const presence: Presence = {
    note: () => undefined,
    pause: async (ms) => void asked.push(ms),
  };

  it.each([
    ['for a server that is away ends when others see it back', refused(0, 'ECONNREFUSED'), [800]],
    ['as a server asks for ends when it said', refused(429, 'TooManyRequests', 900), []],
  ])('%s', async (_, error, shared) => {
    asked.length = 0;
    const { last, askings } = await streamed([], 5, presence);
    await last().fail(error);
    expect(asked).toEqual(shared);
    expect(askings).toHaveLength(1 + shared.length);
  });
});

describe('no API server', () => {
  it('is said in the log each time, and ends nothing', async () => {
    const { askings, last, clock, at } = play();
    await last().fail(refused(0, 'ECONNREFUSED'));
    await clock.advance(800);
    await last().fail(refused(403, 'Forbidden'));
    await clock.advance(1600);
    await last().fail(refused(404, 'NotFound'));
    await clock.advance(3200);
    expect(askings).toHaveLength(4);
    expect(at('warn')).toHaveLength(3);
    expect(at('error')).toEqual([]);
  });
});

describe('what may not be read', () => {
  it('keeps everybody waiting', async () => {
    const { last, store, vitals } = play();
    await last().fail(refused(403, 'Forbidden'));
    expect(store.synced()).toBe(false);
    expect(vitals().lastSignMs).toBeUndefined();
  });

  it('counts as empty where it is dispensable, until it may be read', async () => {
    const { last, clock, store, vitals, changes, at } = play(undefined, true);
    await last().fail(refused(403, 'Forbidden'));
    expect(store.synced()).toBe(true);
    expect(vitals()).toMatchObject({ lastSignMs: 0, relists: 0 });
    await clock.advance(800);
    await last().fail(refused(403, 'Forbidden'));
    const without = 'nothing may be read here, and the rest goes on without it';
    expect(at('warn').filter((message) => message === without)).toHaveLength(1);
    await clock.advance(1600);
    await last().give(added('n/a', 3));
    await last().give(marked(5, true));
    expect(keysOf(store)).toEqual(['a']);
    expect(changes).toEqual(['n/a 3']);
  });

  it('stays known where it could be read before', async () => {
    const { last, clock, store } = play(undefined, true);
    await last().give(added('n/a', 3));
    await last().give(marked(5, true));
    await last().fail(refused(403, 'Forbidden'));
    await clock.advance(30_000);
    await last().fail(refused(403, 'Forbidden'));
    expect(keysOf(store)).toEqual(['a']);
  });

  it('is waited for where the server only is away', async () => {
    const { last, store } = play(undefined, true);
    await last().fail(refused(503, 'ServiceUnavailable'));
    expect(store.synced()).toBe(false);
  });
});

describe('a list in pages', () => {
  it('that expires half-way is begun again, and shows nothing of the first', async () => {
    const { last, clock, store } = play();
    await last().fail(refused(400, 'BadRequest'));
    await last().page({ items: [thing('n/a', 1)], resourceVersion: '5' });
    await last().fail(refused(410, 'Expired'));
    await clock.advance(0);
    expect([last().query, store.size(), store.synced()]).toEqual(['pages', 0, false]);
    await last().page({ items: [thing('n/b', 2)], resourceVersion: '9' });
    await last().close();
    expect(keysOf(store)).toEqual(['b']);
  });

  it('leaves out items that cannot be decoded', async () => {
    const { last, store } = play();
    await last().fail(refused(422, 'Invalid'));
    await last().page({ items: [{}, thing('n/a', 1)], resourceVersion: '5' });
    await last().close();
    expect(keysOf(store)).toEqual(['a']);
  });
});

describe('odd events', () => {
  it('without name or version lead to a relist', async () => {
    const { last, clock, at } = await streamed();
    await last().give({ type: 'MODIFIED', object: { metadata: { name: 'a' } } });
    await clock.advance(800);
    expect(last().query).toMatchObject({ initialEvents: true });
    expect(at('warn')).toHaveLength(1);
  });

  it('of bookmarks without a version too', async () => {
    const { last, clock } = await streamed();
    await last().give({ type: 'BOOKMARK', object: {} });
    await clock.advance(800);
    expect(last().query).toMatchObject({ initialEvents: true });
  });

  it('of objects that must not be kept remove what was kept', async () => {
    const { last, store } = await streamed();
    await last().give({ type: 'MODIFIED', object: { metadata: { ...thing('n/a', 9).metadata } } });
    expect(store.size()).toBe(0);
  });
});

describe('the signal', () => {
  it('ends it while it watches, and while it waits', async () => {
    const first = await streamed();
    first.stop.abort(new Error('stopped'));
    await first.running;
    const second = await streamed();
    await second.last().fail(refused(0, 'ECONNREFUSED'));
    second.stop.abort(new Error('stopped'));
    await second.running;
    expect([first.askings, second.askings].map(({ length }) => length)).toEqual([1, 1]);
    expect([...first.at('warn'), ...second.at('warn')]).toEqual([]);
  });
});

describe('over sockets', () => {
  async function reflect(handler: (asked: Asked, reply: Reply, turn: number) => void, secrets = false) {
    let turn = 0;
    const server = await startServer((asked, reply) => {
      turn += 1;
      handler(asked, reply, turn);
    }, 'http2');
    const transport = createTransport({ auth: server.auth, userAgent: 'example/1' });
    const { log, lines } = recordingLog();
    const store = createStore<KubeObject>({ log });
    const partition = store.partition();
    const clock = { ...systemClockFast() };
    const scope = secrets ? { resource: SECRETS, metadataOnly: true } : { resource: THINGS };
    const decode = secrets ? decodeSecretMetadata : decodeObject;
    const reader = createKubeReader(transport);
    const stop = new AbortController();
    const running = createReflector({ scope, decode, reader, partition, log, clock }).run(stop.signal);
    enders.push(async () => {
      stop.abort();
      await running;
      await transport.close();
      await server.close();
    });
    return { server, store, lines };
  }

  /** Waits a hundredth of what it is told to. */
  function systemClockFast() {
    return {
      now: () => performance.now() * 100,
      wallMs: () => Date.now(),
      random: () => 0.5,
      setTimer: (ms: number, run: () => void) => {
        const timer = setTimeout(run, ms / 100);
        return () => clearTimeout(timer);
      },
    };
  }

  const initial = (reply: Reply, version: number) => {
    reply.head(200);
    reply.event('ADDED', thing('n/a', 1));
    reply.event('BOOKMARK', bookmark(version, true));
  };

  it('comes through resets, refusals, expiry and malformed lines', async () => {
    const { server, store } = await reflect((_, reply, turn) => {
      const script: Record<number, () => void> = {
        1: () => reply.reset(),
        2: () => reply.json(503, statusBody(503, 'ServiceUnavailable'), { 'retry-after': '5' }),
        3: () => {
          initial(reply, 5);
          reply.event('MODIFIED', thing('n/a', 6));
          setTimeout(() => reply.reset(), 5);
        },
        4: () => reply.json(500, statusBody(500, 'InternalError')),
        5: () => {
          reply.head(200);
          reply.event('ADDED', thing('n/b', 7));
          reply.event('ERROR', statusBody(410, 'Expired'));
        },
        6: () => {
          initial(reply, 8);
          reply.write('{"type":\n');
        },
        7: () => {
          initial(reply, 9);
          reply.event('ADDED', thing('n/c', 10));
        },
      };
      script[turn]?.();
    });
    await eventually(() => store.get('n/c') !== undefined, 'the last event');
    expect(keysOf(store).toSorted()).toEqual(['a', 'c']);
    expect(server.asked.map(({ query }) => query.get('resourceVersion'))).toEqual([
      null,
      null,
      null,
      '6',
      '6',
      null,
      null,
    ]);
  });

  it('keeps nothing of a Secret but its metadata, nor says a word of it', async () => {
    const secret = thing('n/a', 3, {
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'canary-7f3a9' },
    });
    const { store, lines } = await reflect((_, reply, turn) => {
      reply.head(200);
      if (turn > 1) return;
      reply.event('ADDED', secret);
      reply.event('BOOKMARK', bookmark(5, true));
      reply.write('{"metadata":"canary-7f3a9"\n');
    }, true);
    await eventually(() => lines.some(({ level }) => level === 'warn'), 'the warning');
    expect(store.size()).toBe(1);
    expect(
      JSON.stringify([store.list(), lines.map(({ fields }) => [fields, String(fields['err'])])]),
    ).not.toContain('canary');
  });
});
