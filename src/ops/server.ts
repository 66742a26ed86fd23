import { createServer, type Server } from 'node:http';
import type { Address } from '../settings.ts';

/**
 * `/livez` answers 200 while the event loop turns; `/readyz` answers 200 once the stores are synced. ALM being down is
 * neither: restarting the operator would not bring it back.
 */
export type HealthServer = Readonly<{ address: string; close(): Promise<void> }>;

export async function startHealthServer(
  { host, port }: Address,
  isReady: () => boolean,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path !== '/livez' && path !== '/readyz') return void response.writeHead(404).end('not found\n');
    const ok = path === '/livez' || isReady();
    response
      .writeHead(ok ? 200 : 503, { 'content-type': 'text/plain' })
      .end(ok ? 'ok\n' : 'not synced yet\n');
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
