import { createAlmClient } from './alm/client.ts';
import type { ProxyOptions } from './alm/options.ts';
import { GROUP } from './api/group.ts';
import { type KubeAuth, type KubeAuthSources, loadKubeConfig } from './kube/auth.ts';
import { systemClock } from './kube/clock.ts';
import { type Controller, createController } from './kube/controller.ts';
import type { Permit } from './kube/election.ts';
import { createEventRecorder, type EventRecorder } from './kube/events.ts';
import { KubeconfigError } from './kube/kubeconfig.ts';
import { createElector, type Elector } from './kube/lease.ts';
import type { Log } from './kube/log.ts';
import { createKubeReader } from './kube/reads.ts';
import { createKubeClient } from './kube/requests.ts';
import { parseSelector } from './kube/selector.ts';
import { createTransport, type Transport } from './kube/transport.ts';
import { keyOf } from './kube/types.ts';
import { Workqueue } from './kube/workqueue.ts';
import { createLifecycle, type Lifecycle } from './ops/lifecycle.ts';
import { createLog } from './ops/log.ts';
import { randomSecret, randomWord } from './ops/random.ts';
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

/** The same for all: there is one active operator for each operator namespace. */
const LEASE = 'alm-operator';

/**
 * Runs until the signal fires, then ends in order: passes, events, lease. Resolves with one clear line where it could not
 * start, and where it lost its lease.
 */
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
  await fired(AbortSignal.any([signal, operator.lost]));
  if (operator.lost.aborted && !signal.aborted) {
    await operator.abandon();
    await health.close();
    return `the lease was lost: ${operator.lost.reason.message}`;
  }
  log.info({}, 'operator stopping');
  await operator.stop();
  await health.close();
  log.info({}, 'operator stopped');
  return undefined;
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
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

function compose(base: Base): Lifecycle {
  const { settings, environment, auth, namespace, log } = base;
  const userAgent = `alm-operator/${environment.version}`;
  // Its own connections, so that no slow request holds a renewal up.
  const leases = createTransport({ auth, userAgent });
  const elector = electorOf(base, leases);
  const permit = elector?.permit ?? always;
  const transport = createTransport({ auth, userAgent, permit });
  const stores = createStores({ ...settings, namespace, reader: createKubeReader(transport), log });
  const events = createEventRecorder({
    client: createKubeClient(transport),
    operatorNamespace: namespace,
    reportingController: `${GROUP}/operator`,
    reportingInstance: environment.hostname,
    log,
  });
  const controllers = createControllers(base, { stores, transport, events, permit });
  return createLifecycle({ stores, controllers, events, elector, transports: [transport, leases] });
}

function always(): number {
  return Number.POSITIVE_INFINITY;
}

function electorOf(
  { settings, environment, namespace, log }: Base,
  transport: Transport,
): Elector | undefined {
  if (settings.leaderElection === undefined) return undefined;
  return createElector({
    client: createKubeClient(transport),
    namespace,
    name: LEASE,
    identity: `${environment.hostname}_${randomWord(12)}`,
    timing: settings.leaderElection,
    log,
  });
}

type Tools = Readonly<{ stores: Stores; transport: Transport; events: EventRecorder; permit: Permit }>;

function createControllers(
  { settings, environment, namespace, log }: Base,
  { stores, transport, events, permit }: Tools,
): readonly Controller[] {
  const kube = createKubeClient(transport);
  const clock = systemClock;
  const random = () => clock.random();
  const now = () => clock.wallMs();
  const { resyncIntervalMs, defaultConnection } = settings;
  const queues: Queues = {
    credentials: new Workqueue({ clock }),
    connections: new Workqueue({ clock }),
    claims: new Workqueue({ clock }),
  };
  const sessions = new Sessions();
  const claimQueue = new ClaimQueue((key) => queues.credentials.add(key));
  const departures = new Departures(() => clock.now());
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
        createClient: (options) => createAlmClient({ ...options, proxy: environment.proxy, now, permit }),
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
        watches: watching(settings.watchNamespaces, namespace),
        enqueue: (key) => queues.claims.add(key),
      }),
    }),
  ];
}

function watching(named: readonly string[] | undefined, home: string): (namespace: string) => boolean {
  return (namespace) => named === undefined || namespace === home || named.includes(namespace);
}
