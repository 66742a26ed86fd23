import { createAlmClient } from './alm/client.ts';
import type { AlmClientOptions, ProxyOptions } from './alm/options.ts';
import { GROUP } from './api/group.ts';
import { type KubeAuth, type KubeAuthSources, loadKubeConfig } from './kube/auth.ts';
import type { KubeClient } from './kube/client.ts';
import { systemClock } from './kube/clock.ts';
import { createController } from './kube/controller.ts';
import { createEventRecorder, type EventRecorder } from './kube/events.ts';
import { KubeconfigError } from './kube/kubeconfig.ts';
import type { Log } from './kube/log.ts';
import { createKubeReader } from './kube/reads.ts';
import { createKubeClient } from './kube/requests.ts';
import { parseSelector } from './kube/selector.ts';
import { createTransport } from './kube/transport.ts';
import { keyOf } from './kube/types.ts';
import { Workqueue } from './kube/workqueue.ts';
import { createLog } from './ops/log.ts';
import { createMetrics, type Metrics } from './ops/metrics.ts';
import { randomSecret } from './ops/random.ts';
import { healthRoutes } from './ops/server.ts';
import { startServers } from './ops/servers.ts';
import { censusOf } from './reconcile/census.ts';
import { Changes } from './reconcile/changes.ts';
import { connectChanges } from './reconcile/changewatch.ts';
import { claimReconciler } from './reconcile/claim.ts';
import { claimsIn } from './reconcile/claims.ts';
import { connectionReconciler } from './reconcile/connection.ts';
import { credentialReconciler } from './reconcile/credential.ts';
import { Departures } from './reconcile/departures.ts';
import { Drifts } from './reconcile/drifts.ts';
import { editionsReconciler } from './reconcile/editions.ts';
import { Proofs } from './reconcile/proofs.ts';
import { ResyncTimers } from './reconcile/resync.ts';
import { Sessions } from './reconcile/sessions.ts';
import { createStores, type Stores } from './reconcile/stores.ts';
import { ClaimQueue } from './reconcile/waiting.ts';
import { connectWakes, type Queues, usersWaker } from './reconcile/wiring.ts';
import type { Settings } from './settings.ts';

/** Composition of `run`: settings → clients → stores → controllers → servers, and back at the end. */

export type Environment = Readonly<{
  kube: Omit<KubeAuthSources, 'kubeconfig'>;
  serviceAccountNamespace: string | undefined;
  hostname: string;
  proxy: ProxyOptions;
  version: string;
}>;

/** A pass makes a handful of calls, each with its own limit; this ends what none of them ended. */
const PASS_TIMEOUT_MS = 10 * 60_000;

/** Runs until the signal fires, then ends in order. Resolves with one clear line where it could not start. */
export async function runOperator(
  settings: Settings,
  environment: Environment,
  signal: AbortSignal,
): Promise<string | undefined> {
  const namespace = settings.operatorNamespace ?? environment.serviceAccountNamespace;
  if (namespace === undefined) return 'outside a cluster --operator-namespace has to be given';
  const auth = authOf(settings, environment);
  if (typeof auth === 'string') return auth;
  const log = createLog(settings.logLevel);
  const metrics = createMetrics({ version: environment.version, now: () => systemClock.now() });
  const operator = compose({ settings, environment, auth, namespace, log, metrics });
  const health = healthRoutes(operator.ready);
  const servers = await startServers({ ...settings, health, metrics: metrics.page, log });
  if (typeof servers === 'string') {
    await operator.stop();
    return servers;
  }
  log.info({ namespace, server: auth.server.origin, version: environment.version }, 'operator starting');
  operator.start();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  log.info({}, 'operator stopping');
  await operator.stop();
  await servers.close();
  log.info({}, 'operator stopped');
  return undefined;
}

function authOf({ kubeconfig }: Settings, { kube }: Environment): KubeAuth | string {
  try {
    return loadKubeConfig(kubeconfig === undefined ? kube : { ...kube, kubeconfig });
  } catch (error) {
    if (error instanceof KubeconfigError) return error.message;
    throw error;
  }
}

type Base = Readonly<{
  settings: Settings;
  environment: Environment;
  auth: KubeAuth;
  namespace: string;
  log: Log;
  metrics: Metrics;
}>;

type Operator = Readonly<{ start(): void; ready(): boolean; stop(): Promise<void> }>;

function compose(base: Base): Operator {
  const { settings, environment, auth, namespace, log, metrics } = base;
  const userAgent = `alm-operator/${environment.version}`;
  const transport = createTransport({ auth, userAgent, observe: metrics.kubeCalls(auth.server.host) });
  const stores = createStores({ ...settings, namespace, reader: createKubeReader(transport), log });
  metrics.readFrom(censusOf(stores, () => systemClock.wallMs()));
  const events = createEventRecorder({
    client: createKubeClient(transport),
    operatorNamespace: namespace,
    reportingController: `${GROUP}/operator`,
    reportingInstance: environment.hostname,
    log,
  });
  const kube = createKubeClient(transport);
  const controllers = [
    ...createControllers(base, stores, kube, events),
    editionsController(base, stores, kube),
  ];
  return lifecycle({ stores, controllers, stopLast: [() => events.stop(), () => transport.close()] });
}

