/**
 * The socket that clients see: a relay of bytes to the gate's inner server. Refusing, freezing and resetting happen
 * here, beneath TLS and HTTP, so that a client meets what a lost network or a stopped server would show it.
 */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Front = Readonly<{
  port: number;
  /** Stops listening and resets what is connected: from now on ECONNREFUSED. */
  refuse(): Promise<void>;
  /** Listens again on the same port. */
  accept(): Promise<void>;
  /** Carries no byte in either direction; connections stay open and new ones are taken but not served. */
  freeze(): void;
  /** Carries on with what was held back meanwhile. */
  thaw(): void;
  /** Resets one connection, known by the port that the inner server sees as its peer. */
  reset(innerPeerPort: number): void;
  resetAll(): void;
  close(): Promise<void>;
}>;

type Pair = Readonly<{ outer: Socket; inner: Socket | undefined }>;

const REBIND_MS = 5000;
const REBIND_PAUSE_MS = 50;

export async function startFront(innerPort: number): Promise<Front> {
  const relay = new Relay(innerPort);
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => relay.take(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const refuse = async () => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    relay.resetAll();
    await closed;
  };
  return {
    port,
    refuse,
    accept: () => listenAgain(server, port),
    freeze: () => relay.freeze(),
    thaw: () => relay.thaw(),
    reset: (innerPeerPort) => relay.reset(innerPeerPort),
    resetAll: () => relay.resetAll(),
    close: refuse,
  };
}

/** Another socket of the machine may hold the port for a moment, as the near end of a connection. */
async function listenAgain(server: Server, port: number): Promise<void> {
  if (server.listening) return;
  for (const deadline = Date.now() + REBIND_MS; ; await sleep(REBIND_PAUSE_MS)) {
    server.listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

class Relay {
  readonly #innerPort: number;
  readonly #pairs = new Set<Pair>();
  #frozen = false;

  constructor(innerPort: number) {
    this.#innerPort = innerPort;
  }

  take(outer: Socket): void {
    const waiting: Pair = { outer, inner: undefined };
    outer.on('error', () => outer.destroy());
    outer.once('close', () => this.#pairs.delete(waiting));
    this.#pairs.add(waiting);
    if (!this.#frozen) this.#serve(waiting);
  }

  #serve(waiting: Pair): void {
    const { outer } = waiting;
    const inner = connect({ port: this.#innerPort, host: '127.0.0.1', noDelay: true });
    const pair: Pair = { outer, inner };
    this.#pairs.delete(waiting);
    this.#pairs.add(pair);
    inner.on('error', () => inner.destroy());
    inner.once('close', () => outer.end());
    outer.once('close', () => {
      this.#pairs.delete(pair);
      inner.destroy();
    });
    this.#carry(outer, inner);
    this.#carry(inner, outer);
  }

  #carry(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => {
      if (!this.#frozen) from.resume();
    });
    from.once('end', () => to.end());
    from.resume();
  }

  freeze(): void {
    this.#frozen = true;
    for (const { outer, inner } of this.#pairs) {
      outer.pause();
      inner?.pause();
    }
  }

  thaw(): void {
    this.#frozen = false;
    for (const pair of [...this.#pairs]) {
      if (pair.inner === undefined) this.#serve(pair);
      else {
        pair.outer.resume();
        pair.inner.resume();
      }
    }
  }

  reset(innerPeerPort: number): void {
    for (const { outer, inner } of this.#pairs) {
      if (inner?.localPort === innerPeerPort) outer.resetAndDestroy();
    }
  }

  resetAll(): void {
    for (const { outer } of this.#pairs) outer.resetAndDestroy();
  }
}
