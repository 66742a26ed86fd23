/**
 * Everything a system test needs, with one `stop`: a cluster, an ALM, the connection between them, and the operator.
 * One for a file of tests, a namespace for each test. At the end the canary is searched in all that came out.
 */

import { stringify } from 'yaml';
import { type AlmOptions, type AlmSim, startAlm } from './alm/server.ts';
import { findCanary } from './canary.ts';
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts';
import { summary } from './gate/request.ts';
import { OWN_KINDS } from './kubectl/kinds.ts';
import { type Operator, startOperator } from './operator.ts';
import { connectionManifests } from './samples.ts';

export type ConnectOptions = Readonly<{
  alm?: Partial<AlmOptions>;
  /** Fields of the AlmConnection's spec that replace the ones made here. */
  spec?: Readonly<Record<string, unknown>>;
}>;

export type LaunchOptions = Readonly<{ flags?: readonly string[]; env?: Readonly<Record<string, string>> }>;

export type ScenarioOptions = Readonly<{
  cluster?: ClusterOptions;
  alm?: Partial<AlmOptions>;
  connection?: Readonly<Record<string, unknown>>;
  operator?: LaunchOptions;
  /** False: the test launches the operator itself. */
  launch?: boolean;
  /**
   * Those of an installation with the operator's flags, or all: for an operator that outlives its own namespace, which
   * takes service account and roles with it.
   */
  rights?: 'installed' | 'all';
}>;

export type Scenario = Readonly<{
  cluster: Cluster;
  gate: Cluster['gate'];
  api: Cluster['api'];
  namespace: Cluster['namespace'];
  /** The ALM behind the connection `default`. */
  alm: AlmSim;
  /** Another ALM with a connection of this name. */
  connect(name: string, options?: ConnectOptions): Promise<AlmSim>;
  /** The operator launched last. */
  operator(): Operator;
  /** Starts the operator, again if the last one has ended, and waits until it is ready. */
  launch(options?: LaunchOptions): Promise<Operator>;
  /** Undoes what a test did to the API server, the gate and every ALM: being down, faults, holds, changed knobs. */
  calm(): Promise<void>;
  /** What the operator said and what was asked of the servers, for a failing test to show. */
  report(): string;
  /** Ends all; rejects when the canary got out, or the operator did not end when told to. */
  stop(): Promise<void>;
}>;

type Connected = Readonly<{ alm: AlmSim; knobs: AlmSim['knobs'] }>;
type Running = Readonly<{
  cluster: Cluster;
  rights: 'installed' | 'all';
  kubeconfig: string;
  connections: Map<string, Connected>;
  operators: Operator[];
}>;

export const OPERATOR_USER = 'operator';
const SHOWN_REQUESTS = 30;

export async function startScenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const cluster = await startCluster(options.cluster);
  const running: Running = {
    cluster,
    rights: options.rights ?? 'installed',
    kubeconfig: await cluster.kubeconfigFor(OPERATOR_USER),
    connections: new Map(),
    operators: [],
  };
  try {
    const { alm = {}, connection = {}, operator = {}, launch: launchNow = true } = options;
    // A test may launch it when the API server is away.
    if (running.rights === 'installed') await cluster.admit(OPERATOR_USER, operator.flags ?? []);
    const main = await connect(running, 'default', { alm, spec: connection });
    if (launchNow) await launch(running, operator);
    return scenarioOf(running, main, operator);
  } catch (error) {
    await endAll(running);
    throw error;
  }
}

function scenarioOf(running: Running, alm: AlmSim, launchOptions: LaunchOptions): Scenario {
  const { cluster, operators } = running;
  return {
    cluster,
    gate: cluster.gate,
    api: cluster.api,
    namespace: cluster.namespace,
    alm,
    connect: (name, options = {}) => connect(running, name, options),
    operator: () => {
      const last = operators.at(-1);
      if (last === undefined) throw new Error('No operator was launched');
      return last;
    },
    launch: (options = launchOptions) => launch(running, options),
    calm: () => calm(running),
    report: () => report(running),
    stop: () => stop(running),
  };
}

async function connect(
  { cluster, connections }: Running,
  name: string,
  options: ConnectOptions,
): Promise<AlmSim> {
  const alm = await startAlm(options.alm);
  connections.set(name, { alm, knobs: { ...alm.knobs } });
  for (const manifest of connectionManifests(name, alm, options.spec)) await cluster.api.apply(manifest);
  return alm;
}

async function launch(
  { cluster, rights, kubeconfig, operators }: Running,
  options: LaunchOptions,
): Promise<Operator> {
  if (rights === 'installed') await cluster.admit(OPERATOR_USER, options.flags ?? []);
  const operator = await startOperator({ kubeconfig, ...options });
  operators.push(operator);
  await operator.ready();
  return operator;
}

async function calm({ cluster, connections }: Running): Promise<void> {
  await cluster.up();
  cluster.thaw();
  await cluster.gate.calm();
  for (const { alm, knobs } of connections.values()) {
    alm.faults.clear();
    Object.assign(alm.knobs, knobs);
    await alm.up();
  }
}

async function stop(running: Running): Promise<void> {
  const problems: string[] = [];
  const attempt = async (step: () => Promise<unknown>) => {
    await step().catch((error: Error) => problems.push(error.message));
  };
  await attempt(() => calm(running));
  const pages = await Promise.all(running.operators.map((operator) => operator.metrics()));
  await Promise.all(running.operators.map((operator) => attempt(() => operator.stop())));
  await attempt(async () => problems.push(...(await leaks(running, pages))));
  await attempt(() => endAll(running));
  if (problems.length > 0) throw new Error(problems.join('\n\n'));
}

async function endAll({ cluster, connections, operators }: Running): Promise<void> {
  for (const operator of operators) operator.kill('SIGKILL');
  await Promise.all([...connections.values()].map(({ alm }) => alm.stop()));
  await cluster.stop();
}

/** Secrets may hold the canary, and nothing else that the operator writes, says or asks for. */
async function leaks(
  { cluster: { api, gate }, operators, connections }: Running,
  pages: readonly string[],
): Promise<readonly string[]> {
  const places: [place: string, content: string | object][] = [
    ...operators.map(({ pid, lines }): [string, string] => [`output of operator ${pid}`, lines.join('\n')]),
    ...pages.map((page): [string, string] => ['metrics of an operator', page]),
    ['log of the gate', gate.log],
    ...[...connections].map(([name, { alm }]): [string, object] => [`log of ALM ${name}`, alm.log]),
  ];
  for (const kind of [...OWN_KINDS, 'Event', 'Lease', 'ConfigMap']) {
    for (const object of await api.list(kind)) {
      places.push([`${kind} ${object.metadata.namespace}/${object.metadata.name}`, JSON.stringify(object)]);
    }
  }
  return places.flatMap(([place, content]) => {
    const found = findCanary(content);
    return found === undefined ? [] : [`The canary is in the ${place}, ${found}`];
  });
}

function report({ cluster: { gate, version }, connections, operators }: Running): string {
  const alms = [...connections].map(
    ([name, { alm }]) => `--- last requests to ALM ${name}\n${stringify(alm.log.slice(-SHOWN_REQUESTS))}`,
  );
  return [
    `--- last lines of the operator, on ${version}`,
    operators.at(-1)?.tail() ?? 'not launched',
    '--- last requests through the gate',
    ...gate.log.slice(-SHOWN_REQUESTS).map(summary),
    ...alms,
  ].join('\n');
}
