/** Requests of the suite: each answer whole, whatever its status. */

import { createInterface } from 'node:readline';
import { Agent, type Dispatcher } from 'undici';
import type { UpstreamOptions } from '../../../support/gate/upstream.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type Request = Readonly<{
  method: Method;
  /** From the root of the server, encoded. */
  path: string;
  query?: Readonly<Record<string, string>>;
  /** JSON, or a string that is sent as it is. */
  body?: unknown;
  contentType?: string;
  accept?: string;
  headers?: Readonly<Record<string, string>>;
  /** Instead of the administrator's credentials; '' sends none at all. */
  token?: string;
}>;

export type Reply = Readonly<{
  status: number;
  contentType: string;
  /** The texts of Warning headers. */
  warnings: readonly string[];
  /** Parsed where it is JSON, whatever it calls itself; else as it came. */
  body: unknown;
}>;

export type Event = Readonly<{ type: string; object: Readonly<Record<string, unknown>> }>;

export type Watch = Readonly<{
  /** The next event, or undefined at the end of the stream; rejects after 25 seconds. */
  next(): Promise<Event | undefined>;
  close(): void;
}>;

export type Client = Readonly<{
  send(request: Request): Promise<Reply>;
  /** Rejects with the refusal where the answer is no stream. */
  watch(request: Omit<Request, 'method'>): Promise<Watch>;
  close(): Promise<void>;
}>;

const DEADLINE_MS = 10_000;
/** A namespace is left in peace for five seconds, and a bookmark comes shortly before a watch ends. */
const EVENT_DEADLINE_MS = 25_000;

export function connect({ url, ca, cert, key, headers = {} }: UpstreamOptions): Client {
  const own = { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  const options = { allowH2: false, bodyTimeout: 0 };
  const known = new Agent({ ...options, connect: { ca, ...own } });
  const stranger = new Agent({ ...options, connect: { ca } });
  const dispatch = (request: Request, signal: AbortSignal) =>
    (request.token === undefined ? known : stranger).request({
      origin: url,
      path: pathOf(request),
      method: request.method,
      headers: { ...(request.token === undefined ? headers : bearer(request.token)), ...headersOf(request) },
      body: bodyOf(request),
      signal,
    });
  return {
    send: async (request) => replyOf(await dispatch(request, AbortSignal.timeout(DEADLINE_MS))),
    watch: async (request) => {
      const gone = new AbortController();
      const answer = await dispatch({ ...request, method: 'GET' }, gone.signal);
      if (answer.statusCode !== 200) throw new Error(JSON.stringify(await replyOf(answer)));
      return watchOf(answer, () => gone.abort());
    },
    close: async () => {
      await Promise.all([known.destroy(), stranger.destroy()]);
    },
  };
}

function bearer(token: string): Record<string, string> {
  return token === '' ? {} : { authorization: `Bearer ${token}` };
}

function pathOf({ path, query = {} }: Request): string {
  const text = String(new URLSearchParams(query));
  return text === '' ? path : `${path}?${text}`;
}

function headersOf({
  accept = 'application/json',
  body,
  contentType = 'application/json',
  headers,
}: Request) {
  return { ...headers, accept, ...(body === undefined ? {} : { 'content-type': contentType }) };
}

function bodyOf({ body }: Request): string | null {
  if (body === undefined) return null;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function replyOf({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Reply> {
  const contentType = String(headers['content-type'] ?? '');
  const text = await body.text();
  return {
    status: statusCode,
    contentType,
    warnings: [headers['warning'] ?? []].flat().flatMap(warningTexts),
    body: text.startsWith('{') ? JSON.parse(text) : text,
  };
}

/** One header may carry several values (RFC 9110 5.3), and a comma or a quote may be part of a text. */
function warningTexts(header: string): readonly string[] {
  return [...header.matchAll(/\d{3} \S+ ("(?:[^"\\]|\\.)*")/g)].map(([, text = '""']) =>
    text.slice(1, -1).replace(/\\(.)/g, '$1'),
  );
}

function watchOf({ body }: Dispatcher.ResponseData, abort: () => void): Watch {
  body.on('error', () => {});
  const lines = createInterface({ input: body })[Symbol.asyncIterator]();
  return {
    next: async () => {
      const line = await soon(lines.next());
      return line.done === true ? undefined : (JSON.parse(line.value) as Event);
    },
    close: abort,
  };
}

async function soon<T>(promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const error = new Error(`no event and no end of the watch for ${EVENT_DEADLINE_MS} ms`);
  const timer = setTimeout(() => reject(error), EVENT_DEADLINE_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
