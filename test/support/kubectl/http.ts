/** Requests to an API server, of a test's own and apart from the code under test. */

import { Agent, type Dispatcher } from 'undici';
import type { UpstreamOptions } from '../gate/upstream.ts';

/** An answer that is no 2xx. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly reason: string;
  /** `details` of the Status object, where there is one. */
  readonly details: unknown;

  constructor(status: number, reason: string, message: string, details: unknown) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.details = details;
  }
}

export type Call = Readonly<{
  method?: Dispatcher.HttpMethod;
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal;
}>;

export type ApiHttp = Readonly<{
  /** The parsed answer; rejects with ApiError, or after ten seconds. */
  call(call: Call): Promise<unknown>;
  /** The lines of a watch, parsed. */
  lines(call: Call): AsyncGenerator<unknown, void>;
  close(): Promise<void>;
}>;

const TIME_LIMIT_MS = 10_000;
const CONNECTIONS = 16;

export function openHttp({ url, ca, cert, key, headers = {} }: UpstreamOptions): ApiHttp {
  const connect = { ca, ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  const agent = new Agent({ allowH2: false, connections: CONNECTIONS, connect });
  const watches = new Agent({ allowH2: false, bodyTimeout: 0, connect });
  const send = (dispatcher: Agent, call: Call, signal: AbortSignal) =>
    dispatcher.request({
      origin: url,
      path: `${call.path}${queryOf(call)}`,
      method: call.method ?? 'GET',
      headers: { ...headers, accept: 'application/json', ...bodyHeaders(call) },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal,
    });
  return {
    call: async (call) => {
      const limit = AbortSignal.timeout(TIME_LIMIT_MS);
      const signal = call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]);
      const { statusCode, body } = await send(agent, call, signal);
      return successful(statusCode, await body.text(), call);
    },
    lines: async function* (call) {
      const { statusCode, body } = await send(
        watches,
        call,
        call.signal ?? AbortSignal.timeout(TIME_LIMIT_MS),
      );
      if (statusCode !== 200) successful(statusCode, await body.text(), call);
      yield* jsonLines(body);
    },
    close: async () => {
      await Promise.all([agent.destroy(), watches.destroy()]);
    },
  };
}

async function* jsonLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) yield JSON.parse(line);
  }
}

function queryOf({ query = {} }: Call): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

function bodyHeaders({ body, contentType = 'application/json' }: Call): Record<string, string> {
  return body === undefined ? {} : { 'content-type': contentType };
}

function successful(status: number, text: string, { method = 'GET', path }: Call): unknown {
  const parsed = parsedOr(text);
  if (status >= 200 && status < 300) return parsed;
  const said = typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  const message = `${method} ${path}: ${status} ${said['message'] ?? text.slice(0, 200)}`;
  throw new ApiError(status, String(said['reason'] ?? ''), message, said['details']);
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
