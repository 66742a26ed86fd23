/** What Secrets and ConfigMaps take and refuse. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, causesOf } from './testing/client.ts';
import { namespaced, secret } from './testing/widgets.ts';

let server: ApiServer;
let client: Client;
beforeAll(async () => {
  server = await startApiServer();
  client = new Client(server);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const SECRETS = namespaced('default', 'secrets');
const CONFIG_MAPS = namespaced('default', 'configmaps');
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a Secret', () => {
  it('is Opaque unless it says otherwise, and stores stringData as data', async () => {
    const data = { a: base64('canary-7f3a9'), b: base64('old') };
    const { body } = await client.post(
      SECRETS,
      secret('plain', { data, stringData: { b: 'canary-7f3a9 ü' } }),
    );
    expect([body.type, body.data]).toEqual(['Opaque', { a: data.a, b: base64('canary-7f3a9 ü') }]);
    expect(body).not.toHaveProperty('stringData');
  });

  it.each([
    ['!!!!', 0],
    ['YWJj=', 4],
    ['YWI', 0],
    ['Y W', 1],
  ])('refuses %j, which is no base64, while decoding', async (value, position) => {
    const { status, body } = await client.post(SECRETS, secret('broken', { data: { a: value } }));
    expect([status, body.message]).toEqual([
      400,
      `Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte ${position}`,
    ]);
  });

  it.each<[string, object, string[]]>([
    ['a key with a blank', { stringData: { 'a b': '' } }, ['data[a b]']],
    [
      'more than 1 MiB',
      { stringData: { a: 'x'.repeat(1_048_577) } },
      ['data: Too long: may not be more than 1048576 bytes'],
    ],
    [
      'a tls Secret without its keys',
      { type: 'kubernetes.io/tls' },
      ['data[tls.crt]: Required value', 'data[tls.key]: Required value'],
    ],
    [
      'a token of no service account',
      { type: 'kubernetes.io/service-account-token' },
      ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
  ])('with %s is refused', async (_what, more, causes) => {
    const reply = await client.post(SECRETS, secret('refused', more));
    expect(reply.status).toBe(422);
    expect(causesOf(reply)).toEqual(causes.map((cause) => expect.stringContaining(cause)));
  });

  it('of exactly 1 MiB is taken', async () => {
    const { status } = await client.post(
      SECRETS,
      secret('full', { stringData: { a: 'x'.repeat(1_048_576) } }),
    );
    expect(status).toBe(201);
  });

  it('keeps its type', async () => {
    await client.post(SECRETS, secret('typed', { type: 'example.org/a' }));
    const reply = await client.merge(`${SECRETS}/typed`, { type: 'example.org/b' });
    expect(causesOf(reply)).toEqual(['type: Invalid value: "example.org/b": field is immutable']);
  });

  it('that is immutable refuses other data and takes labels', async () => {
    await client.post(SECRETS, secret('frozen', { immutable: true, stringData: { a: 'canary-7f3a9' } }));
    const why = 'Forbidden: field is immutable when `immutable` is set';
    const data = await client.merge(`${SECRETS}/frozen`, { data: { a: base64('other') } });
    const thawed = await client.merge(`${SECRETS}/frozen`, { immutable: null });
    expect([causesOf(data), causesOf(thawed)]).toEqual([[`data: ${why}`], [`immutable: ${why}`]]);
    expect((await client.merge(`${SECRETS}/frozen`, { metadata: { labels: { a: 'b' } } })).status).toBe(200);
  });

  it('with a number for a value cannot be decoded', async () => {
    const { status, body } = await client.post(SECRETS, secret('number', { stringData: { a: 1 } }));
    expect([status, body.message]).toEqual([
      400,
      'Secret in version "v1" cannot be handled as a Secret: json: cannot unmarshal number into Go struct field Secret.stringData of type string',
    ]);
  });

  it('with an unknown field is refused by strict validation', async () => {
    const { status, body } = await client.post(
      `${SECRETS}?fieldValidation=Strict`,
      secret('odd', { dta: {} }),
    );
    expect([status, body.message]).toEqual([
      400,
      expect.stringContaining('strict decoding error: unknown field "dta"'),
    ]);
  });
});

describe('a ConfigMap', () => {
  it('holds text and bytes', async () => {
    const body = { metadata: { name: 'both' }, data: { a: 'x' }, binaryData: { b: base64('y') } };
    expect((await client.post(CONFIG_MAPS, body)).body).toMatchObject({
      data: body.data,
      binaryData: body.binaryData,
    });
  });

  it('refuses a key in both, and more than 1 MiB', async () => {
    const twice = { metadata: { name: 'twice' }, data: { a: 'x' }, binaryData: { a: base64('y') } };
    const large = { metadata: { name: 'large' }, data: { a: 'x'.repeat(1_048_577) } };
    expect(causesOf(await client.post(CONFIG_MAPS, twice))).toEqual([
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ]);
    expect((await client.post(CONFIG_MAPS, large)).body.message).toBe(
      'ConfigMap "large" is invalid: []: Too long: may not be more than 1048576 bytes',
    );
  });
});
