/** Tells of every request to ALM what became of it: the status of the answer, or why there was none. */

import { EdgeError } from '../kube/outcome.ts';
import type { RequestObserver } from './options.ts';
import type { AlmRequest, Transport } from './transport.ts';

export function observed(transport: Transport, observe: RequestObserver | undefined): Transport {
  if (observe === undefined) return transport;
  return {
    send: async (request, signal) => {
      const ended = observe({ method: request.method, route: routeOf(request) });
      try {
        const answer = await transport.send(request, signal);
        ended(String(answer.status));
        return answer;
      } catch (error) {
        ended(error instanceof EdgeError ? error.failure.reason : 'Aborted');
        throw error;
      }
    },
    close: () => transport.close(),
  };
}

function routeOf({ path }: AlmRequest): 'credentials' | 'token' | 'root' {
  if (path.startsWith('/api/credentials')) return 'credentials';
  return path.startsWith('/oauth/token') ? 'token' : 'root';
}
