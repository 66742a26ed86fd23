/** A TLS server that keeps which protocols its clients offer; nobody need trust its certificate for that. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { makeAuthority } from './certificates.ts';

export type AlpnWitness = AsyncDisposable &
  Readonly<{
    origin: string;
    /** One list for each handshake that was begun. */
    offered: readonly (readonly string[])[];
  }>;

export async function startAlpnWitness(): Promise<AlpnWitness> {
  const { certPem: cert, keyPem: key } = makeAuthority().issue({ cn: 'ishtar', sans: ['127.0.0.1'] });
  const offered: string[][] = [];
  const server = createServer({
    cert,
    key,
    ALPNCallback: ({ protocols }) => {
      offered.push(protocols);
      return protocols[0];
    },
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://127.0.0.1:${port}`,
    offered,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
