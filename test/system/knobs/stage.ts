/** Where the rows are played: one cluster and one operator for all, an ALM and a namespace for each. */

import type { AlmSim } from '../../support/alm/server.ts';
import { OPERATOR_NAMESPACE } from '../../support/install.ts';
import type { Api } from '../../support/kubectl/client.ts';
import type { Live } from '../../support/kubectl/objects.ts';
import type { Scenario } from '../../support/scenario.ts';
import { type Ends, type Row, tell } from './stories.ts';

export type Played = Readonly<{ alm: AlmSim; ends: Ends }>;

/** So many rows at a time: more would only make all of them late. */
const TOGETHER = 24;

/** Starts all rows, a few at a time; each has a promise of its own. */
export function play(scenario: Scenario, rows: readonly Row[]): ReadonlyMap<Row, Promise<Played>> {
  const claims = claimsOf(scenario.api);
  const waiting = rows.map((row, at) => ({ row, at, ...Promise.withResolvers<Played>() }));
  const played = new Map(waiting.map(({ row, promise }) => [row, promise]));
  for (const { promise } of waiting) promise.catch(() => undefined);
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { row, at, resolve, reject } = next;
      await playRow(scenario, claims, row, at).then(resolve, reject);
    }
  };
  for (let started = 0; started < TOGETHER; started += 1) void worker();
  return played;
}

async function playRow(
  scenario: Scenario,
  claims: () => Promise<ReadonlyMap<string, Live>>,
  row: Row,
  at: number,
): Promise<Played> {
  const { knobs, connection: spec = {}, strangerId = (clientId: string) => clientId } = row;
  const connection = `row-${at}`;
  const alm = await scenario.connect(connection, { alm: { ...row.alm, knobs }, spec });
  const namespace = await scenario.namespace(connection);
  const ends = await tell(row, { api: scenario.api, claims, alm, namespace, connection, strangerId });
  return { alm, ends };
}

/** Those who ask while a list is under way share the next one. */
export function claimsOf(api: Api): () => Promise<ReadonlyMap<string, Live>> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<ReadonlyMap<string, Live>> | undefined;
  return () => {
    next ??= running.then(() => {
      const listed = api.list('AlmClientClaim', OPERATOR_NAMESPACE);
      running = listed.catch(() => undefined);
      next = undefined;
      return listed.then((found) => new Map(found.map((claim) => [String(claim.spec?.['clientId']), claim])));
    });
    return next;
  };
}
