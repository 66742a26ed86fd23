/**
 * An HTTP(S) server that answers as a test's script says, down to answers that are none: silence, resets,
 * cut-off bodies, raw bytes. It keeps what it was asked.
 */

import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';

export type Asked = Readonly<{
  method: string;
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
  protocol: string;
}>;

export type Reply =
  | Readonly<{ status: number; headers?: Readonly<Record<string, string>>; body?: string | Buffer }>
  | Readonly<{ raw: string }>
  | Readonly<{ status: number; cutOffAfter: string }>
  | Readonly<{ status: number; stalledAfter: string }>
  | 'silence'
  | 'reset';

export type Script = (asked: Asked) => Reply | Promise<Reply>;

export type ScriptedServer = AsyncDisposable &
  Readonly<{
    port: number;
    origin: string;
    asked: readonly Asked[];
    connections: () => number;
    open: () => number;
  }>;

export async function startServer(
  script: Script,
  tls?: TlsOptions & { h2?: boolean },
): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers, httpVersion: protocol } = request;
    const one = { method, path: url, headers, body, protocol };
    asked.push(one);
    perform(await script(one), response);
  };
  const server = serverFor(tls, (request, response) => {
    onRequest(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    connections: () => connections,
    open: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serverFor(
  tls: (TlsOptions & { h2?: boolean }) | undefined,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
) {
  if (tls === undefined) return createHttpServer(onRequest);
  if (tls.h2 !== true) return createHttpsServer(tls, onRequest);
  return createSecureServer({ ...tls, allowHTTP1: true }, (request, response) =>
    onRequest(request as unknown as IncomingMessage, response as unknown as ServerResponse),
  );
}

function perform(reply: Reply, response: ServerResponse): void {
  if (reply === 'silence') return;
  if (reply === 'reset') {
    response.socket?.resetAndDestroy();
  } else if ('raw' in reply) {
    response.socket?.end(reply.raw);
  } else if ('cutOffAfter' in reply) {
    response.writeHead(reply.status, { 'content-length': '1000' });
    response.write(reply.cutOffAfter, () => response.socket?.resetAndDestroy());
  } else if ('stalledAfter' in reply) {
    response.writeHead(reply.status, { 'content-length': '1000' });
    response.write(reply.stalledAfter);
  } else {
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body);
  }
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
    body: JSON.stringify(body),
  };
}

export function html(status: number) {
  return { status, headers: { 'content-type': 'text/html' }, body: '<html><body>canary-7f3a9</body></html>' };
}
