import { afterEach, describe, expect, it } from 'vitest';
import { KubeError, type NewObject, type Patch } from '../../src/kube/client.ts';
import { createEventRecorder } from '../../src/kube/events.ts';
import type { KubeEvent } from '../../src/kube/eventseries.ts';
import { traced } from '../../src/kube/trace.ts';
import type { KubeObject, ObjectRef } from '../../src/kube/types.ts';
import { ManualClock, settle } from './support/clock.ts';
import { recordingLog } from './support/log.ts';

const regarding = {
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  namespace: 'team-a',
  name: 'reporting',
  uid: 'uid-1',
};

function event(more: Partial<KubeEvent> = {}): KubeEvent {
  return { regarding, type: 'Normal', reason: 'Created', action: 'Write', note: 'created in ALM', ...more };
}

const terminating = new KubeError({
  status: 403,
  reason: 'Forbidden',
  message: 'is being terminated',
  causes: [{ reason: 'NamespaceTerminating', message: '', field: 'metadata.namespace' }],
});

const enders: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of enders.splice(0)) await end();
});

const refusal = (status: number, reason: string) => new KubeError({ status, reason, message: 'no' });

type Patched = Readonly<{ ref: ObjectRef; body: unknown }>;
type Answers = Readonly<{
  create: (body: NewObject, signal: AbortSignal) => Promise<void>;
  patch: (patched: Patched) => Promise<void>;
}>;

function record(
  create: Answers['create'] = async () => undefined,
  patch: Answers['patch'] = async () => undefined,
) {
  const clock = new ManualClock();
  const { log, lines } = recordingLog();
  const sent: (NewObject & Record<string, unknown>)[] = [];
  const patched: Patched[] = [];
  const recorder = createEventRecorder({
    client: {
      create: async <T extends KubeObject>(_: unknown, body: NewObject, signal: AbortSignal) => {
        sent.push(body as NewObject & Record<string, unknown>);
        await create(body, signal);
        return body as unknown as T;
      },
      patch: async <T extends KubeObject>(_: unknown, ref: ObjectRef, { type, body }: Patch) => {
        expect(type).toBe('merge');
        patched.push({ ref, body });
        await patch({ ref, body });
        return body as T;
      },
    },
    operatorNamespace: 'operator',
    reportingController: 'example.org/operator',
    reportingInstance: 'pod-1',
    correlationAnnotation: 'example.org/correlation-id',
    log,
    clock,
  });
  enders.push(async () => {
    const stopped = recorder.stop();
    await clock.advance(60_000);
    await stopped;
    expect(clock.timers).toBe(0);
  });
  return { clock, recorder, sent, patched, lines };
}

const namespaces = (sent: readonly NewObject[]) => sent.map(({ metadata }) => metadata.namespace);

describe('an event', () => {
  it('is written in the namespace of its object, in the form that the API server takes', async () => {
    const { recorder, sent } = record();
    recorder.emit(event());
    await settle();
    expect(sent).toEqual([
      {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: expect.stringMatching(/^reporting\.[0-9a-f]+$/), namespace: 'team-a' },
        eventTime: '2026-11-20T00:00:00.000000Z',
        reportingController: 'example.org/operator',
        reportingInstance: 'pod-1',
        action: 'Write',
        reason: 'Created',
        regarding,
        note: 'created in ALM',
        type: 'Normal',
      },
    ]);
  });

  it('has a valid name, however long that of its object is and wherever it is cut', async () => {
    const { recorder, sent } = record();
    const name = `${'a'.repeat(198)}.-${'b'.repeat(50)}`;
    recorder.emit(event({ regarding: { ...regarding, name } }));
    await settle();
    const made = sent[0]?.metadata.name ?? '';
    expect(made).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
    expect(made.length).toBeLessThanOrEqual(253);
  });

  it('of the same object and moment has another name', async () => {
    const { recorder, sent, clock } = record();
    let turn = 0;
    clock.random = () => (turn += 0.01);
    recorder.emit(event());
    recorder.emit(event({ note: 'another' }));
    await settle();
    expect(new Set(sent.map(({ metadata }) => metadata.name)).size).toBe(2);
  });

  it('has its note cut at 1024 bytes, between characters', async () => {
    const { recorder, sent } = record();
    recorder.emit(event({ note: `x${'ä'.repeat(1000)}`, reason: 'R'.repeat(300) }));
    await settle();
    expect(sent[0]?.['note']).toBe(`x${'ä'.repeat(511)}`);
    expect(sent[0]?.['reason']).toBe('R'.repeat(128));
  });

  it('on an object without a namespace goes to that of the operator', async () => {
    const { recorder, sent } = record();
    recorder.emit(event({ regarding: { ...regarding, namespace: undefined } }));
    await settle();
    expect(namespaces(sent)).toEqual(['operator']);
  });
});

