/** The way to the API server behind the gate: HTTP/1.1, so that ending one exchange ends nothing else. */

import { Agent, type Dispatcher } from 'undici';

export type Credentials = Readonly<{
  headers?: Readonly<Record<string, string>>;
  cert?: string;
  key?: string;
}>;

/** Without `users` at the gate, a client's own Authorization header goes on as it is. */
export type UpstreamOptions = Credentials & Readonly<{ url: string; ca: string }>;

export type Outgoing = Readonly<{
  method: string;
  url: string;
  headers: Headers;
  body: Buffer;
  signal: AbortSignal;
}>;

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export type Upstream = Readonly<{
  send(request: Outgoing): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}>;

/** The API server itself ends a request after a minute; a watch may be quiet for longer than that. */
const HEADERS_TIMEOUT_MS = 75_000;

/** Headers of one hop (RFC 9110 7.6.1), and those that the next hop's client writes for itself. */
const OF_ONE_HOP = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function openUpstream({ url, ca, cert, key, headers: own = {} }: UpstreamOptions): Upstream {
  const agent = new Agent({
    allowH2: false,
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: 0,
    connect: { ca, ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) },
  });
  return {
    send: ({ method, url: path, headers, body, signal }) =>
      agent.request({
        origin: url,
        path,
        method: method as Dispatcher.HttpMethod,
        headers: { ...endToEnd(headers), ...own },
        body: body.length === 0 ? null : body,
        signal,
      }),
    close: () => agent.destroy(),
  };
}

/** What crosses the gate. An answer keeps its content-length; a request's is written anew from its body. */
export function endToEnd(headers: Headers, keep = ''): Record<string, string | string[]> {
  const crossing: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':')) continue;
    if (OF_ONE_HOP.has(name) && name !== keep) continue;
    crossing[name] = typeof value === 'string' ? value : [...value];
  }
  return crossing;
}
