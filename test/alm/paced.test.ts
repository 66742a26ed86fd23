import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/alm/answer.ts';
import { paced } from '../../src/alm/paced.ts';
import { Tempo } from '../../src/alm/tempo.ts';
import type { AlmRequest } from '../../src/alm/transport.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { ManualClock } from '../kube/support/clock.ts';

const signal = new AbortController().signal;
const get: AlmRequest = { method: 'GET', path: '/', purpose: 'read' };
const put: AlmRequest = { method: 'PUT', path: '/', purpose: 'write' };

function bench(answers: readonly Answer[] = [], rate = { requestsPerSecond: 1, burst: 1 }) {
  const clock = new ManualClock();
  const pace = new Tempo(clock, rate, () => undefined);
  const sent: AlmRequest[] = [];
  const script = [...answers];
  const send = async (request: AlmRequest): Promise<Answer> => {
    sent.push(request);
    return script.shift() ?? { status: 200, text: '' };
  };
  const options = { pace, now: () => clock.wallMs() };
  return { clock, pace, sent, transport: paced({ send, close: async () => undefined }, options) };
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof EdgeError ? error.failure : error),
  );

describe('a paced request', () => {
  it('is sent when its token is there', async () => {
    const { transport, sent, clock } = bench();
    await transport.send(get, signal);
    const second = transport.send(put, signal);
    await clock.advance(999);
    expect(sent).toEqual([get]);
    await clock.advance(1);
    await second;
    expect(sent).toEqual([get, put]);
  });

  it.each<[string, Answer, number]>([
    ['429 with a Retry-After', { status: 429, retryAfter: '7', text: '' }, 7_000],
    ['503 with a Retry-After', { status: 503, retryAfter: '7', text: '' }, 7_000],
    ['a Retry-After of a day, five minutes long', { status: 429, retryAfter: '86400', text: '' }, 300_000],
    ['429 without one', { status: 429, text: '' }, 0],
    ['a redirect that has one', { status: 301, retryAfter: '7', text: '' }, 0],
  ])('makes all wait after %s', async (_, answer, restingMs) => {
    const { transport, pace } = bench([answer]);
    expect(await transport.send(get, signal)).toEqual(answer);
    expect(pace.restingMs).toBe(restingMs);
  });

  it('that is not sent for the sake of a rest was certainly not taken, if it is a write', async () => {
    const { transport, pace, sent } = bench();
    pace.rest(60_000);
    const failure = { kind: 'transient', reason: 'RateLimited', retryAfterMs: 60_000 };
    expect(await failureOf(transport.send(put, signal))).toMatchObject({ ...failure, untaken: true });
    const read = await failureOf(transport.send(get, signal));
    expect(read).toMatchObject(failure);
    expect(read).not.toHaveProperty('untaken');
    expect(sent).toEqual([]);
  });

  it('that is given up while it waits was never sent', async () => {
    const { transport, sent } = bench();
    await transport.send(get, signal);
    const stop = new AbortController();
    const waiting = failureOf(transport.send(put, stop.signal));
    stop.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ message: 'enough' });
    expect(sent).toEqual([get]);
  });
});

describe('a tempo', () => {
  it('says how many calls could be made, and when there will be more', async () => {
    const { pace, clock } = bench([], { requestsPerSecond: 2, burst: 3 });
    expect([pace.ready, pace.readyInMs(3), pace.readyInMs(4)]).toEqual([3, 0, 500]);
    await pace.next(signal);
    expect([pace.ready, pace.readyInMs(3)]).toEqual([2, 500]);
    pace.rest(1_000);
    expect([pace.ready, pace.readyInMs(1)]).toEqual([0, 1_000]);
    await clock.advance(1_000);
    expect([pace.ready, pace.restingMs]).toEqual([3, 0]);
  });
});
