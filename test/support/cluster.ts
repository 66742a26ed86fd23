/**
 * A cluster for tests: an API server behind a gate, with this project's kinds and the operator's namespace. Embedded by
 * default; with KUBEBUILDER_ASSETS in the environment a real kube-apiserver from that folder.
 */

import { tmpdir } from 'node:os';
import type { Backend } from './backend/backend.ts';
import { startEmbedded } from './backend/embedded.ts';
import { startReal } from './backend/real.ts';
import { type Authority, makeAuthority } from './certificates.ts';
import { type Gate, startGate } from './gate/gate.ts';
import type { UpstreamOptions } from './gate/upstream.ts';
import { installKinds } from './install.ts';
import { Kubeconfigs } from './kubeconfigs.ts';
import { type Api, connectApi } from './kubectl/client.ts';
import { Admissions } from './rights/admissions.ts';

export type ClusterOptions = Readonly<{
  /**
   * A real server gets kube-controller-manager, so that namespaces end and dependents are collected. The embedded one
   * always does both.
   */
  controllers?: boolean;
  /** False: nothing is installed, neither kinds nor the operator's namespace. */
  install?: boolean;
}>;

export type Cluster = Readonly<{
  gate: Gate;
  /** As administrator and past the gate: what the gate refuses or freezes does not touch the test's own requests. */
  api: Api;
  /** The same, for a client of the test's own. */
  access(): UpstreamOptions;
  /** The path of a kubeconfig that goes through the gate; the user's name is in the gate's log. */
  kubeconfigFor(user: string): Promise<string>;
  /**
   * From now on this user may do no more than an installation lets its operator do that runs with these flags. On a real
   * server it is the installation's service account.
   */
  admit(user: string, flags: readonly string[]): Promise<void>;
  /** Which API server this is, for the notes of a test run. */
  version: string;
  /** A new namespace; its name starts with the prefix. */
  namespace(prefix?: string): Promise<string>;
  /** Stops the API server; connections are refused until `up`. */
  down(): Promise<void>;
  /**
   * Starts it on the same data where it is down, and takes connections as soon as it does: the first answers may be
   * refusals.
   */
  up(): Promise<void>;
  /** Down and up, and ready. */
  restart(): Promise<void>;
  /** It answers nothing more, and connections stay: a stopped process, or a network that carries nothing. */
  freeze(): void;
  thaw(): void;
  /** Every version so far is too old, and every watch is cut. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}>;

export async function startCluster({
  controllers = false,
  install = true,
}: ClusterOptions = {}): Promise<Cluster> {
  const authority = makeAuthority();
  const backend = await startBackend(authority);
  const users: Record<string, string> = {};
  const api = connectApi(backend.access);
  const admissions = new Admissions(api, backend);
  const { standings } = admissions;
  const gate = await startGate({ upstream: backend.access, authority, users, standings });
  const kubeconfigs = await Kubeconfigs.in(tmpdir(), gate, users);
  let isUp = true;
  const down = async () => {
    isUp = false;
    await gate.refuse();
    await backend.stop();
  };
  const up = async () => {
    if (isUp) return;
    await backend.start();
    await gate.accept();
    await backend.ready();
    isUp = true;
  };
  let namespaces = 0;
  const cluster: Cluster = {
    gate,
    api,
    access: () => backend.access,
    kubeconfigFor: (user) => kubeconfigs.make(user),
    admit: (user, flags) => admissions.admit(user, flags),
    version: backend.name,
    namespace: async (prefix = 'test') => {
      namespaces += 1;
      const name = `${prefix}-${namespaces}`;
      await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      return name;
    },
    down,
    up,
    restart: async () => {
      await down();
      await up();
    },
    freeze: () => (backend.freeze === undefined ? gate.freeze() : backend.freeze()),
    thaw: () => (backend.thaw === undefined ? gate.thaw() : backend.thaw()),
    compact: async () => {
      await backend.compact();
      gate.cut({ verb: 'watch' });
    },
    stop: async () => {
      await Promise.all([api.close(), gate.close()]);
      await backend.destroy();
      await kubeconfigs.remove();
    },
  };
  try {
    if (install) await installKinds(api);
    if (controllers) await backend.startControllers();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function startBackend(authority: Authority): Promise<Backend> {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  return assets === undefined || assets === '' ? startEmbedded(authority) : startReal(assets);
}
