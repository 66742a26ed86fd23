import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KubeError, type NewObject, type Patch } from '../../src/kube/client.ts';
import { createEventRecorder } from '../../src/kube/events.ts';
import { type KubeEvent, SeriesBook } from '../../src/kube/eventseries.ts';
import type { KubeObject, ObjectRef } from '../../src/kube/types.ts';
import { ManualClock } from './support/clock.ts';
import { recordingLog } from './support/log.ts';

function about(uid: string, note = 'done'): KubeEvent {
  const regarding = { apiVersion: 'example.org/v1', kind: 'Thing', namespace: 'team-a', name: 'a', uid };
  return { regarding, type: 'Normal', reason: 'Done', action: 'Do', note };
}

const at = (ms: number) => ({ atMs: ms, wallMs: ms });

describe('what is known of events', () => {
  it('is at most a thousand of them, the oldest that owes nothing making room', () => {
    const book = new SeriesBook(() => 0);
    for (let turn = 0; turn < 1000; turn += 1) book.note(about(`${turn}`), at(turn), undefined);
    expect(book.note(about('more'), at(1000), undefined)).toBeUndefined();
    for (const series of book.untold(1000).slice(5)) series.told = series.count;
    expect(book.note(about('more'), at(1000), undefined)).toMatchObject({ count: 1 });
    expect(book.size).toBe(1000);
    const known = ['0', '4', '5', '6'].map((uid) => book.knows(about(uid), 1000));
    expect(known).toEqual([true, true, false, true]);
  });

  it('is forgotten after six quiet minutes', () => {
    const book = new SeriesBook(() => 0);
    for (let turn = 0; turn < 1000; turn += 1) book.note(about(`${turn}`), at(0), undefined);
    expect(book.note(about('more'), at(360_000), undefined)).toBeUndefined();
    expect(book.note(about('more'), at(360_001), undefined)).toMatchObject({ count: 1 });
    expect(book.size).toBe(1);
  });
});

type Stored = { key: string; count: number; begun: string };

/** An API server that takes events, loses them, and is away at times. */
class Server {
  readonly stored = new Map<string, Stored>();
  away = false;

  create = async <T extends KubeObject>(_: unknown, body: NewObject): Promise<T> => {
    this.#answer();
    const { metadata, regarding, note, series, eventTime } = body as unknown as Body;
    if (this.stored.has(metadata.name)) throw refusal(409, 'AlreadyExists');
    if (series !== undefined && series.count < 2) throw refusal(422, 'Invalid');
    const key = `${regarding.uid} ${note}`;
    this.stored.set(metadata.name, { key, count: series?.count ?? 1, begun: eventTime });
    return body as unknown as T;
  };

  patch = async <T extends KubeObject>(_: unknown, { name }: ObjectRef, { body }: Patch): Promise<T> => {
    this.#answer();
    const stored = this.stored.get(name);
    if (stored === undefined) throw refusal(404, 'NotFound');
    const { series } = body as Body;
    expect(series?.count).toBeGreaterThan(stored.count);
    stored.count = series?.count ?? 0;
    return body as T;
  };

  #answer(): void {
    if (this.away) throw refusal(503, 'ServiceUnavailable');
  }
}

type Body = Readonly<{
  metadata: Readonly<{ name: string }>;
  regarding: Readonly<{ uid: string }>;
  note: string;
  eventTime: string;
  series?: Readonly<{ count: number }>;
}>;

const refusal = (status: number, reason: string) => new KubeError({ status, reason, message: 'no' });

const step = fc.oneof(
  fc.record({ do: fc.constant('emit' as const), which: fc.nat(3), times: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(10, 5_000, 29_000, 90_000, 361_000) }),
  fc.record({ do: fc.constant('away' as const), away: fc.boolean() }),
  fc.record({ do: fc.constant('delete' as const) }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A recorder, its server, and what was emitted to it. */
class Story {
  readonly clock = new ManualClock();
  readonly server = new Server();
  readonly emitted = new Map<string, number>();
  anyDeleted = false;
  readonly recorder = createEventRecorder({
    client: this.server,
    operatorNamespace: 'operator',
    reportingController: 'example.org/operator',
    reportingInstance: 'pod-1',
    correlationAnnotation: 'example.org/correlation-id',
    log: recordingLog().log,
    clock: this.clock,
  });

  constructor() {
    let drawn = 0;
    this.clock.random = () => (drawn += 2 ** -20);
  }

  async take(one: Step): Promise<void> {
    switch (one.do) {
      case 'emit':
        return this.#emit(one.which, one.times);
      case 'wait':
        // An absence is shorter than what a series lives.
        return this.clock.advance(this.server.away ? Math.min(one.ms, 5000) : one.ms);
      case 'away':
        this.server.away = one.away;
        return;
      case 'delete':
        this.anyDeleted ||= this.server.stored.size > 0;
        this.server.stored.clear();
        return;
    }
  }

  #emit(which: number, times: number): void {
    const key = `uid-${which} done`;
    this.emitted.set(key, (this.emitted.get(key) ?? 0) + times);
    for (let turn = 0; turn < times; turn += 1) this.recorder.emit(about(`uid-${which}`));
  }

  check(): void {
    for (const [key, times] of this.emitted) {
      const stored = [...this.server.stored.values()].filter((one) => one.key === key);
      const counted = stored.reduce((all, { count }) => all + count, 0);
      if (this.anyDeleted) expect(counted).toBeLessThanOrEqual(times);
      else expect(counted).toBe(times);
      const begun = stored.map((one) => Date.parse(one.begun)).toSorted((one, other) => one - other);
      const gaps = begun.slice(1).map((time, n) => time - (begun[n] ?? 0));
      expect(gaps.filter((gap) => gap <= 360_000)).toEqual([]);
    }
  }
}

describe('whatever happens, however often', () => {
  it('is counted once, in Events that begin more than six minutes apart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const story = new Story();
        for (const one of steps) await story.take(one);
        story.server.away = false;
        await story.clock.advance(30_000);
        story.check();
        await story.clock.advance(400_000);
        expect(story.clock.timers).toBe(0);
        await story.recorder.stop();
      }),
      { numRuns: 100 },
    );
  });
});
