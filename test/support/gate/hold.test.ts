import { describe, expect, it } from 'vitest';
import { makeHold } from './hold.ts';
import { describeRequest } from './request.ts';

const request = describeRequest(1, '', { method: 'GET', url: '/a', protocol: 'h2', headers: {} });
const started = () =>
  makeHold(
    'before',
    15_000,
    () => new Error('missed'),
    () => {},
  );

describe('a hold', () => {
  it('drops what it holds when the client goes away', async () => {
    const { hold, held } = started();
    const client = new AbortController();
    const decision = held.arrive(request, client.signal);
    expect(await hold.reached).toBe(request);
    client.abort();
    hold.release();
    expect(await decision).toBe('drop');
  });

  it('is over when it is released before any request came', async () => {
    const { hold, held } = started();
    hold.release();
    await expect(hold.reached).rejects.toThrow('ended before a request reached it');
    expect(await held.arrive(request, new AbortController().signal)).toBe('release');
  });
});
