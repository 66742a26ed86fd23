/** What something that speaks HTTP, or does not, may answer. */

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { CANARY, secretText } from '../support/canary.ts';
import { anyJson, anyText, bytesOf, damaged, pieces, textOf } from './shapes.ts';

const RECORD = {
  clientId: 'orders_api',
  clientSecret: secretText('stored'),
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 1200,
  refreshTokenValidity: 30_600,
  roles: ['Portal'],
};

const TOKEN = {
  access_token: secretText('token'),
  token_type: 'bearer',
  expires_in: 1199,
  refresh_token: secretText('refresh'),
  scope: 'all',
};

const ENVELOPES = [
  { url: 'https://alm/x', localizedMessage: `refused: ${secretText('echo')}`, details: {} },
  { timestamp: 1, status: 401, error: 'Unauthorized', message: secretText('echo'), path: '/oauth/token' },
  { error: 'invalid_client', error_description: `Unauthorized grant type: ${CANARY}` },
  { error: 'invalid_scope', error_description: 'no' },
];

const HTML = `<html><body>${CANARY}</body></html>`;

const text = fc.oneof(
  ...[RECORD, TOKEN, ...ENVELOPES].map((good) => textOf(damaged(good))),
  textOf(anyJson),
  fc.constantFrom('', ' ', HTML, `  ${HTML}`, '<', 'null', '[]', '{', `${'['.repeat(20_000)}`),
  fc.constant(`{"localizedMessage":"${'x'.repeat(1_100_000)}${CANARY}"}`),
);

const contentType = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('application/json', 'application/json;charset=UTF-8') },
  fc.constantFrom(
    undefined,
    '',
    'text/html',
    'application/problem+json',
    'application/json;charset=UTF-16',
    'application/json; charset="no such"',
    'APPLICATION/JSON',
    'application/xhtml+xml;q=1',
    'application/octet-stream',
    ';',
  ),
);

const retryAfter = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  fc.constantFrom(
    '0',
    '-1',
    '3',
    '1e9',
    ' 7 ',
    '9'.repeat(400),
    'NaN',
    'Infinity',
    'Wed, 21 Oct 2015 07:28:00 GMT',
    'Wed, 21 Oct 9999 07:28:00 GMT',
    'Mon, 99 Foo 2026 99:99:99 GMT',
    'tomorrow',
    CANARY,
  ),
);

const status = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(200, 201, 204, 400, 401, 403, 404, 405, 409, 422, 429, 500, 502, 503),
  },
  fc.integer({ min: 200, max: 999 }),
);

export const anyAnswer = fc.record({ status, contentType, retryAfter, text });

/** The answer of a server, byte for byte, in pieces. `ends`: whether it hangs up afterwards. */
export type Reply = Readonly<{ chunks: readonly Buffer[]; ends: boolean }>;

const LENGTHS = ['right', 'none', 'chunked', 'more', 'less', 'nonsense'] as const;

const framed: fc.Arbitrary<Buffer> = fc
  .record({
    status,
    contentType,
    retryAfter,
    body: bytesOf(text),
    length: fc.oneof({ weight: 6, arbitrary: fc.constant('right' as const) }, fc.constantFrom(...LENGTHS)),
    more: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, headerLine()),
  })
  .map(({ status: code, contentType: type, retryAfter: after, body, length, more }) =>
    Buffer.concat([
      Buffer.from(
        [
          `HTTP/1.1 ${code} Whatever`,
          ...(type === undefined ? [] : [`content-type: ${type}`]),
          ...(after === undefined ? [] : [`retry-after: ${after}`]),
          ...lengthOf(length, body.length),
          ...(more === '' ? [] : [more]),
          '',
          '',
        ].join('\r\n'),
      ),
      length === 'chunked' ? Buffer.from(`${body.length.toString(16)}\r\n`) : Buffer.alloc(0),
      body,
      length === 'chunked' ? Buffer.from('\r\n0\r\n\r\n') : Buffer.alloc(0),
    ]),
  );

function headerLine(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(
      'location: https://elsewhere/',
      'set-cookie: a=b',
      'content-encoding: gzip',
      'connection: upgrade',
      'upgrade: websocket',
      `x-long: ${'x'.repeat(40_000)}`,
      'content-length: 3',
      'transfer-encoding: chunked',
      ': nameless',
      `no colon ${CANARY}`,
    ),
    anyText.map((value) => `x-any: ${value.replaceAll(/[\r\n]/g, '')}`),
  );
}

function lengthOf(length: (typeof LENGTHS)[number], bytes: number): readonly string[] {
  switch (length) {
    case 'right':
      return [`content-length: ${bytes}`];
    case 'chunked':
      return ['transfer-encoding: chunked'];
    case 'more':
      return [`content-length: ${bytes + 10}`];
    case 'less':
      return [`content-length: ${Math.max(0, bytes - 1)}`];
    case 'nonsense':
      return ['content-length: -1'];
    case 'none':
      return [];
  }
}

const nonsense = fc.oneof(
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  anyText.map((some) => Buffer.from(some)),
  fc
    .constantFrom('', 'HTTP/1.1 ', 'HTTP/1.1 200\r\n\r\n', 'HTTP/9.9 200 OK\r\n\r\n', 'SSH-2.0-x\r\n')
    .map((some) => Buffer.from(some)),
);

/** A good login, so that what comes after it is reached often. */
const login = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${JSON.stringify(TOKEN).length}\r\n\r\n${JSON.stringify(TOKEN)}`,
);

export const anyReply: fc.Arbitrary<Reply> = fc
  .record({
    bytes: fc.oneof({ weight: 8, arbitrary: framed }, { weight: 3, arbitrary: fc.constant(login) }, nonsense),
    cuts: fc.array(fc.nat(), { maxLength: 3 }),
    ends: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
  })
  .map(({ bytes, cuts, ends }) => ({ chunks: pieces(bytes, cuts), ends }));

export type Replier = Readonly<{
  origin: string;
  /** What is answered from here on, in turn and over again. */
  answer(replies: readonly Reply[]): void;
  close(): Promise<void>;
}>;

/** A server that answers whatever it is asked with bytes that were drawn. */
export async function startReplier(): Promise<Replier> {
  let replies: readonly Reply[] = [];
  let next = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let asked = '';
    socket.on('data', (chunk) => {
      asked += chunk.toString('latin1');
      if (!isWhole(asked)) return;
      asked = '';
      const reply = replies[next % replies.length];
      next += 1;
      if (reply === undefined) socket.destroy();
      else give(socket, reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    answer: (drawn) => {
      replies = drawn;
      next = 0;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function isWhole(asked: string): boolean {
  const head = asked.indexOf('\r\n\r\n');
  const length = Number(/content-length: (\d+)/i.exec(asked)?.[1] ?? 0);
  return head >= 0 && asked.length >= head + 4 + length;
}

function give(socket: Socket, { chunks, ends }: Reply): void {
  for (const chunk of chunks) socket.write(chunk);
  if (ends) socket.end();
}
