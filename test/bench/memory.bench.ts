/**
 * What ten thousand clients cost the process of the operator: one that creates all of them, and one that finds them
 * done. Linux only.
 */

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readScrape } from '../ops/support/scrape.ts';
import { secretText } from '../support/canary.ts';
import { type Operator, startOperator } from '../support/operator.ts';
import { credential, secret } from '../support/samples.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import type { Bench, Figure } from './figures.ts';

const OBJECTS = 10_000;
const NAMESPACES = 20;
const AT_ONCE = 16;
const WAIT_LIMIT_MS = 900_000;
/** What operations.md advises for so many. */
const MEMORY_LIMIT_MIB = 512;
/** What Node allows itself under that limit. Without one it lets far more garbage lie than objects. */
const CONTAINER = { NODE_OPTIONS: `--max-heap-size=${MEMORY_LIMIT_MIB / 2}` };
/** Nothing falls due by itself. */
const FLAGS = ['--resync-interval', '1000h', '--log-level', 'info'];

type Launch = () => Promise<Operator>;

export const bench: Bench = async (tell) => {
  const limits = { requestsPerSecond: 10_000, burst: 10_000 };
  const scenario = await startScenario({ launch: false, connection: { limits } });
  const kubeconfig = await scenario.cluster.kubeconfigFor('operator');
  const running: Operator[] = [];
  const launch = async () => {
    const operator = await startOperator({ kubeconfig, flags: FLAGS, env: CONTAINER });
    running.push(operator);
    return operator;
  };
  try {
    return await measure(scenario, launch, tell);
  } finally {
    await Promise.all(running.map((operator) => operator.stop()));
    await scenario.stop();
  }
};

async function measure(
  scenario: Scenario,
  launch: Launch,
  tell: (line: string) => void,
): Promise<readonly Figure[]> {
  tell(`creating ${OBJECTS} objects and their Secrets`);
  await createAll(scenario);
  const writer = await launch();
  await untilAllReady(writer, tell);
  const writing = await memoryOf(writer);
  await writer.stop();
  tell('once more, with nothing to do');
  const began = performance.now();
  const reader = await launch();
  await untilAllReady(reader, tell);
  const startMs = performance.now() - began;
  const limit = MEMORY_LIMIT_MIB;
  return [
    {
      what: `memory at its highest, with ${OBJECTS} clients to create`,
      value: writing.peakMib,
      unit: 'MiB',
      limit,
    },
    { what: 'memory once they are', value: writing.nowMib, unit: 'MiB', limit },
    { what: 'another process knows them all after', value: startMs / 1000, unit: 's' },
    { what: 'its memory at its highest', value: (await memoryOf(reader)).peakMib, unit: 'MiB', limit },
  ];
}

async function createAll({ api, namespace }: Scenario): Promise<void> {
  const homes: string[] = [];
  for (let n = 0; n < NAMESPACES; n += 1) homes.push(await namespace(`tenant-${n}`));
  let next = 0;
  const worker = async () => {
    while (next < OBJECTS) {
      const home = homes[next % NAMESPACES] ?? '';
      const name = `client-${next}`;
      next += 1;
      await api.create(secret(home, name, { clientSecret: secretText(name) }));
      await api.create(credential(home, name));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function untilAllReady(operator: Operator, tell: (line: string) => void): Promise<void> {
  const limit = AbortSignal.timeout(WAIT_LIMIT_MS);
  let told = 0;
  for (;;) {
    const { series } = readScrape(await operator.metrics());
    const ready = series.get('alm_operator_credentials{ready="True",reason="Applied"}') ?? 0;
    if (ready === OBJECTS) return;
    if (limit.aborted) throw new Error(`${ready} of ${OBJECTS} are Ready`);
    if (ready >= told + 1000) {
      told = ready;
      tell(`${ready} are Ready`);
    }
    await sleep(500);
  }
}

async function memoryOf({ pid }: Operator): Promise<Readonly<{ nowMib: number; peakMib: number }>> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mib = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { nowMib: mib('VmRSS'), peakMib: mib('VmHWM') };
}
