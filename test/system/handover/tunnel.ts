/** A forward proxy that one process alone uses, so that ALM's log tells whose a request is: by the port it came from. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export type Tunnel = Readonly<{
  url: string;
  /** The near ends of the connections that it ever made. */
  ports: ReadonlySet<number>;
  /** Resets what it carries, and carries nothing more until `mend`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}>;

export async function openTunnel(): Promise<Tunnel> {
  const ports = new Set<number>();
  const sockets = new Set<Socket>();
  let isCut = false;
  const reset = () => {
    for (const socket of sockets) socket.destroy();
  };
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((_request, response) => void response.writeHead(405).end());
  server.on('connect', (request, near: Socket, head: Buffer) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    keep(near);
    keep(far);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
    far.once('connect', () => {
      ports.add(far.localPort ?? 0);
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) far.write(head);
      near.pipe(far).pipe(near);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ports,
    cut: () => {
      isCut = true;
      reset();
    },
    mend: () => {
      isCut = false;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      reset();
      await closed;
    },
  };
}
