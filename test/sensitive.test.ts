import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog } from '../src/ops/log.ts';
import { Sensitive } from '../src/sensitive.ts';
import { findCanary, secretText } from './support/canary.ts';

const value = secretText('password');
const secret = new Sensitive(value);
const nested = {
  record: { clientId: 'orders', clientSecret: secret },
  list: [secret],
  map: new Map([['k', secret]]),
};

function written(write: (sink: Writable) => void): string {
  const chunks: string[] = [];
  write(
    new Writable({
      write: (chunk, _encoding, done) => {
        chunks.push(String(chunk));
        done();
      },
    }),
  );
  return chunks.join('');
}

function thrownBy(fails: () => unknown): unknown {
  try {
    return fails();
  } catch (error) {
    return error;
  }
}

describe('a sensitive string', () => {
  it('reveals its value to who asks for it', () => {
    expect(secret.reveal()).toBe(value);
  });

  it.each<[string, () => string]>([
    ['in a template', () => `${secret}`],
    ['by concatenation', () => `password: ${String(secret)}`.concat(secret as unknown as string)],
    ['by joining a list', () => [secret].join()],
    ['as JSON', () => JSON.stringify(secret)],
    ['as JSON inside of others', () => JSON.stringify(nested)],
    ['in the console’s form', () => inspect(secret)],
    [
      'in the console’s form inside of others',
      () => inspect(nested, { depth: 9, showHidden: true, getters: true }),
    ],
    [
      'in the console’s form without its own say',
      () => inspect(nested, { depth: 9, showHidden: true, customInspect: false }),
    ],
    ['through a proxy', () => inspect(new Proxy(secret, {}), { showProxy: true, depth: 9 })],
    ['by format with every letter', () => format('%s %o %O %j %d', secret, secret, secret, secret, secret)],
    ['by a spread', () => inspect({ ...secret }, { showHidden: true })],
    [
      'by its own properties',
      () => inspect(Reflect.ownKeys(secret).map((name) => Reflect.get(secret, name))),
    ],
    ['by an assignment', () => inspect(Object.assign({}, secret), { showHidden: true })],
    ['by a structured clone', () => inspect(structuredClone(secret), { showHidden: true })],
    [
      'by a structured clone inside of others',
      () => inspect(structuredClone(nested), { depth: 9, showHidden: true }),
    ],
    ['by serialisation', () => serialize(nested).toString('latin1')],
    ['in a URL', () => new URLSearchParams({ secret: secret as unknown as string }).toString()],
    ['as the message of an error', () => inspect(new Error(`${secret}`))],
    ['as the cause of an error', () => inspect(new Error('failed', { cause: secret }), { depth: 9 })],
    ['inside the cause of an error', () => inspect(new Error('failed', { cause: nested }), { depth: 9 })],
    [
      'as a thing thrown',
      () =>
        inspect(
          thrownBy(() => {
            throw secret;
          }),
        ),
    ],
    [
      'by the error of who wanted a string',
      () => inspect(thrownBy(() => Buffer.from(secret as unknown as string))),
    ],
    [
      'by the error of who wanted a function',
      () => inspect(thrownBy(() => (secret as unknown as () => void)())),
    ],
    [
      'to the console',
      () => written((sink) => new Console(sink).dir(nested, { depth: 9, showHidden: true })),
    ],
    ['to a table of the console', () => written((sink) => new Console(sink).table([nested.record]))],
    [
      'to the log',
      () =>
        written((sink) =>
          createLog({ level: 'trace', format: 'json', context: () => undefined }, sink).error(
            { nested, secret, err: new Error('x', { cause: secret }) },
            'failed',
          ),
        ),
    ],
  ])('shows nothing %s', (_, print) => {
    const text = print();
    expect(text).not.toBe('');
    expect(findCanary(text)).toBeUndefined();
  });

  it.each([
    ['in a template', () => `${secret}`],
    ['as JSON', () => JSON.parse(JSON.stringify(secret))],
    ['in the console’s form', () => inspect(secret)],
  ])('leaves a mark %s, so that its place is seen', (_, print) => {
    expect(print()).toBe('[sensitive]');
  });

  it('tells nothing of its length', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const own = new Sensitive(text);
        expect([`${own}`, JSON.stringify(own), inspect(own), own.reveal()]).toEqual([
          '[sensitive]',
          '"[sensitive]"',
          '[sensitive]',
          text,
        ]);
      }),
    );
  });
});
