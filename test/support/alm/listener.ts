/** The sockets of the simulator: listening, cutting and resetting them. */

import { once } from 'node:events';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';

export class Listener {
  readonly #server: Server;
  /** TCP sockets by the caller's port: a TLS socket cannot send a reset, the one under it can. */
  readonly #sockets = new Map<number, Socket>();
  #port: number;

  constructor(tls: TlsOptions | undefined, port: number, onRequest: RequestListener) {
    this.#port = port;
    this.#server = tls === undefined ? createHttp(onRequest) : createHttps(tls, onRequest);
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
  }

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    for (const socket of this.#sockets.values()) socket.destroy();
    await once(this.#server, 'close');
  }

  /** The caller sees ECONNRESET. */
  reset(callerPort: number | undefined): void {
    this.#sockets.get(callerPort ?? -1)?.resetAndDestroy();
  }

  #keep(socket: Socket): void {
    const { remotePort } = socket;
    if (remotePort === undefined || socket.destroyed) return;
    this.#sockets.set(remotePort, socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      if (this.#sockets.get(remotePort) === socket) this.#sockets.delete(remotePort);
    });
  }
}
