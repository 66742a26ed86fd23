/** What a new cluster holds beside the kinds: the operator's login at this ALM, as deploy/samples has it. */

import { readFile } from 'node:fs/promises';
import { OPERATOR_LOGIN } from '../support/alm/defaults.ts';
import type { AlmSim } from '../support/alm/server.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import type { Api } from '../support/kubectl/client.ts';
import type { Live } from '../support/kubectl/objects.ts';
import { secret } from '../support/samples.ts';

const SAMPLE = new URL('../../deploy/samples/connection.yaml', import.meta.url);

/** Secret `alm-login`, ConfigMap `alm-ca` and AlmConnection `default`. */
export async function furnish(api: Api, alm: Pick<AlmSim, 'url' | 'caPem'>): Promise<void> {
  const sample = await readFile(SAMPLE, 'utf8');
  await Promise.all([
    api.apply(secret(OPERATOR_NAMESPACE, 'alm-login', { clientSecret: OPERATOR_LOGIN.clientSecret })),
    api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: OPERATOR_NAMESPACE, name: 'alm-ca' },
      data: { 'ca.crt': alm.caPem },
    }),
  ]);
  await api.apply(sample.replace(/endpoint: .*/, `endpoint: ${alm.url}`));
}

/** Connections that were to the ALM at its former address go on to it at the new one. */
export async function followMove(api: Api, from: string, to: string): Promise<void> {
  if (from === to) return;
  for (const { spec, metadata } of await api.list<Live>('AlmConnection')) {
    if (spec?.['endpoint'] !== from) continue;
    const body = { spec: { endpoint: to } };
    await api.patch('AlmConnection', metadata.namespace ?? '', metadata.name, { type: 'merge', body });
  }
}
