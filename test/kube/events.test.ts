import { afterEach, describe, expect, it } from 'vitest';
import { KubeError, type NewObject } from '../../src/kube/client.ts';
import { createEventRecorder, type KubeEvent } from '../../src/kube/events.ts';
import type { KubeObject } from '../../src/kube/types.ts';
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

function record(answer: (body: NewObject, signal: AbortSignal) => Promise<void> = async () => undefined) {
  const clock = new ManualClock();
  const { log, lines } = recordingLog();
  const sent: (NewObject & Record<string, unknown>)[] = [];
  const recorder = createEventRecorder({
    client: {
      create: async <T extends KubeObject>(_: unknown, body: NewObject, signal: AbortSignal) => {
        sent.push(body as NewObject & Record<string, unknown>);
        await answer(body, signal);
        return body as unknown as T;
      },
    },
    operatorNamespace: 'operator',
    reportingController: 'example.org/operator',
    reportingInstance: 'pod-1',
    log,
    clock,
  });
  enders.push(async () => {
    const stopped = recorder.stop();
    await clock.advance(60_000);
    await stopped;
    expect(clock.timers).toBe(0);
  });
  return { clock, recorder, sent, lines };
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
    recorder.emit(event());
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
    recorder.emit(event());
    await clock.advance(9999);
    expect(sent).toHaveLength(1);
    await clock.advance(1);
    expect(sent).toHaveLength(2);
  });
});

describe('the limit', () => {
  it('lets 25 events pass for an object, then one in 10 s, and other objects have their own', async () => {
    const { recorder, sent, clock } = record();
    for (let turn = 0; turn < 40; turn += 1) recorder.emit(event());
    await settle();
    expect(sent).toHaveLength(25);
    recorder.emit(event({ regarding: { ...regarding, uid: 'uid-2' } }));
    await settle();
    expect(sent).toHaveLength(26);
    await clock.advance(10_000);
    recorder.emit(event());
    recorder.emit(event());
    await settle();
    expect(sent).toHaveLength(27);
  });

  it('of the queue drops what is too much', async () => {
    const { recorder, sent, lines } = record(() => new Promise(() => undefined));
    for (let turn = 0; turn < 1100; turn += 1) {
      recorder.emit(event({ regarding: { ...regarding, uid: `uid-${turn}` } }));
    }
    expect(sent).toHaveLength(1);
    expect(lines.filter(({ message }) => message.includes('dropped')).length).toBe(99);
    enders.length = 0;
  });
});

describe('stopping', () => {
  it('sends what is queued and takes nothing more', async () => {
    const { recorder, sent } = record();
    for (let turn = 0; turn < 10; turn += 1) recorder.emit(event());
    const stopped = recorder.stop();
    recorder.emit(event());
    await stopped;
    expect(sent).toHaveLength(10);
  });

  it('gives up after 5 s', async () => {
    const { recorder, sent, clock } = record(
      (_, signal) =>
        new Promise((__, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    recorder.emit(event());
    recorder.emit(event());
    const stopped = recorder.stop();
    await clock.advance(5000);
    await stopped;
    expect(sent).toHaveLength(1);
  });
});
