/** A server over TLS or plain sockets that does what a test's handler says, and remembers what it was asked. */

import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { KubeAuth } from '../../../src/kube/auth.ts';
import { makeAuthority } from '../../support/certificates.ts';

export type Asked = Readonly<{
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
  httpVersion: string;
}>;

/** Only what both versions of HTTP have. */
export type Reply = Readonly<{
  json(status: number, body: unknown, headers?: Record<string, string>): void;
  head(status: number, headers?: Record<string, string>): void;
  write(text: string | Buffer): void;
  event(type: string, object: unknown): void;
  end(text?: string): void;
  /** Cuts the connection. */
  reset(): void;
}>;

export type Handler = (asked: Asked, reply: Reply) => void;

export type ScriptedServer = Readonly<{
  url: URL;
  auth: KubeAuth;
  asked: Asked[];
  connections(): number;
  close(): Promise<void>;
}>;

type Protocol = 'plain' | 'http1' | 'http2';

export async function startServer(handler: Handler, protocol: Protocol = 'plain'): Promise<ScriptedServer> {
  const authority = makeAuthority();
  const { certPem: cert, keyPem: key } = authority.issue({ cn: 'localhost', sans: ['127.0.0.1'] });
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const listener = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => {
    void readAll(request).then((body) => {
      const one = askedOf(request, body);
      asked.push(one);
      handler(one, replyOf(request, response));
    });
  };
  const server =
    protocol === 'plain'
      ? createPlainServer(listener)
      : protocol === 'http1'
        ? createTlsServer({ cert, key }, listener)
        : createSecureServer({ cert, key, allowHTTP1: true }, listener);
  server.on(protocol === 'plain' ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.setNoDelay();
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = new URL(`${protocol === 'plain' ? 'http' : 'https'}://127.0.0.1:${port}`);
  return {
    url,
    auth: { server: url, credentials: async () => ({ connect: { ca: authority.caPem }, headers: {} }) },
    asked,
    connections: () => connections,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function readAll(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    // The client gave up.
  }
  return Buffer.concat(chunks).toString();
}

function askedOf(request: IncomingMessage | Http2ServerRequest, body: string): Asked {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    headers: request.headers,
    body,
    httpVersion: request.httpVersion,
  };
}

function replyOf(
  request: IncomingMessage | Http2ServerRequest,
  own: ServerResponse | Http2ServerResponse,
): Reply {
  const response = own as ServerResponse;
  response.on('error', () => undefined);
  const head = (status: number, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.flushHeaders?.();
  };
  return {
    json: (status, body, headers) => {
      head(status, headers);
      response.end(JSON.stringify(body));
    },
    head,
    write: (text) => void response.write(text),
    event: (type, object) => void response.write(`${JSON.stringify({ type, object })}\n`),
    end: (text) => void response.end(text),
    reset: () => {
      if ('stream' in request) request.stream.session?.destroy();
      else request.socket.destroy();
    },
  };
}
