import { createServer, type Server } from 'node:http';
import type { Address } from '../settings.ts';
import { type Checks, healthOf } from './health.ts';

export type HealthServer = Readonly<{ address: string; close(): Promise<void> }>;

export async function startHealthServer({ host, port }: Address, checks: Checks): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? '', 'http://localhost');
    const endpoint = url?.pathname.slice(1);
    if (endpoint !== 'livez' && endpoint !== 'readyz') return void response.writeHead(404).end('not found\n');
    const { status, text } = healthOf(endpoint, checks, url?.searchParams.has('verbose') ?? false);
    response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  await listen(server, host, port);
  return { address: addressOf(server), close: () => close(server) };
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
