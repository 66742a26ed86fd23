/** Requests as the rooms see them, and their answers, whichever of HTTP/1.1 and HTTP/2 carries them. */

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { type ApiError, statusOf, tooLarge } from '../status.ts';
import type { Outlet } from '../watch/feed.ts';

export type Request = Readonly<{
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The whole body as text; empty where there is none. Rejects with 413 above the limit. */
  body(): Promise<string>;
  /** The same, not decoded. */
  bytes(): Promise<Buffer>;
  /** Aborts when the client has gone. */
  signal: AbortSignal;
}>;

export type Answer =
  | Readonly<{ status: number; json: unknown; warnings?: readonly string[]; retryAfterSeconds?: number }>
  | Readonly<{ status: number; text: string; headers?: OutgoingHttpHeaders }>
  | Readonly<{ status: number; bytes: Buffer; headers: OutgoingHttpHeaders }>
  | Readonly<{ stream: (outlet: Outlet) => void }>;

/** The types of node:http2 leave it out. */
type Flushable = Http2ServerResponse & { flushHeaders(): void };

const MAX_BODY_BYTES = 3 * 1024 * 1024;
const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-cache, private' };

export function requestOf(incoming: Http2ServerRequest, outgoing: Http2ServerResponse): Request {
  const url = new URL(incoming.url, 'https://server');
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort(new Error('the client has gone')));
  return {
    method: incoming.method,
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: async () => (await readBody(incoming)).toString('utf8'),
    bytes: () => readBody(incoming),
    signal: gone.signal,
  };
}

async function readBody(incoming: Http2ServerRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge(MAX_BODY_BYTES);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function refusal(error: ApiError): Answer {
  const seconds = error.details?.retryAfterSeconds;
  return {
    status: error.code,
    json: statusOf(error),
    warnings: error.warnings,
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  };
}

export function send(answer: Answer, outgoing: Http2ServerResponse): void {
  if (outgoing.destroyed || outgoing.writableEnded) return;
  if ('stream' in answer) {
    outgoing.writeHead(200, JSON_HEADERS);
    (outgoing as Flushable).flushHeaders();
    answer.stream(outletOf(outgoing));
    return;
  }
  if ('bytes' in answer) {
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.bytes);
    return;
  }
  if ('text' in answer) {
    outgoing.writeHead(answer.status, { 'content-type': 'text/plain; charset=utf-8', ...answer.headers });
    outgoing.end(answer.text);
    return;
  }
  const { warnings = [], retryAfterSeconds } = answer;
  const headers: OutgoingHttpHeaders = { ...JSON_HEADERS };
  if (warnings.length > 0)
    headers['warning'] = warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ');
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  outgoing.writeHead(answer.status, headers);
  outgoing.end(`${JSON.stringify(answer.json)}\n`);
}

function outletOf(outgoing: Http2ServerResponse): Outlet {
  return {
    write: (chunk) => !outgoing.writableEnded && outgoing.write(chunk),
    end: () => void outgoing.end(),
    waiting: () => outgoing.writableLength,
    onDrain: (listener) => void outgoing.on('drain', listener),
    onClose: (listener) => void outgoing.once('close', listener),
  };
}
