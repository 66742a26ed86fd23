/** A login at ALM as any application would do it: with id and password, over TLS. */

import { Agent, request } from 'undici';
import type { AlmSim } from '../support/alm/server.ts';

export async function logsIn({ url, caPem }: AlmSim, clientId: string, password: string): Promise<boolean> {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  try {
    const { statusCode, body } = await request(`${url}/oauth/token`, {
      dispatcher,
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${password}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
      signal: AbortSignal.timeout(5_000),
    });
    await body.dump();
    return statusCode === 200;
  } finally {
    await dispatcher.close();
  }
}
