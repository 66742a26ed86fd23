/** The TLS socket: HTTP/2 and HTTP/1.1 on one port of the loopback interface. */

import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { IssuedCertificate } from '../../certificates.ts';

export type Listener = Readonly<{
  port: number;
  /** Resets every connection and stops listening. */
  close(): Promise<void>;
}>;

type OnRequest = (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => void;

export async function listen(
  port: number,
  { certPem, keyPem }: IssuedCertificate,
  onRequest: OnRequest,
): Promise<Listener> {
  const options = { cert: certPem, key: keyPem, allowHTTP1: true, settings: { maxConcurrentStreams: 250 } };
  const server = createSecureServer(options, onRequest);
  const sockets = new Set<Socket>();
  // As Go does. Else an HTTP/1.1 answer of two writes waits for the client's delayed acknowledgement.
  server.on('secureConnection', (socket) => socket.setNoDelay());
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // A client that drops its connection is none of the server's errors.
  server.on('sessionError', () => undefined);
  server.on('tlsClientError', () => undefined);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, '127.0.0.1', resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.resetAndDestroy();
      }),
  };
}
