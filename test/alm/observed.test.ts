import { describe, expect, it } from 'vitest';
import type { RequestObserver } from '../../src/alm/options.ts';
import { findCanary } from '../support/canary.ts';
import { almThat, record, rejectionOf, signal } from './support/build.ts';
import { json, type Reply } from './support/server.ts';

/** What is told of the requests to ALM, for metrics. */

function recording() {
  const told: string[] = [];
  const observe: RequestObserver = ({ method, route }) => {
    told.push(`${method} ${route} …`);
    return (outcome) => told.push(`${method} ${route} ${outcome}`);
  };
  return { told, observe };
}

const DONE = { status: 204 };

describe('the observer of a client', () => {
  it('is told of every request, logins and repetitions among them, and of nothing that is secret', async () => {
    const { told, observe } = recording();
    let refusals = 1;
    const script = () => (refusals-- > 0 ? json(401, {}) : DONE);
    await using alm = await almThat(script, { observe });
    await alm.client.update(record, signal);
    await alm.client.read('orders_api', signal).catch(() => undefined);
    await alm.client.prove('orders_api', record.clientSecret, signal);
    const ended = told.filter((line) => !line.endsWith('…'));
    expect(ended).toEqual([
      'POST token 200',
      'PUT credentials 401',
      'POST token 200',
      'PUT credentials 204',
      'GET credentials 204',
      'POST token 200',
    ]);
    expect(told).toHaveLength(2 * ended.length);
    expect(findCanary(told)).toBeUndefined();
    expect(told.join()).not.toContain('orders_api');
  });

  it('is told of the look at a connection that has no login', async () => {
    const { told, observe } = recording();
    await using alm = await almThat(() => DONE, { observe, auth: { kind: 'none' } });
    await alm.client.login(signal);
    expect(told).toEqual(['GET root …', 'GET root 204']);
  });

  it.each<[Reply, string]>([
    ['reset', 'OutcomeUnknown'],
    ['silence', 'OutcomeUnknown'],
  ])('is told why no answer came, where the server shows %s', async (reply, reason) => {
    const { told, observe } = recording();
    await using alm = await almThat(() => reply, { observe, timeoutMs: 300 });
    await rejectionOf(alm.client.create(record, signal));
    expect(told.at(-1)).toBe(`POST credentials ${reason}`);
  });

  it('is told of a request that was given up', async () => {
    const { told, observe } = recording();
    const stop = new AbortController();
    const script = () => {
      stop.abort(new Error('the operator stops'));
      return 'silence' as const;
    };
    await using alm = await almThat(script, { observe });
    await rejectionOf(alm.client.create(record, stop.signal));
    expect(told.at(-1)).toBe('POST credentials Aborted');
  });
});
