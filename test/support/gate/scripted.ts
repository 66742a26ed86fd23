/** A small API server stand-in and clients for the gate's own tests: every answer is written out by the test. */

import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { afterEach } from 'vitest';
import { makeAuthority } from '../certificates.ts';
import type { ClientSide } from './exchange.ts';
import { type Gate, startGate } from './gate.ts';
import type { Users } from './server.ts';

export type Seen = Readonly<{ line: string; headers: Readonly<Record<string, unknown>>; body: string }>;
export type Answerer = (req: ClientSide['req'], res: ClientSide['res'], body: string) => void;

export type Bench = Readonly<{
  gate: Gate;
  /** What reached the stand-in. */
  seen: readonly Seen[];
  request(
    path: string,
    options?: Partial<Dispatcher.RequestOptions>,
  ): Promise<Readonly<{ status: number; headers: Readonly<Record<string, unknown>>; text: string }>>;
  /** The raw answer, for streams. */
  open(path: string, signal?: AbortSignal): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}>;

export type BenchOptions = Readonly<{
  answer: Answerer;
  h2: boolean;
  users?: Users;
}>;

export async function startBench({ answer, h2, users }: BenchOptions): Promise<Bench> {
  const authority = makeAuthority();
  const { certPem, keyPem } = authority.issue({ cn: 'stand-in', sans: ['127.0.0.1'] });
  const seen: Seen[] = [];
  const server = createSecureServer({ allowHTTP1: true, cert: certPem, key: keyPem });
  server.on('request', async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    seen.push({ line: `${req.method} ${req.url}`, headers: req.headers, body });
    answer(req, res as ClientSide['res'], body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { authorization: 'Bearer upstream-canary-7f3a9' };
  const gate = await startGate({
    upstream: { url, ca: authority.caPem, headers },
    authority,
    ...(users === undefined ? {} : { users }),
  });
  const agent = new Agent({ allowH2: h2, connect: { ca: gate.caPem }, headersTimeout: 5000 });
  const send = (path: string, options: Partial<Dispatcher.RequestOptions> = {}) =>
    agent.request({ origin: gate.url, path, method: 'GET', ...options });
  return {
    gate,
    seen,
    request: async (path, options) => {
      const { statusCode, headers: answered, body } = await send(path, options);
      return { status: statusCode, headers: answered, text: await body.text() };
    },
    open: (path, signal) => send(path, signal === undefined ? {} : { signal }),
    close: async () => {
      await agent.destroy();
      await gate.close();
      server.close();
    },
  };
}

/** Benches that end with the test that started them. */
export function useBench(): (options: BenchOptions) => Promise<Bench> {
  const benches: Bench[] = [];
  afterEach(async () => {
    await Promise.all(benches.splice(0).map((started) => started.close()));
  });
  return async (options) => {
    const started = await startBench(options);
    benches.push(started);
    return started;
  };
}

export const PROTOCOLS: readonly [name: string, h2: boolean][] = [
  ['HTTP/2', true],
  ['HTTP/1.1', false],
];

export const ok: Answerer = (_req, res) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end('{"ok":true}');
};

/** A watch that sends one line and then stays quiet. */
export const quietWatch: Answerer = (_req, res) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  res.write('{"type":"ADDED"}\n');
};

export const WATCH = '/api/v1/secrets?watch=true';

export async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of body) {
    const parts = `${rest}${chunk}`.split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

export async function next(lines: AsyncGenerator<string>): Promise<string | undefined> {
  return (await lines.next()).value;
}