type Controllers = readonly Readonly<{ start(): void; stop(): Promise<void> }>[];

function createControllers(
  { settings, environment, namespace, log, metrics }: Base,
  stores: Stores,
  kube: KubeClient,
  events: EventRecorder,
): Controllers {
  const clock = systemClock;
  const random = () => clock.random();
  const now = () => clock.wallMs();
  const { resyncIntervalMs, defaultConnection } = settings;
  const queues = queuesOf(metrics);
  const sessions = new Sessions();
  const claimQueue = new ClaimQueue((key) => queues.credentials.add(key));
  const departures = new Departures(() => clock.now());
  const changes = new Changes(() => clock.now());
  const allowed =
    settings.secretLabelSelector === undefined ? undefined : parseSelector(settings.secretLabelSelector);
  const secretReader = { kube, allowed, operatorNamespace: namespace };
  const probe = (connection: string) => queues.connections.add(keyOf({ namespace, name: connection }));
  const common = { kube, secretReader, sessions, resyncIntervalMs, log, now, random };
  const shared = {
    ...common,
    ...stores,
    operatorNamespace: namespace,
    claimWriter: claimsIn(namespace, kube, stores.claims),
    claimQueue,
    departures,
    probe,
    events,
    newSecret: randomSecret,
    generatesSecrets: settings.generatedSecrets,
  };
  const passes = { passTimeoutMs: PASS_TIMEOUT_MS, synced: stores.whenSynced, log };
  const passesOf = (name: string, workers: number) => {
    return { ...passes, name, workers, observe: metrics.controller(name, workers) };
  };
  connectWakes(stores, queues, claimQueue, departures);
  connectChanges(stores, changes);
  return [
    createController({
      ...passesOf('almconnection', 2),
      queue: queues.connections,
      reconcile: connectionReconciler({
        ...common,
        connections: stores.connections,
        seesNamespaces: stores.namespaces !== undefined,
        createClient: (options, connection) => {
          const observe = metrics.almRequests(connection);
          return createAlmClient(almOptions({ ...options, observe }, environment.proxy, now));
        },
        probed: usersWaker(stores, sessions, queues),
      }),
    }),
    createController({
      ...passesOf('clientcredential', settings.concurrency),
      queue: queues.credentials,
      reconcile: credentialReconciler({
        ...shared,
        defaultConnection,
        timers: new ResyncTimers(() => clock.now(), random),
        drifts: new Drifts(),
        proofs: new Proofs(() => clock.now()),
        changes,
        observer: metrics.observer,
      }),
    }),
    createController({
      ...passesOf('almclientclaim', settings.concurrency),
      queue: queues.claims,
      reconcile: claimReconciler({
        ...shared,
        watches: watching(settings.watchNamespaces, namespace),
        enqueue: (key) => queues.claims.add(key),
      }),
    }),
  ];
}

/** Has one key, and mostly one pass. */
function editionsController({ log }: Base, { whenSynced }: Stores, kube: KubeClient): Controllers[number] {
  const queue = new Workqueue({ clock: systemClock });
  queue.add('definitions');
  const reconcile = editionsReconciler({ kube, log });
  return createController({
    name: 'customresourcedefinition',
    queue,
    workers: 1,
    passTimeoutMs: PASS_TIMEOUT_MS,
    synced: whenSynced,
    log,
    reconcile,
  });
}

function queuesOf(metrics: Metrics): Queues {
  const queueOf = (name: string) => {
    const observe = metrics.queue(name, () => queue.counts());
    const queue: Workqueue = new Workqueue({ clock: systemClock, observe });
    return queue;
  };
  return {
    credentials: queueOf('clientcredential'),
    connections: queueOf('almconnection'),
    claims: queueOf('almclientclaim'),
  };
}

function watching(named: readonly string[] | undefined, home: string): (namespace: string) => boolean {
  return (namespace) => named === undefined || namespace === home || named.includes(namespace);
}

function almOptions(
  options: Omit<AlmClientOptions, 'now' | 'proxy'>,
  proxy: ProxyOptions,
  now: () => number,
): AlmClientOptions {
  return { ...options, proxy, now };
}

type Parts = Readonly<{
  stores: Stores;
  controllers: Controllers;
  stopLast: readonly (() => Promise<void>)[];
}>;

/** Reflectors first and last: what passes decide on is kept up to date until the last of them has ended. */
function lifecycle({ stores, controllers, stopLast }: Parts): Operator {
  const watching = new AbortController();
  let reflecting: Promise<unknown> = Promise.resolve();
  return {
    start: () => {
      reflecting = Promise.all(stores.reflectors.map((reflector) => reflector.run(watching.signal)));
      for (const controller of controllers) controller.start();
    },
    ready: () => stores.synced(),
    stop: async () => {
      await Promise.all(controllers.map((controller) => controller.stop()));
      watching.abort();
      await reflecting;
      for (const stop of stopLast) await stop();
    },
  };
}
