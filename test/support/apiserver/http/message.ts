/** Requests as the rooms see them, and their answers, whichever of HTTP/1.1 and HTTP/2 carries them. */

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import {
  type ApiError,
  badRequest,
  MEDIA_TYPES,
  statusOf,
  tooLarge,
  unsupportedMediaType,
} from '../status.ts';
import type { Outlet } from '../watch/watch.ts';

export type Request = Readonly<{
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The whole body as text; empty where there is none. Rejects with 413 above the limit. */
  body(): Promise<string>;
  /** Aborts when the client has gone. */
  signal: AbortSignal;
}>;

export type Answer =
  | Readonly<{ status: number; json: unknown; warnings?: readonly string[]; retryAfterSeconds?: number }>
  | Readonly<{ status: number; text: string; headers?: OutgoingHttpHeaders }>
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
    body: () => readBody(incoming),
    signal: gone.signal,
  };
}

async function readBody(incoming: Http2ServerRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge(MAX_BODY_BYTES);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body of a POST or PUT. Throws 415 for anything but JSON. */
export async function jsonBody(request: Request): Promise<string> {
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim();
  if (type !== 'application/json') throw unsupportedMediaType(MEDIA_TYPES);
  return await request.body();
}

/** Throws 400; `what` comes before the decoder's complaint. */
export function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`${what}unexpected end of JSON input`);
  }
}

export function refusal(error: ApiError): Answer {
  const seconds = error.details?.retryAfterSeconds;
  return {
    status: error.code,
    json: statusOf(error),
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
  outgoing.end(JSON.stringify(answer.json));
}

function outletOf(outgoing: Http2ServerResponse): Outlet {
  return {
    write: (chunk) => {
      if (!outgoing.writableEnded) outgoing.write(chunk);
    },
    end: () => void outgoing.end(),
    waiting: () => outgoing.writableLength,
    onClose: (listener) => void outgoing.once('close', listener),
  };
}
