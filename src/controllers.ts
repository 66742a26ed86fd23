import { createAlmClient } from './alm/client.ts';
import type { Lane } from './alm/line.ts';
import type { ProxyOptions } from './alm/options.ts';
import type { Throttles } from './alm/throttles.ts';
import type { KubeAuth, KubeAuthSources } from './kube/auth.ts';
import { systemClock } from './kube/clock.ts';
import { type Controller, createController } from './kube/controller.ts';
import type { Permit } from './kube/election.ts';
import type { EventRecorder } from './kube/events.ts';
import type { Log } from './kube/log.ts';
import type { Overdue } from './kube/overdue.ts';
import { createKubeClient } from './kube/requests.ts';
import { parseSelector } from './kube/selector.ts';
import { currentTrace } from './kube/trace.ts';
import type { Transport } from './kube/transport.ts';
import { keyOf } from './kube/types.ts';
import { Workqueue, type WorkqueueOptions } from './kube/workqueue.ts';
import type { Metrics } from './ops/metrics.ts';
import { randomSecret } from './ops/random.ts';
import { Changes } from './reconcile/changes.ts';
import { connectChanges } from './reconcile/changewatch.ts';
import { claimReconciler } from './reconcile/claim.ts';
import { claimsIn } from './reconcile/claims.ts';
import { connectionReconciler } from './reconcile/connection.ts';
import { credentialReconciler } from './reconcile/credential.ts';
import { Departures } from './reconcile/departures.ts';
import { Drifts } from './reconcile/drifts.ts';
import { Proofs } from './reconcile/proofs.ts';
import { ResyncTimers } from './reconcile/resync.ts';
import { Sessions } from './reconcile/sessions.ts';
import type { Stores } from './reconcile/stores.ts';
import { ClaimQueue } from './reconcile/waiting.ts';
import { ownerNamespaceOf } from './reconcile/wakes.ts';
import { connectWakes, type Queues, usersWaker } from './reconcile/wiring.ts';
import type { Settings } from './settings.ts';

/** The controllers, with their queues and all that their passes share. */

export type Environment = Readonly<{
  kube: Omit<KubeAuthSources, 'kubeconfig'>;
  serviceAccountNamespace: string | undefined;
  hostname: string;
  /** Whether somebody looks at what is written to standard output. */
  isTerminal: boolean;
  proxy: ProxyOptions;
  version: string;
}>;

/** A connection that is away is asked again at these distances. */
const PROBES = { baseMs: 1_000, capMs: 60_000 };

/** A pass makes a handful of calls, each with its own limit; this ends what none of them ended. */
const PASS_TIMEOUT_MS = 10 * 60_000;

export type Base = Readonly<{
  settings: Settings;
  environment: Environment;
  auth: KubeAuth;
  namespace: string;
  overdue: Overdue;
  log: Log;
  metrics: Metrics;
}>;

export type Tools = Readonly<{
  stores: Stores;
  transport: Transport;
  events: EventRecorder;
  permit: Permit;
  throttles: Throttles;
}>;

export function createControllers(
  { settings, environment, namespace, overdue, log, metrics }: Base,
  { stores, transport, events, permit, throttles }: Tools,
): readonly Controller[] {
  const kube = createKubeClient(transport);
  const clock = systemClock;
  const random = () => clock.random();
  const now = () => clock.wallMs();
  const { resyncIntervalMs, defaultConnection } = settings;
  const queues = queuesOf(metrics, stores);
  const sessions = new Sessions();
  const claimQueue = new ClaimQueue((key) => queues.credentials.add(key));
  const departures = new Departures(() => clock.now());
  const changes = new Changes(() => clock.now());
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
    claimWriter: claimsIn(namespace, kube, stores.claims, log),
    claimQueue,
    departures,
    probe,
    events,
    newSecret: randomSecret,
    generatesSecrets: settings.generatedSecrets,
  };
  const passes = { passTimeoutMs: PASS_TIMEOUT_MS, synced: stores.whenSynced, overdue, log };
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
        events,
        connections: stores.connections,
        seesNamespaces: stores.namespaces !== undefined,
        createClient: (options, connection) =>
          createAlmClient({
            ...options,
            proxy: environment.proxy,
            now,
            permit,
            observe: metrics.almRequests(connection),
            correlationId: () => currentTrace()?.correlationId,
          }),
        probed: usersWaker(stores, sessions, queues),
      }),
    }),
    createController({
      ...passesOf('clientcredential', settings.concurrency),
      queue: queues.credentials,
      reconcile: credentialReconciler({
        ...shared,
        lane: laneOf('clientcredential', queues.credentials, settings),
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
        lane: laneOf('almclientclaim', queues.claims, settings),
        watches: watching(settings.watchNamespaces, namespace),
        enqueue: (key) => queues.claims.add(key),
      }),
    }),
  ];
}

type QueueOptions = Pick<WorkqueueOptions, 'backoff' | 'partition'>;

/** Claims all live in one namespace: their owners' take turns. */
function queuesOf(metrics: Metrics, { claims }: Stores): Queues {
  const queueOf = (name: string, more: QueueOptions = {}) => {
    const observe = metrics.queue(name, () => queue.counts());
    const queue: Workqueue = new Workqueue({ ...more, clock: systemClock, observe });
    return queue;
  };
  return {
    credentials: queueOf('clientcredential'),
    connections: queueOf('almconnection', { backoff: PROBES }),
    claims: queueOf('almclientclaim', { partition: (key) => ownerNamespaceOf(claims.get(key)) }),
  };
}

function laneOf(name: string, queue: Workqueue, { concurrency }: Settings): Lane {
  return { name, workers: concurrency, wake: (key) => queue.add(key) };
}

function watching(named: readonly string[] | undefined, home: string): (namespace: string) => boolean {
  return (namespace) => named === undefined || namespace === home || named.includes(namespace);
}
