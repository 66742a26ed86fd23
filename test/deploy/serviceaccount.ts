/** A kubeconfig as a pod of a service account has it in effect: with a token that the API server made for it. */

import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { Cluster } from '../support/cluster.ts';

/** Needs a server that knows tokens of service accounts, which the embedded one does not. */
export async function writeServiceAccountKubeconfig(
  { api, access }: Cluster,
  { namespace, name, path }: Readonly<{ namespace: string; name: string; path: string }>,
): Promise<void> {
  const { status } = (await api.raw({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  })) as { status: { token: string } };
  const { url, ca } = access();
  const data = Buffer.from(ca).toString('base64');
  const kubeconfig = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'pod' },
    clusters: [{ name: 'pod', cluster: { server: url, 'certificate-authority-data': data } }],
    users: [{ name: 'pod', user: { token: status.token } }],
    contexts: [{ name: 'pod', context: { cluster: 'pod', user: 'pod' } }],
  };
  await writeFile(path, stringify(kubeconfig), { mode: 0o600 });
}
