import { describe, expect, it } from 'vitest';
import { currentTrace, traced } from '../../src/kube/trace.ts';
import { almThat, record, replies, signal } from './support/build.ts';
import { json } from './support/server.ts';

const idsOf = (asked: readonly Readonly<{ headers: Readonly<Record<string, unknown>> }>[]) =>
  asked.map(({ headers }) => headers['x-request-id']);
const within = <T>(correlationId: string, work: () => Promise<T>) =>
  traced({ correlationId, controller: 'things', name: 'a' }, work);

describe('the id of a pass', () => {
  it('goes with every request of it: login, question, refused token, write and proof', async () => {
    const script = replies(json(401, {}), json(201, {}), json(200, {}));
    await using alm = await almThat(script, { correlationId: () => currentTrace()?.correlationId });
    await within('00000000000000aa', () => alm.client.create(record, signal));
    await within('00000000000000bb', () => alm.client.update(record, signal));
    await within('00000000000000cc', () => alm.client.prove(record.clientId, record.clientSecret, signal));
    const ids = alm.server.asked.map(({ method, headers }) => `${method} ${headers['x-request-id']}`);
    expect(ids).toEqual([
      'POST 00000000000000aa',
      'POST 00000000000000aa',
      'POST 00000000000000aa',
      'POST 00000000000000aa',
      'PUT 00000000000000bb',
      'POST 00000000000000cc',
    ]);
  });

  it.each([
    ['outside a pass', { correlationId: () => undefined }],
    ['where nobody asks for it', {}],
  ])('is left away %s', async (_, options) => {
    await using alm = await almThat(replies(json(200, {})), options);
    await alm.client.update(record, signal);
    expect(idsOf(alm.server.asked)).toEqual([undefined, undefined]);
  });
});
