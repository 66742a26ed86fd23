/** The requests that reached the simulator. No secret, token, query or body is ever in it. */

import type { IncomingMessage } from 'node:http';

export type AlmRequest = Readonly<{
  /** Counts from 1, through restarts on the same state. */
  n: number;
  /** Milliseconds, by the clock of the simulator's machine. */
  at: number;
  /** The caller's end of the connection. */
  port: number;
  method: string;
  /** Below the path prefix, as sent, without the query. */
  path: string;
  /** What was answered, whether or not it arrived; 0 as long as nothing was, and where nothing ever is. */
  status: number;
  /** The client that the request is about: of the path, the body or the login. */
  clientId?: string;
  /** The client, or the user of a zen token, that the bearer token belongs to. */
  caller?: string;
  /** As the caller named the request in `x-request-id`. */
  requestId?: string;
  /** The knobs that had a say, as `name=value`. */
  knobs: readonly string[];
  /** What the request did to the clients, be it answered or not. */
  wrote?: 'created' | 'updated' | 'deleted';
  /** The fault or hold that it met. */
  fault?: string;
}>;

/** The same entry while it is being filled in. */
export type LogEntry = { -readonly [K in keyof AlmRequest]: AlmRequest[K] } & { knobs: string[] };

/** The client that a request is about, as far as it can be told before it is handled. */
export function subjectOf(
  path: string,
  body: string,
  headers: IncomingMessage['headers'],
): string | undefined {
  const id = /^\/api\/credentials\/([^/]+)$/.exec(path)?.[1];
  if (id !== undefined) return decoded(id);
  if (path.startsWith('/oauth/')) return basicOf(headers.authorization)?.id;
  return path.startsWith('/api/credentials') ? idOfBody(body) : undefined;
}

/** Only the first colon splits; nothing is percent-decoded. */
export function basicOf(header: string | undefined): Readonly<{ id: string; secret: string }> | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  const pair = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : { id: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}

export function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function idOfBody(body: string): string | undefined {
  try {
    const { clientId } = JSON.parse(body) ?? {};
    return typeof clientId === 'string' ? clientId : undefined;
  } catch {
    return undefined;
  }
}
