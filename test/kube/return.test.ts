/** Reflectors of several kinds and an API server that goes and comes back, on a clock driven by hand. */

import { afterEach, describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import { sleep } from '../../src/kube/clock.ts';
import { decodeObject } from '../../src/kube/decode.ts';
import { createPresence } from '../../src/kube/presence.ts';
import type { KubeReader, WatchEvent, WatchQuery } from '../../src/kube/reads.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { createStore } from '../../src/kube/store.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { ManualClock } from './support/clock.ts';
import { recordingLog } from './support/log.ts';
import { bookmark, THINGS } from './support/objects.ts';

type Asked = Readonly<{ kind: string; at: number; lists: boolean }>;
type Answer = 'open' | Readonly<{ status: number; after?: number }>;

const KINDS = ['secrets', 'claims', 'connections', 'namespaces', 'credentials'];

const enders: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of enders.splice(0)) await end();
});

/** Watches of all kinds over one server; `answer` is what it says to a request, now and from now on. */
class World {
  readonly clock = new ManualClock();
  readonly asked: Asked[] = [];
  readonly open = new Set<string>();
  answer: (kind: string, query: WatchQuery) => Answer = () => 'open';
  readonly #presence = createPresence(this.clock);
  readonly #cuts = new Map<string, (error: Error) => void>();
  #seed = 7;

  constructor() {
    this.clock.random = () => {
      this.#seed = (this.#seed * 48_271) % 2_147_483_647;
      return this.#seed / 2_147_483_647;
    };
  }

  start(): void {
    const stop = new AbortController();
    const running = KINDS.map((kind) => {
      const { log } = recordingLog();
      const partition = createStore<KubeObject>({ log }).partition();
      const scope = { resource: { ...THINGS, plural: kind } };
      const { clock } = this;
      const reader = this.#reader(kind);
      const presence = this.#presence;
      return createReflector({ scope, decode: decodeObject, reader, partition, log, clock, presence }).run(
        stop.signal,
      );
    });
    enders.push(async () => {
      stop.abort(new Error('stopped'));
      await Promise.all(running);
      expect(this.clock.timers).toBe(0);
    });
  }

  /** Resets every connection. */
  cut(): void {
    for (const cut of [...this.#cuts.values()]) cut(this.#error(0));
  }

  since(at: number): readonly Asked[] {
    return this.asked.filter((one) => one.at >= at);
  }

  #reader(kind: string): KubeReader {
    const watch = (_: unknown, query: WatchQuery, signal: AbortSignal, opened?: () => void) =>
      this.#watch(kind, query, signal, opened);
    const pages = () => {
      throw new Error('nobody asks for pages');
    };
    return { watch, pages };
  }

  async *#watch(
    kind: string,
    query: WatchQuery,
    signal: AbortSignal,
    opened?: () => void,
  ): AsyncGenerator<WatchEvent> {
    this.asked.push({ kind, at: this.clock.now(), lists: query.initialEvents });
    const answer = this.answer(kind, query);
    const { promise: over, reject } = Promise.withResolvers<never>();
    let cancel = () => {};
    const minute = () =>
      new Promise<void>((resolve) => {
        cancel = this.clock.setTimer(60_000, resolve);
      });
    over.catch(() => undefined);
    if (answer !== 'open') {
      if (answer.after !== undefined) await sleep(this.clock, answer.after, signal);
      this.#presence.note(answer.status);
      throw this.#error(answer.status);
    }
    this.#presence.note(200);
    opened?.();
    this.open.add(kind);
    this.#cuts.set(kind, reject);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      if (query.initialEvents) yield { type: 'BOOKMARK', object: bookmark(5, true) };
      for (;;) {
        await Promise.race([over, minute()]);
        yield { type: 'BOOKMARK', object: bookmark(5) };
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.open.delete(kind);
      this.#cuts.delete(kind);
      cancel();
    }
  }

  #error(status: number): KubeError {
    const reason = status === 0 ? 'ECONNREFUSED' : 'Refused';
    return new KubeError({ status, reason, message: reason });
  }
}

