import { createAlmClient } from './alm/client.ts';
import type { Lane } from './alm/line.ts';
import type { AlmClientOptions, ProxyOptions } from './alm/options.ts';
import { Throttles } from './alm/throttles.ts';
import { GROUP } from './api/group.ts';
import { type KubeAuth, type KubeAuthSources, loadKubeConfig } from './kube/auth.ts';
import type { KubeClient } from './kube/client.ts';
import { type Clock, systemClock } from './kube/clock.ts';
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
import { randomSecret } from './ops/random.ts';
import { startHealthServer } from './ops/server.ts';
import { claimReconciler } from './reconcile/claim.ts';
import { claimsIn } from './reconcile/claims.ts';
import { connectionReconciler } from './reconcile/connection.ts';
import { credentialReconciler } from './reconcile/credential.ts';
import { Departures } from './reconcile/departures.ts';
import { Drifts } from './reconcile/drifts.ts';
import { Proofs } from './reconcile/proofs.ts';
import { ResyncTimers } from './reconcile/resync.ts';
import { Sessions } from './reconcile/sessions.ts';
import { createStores, type Stores } from './reconcile/stores.ts';
import { ClaimQueue } from './reconcile/waiting.ts';
import { ownerNamespaceOf } from './reconcile/wakes.ts';
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

/** A connection that is away is asked again at these distances. */
const PROBES = { baseMs: 1_000, capMs: 60_000 };

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
  const operator = compose({ settings, environment, auth, namespace, log });
  const health = await startHealthServer(settings.healthAddress, operator.ready).catch(
    (error: Error) => error,
  );
  if (health instanceof Error) {
    await operator.stop();
    return `the health server cannot listen: ${health.message}`;
  }
  log.info({ address: health.address }, 'health server listening');
  log.info({ namespace, server: auth.server.origin, version: environment.version }, 'operator starting');
  operator.start();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  log.info({}, 'operator stopping');
  await operator.stop();
  await health.close();
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
}>;

type Operator = Readonly<{ start(): void; ready(): boolean; stop(): Promise<void> }>;

function compose(base: Base): Operator {
  const { settings, environment, auth, namespace, log } = base;
  const transport = createTransport({ auth, userAgent: `alm-operator/${environment.version}` });
  const stores = createStores({ ...settings, namespace, reader: createKubeReader(transport), log });
  const events = createEventRecorder({
    client: createKubeClient(transport),
    operatorNamespace: namespace,
    reportingController: `${GROUP}/operator`,
    reportingInstance: environment.hostname,
    log,
  });
  const controllers = createControllers(base, stores, createKubeClient(transport), events);
  return lifecycle({ stores, controllers, stopLast: [() => events.stop(), () => transport.close()] });
}

type Controllers = readonly Readonly<{ start(): void; stop(): Promise<void> }>[];

function createControllers(
  { settings, environment, namespace, log }: Base,
  stores: Stores,
  kube: KubeClient,
  events: EventRecorder,
): Controllers {
  const clock = systemClock;
  const random = () => clock.random();
  const now = () => clock.wallMs();
  const { resyncIntervalMs, defaultConnection } = settings;
  const queues = createQueues(clock, stores);
  const throttles = new Throttles(clock);
  const sessions = new Sessions();
  const claimQueue = new ClaimQueue((key) => queues.credentials.add(key));
  const departures = new Departures(() => clock.now());
  const allowed =
    settings.secretLabelSelector === undefined ? undefined : parseSelector(settings.secretLabelSelector);
  const secretReader = { kube, allowed, operatorNamespace: namespace };
  const probe = (connection: string, inMs = 0) =>
    queues.connections.addAfter(keyOf({ namespace, name: connection }), inMs);
  const common = { kube, secretReader, sessions, throttles, resyncIntervalMs, log, now, random };
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
  connectWakes(stores, queues, claimQueue, departures);
  return [
    createController({
      ...passes,
      name: 'almconnection',
      queue: queues.connections,
      workers: 2,
      reconcile: connectionReconciler({
        ...common,
        connections: stores.connections,
        seesNamespaces: stores.namespaces !== undefined,
        createClient: (options) => createAlmClient(almOptions(options, environment.proxy, now)),
        probed: usersWaker(stores, sessions, queues),
      }),
    }),
    createController({
      ...passes,
      name: 'clientcredential',
      queue: queues.credentials,
      workers: settings.concurrency,
      reconcile: credentialReconciler({
        ...shared,
        lane: laneOf('clientcredential', queues.credentials, settings),
        defaultConnection,
        timers: new ResyncTimers(() => clock.now(), random),
        drifts: new Drifts(),
        proofs: new Proofs(() => clock.now()),
      }),
    }),
    createController({
      ...passes,
      name: 'almclientclaim',
      queue: queues.claims,
      workers: settings.concurrency,
      reconcile: claimReconciler({
        ...shared,
        lane: laneOf('almclientclaim', queues.claims, settings),
        watches: watching(settings.watchNamespaces, namespace),
        enqueue: (key) => queues.claims.add(key),
      }),
    }),
    { start: () => undefined, stop: async () => throttles.stop() },
  ];
}

/** Claims all live in one namespace: their owners' take turns. */
function createQueues(clock: Clock, { claims }: Stores): Queues {
  return {
    credentials: new Workqueue({ clock }),
    connections: new Workqueue({ clock, backoff: PROBES }),
    claims: new Workqueue({ clock, partition: (key) => ownerNamespaceOf(claims.get(key)) }),
  };
}

function laneOf(name: string, queue: Workqueue, { concurrency }: Settings): Lane {
  return { name, workers: concurrency, wake: (key) => queue.add(key) };
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
