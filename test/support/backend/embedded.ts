/** The embedded API server, with its storage kept over restarts. */

import { type ApiServer, type ApiServerOptions, startApiServer } from '../apiserver/server.ts';
import type { Authority } from '../certificates.ts';
import { openHttp } from '../kubectl/http.ts';
import type { Backend } from './backend.ts';

export async function startEmbedded(
  authority: Authority,
  options: Omit<ApiServerOptions, 'authority' | 'port' | 'storage'> = {},
): Promise<Backend> {
  let server: ApiServer = await startApiServer({ ...options, authority });
  const { port, storage, token, url } = server;
  const access = { url, ca: authority.caPem, headers: { authorization: `Bearer ${token}` } };
  const http = openHttp(access);
  const { gitVersion } = (await http.call({ path: '/version' })) as { gitVersion: string };
  await http.close();
  return {
    name: `embedded API server ${gitVersion}`,
    access,
    knowsAccounts: false,
    stop: () => server.stop(),
    start: async () => {
      server = await startApiServer({ ...options, authority, port, storage });
    },
    ready: () => Promise.resolve(),
    compact: () => {
      server.compact();
      return Promise.resolve();
    },
    // It always does both.
    startControllers: () => Promise.resolve(),
    destroy: () => server.stop(),
  };
}
