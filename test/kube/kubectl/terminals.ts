/**
 * For sessions that have to go the same way on the embedded API server and on a real one (KUBEBUILDER_ASSETS): a cluster
 * for the tests of a file, and for each of them a terminal in a namespace of its own. They hold for kubectl 1.30 and newer;
 * where there is none, they are skipped.
 */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { kubectlVersion } from '../../guides/kubectl.ts';
import { type Cluster, startCluster } from '../../support/cluster.ts';
import { credential, SECRET } from './objects.ts';
import { session, Terminal } from './terminal.ts';

const START_LIMIT_MS = 90_000;
const TEST_LIMIT_MS = 120_000;

export type Sessions = Readonly<{
  terminal(): Terminal;
  namespace(): string;
  cluster(): Cluster;
  /** Plays the session, which has to go as it is written. */
  plays(text: string): Promise<void>;
  apply(...files: readonly string[]): Promise<void>;
}>;

/** Each terminal finds secret.yaml, orders.yaml and, a change of the latter, more.yaml. */
export function describeSessions(what: string, tests: (sessions: Sessions) => void): void {
  const kubectl = kubectlVersion();
  if (kubectl === undefined) console.warn(`SKIPPED: ${what}, for want of kubectl 1.30 or newer.`);
  describe.skipIf(kubectl === undefined)(what, { timeout: TEST_LIMIT_MS }, () => {
    tests(useSessions(String(kubectl)));
  });
}

function useSessions(kubectl: string): Sessions {
  let running: Readonly<{ cluster: Cluster; kubeconfig: string }> | undefined;
  let open: Readonly<{ terminal: Terminal; namespace: string }> | undefined;
  beforeAll(async () => {
    const cluster = await startCluster({ controllers: true });
    running = { cluster, kubeconfig: await cluster.kubeconfigFor('somebody') };
    console.info(`kubectl ${kubectl} asks ${cluster.version}`);
  }, START_LIMIT_MS);
  beforeEach(async () => {
    const { cluster, kubeconfig } = started(running);
    const namespace = await cluster.namespace('kubectl');
    open = { namespace, terminal: await furnished(await Terminal.open({ kubeconfig, namespace })) };
  });
  afterEach(() => open?.terminal.close());
  afterAll(() => running?.cluster.stop(), START_LIMIT_MS);
  const terminal = () => started(open).terminal;
  return {
    terminal,
    namespace: () => started(open).namespace,
    cluster: () => started(running).cluster,
    plays: async (text) => expect(await terminal().play(text)).toBe(session(text)),
    apply: async (...files) => {
      for (const file of files) await terminal().value(`apply -f ${file}`);
    },
  };
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing has started yet');
  return value;
}

async function furnished(terminal: Terminal): Promise<Terminal> {
  await terminal.file('secret.yaml', SECRET);
  await terminal.file('orders.yaml', credential('orders', 'roles: [Portal]'));
  await terminal.file('more.yaml', credential('orders', 'roles: [Portal, Viewer]\naccessTokenValidity: 600'));
  return terminal;
}