const series = (count: number, at: string) => ({ count, lastObservedTime: `2026-11-20T${at}.000000Z` });
const counts = (patched: readonly Patched[]) =>
  patched.map(({ body }) => (body as { series: { count: number } }).series.count);

describe('the same event again', () => {
  it('is counted in the Event: the first repeat at once, further ones within 30 s', async () => {
    const { recorder, sent, patched, clock } = record();
    recorder.emit(event());
    await clock.advance(1000);
    recorder.emit(event());
    await settle();
    const ref = { namespace: 'team-a', name: sent[0]?.metadata.name };
    expect(patched).toEqual([{ ref, body: { metadata: {}, series: series(2, '00:00:01') } }]);
    for (let turn = 0; turn < 3; turn += 1) {
      await clock.advance(5000);
      recorder.emit(event());
    }
    expect(patched).toHaveLength(1);
    await clock.advance(30_000);
    expect(patched.slice(1)).toEqual([{ ref, body: { metadata: {}, series: series(5, '00:00:16') } }]);
    await clock.advance(300_000);
    expect([sent.length, patched.length]).toEqual([1, 2]);
  });

  it.each<[string, Partial<KubeEvent>]>([
    ['object', { regarding: { ...regarding, uid: 'uid-2' } }],
    ['type', { type: 'Warning' }],
    ['reason', { reason: 'Updated' }],
    ['action', { action: 'Read' }],
    ['note', { note: 'created again' }],
    ['related object', { related: { ...regarding, uid: 'uid-2' } }],
  ])('is it with no other %s', async (_, more) => {
    const { recorder, sent, patched } = record();
    recorder.emit(event());
    recorder.emit(event(more));
    await settle();
    expect([sent.length, patched.length]).toEqual([2, 0]);
    const { type, reason, action, note } = event(more);
    expect(sent[1]).toMatchObject({ type, reason, action, note, ...more });
  });

  it('is another Event after six quiet minutes, and part of the series until then', async () => {
    const { recorder, sent, patched, clock } = record();
    recorder.emit(event());
    await clock.advance(360_000);
    recorder.emit(event());
    await clock.advance(360_000);
    expect([sent.length, counts(patched)]).toEqual([1, [2]]);
    await clock.advance(1);
    recorder.emit(event());
    await settle();
    expect([sent.length, counts(patched)]).toEqual([2, [2]]);
    expect(sent[1]).not.toHaveProperty('series');
  });

  it('takes nothing of what its object may still send', async () => {
    const { recorder, sent } = record();
    for (let turn = 0; turn < 100; turn += 1) recorder.emit(event());
    for (let turn = 0; turn < 24; turn += 1) recorder.emit(event({ note: `${turn}` }));
    await settle();
    expect(sent).toHaveLength(25);
  });

  it('is counted from the beginning in a new Event where somebody deleted the old one', async () => {
    let gone = true;
    const { recorder, sent, patched, clock } = record(undefined, async () => {
      if (gone) throw refusal(404, 'NotFound');
    });
    recorder.emit(event());
    await settle();
    recorder.emit(event());
    await settle();
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual({ ...sent[0], series: series(2, '00:00:00') });
    gone = false;
    recorder.emit(event());
    await clock.advance(30_000);
    expect([sent.length, counts(patched)]).toEqual([2, [2, 3]]);
  });

  it('follows its Event into the namespace of the operator', async () => {
    const { recorder, patched } = record(async ({ metadata }) => {
      if (metadata.namespace === 'team-a') throw terminating;
    });
    recorder.emit(event());
    await settle();
    recorder.emit(event());
    await settle();
    expect(patched.map(({ ref }) => ref.namespace)).toEqual(['operator']);
  });

  it('is in the Event from the start where the API server was slow', async () => {
    const slow = Promise.withResolvers<void>();
    const { recorder, sent, patched } = record(({ metadata }) =>
      metadata.name.startsWith('reporting') ? Promise.resolve() : slow.promise,
    );
    recorder.emit(event({ regarding: { ...regarding, uid: 'uid-2', name: 'slow' } }));
    for (let turn = 0; turn < 4; turn += 1) recorder.emit(event());
    slow.resolve();
    await settle();
    expect(sent[1]).toMatchObject({ series: { count: 4 } });
    expect(patched).toEqual([]);
  });
});

