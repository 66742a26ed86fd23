/** kube-controller-manager, with only the two controllers that this project meets. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';

export type ControllerManager = Readonly<{ stop(): Promise<void> }>;

/** Rejects where there is no such binary. */
export async function startControllerManager(binary: string, kubeconfig: string): Promise<ControllerManager> {
  await access(binary);
  const flags = [
    `--kubeconfig=${kubeconfig}`,
    '--controllers=namespace-controller,garbage-collector-controller',
    '--leader-elect=false',
    '--secure-port=0',
  ];
  const child = spawn(binary, flags, { stdio: 'ignore' });
  child.on('error', () => {});
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    stop: async () => {
      process.off('exit', kill);
      const ended = isOver(child) ? undefined : once(child, 'exit');
      kill();
      await ended;
    },
  };
}

function isOver({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}