async function watching(): Promise<World> {
  const world = new World();
  world.start();
  await world.clock.advance(90_000);
  expect(world.open.size).toBe(KINDS.length);
  return world;
}

const MINUTES = 60_000;

describe('an API server that is away for ten minutes', () => {
  it.each<[string, Answer]>([
    ['refuses connections', { status: 0 }],
    ['is announced by its load balancer', { status: 503 }],
    ['takes connections and answers nothing', { status: 0, after: 30_000 }],
  ])(
    'and %s is asked once each few seconds, and watched whole a few seconds after its return',
    async (_, answer) => {
      const world = await watching();
      const { clock } = world;
      world.answer = () => answer;
      world.cut();
      const left = clock.now();
      await clock.advance(10 * MINUTES);
      expect(world.open.size).toBe(0);
      // Five kinds find out by themselves first; then one look each four seconds, and each kind's own each half minute.
      expect(world.since(left).length).toBeLessThanOrEqual(
        30 + (10 * MINUTES) / 4000 + (10 * MINUTES * 5) / 24_000,
      );
      world.answer = () => 'open';
      const back = clock.now();
      const still = typeof answer === 'object' ? (answer.after ?? 0) : 0;
      await clock.advance(still + 6000);
      expect([...world.open].toSorted()).toEqual(KINDS.toSorted());
      expect(world.since(back).filter(({ lists }) => lists)).toEqual([]);
    },
  );

  it('and refuses everything for a moment when it comes back delays none of them for long', async () => {
    const world = await watching();
    const { clock } = world;
    world.answer = () => ({ status: 0 });
    world.cut();
    await clock.advance(10 * MINUTES);
    const back = clock.now();
    world.answer = (kind) => {
      if (clock.now() - back > 4500) return 'open';
      return { status: kind === 'secrets' ? 403 : 503 };
    };
    await clock.advance(15_000);
    expect([...world.open].toSorted()).toEqual(KINDS.toSorted());
  });

  it('and has forgotten the past by then is listed by all of them, once each', async () => {
    const world = await watching();
    const { clock } = world;
    world.answer = () => ({ status: 0 });
    world.cut();
    await clock.advance(10 * MINUTES);
    const back = clock.now();
    world.answer = (_, { resourceVersion }) => (resourceVersion === undefined ? 'open' : { status: 410 });
    await clock.advance(8000);
    expect(world.open.size).toBe(KINDS.length);
    expect(world.since(back).filter(({ lists }) => lists)).toHaveLength(KINDS.length);
  });
});

describe('every connection dropped at once', () => {
  it('is made good without a list, and not by all in the same moment', async () => {
    const world = await watching();
    const dropped = world.clock.now();
    world.cut();
    await world.clock.advance(2000);
    const returns = world.since(dropped);
    expect(returns).toHaveLength(KINDS.length);
    expect(returns.every(({ lists }) => !lists)).toBe(true);
    expect(new Set(returns.map(({ at }) => at)).size).toBe(KINDS.length);
  });
});

describe('an API server that is asked too much', () => {
  it('is left alone by each kind for as long as it asks, and never asked for a list', async () => {
    const world = await watching();
    const { clock } = world;
    const refusal = new KubeError({
      status: 429,
      reason: 'TooManyRequests',
      message: 'busy',
      retryAfterMs: 20_000,
    });
    const answered = world.answer;
    world.answer = () => {
      throw refusal;
    };
    world.cut();
    const since = clock.now();
    await clock.advance(3 * MINUTES);
    for (const kind of KINDS) {
      const times = world.since(since).filter((one) => one.kind === kind);
      expect(times.length).toBeLessThanOrEqual(10);
      const gaps = times.slice(1).map(({ at }, index) => at - (times[index]?.at ?? 0));
      for (const gap of gaps) expect(gap).toBeGreaterThan(19_999);
      expect(times.some(({ lists }) => lists)).toBe(false);
    }
    world.answer = answered;
    await clock.advance(40_000);
    expect(world.open.size).toBe(KINDS.length);
  });
});
