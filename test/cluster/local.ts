/** A cluster on this machine: API server, ALM, and the address that both are controlled at. All on 127.0.0.1. */

import { type AlmSim, startAlm } from '../support/alm/server.ts';
import { AlmState } from '../support/alm/state.ts';
import { type ApiServer, startApiServer } from '../support/apiserver/server.ts';
import { Storage } from '../support/apiserver/storage/storage.ts';
import { restoreAuthority } from '../support/certificates.ts';
import { installKinds } from '../support/install.ts';
import { connectApi } from '../support/kubectl/client.ts';
import { Controls } from './control/controls.ts';
import { type ControlServer, startControl } from './control/server.ts';
import type { ClusterFlags } from './flags.ts';
import { followMove, furnish } from './furnish.ts';
import { type KubeconfigFile, writeKubeconfig } from './kubeconfig.ts';
import { type ClusterState, readState, writeState } from './state.ts';

export type LocalCluster = Readonly<{
  api: ApiServer;
  alm: AlmSim;
  control: ControlServer;
  kubeconfig: string;
  /** Ends what was started, the last first, and writes the state file. */
  stop(): Promise<void>;
}>;

/** Rejects with an error of one line where a file or a port cannot be had; nothing is left running then. */
export async function startLocalCluster(flags: ClusterFlags): Promise<LocalCluster> {
  const kept = flags.state === undefined ? undefined : await readState(flags.state);
  const ports = { api: 0, alm: 0, control: 0, ...kept?.ports, ...flags.ports };
  await using starting = new AsyncDisposableStack();
  const alm = await onPort('alm', ports.alm, (port) =>
    startAlm({ port, knobs: flags.knobs, ...(kept && { state: new AlmState(kept.alm) }) }),
  );
  starting.defer(() => alm.stop());
  const api = await onPort('api', ports.api, (port) => startApiServer({ port, ...apiServerState(kept) }));
  starting.defer(() => api.stop());
  await install(api, alm, kept);
  const controls = new Controls(alm, api, flags.faults);
  const control = await onPort('control', ports.control, (port) => startControl(controls, port));
  starting.defer(() => control.close());
  const kubeconfig: KubeconfigFile = await writeKubeconfig(api.kubeconfig(), flags.kubeconfig);
  starting.defer(() => kubeconfig.dispose());
  const started = starting.move();
  const stop = async () => {
    try {
      await started.disposeAsync();
    } finally {
      if (flags.state !== undefined) await writeState(flags.state, stateOf({ api, alm, control }));
    }
  };
  return { api, alm, control, kubeconfig: kubeconfig.path, stop };
}

function apiServerState(kept: ClusterState | undefined) {
  if (kept === undefined) return {};
  const { storage, authority } = kept.apiServer;
  return { storage: new Storage(storage), authority: restoreAuthority(authority) };
}

/** What the state file holds is its owner's; only the kinds are brought to this version. */
async function install(server: ApiServer, alm: AlmSim, kept: ClusterState | undefined): Promise<void> {
  const headers = { authorization: `Bearer ${server.token}` };
  const api = connectApi({ url: server.url, ca: server.caPem, headers });
  try {
    await installKinds(api);
    if (kept === undefined) await furnish(api, alm);
    else await followMove(api, `https://127.0.0.1:${kept.ports.alm}`, alm.url);
  } finally {
    await api.close();
  }
}

function stateOf({ api, alm, control }: Pick<LocalCluster, 'api' | 'alm' | 'control'>): ClusterState {
  return {
    ports: { api: api.port, alm: alm.port, control: control.port },
    apiServer: { storage: api.storage.dump(), authority: api.authority.keep() },
    alm: alm.state.dump(),
  };
}

async function onPort<T>(name: string, port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} is in use; --${name}-port chooses another`);
  }
}
