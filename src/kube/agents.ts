/**
 * The long-lived connections to the API server: one Agent for requests and one for watches, so that a slow watch holds
 * up no request. Watches share an HTTP/2 connection where the server offers it; requests go over HTTP/1.1, because a
 * body that is given up while HTTP/2 holds it back stops the process (docs/decisions/0008). An Agent is renewed when CA
 * or client certificate changed, and by `renew` when its connection is suspect.
 */

import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { ConnectOptions, KubeAuth } from './auth.ts';

export type Purpose = 'requests' | 'watches';

export type Connection = Readonly<{ dispatcher: Dispatcher; headers: Readonly<Record<string, string>> }>;

export type Agents = Readonly<{
  connection(purpose: Purpose): Promise<Connection>;
  /** Sends what comes next over new connections; what runs on the old ones may end there. */
  renew(purpose: Purpose, suspect: Dispatcher): void;
  /** Cuts everything. */
  close(): Promise<void>;
}>;

/** A peer that vanished is noticed 10 probes (1 s apart, set by libuv) after this. */
const KEEP_ALIVE_AFTER_MS = 30_000;

/**
 * undici sends pings and waits for no answer. Linux sends no probes while anything unanswered is on its way, so that a
 * ping would put off for a quarter of an hour what the probes notice at once.
 */
const NO_PINGS = 0;

/** Below what load balancers and API servers allow an idle connection. */
const IDLE_MS = 30_000;

/** For requests; the watches' HTTP/2 connection carries them all. */
const CONNECTIONS = 32;

type Held = { dispatcher: Dispatcher; from: string };

export function createAgents(auth: KubeAuth, connectTimeoutMs: number): Agents {
  const held = new Map<Purpose, Held>();
  const retired = new Set<Dispatcher>();

  const retire = (purpose: Purpose, dispatcher: Dispatcher) => {
    held.delete(purpose);
    retired.add(dispatcher);
    dispatcher.close().then(
      () => retired.delete(dispatcher),
      () => retired.delete(dispatcher),
    );
  };

  return {
    connection: async (purpose) => {
      const { connect, headers } = await auth.credentials();
      const from = JSON.stringify(connect);
      const before = held.get(purpose);
      if (before?.from === from) return { dispatcher: before.dispatcher, headers };
      if (before !== undefined) retire(purpose, before.dispatcher);
      const dispatcher = createAgent(auth.proxy, connect, purpose, connectTimeoutMs);
      held.set(purpose, { dispatcher, from });
      return { dispatcher, headers };
    },
    renew: (purpose, suspect) => {
      if (held.get(purpose)?.dispatcher === suspect) retire(purpose, suspect);
    },
    close: async () => {
      const all = [...held.values()].map(({ dispatcher }) => dispatcher);
      held.clear();
      await Promise.allSettled([...all, ...retired].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/** Time limits are the transport's, so undici's own are off. */
function createAgent(
  proxy: URL | undefined,
  tls: ConnectOptions,
  purpose: Purpose,
  connectTimeoutMs: number,
): Dispatcher {
  const connect = {
    ...tls,
    timeout: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
  };
  const options = {
    allowH2: purpose === 'watches',
    h2Options: { pingInterval: NO_PINGS },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: IDLE_MS,
    ...(purpose === 'requests' && { connections: CONNECTIONS }),
  };
  if (proxy === undefined) return new Agent({ ...options, connect });
  return new ProxyAgent({ ...options, uri: proxy.href, requestTls: connect, proxyTls: { allowH2: false } });
}
