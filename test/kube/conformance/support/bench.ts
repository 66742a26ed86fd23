/** The server of a file of the suite, with this project's kinds and the suite's own. */

import { afterAll, beforeAll } from 'vitest';
import { type ClusterOptions, startCluster } from '../../../support/cluster.ts';
import type { Api } from '../../../support/kubectl/client.ts';
import { hasCondition } from '../../../support/kubectl/objects.ts';
import { connect } from './client.ts';
import { GADGETS, PLAINS } from './definitions.ts';
import { GROUP } from './objects.ts';
import type { Bench } from './row.ts';

const START_LIMIT_MS = 90_000;

/** To be called where the file's tests are described; the bench is there once they run. */
export function useBench(options: ClusterOptions = {}): () => Bench {
  let starting: Promise<Bench> | undefined;
  let bench: Bench | undefined;
  beforeAll(async () => {
    starting = start(options);
    bench = await starting;
    console.info(`Conformance, asked of ${bench.cluster.version}`);
  }, START_LIMIT_MS);
  afterAll(async () => {
    const late = await starting?.catch(() => undefined);
    await late?.client.close();
    await late?.cluster.stop();
  }, START_LIMIT_MS);
  return () => {
    if (bench === undefined) throw new Error('The server has not started');
    return bench;
  };
}

async function start(options: ClusterOptions): Promise<Bench> {
  const cluster = await startCluster(options);
  for (const definition of [GADGETS, PLAINS]) {
    await cluster.api.apply(definition);
    await served(cluster.api, definition);
  }
  return { cluster, client: connect(cluster.access()) };
}

/** For a moment after Established a list is answered 429 or 404; the wait takes that for a lost watch. */
async function served(api: Api, { metadata: { name }, spec }: typeof GADGETS): Promise<void> {
  const what = 'the kind to be served';
  await api.waitFor('CustomResourceDefinition', '', name, hasCondition('Established', 'True'), { what });
  const kind = {
    group: GROUP,
    version: 'v1',
    kind: spec.names.kind,
    plural: spec.names.plural,
    namespaced: spec.scope === 'Namespaced',
  };
  await api.waitForAll(kind, undefined, () => true, { what });
}
