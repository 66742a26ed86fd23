import { EdgeError } from '../kube/outcome.ts';
import { retryAfterMs } from './answer.ts';
import { untaken } from './failures.ts';
import type { AlmClientOptions } from './options.ts';
import type { AlmRequest, Transport } from './transport.ts';

/** Statuses that put off all calls for as long as their Retry-After says (RFC 9110 10.2.3, RFC 6585 4). */
const RESTING: ReadonlySet<number> = new Set([429, 503]);

/** Every request waits for its turn, and what ALM asks of one counts for all. */
export function paced(
  transport: Transport,
  { pace, now }: Pick<AlmClientOptions, 'pace' | 'now'>,
): Transport {
  if (pace === undefined) return transport;
  return {
    send: async (request, signal) => {
      await pace.next(signal).catch((error: unknown) => refuse(request, error));
      const answer = await transport.send(request, signal);
      const ms = RESTING.has(answer.status) ? retryAfterMs(answer, now()) : undefined;
      if (ms !== undefined) pace.rest(ms);
      return answer;
    },
    close: () => transport.close(),
  };
}

/** What was not sent was not taken. */
function refuse({ purpose }: AlmRequest, error: unknown): never {
  if (purpose !== 'write' || !(error instanceof EdgeError)) throw error;
  throw new EdgeError(untaken(error.failure), { cause: error.cause });
}
