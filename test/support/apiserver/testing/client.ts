/** What the tests of this server speak to it with: plain requests and watches over undici. */

import { createInterface } from 'node:readline';
import { Agent, type Dispatcher, request } from 'undici';
import { type ApiObject, isRecord, type Json } from '../objects.ts';
import type { ApiServer } from '../server.ts';

export type Reply = Readonly<{
  status: number;
  headers: Dispatcher.ResponseData['headers'];
  text: string;
  /** The body, for tests that look into it key by key. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any shape
  body: any;
}>;

export type Event = Readonly<{ type: string; object: ApiObject & Json }>;

export type Watch = Readonly<{
  status: number;
  /** The next event; rejects after the deadline or at the end of the stream. */
  next(): Promise<Event>;
  /** Every event up to the end of the stream. */
  rest(): Promise<readonly Event[]>;
  close(): void;
}>;

export type Sending = Readonly<{ type?: string; accept?: string; token?: string; etag?: string }>;

const DEADLINE_MS = 10_000;
const MERGE = 'application/merge-patch+json';

export class Client {
  readonly #server: ApiServer;
  readonly #agent: Agent;

  constructor(server: ApiServer, { allowH2 = true }: { allowH2?: boolean } = {}) {
    this.#server = server;
    this.#agent = new Agent({ allowH2, connect: { ca: server.caPem } });
  }

  async send(method: string, path: string, body?: unknown, sending: Sending = {}): Promise<Reply> {
    const response = await this.#dispatch(method, path, body, sending);
    const text = await response.body.text();
    const isJson = String(response.headers['content-type']).startsWith('application/json');
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  }

  /** The body as it came, for what is not text. */
  async bytes(path: string) {
    const { statusCode: status, headers, body } = await this.#dispatch('GET', path, undefined, {});
    return { status, headers, bytes: Buffer.from(await body.arrayBuffer()) };
  }

  get(path: string, accept?: string): Promise<Reply> {
    return this.send('GET', path, undefined, accept === undefined ? {} : { accept });
  }

  post(path: string, body: unknown): Promise<Reply> {
    return this.send('POST', path, body);
  }

  put(path: string, body: unknown): Promise<Reply> {
    return this.send('PUT', path, body);
  }

  merge(path: string, body: unknown): Promise<Reply> {
    return this.send('PATCH', path, body, { type: MERGE });
  }

  json(path: string, body: unknown): Promise<Reply> {
    return this.send('PATCH', path, body, { type: 'application/json-patch+json' });
  }

  delete(path: string, body?: unknown): Promise<Reply> {
    return this.send('DELETE', path, body);
  }

  /** Opens a watch; `watch=true` is added to the query. */
  async watch(path: string, accept?: string): Promise<Watch> {
    const url = `${path}${path.includes('?') ? '&' : '?'}watch=true`;
    const response = await this.#dispatch('GET', url, undefined, accept === undefined ? {} : { accept });
    response.body.on('error', () => undefined);
    const lines = createInterface({ input: response.body })[Symbol.asyncIterator]();
    const next = async () => {
      const line = await within(lines.next(), `an event of ${path}`);
      if (line.done === true) throw new Error(`the watch ${path} has ended`);
      return JSON.parse(line.value) as Event;
    };
    const rest = async () => {
      const events: Event[] = [];
      for (;;) {
        const line = await within(lines.next(), `the end of ${path}`);
        if (line.done === true) return events;
        events.push(JSON.parse(line.value) as Event);
      }
    };
    return { status: response.statusCode, next, rest, close: () => void response.body.destroy() };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #dispatch(method: string, path: string, body: unknown, { type, accept, token, etag }: Sending) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return request(`${this.#server.url}${path}`, {
      method: method as Dispatcher.HttpMethod,
      dispatcher: this.#agent,
      headersTimeout: DEADLINE_MS,
      bodyTimeout: 0,
      headers: {
        authorization: `Bearer ${token ?? this.#server.token}`,
        ...(accept === undefined ? {} : { accept }),
        ...(etag === undefined ? {} : { 'if-none-match': etag }),
        ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
      },
      ...(body === undefined ? {} : { body: text }),
    });
  }
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited ${DEADLINE_MS} ms for ${what}`)), DEADLINE_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again, in the server's own time, until the reply is as wished. */
export async function until(ask: () => Promise<Reply>, wished: (reply: Reply) => boolean): Promise<Reply> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const reply = await ask();
    if (wished(reply)) return reply;
    if (Date.now() > deadline) throw new Error(`still ${reply.status}: ${reply.text}`);
  }
}

/** The one cause of a refusal, as `field: message`. */
export function causesOf({ body }: Reply): readonly string[] {
  const causes: unknown = body?.details?.causes;
  return Array.isArray(causes)
    ? causes.filter(isRecord).map((one) => `${one['field']}: ${one['message']}`)
    : [];
}
