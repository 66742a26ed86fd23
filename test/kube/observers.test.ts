import { describe, expect, it } from 'vitest';
import { decodeObject } from '../../src/kube/decode.ts';
import type { KubeReader, WatchEvent } from '../../src/kube/reads.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { createStore } from '../../src/kube/store.ts';
import { Workqueue } from '../../src/kube/workqueue.ts';
import { ManualClock, settle } from './support/clock.ts';
import { recordingLog } from './support/log.ts';
import { bookmark, THINGS, thing } from './support/objects.ts';

/** What queues and reflectors tell of themselves, for metrics. */

describe('a queue', () => {
  function setup() {
    const clock = new ManualClock();
    const told: string[] = [];
    const observe = {
      taken: (key: string, waitedMs: number) => told.push(`${key} waited ${waitedMs}`),
      done: (key: string) => told.push(`${key} done`),
    };
    return { clock, told, queue: new Workqueue({ clock, observe }) };
  }
  const never = new AbortController().signal;

  it('tells how long a key waited since it was due, not since it was added', async () => {
    const { clock, told, queue } = setup();
    queue.addAfter('a', 500);
    queue.add('b');
    await clock.advance(800);
    expect([await queue.get(never), await queue.get(never)]).toEqual(['b', 'a']);
    expect(told).toEqual(['b waited 800', 'a waited 300']);
    const got = queue.get(never);
    queue.addAfter('c', 200);
    await clock.advance(200);
    expect(await got).toBe('c');
    expect(told.at(-1)).toBe('c waited 0');
  });

  it('tells once that a worker is through with it, and counts the wait of a key that came again meanwhile', async () => {
    const { clock, told, queue } = setup();
    queue.add('a');
    await queue.get(never);
    queue.add('a');
    await clock.advance(100);
    queue.done('a');
    queue.done('a');
    queue.done('never taken');
    await queue.get(never);
    expect(told).toEqual(['a waited 0', 'a done', 'a waited 100']);
  });

  it('tells that a key is done before it tells that the next worker has it', async () => {
    const { told, queue } = setup();
    queue.add('a');
    await queue.get(never);
    queue.add('a');
    const next = queue.get(never);
    queue.done('a');
    expect(await next).toBe('a');
    expect(told).toEqual(['a waited 0', 'a done', 'a waited 0']);
  });
});

describe('a reflector', () => {
  type Piece = WatchEvent | 'end';

  function setup() {
    const clock = new ManualClock();
    const pieces: Piece[] = [];
    let wake = () => {};
    async function* stream(signal: AbortSignal): AsyncGenerator<WatchEvent> {
      signal.addEventListener('abort', () => wake());
      while (!signal.aborted) {
        const piece = pieces.shift();
        if (piece === 'end') return;
        if (piece !== undefined) yield piece;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    }
    const reader: KubeReader = {
      pages: () => {
        throw new Error('nobody lists');
      },
      watch: (_scope, _query, signal) => stream(signal),
    };
    const { log } = recordingLog();
    const partition = createStore({ log }).partition();
    const scope = { resource: THINGS };
    const reflector = createReflector({ scope, decode: decodeObject, reader, partition, log, clock });
    const stop = new AbortController();
    const running = reflector.run(stop.signal);
    const give = async (...given: readonly Piece[]) => {
      pieces.push(...given);
      wake();
      await settle();
    };
    const end = async () => {
      stop.abort();
      await running;
    };
    return { clock, reflector, give, end };
  }

  const endMark = (version: number): WatchEvent => ({ type: 'BOOKMARK', object: bookmark(version, true) });

  it('names what it watches, and tells how long ago the API server last showed anything', async () => {
    const { clock, reflector, give, end } = setup();
    expect(reflector.resource).toBe('things.example.org');
    expect(reflector.vitals()).toMatchObject({ lastSignMs: undefined, relists: 0 });
    await give({ type: 'ADDED', object: { ...thing('n/a', 1) } });
    expect(reflector.vitals().lastSignMs).toBeUndefined();
    await give(endMark(5));
    await clock.advance(7000);
    expect(reflector.vitals()).toMatchObject({ lastSignMs: 7000, relists: 0 });
    await give({ type: 'BOOKMARK', object: bookmark(6) });
    expect(reflector.vitals().lastSignMs).toBe(0);
    await clock.advance(10);
    await give({ type: 'MODIFIED', object: { ...thing('n/a', 7) } });
    await clock.advance(1);
    expect(reflector.vitals()).toMatchObject({ lastSignMs: 1, relists: 0 });
    await end();
  });

  it('counts lists after the first, and no watch that goes on from where another ended', async () => {
    const { clock, reflector, give, end } = setup();
    await give(endMark(5), { type: 'BOOKMARK', object: bookmark(6) }, 'end');
    await clock.advance(60_000);
    expect(reflector.vitals()).toMatchObject({ lastSignMs: 60_000, relists: 0 });
    // An event that nobody can understand: what is known counts no more.
    await give({ type: 'MODIFIED', object: {} });
    await clock.advance(60_000);
    await give(endMark(9));
    expect(reflector.vitals()).toMatchObject({ lastSignMs: 0, relists: 1 });
    await end();
  });
});
