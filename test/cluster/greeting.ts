/** What is shown once a cluster runs: where everything is, and lines to copy. Pure. */

import { OPERATOR_NAMESPACE } from '../support/install.ts';

export type Addresses = Readonly<{
  api: string;
  alm: string;
  control: string;
  /** An absolute path. */
  kubeconfig: string;
  /** Of the state file, where there is one. */
  state?: string;
  seconds: number;
}>;

export function greeting({ api, alm, control, kubeconfig, state, seconds }: Addresses): string {
  const file = shellWord(kubeconfig);
  const end =
    state === undefined
      ? 'Ctrl-C ends it, and nothing is kept'
      : `Ctrl-C ends it; ${state} keeps what it holds`;
  return `
API server  ${api}
ALM         ${alm} (simulator)
Control     ${control} (curl it for what can be changed)
Ready after ${seconds.toFixed(1)} s

kubectl, in another terminal:

  export KUBECONFIG=${file}
  kubectl get almconnections -A

The operator, in a third one:

  npm run build
  node dist/alm-operator.js run --kubeconfig ${file} --operator-namespace ${OPERATOR_NAMESPACE}

${end}.
`;
}

/** A word as a POSIX shell reads it back. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
