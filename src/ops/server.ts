import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Address } from '../settings.ts';
import { type Checks, healthOf } from './health.ts';

/** Small pages over HTTP for the cluster: health and metrics. */

export type OpsServer = Readonly<{ address: string; close(): Promise<void> }>;

export type Page = Readonly<{ status: number; contentType: string; text: string }>;

/** Pages by path. */
export type Routes = Readonly<Record<string, (query: URLSearchParams) => Page | Promise<Page>>>;

/** `/livez` and `/readyz`; with `?verbose` all checks are named. */
export function healthRoutes(checks: Checks): Routes {
  const page = (endpoint: keyof Checks) => (query: URLSearchParams) => {
    const { status, text } = healthOf(endpoint, checks, query.has('verbose'));
    return { status, contentType: 'text/plain', text };
  };
  return { '/livez': page('livez'), '/readyz': page('readyz') };
}

/** A client that neither asks nor reads is cut off after this time, or twice of it where it has begun to read. */
const IDLE_MS = 5_000;

const MOST_CONNECTIONS = 256;

export async function startServer(
  { host, port }: Address,
  routes: Routes,
  idleMs = IDLE_MS,
): Promise<OpsServer> {
  const server = createServer(listenerOf(routes));
  server.headersTimeout = idleMs;
  server.requestTimeout = idleMs;
  server.timeout = idleMs;
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, host, port);
  return { address: addressOf(server), close: () => close(server) };
}

function listenerOf(routes: Routes): RequestListener {
  return (request, response) => {
    void pageOf(routes, request).then((page) => send(page, request, response));
  };
}

async function pageOf(routes: Routes, { url, method }: IncomingMessage): Promise<Page> {
  // The parser lets no path through without a slash, so that none is a name that every object knows.
  const [path = '', query] = url?.split('?') ?? [];
  const route = routes[path];
  if (route === undefined) return plain(404, 'not found');
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD are known here');
  try {
    return await route(new URLSearchParams(query));
  } catch {
    return plain(500, 'the page could not be made');
  }
}

function send(
  { status, contentType, text }: Page,
  { method }: IncomingMessage,
  response: ServerResponse,
): void {
  const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, status === 405 ? { ...headers, allow: 'GET, HEAD' } : headers);
  response.end(method === 'HEAD' ? undefined : text);
}

function plain(status: number, text: string): Page {
  return { status, contentType: 'text/plain', text: `${text}\n` };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: host === '' ? '0.0.0.0' : host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return String(address);
  return address.family === 'IPv6'
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