describe('the pass that an event happened in', () => {
  const within = (correlationId: string, work: () => void) =>
    traced({ correlationId, controller: 'things', name: 'a' }, work);
  const annotations = (id: string) => ({ annotations: { 'example.org/correlation-id': id } });

  it('is named on the Event, the last one where it repeats itself', async () => {
    const { recorder, sent, patched, clock } = record();
    within('00000000000000aa', () => recorder.emit(event()));
    within('00000000000000bb', () => recorder.emit(event({ note: 'another' })));
    await settle();
    expect(sent.map(({ metadata }) => metadata)).toMatchObject([
      annotations('00000000000000aa'),
      annotations('00000000000000bb'),
    ]);
    within('00000000000000cc', () => recorder.emit(event()));
    within('00000000000000dd', () => recorder.emit(event()));
    within('00000000000000ee', () => recorder.emit(event()));
    await clock.advance(30_000);
    expect(patched.map(({ body }) => body)).toMatchObject([
      { metadata: annotations('00000000000000cc'), series: { count: 2 } },
      { metadata: annotations('00000000000000ee'), series: { count: 4 } },
    ]);
  });
});

describe('a namespace that is being deleted', () => {
  it('has its events in that of the operator', async () => {
    const { recorder, sent, lines } = record(async ({ metadata }) => {
      if (metadata.namespace === 'team-a') throw terminating;
    });
    recorder.emit(event());
    await settle();
    expect(namespaces(sent)).toEqual(['team-a', 'operator']);
    expect(sent[1]?.['regarding']).toEqual(regarding);
    expect(lines).toEqual([]);
  });

  it('is given up where it is that of the operator', async () => {
    const { recorder, sent } = record(async () => {
      throw terminating;
    });
    recorder.emit(event({ regarding: { ...regarding, namespace: 'operator' } }));
    await settle();
    expect(sent).toHaveLength(1);
  });
});

