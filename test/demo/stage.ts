/** What every scene of the demo works with. */

import { readFile } from 'node:fs/promises';
import type { AlmSim } from '../support/alm/server.ts';
import type { Cluster } from '../support/cluster.ts';
import type { Live } from '../support/kubectl/objects.ts';
import type { Story } from './story.ts';

export type Stage = Readonly<{ story: Story; cluster: Cluster; alm: AlmSim }>;

export async function until(
  api: Cluster['api'],
  kind: string,
  namespace: string,
  name: string,
  predicate: (object: Live) => boolean,
): Promise<string> {
  const object = await api.waitFor<Live>(kind, namespace, name, predicate, {
    what: 'its turn',
    timeoutMs: 20_000,
  });
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  return `Ready=${ready?.status} ${ready?.reason}`;
}

export function check(held: boolean, problem: string): void {
  if (!held) throw new Error(problem);
}

export function sampleText(name: string): Promise<string> {
  return readFile(new URL(`../../deploy/samples/${name}.yaml`, import.meta.url), 'utf8');
}
