/** One of several operator processes on one API server, with a network of its own to both sides. */

import { readFile, writeFile } from 'node:fs/promises';
import { type Front, startFront } from '../../support/gate/front.ts';
import { type Exit, type Operator, startOperator } from '../../support/operator.ts';
import type { Scenario } from '../../support/scenario.ts';
import { openTunnel, type Tunnel } from './tunnel.ts';

/** Short, so that a hand-over without a word takes three seconds and not fifteen. */
export const LEASE_FLAGS = [
  '--leader-elect',
  ...['--leader-elect-lease-duration', '3s'],
  ...['--leader-elect-renew-deadline', '2s'],
  ...['--leader-elect-retry-period', '500ms'],
];

export type Replica = Readonly<{
  /** Also its user's name at the API server. */
  name: string;
  operator: Operator;
  /** The ports from which it called ALM. */
  ports: ReadonlySet<number>;
  /** Its ways to the API server and to ALM. */
  front: Front;
  tunnel: Tunnel;
  /** Resolves when it holds the lease; its log says when that was. */
  leads(): Promise<void>;
  /** The API server is still there for others, and answers this one no more. */
  cut(): void;
  /** When it has ended by itself, or was told to. */
  ended(): Promise<Exit>;
  /** Its network goes, too. */
  clear(): Promise<void>;
}>;

const LIMIT_MS = 30_000;

export async function startReplica(
  scenario: Scenario,
  name: string,
  flags: readonly string[] = LEASE_FLAGS,
): Promise<Replica> {
  const replica = await spawnReplica(scenario, name, flags);
  await replica.operator.ready();
  return replica;
}

/** Which need not become ready. */
export async function spawnReplica(
  { cluster, gate }: Scenario,
  name: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Replica> {
  const front = await startFront(gate.port);
  const tunnel = await openTunnel();
  const kubeconfig = await cluster.kubeconfigFor(name);
  await cluster.admit(name, flags);
  const text = await readFile(kubeconfig, 'utf8');
  await writeFile(kubeconfig, text.replaceAll(`:${gate.port}`, `:${front.port}`));
  const operator = await startOperator({
    kubeconfig,
    flags: ['--resync-interval', '1000h', ...flags],
    env: { ...env, HTTPS_PROXY: tunnel.url },
  });
  return replicaOf(name, operator, front, tunnel);
}

function replicaOf(name: string, operator: Operator, front: Front, tunnel: Tunnel): Replica {
  return {
    name,
    operator,
    ports: tunnel.ports,
    front,
    tunnel,
    leads: async () => {
      await operator.logged(({ msg }) => msg === 'lease won', LIMIT_MS);
    },
    cut: () => front.freeze(),
    ended: () => within(operator.exited, () => `${name} did not end. Its last lines:\n${operator.tail()}`),
    clear: async () => {
      operator.kill('SIGKILL');
      await operator.exited;
      await Promise.all([front.close(), tunnel.close()]);
    },
  };
}

async function within<T>(promise: Promise<T>, trouble: () => string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error(trouble())), LIMIT_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