describe('failures', () => {
  it('stay in the log, and the next event is sent all the same', async () => {
    let turn = 0;
    const { recorder, sent, lines } = record(async () => {
      turn += 1;
      if (turn === 1) throw new KubeError({ status: 403, reason: 'Forbidden', message: 'no' });
    });
    recorder.emit(event());
    recorder.emit(event({ reason: 'Updated' }));
    await settle();
    expect(sent.map((one) => one['reason'])).toEqual(['Created', 'Updated']);
    expect(namespaces(sent)).toEqual(['team-a', 'team-a']);
    expect(lines.map(({ level }) => level)).toEqual(['debug']);
  });

  it.each([
    ['where nobody answers', refusal(0, 'ECONNREFUSED'), 13],
    ['where it is busy', refusal(429, 'TooManyRequests'), 13],
    ['where it is broken', refusal(503, 'ServiceUnavailable'), 13],
    ['but not where it refuses', refusal(403, 'Forbidden'), 1],
    ['but not where it cannot understand', refusal(422, 'Invalid'), 1],
  ])('of the API server are tried again every 30 s for six minutes %s', async (_, error, times) => {
    const { recorder, sent, clock } = record(async () => {
      throw error;
    });
    recorder.emit(event());
    await clock.advance(3_600_000);
    expect(sent).toHaveLength(times);
    expect(new Set(sent.map(({ metadata }) => metadata.name)).size).toBe(1);
    expect(clock.timers).toBe(0);
  });

  it('of an answer on its way are no second Event', async () => {
    let turn = 0;
    const { recorder, sent, patched, clock } = record(async () => {
      turn += 1;
      throw turn === 1 ? refusal(0, 'ECONNRESET') : refusal(409, 'AlreadyExists');
    });
    recorder.emit(event());
    await clock.advance(30_000);
    expect([sent.length, patched.length]).toEqual([2, 0]);
    recorder.emit(event());
    recorder.emit(event());
    await clock.advance(60_000);
    expect([sent.length, counts(patched)]).toEqual([2, [2, 3]]);
  });

  it('of an answer on its way leave no repeat uncounted', async () => {
    let turn = 0;
    const { recorder, patched } = record(async () => {
      turn += 1;
      throw turn === 1 ? refusal(0, 'ECONNRESET') : refusal(409, 'AlreadyExists');
    });
    recorder.emit(event());
    await settle();
    recorder.emit(event());
    await settle();
    expect(counts(patched)).toEqual([2]);
  });

  it('to answer end after 10 s', async () => {
    let turn = 0;
    const { recorder, sent, clock } = record((_, signal) => {
      turn += 1;
      if (turn > 1) return Promise.resolve();
      return new Promise((__, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    });
    recorder.emit(event());
    recorder.emit(event({ note: 'another' }));
    await clock.advance(9999);
    expect(sent).toHaveLength(1);
    await clock.advance(1);
    expect(sent).toHaveLength(2);
  });
});

describe('an event that comes while another is sent', () => {
  it('is sent at once, at whatever moment it comes', async () => {
    for (let moment = 0; moment < 30; moment += 1) {
      const arrived = Promise.withResolvers<void>();
      const { recorder, sent } = record(() => arrived.promise);
      recorder.emit(event());
      arrived.resolve();
      for (let turn = 0; turn < moment; turn += 1) await Promise.resolve();
      recorder.emit(event({ note: 'another' }));
      await settle();
      expect(sent, `after ${moment} turns`).toHaveLength(2);
    }
  });

  it('does not have that one sent twice, though a round finds it untold', async () => {
    const arrived = Promise.withResolvers<void>();
    const { recorder, sent, patched } = record(() => arrived.promise);
    recorder.emit(event());
    const stopped = recorder.stop();
    arrived.resolve();
    await stopped;
    expect([sent.length, patched.length]).toEqual([1, 0]);
  });
});

describe('the limit', () => {
  it('lets 25 events pass for an object, then one in 10 s, and other objects have their own', async () => {
    const { recorder, sent, clock } = record();
    for (let turn = 0; turn < 40; turn += 1) recorder.emit(event({ note: `${turn}` }));
    await settle();
    expect(sent).toHaveLength(25);
    recorder.emit(event({ regarding: { ...regarding, uid: 'uid-2' } }));
    await settle();
    expect(sent).toHaveLength(26);
    await clock.advance(10_000);
    recorder.emit(event({ note: 'in time' }));
    recorder.emit(event({ note: 'too soon' }));
    await settle();
    expect(sent).toHaveLength(27);
    expect(sent.at(-1)?.['note']).toBe('in time');
  });

  it('of what is queued drops what is too much', async () => {
    const { recorder, sent, lines } = record(() => new Promise(() => undefined));
    for (let turn = 0; turn < 1100; turn += 1) {
      recorder.emit(event({ regarding: { ...regarding, uid: `uid-${turn}` } }));
    }
    expect(sent).toHaveLength(1);
    expect(lines.filter(({ message }) => message.includes('dropped')).length).toBe(100);
    enders.length = 0;
  });
});

describe('stopping', () => {
  it('sends what is queued and takes nothing more', async () => {
    const { recorder, sent } = record();
    for (let turn = 0; turn < 10; turn += 1) recorder.emit(event({ note: `${turn}` }));
    const stopped = recorder.stop();
    recorder.emit(event());
    await stopped;
    expect(sent).toHaveLength(10);
  });

  it('tells what was only counted so far', async () => {
    const { recorder, patched } = record();
    recorder.emit(event());
    await settle();
    recorder.emit(event());
    await settle();
    for (let turn = 0; turn < 5; turn += 1) recorder.emit(event());
    await recorder.stop();
    expect(counts(patched)).toEqual([2, 7]);
  });

  it('gives up after 5 s', async () => {
    const { recorder, sent, clock } = record(
      (_, signal) =>
        new Promise((__, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    recorder.emit(event());
    recorder.emit(event({ note: 'another' }));
    const stopped = recorder.stop();
    await clock.advance(5000);
    await stopped;
    expect(sent).toHaveLength(1);
  });
});
