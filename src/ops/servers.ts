import type { Log } from '../kube/log.ts';
import type { Address } from '../settings.ts';
import type { Page } from './metrics.ts';
import { type OpsServer, type Routes, startServer } from './server.ts';

/** Health and metrics, each at its address, or at one for both. */

export type Servers = Readonly<{ close(): Promise<void> }>;

export type ServersOptions = Readonly<{
  healthAddress: Address;
  /** Undefined: metrics are not served. */
  metricsAddress: Address | undefined;
  health: Routes;
  metrics: () => Promise<Page>;
  log: Log;
}>;

/** Answers with one clear line where it cannot listen. */
export async function startServers(options: ServersOptions): Promise<Servers | string> {
  const { healthAddress, metricsAddress, health, log } = options;
  const metrics = metricsRoutes(options.metrics);
  const shared = metricsAddress !== undefined && isOneAddress(healthAddress, metricsAddress);
  const first = await start('health', healthAddress, shared ? { ...health, ...metrics } : health, log);
  if (typeof first === 'string') return first;
  if (shared) log.info({ address: first.address }, 'metrics server listening');
  if (shared || metricsAddress === undefined) return first;
  const second = await start('metrics', metricsAddress, metrics, log);
  if (typeof second === 'string') {
    await first.close();
    return second;
  }
  return {
    close: async () => {
      await Promise.all([first.close(), second.close()]);
    },
  };
}

async function start(
  what: 'health' | 'metrics',
  address: Address,
  routes: Routes,
  log: Log,
): Promise<OpsServer | string> {
  try {
    const server = await startServer(address, routes);
    const { address: at } = server;
    if (what === 'health') log.info({ address: at }, 'health server listening');
    else log.info({ address: at }, 'metrics server listening');
    return server;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `the ${what} server cannot listen: ${why}; see --${what}-address`;
  }
}

/** Port 0 is another one each time. */
function isOneAddress(one: Address, other: Address): boolean {
  return one.port === other.port && one.host === other.host && one.port !== 0;
}

/** Scrapes that come at the same time share one page. */
function metricsRoutes(make: () => Promise<Page>): Routes {
  let making: Promise<Page> | undefined;
  return {
    '/metrics': async () => {
      making ??= make().finally(() => {
        making = undefined;
      });
      return { status: 200, ...(await making) };
    },
  };
}
