import { Throttles } from '../../src/alm/throttles.ts';
import { canonicalEndpoint } from '../../src/domain/connection.ts';
import { fail } from '../../src/domain/reasons.ts';
import type { AlmClient } from '../../src/domain/record.ts';
import type { Clock } from '../../src/kube/clock.ts';
import { createController } from '../../src/kube/controller.ts';
import { EdgeError, type Outcome } from '../../src/kube/outcome.ts';
import { keyOf } from '../../src/kube/types.ts';
import { Workqueue } from '../../src/kube/workqueue.ts';
import { Changes } from '../../src/reconcile/changes.ts';
import { claimReconciler } from '../../src/reconcile/claim.ts';
import { type Claims, claimsIn } from '../../src/reconcile/claims.ts';
import { connectionReconciler } from '../../src/reconcile/connection.ts';
import { credentialReconciler } from '../../src/reconcile/credential.ts';
import { Departures } from '../../src/reconcile/departures.ts';
import { Drifts } from '../../src/reconcile/drifts.ts';
import { unobserved } from '../../src/reconcile/observer.ts';
import { Proofs } from '../../src/reconcile/proofs.ts';
import { ResyncTimers } from '../../src/reconcile/resync.ts';
import { Sessions } from '../../src/reconcile/sessions.ts';
import { ClaimQueue } from '../../src/reconcile/waiting.ts';
import { connectWakes, usersWaker } from '../../src/reconcile/wiring.ts';
import { Sensitive } from '../../src/sensitive.ts';
import { secretText } from '../support/canary.ts';
import type { Alm } from './alm.ts';
import type { ModelClock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { type Feed, WATCHED, type Watched, watch } from './feed.ts';
import { kubeClient } from './kube.ts';
import { type Controller, type Pass, passes, type Requests } from './requests.ts';
import { HOME } from './rules.ts';
import { RESYNC_MS } from './slots.ts';

/** The operator as `run` composes it, on a modelled cluster, modelled ALMs and a clock that is told to move. */

export type Surroundings = Readonly<{
  cluster: Cluster;
  alms: readonly Alm[];
  requests: Requests;
  clock: ModelClock;
  /** Told of every object whose end a watch has shown. */
  sawEnd: (uid: string) => void;
  /** What the operator itself calls an error. */
  onError: (fields: object, message: string) => void;
}>;

/** What a test may put between the operator and its surroundings, so that it does wrong. */
export type Composition = Readonly<{
  alm?: (client: AlmClient) => AlmClient;
  claims?: (writer: Claims) => Claims;
  departures?: (departures: Departures, parts: Pick<Surroundings, 'cluster'>) => Departures;
}>;

export type OperatorProcess = Readonly<{ feeds: Readonly<Record<Watched, Feed>>; kill: () => void }>;

const PASS_TIMEOUT_MS = 10 * 60_000;

export function startOperator(around: Surroundings, composition: Composition): OperatorProcess {
  const { cluster, requests, clock: shared } = around;
  let alive = true;
  const isAlive = () => alive;
  const clock = shared.of(isAlive);
  const log = { debug: nothing, info: nothing, warn: nothing, error: around.onError };
  const kube = kubeClient(cluster, requests, isAlive);
  const { stores, feeds } = watch(cluster, around.sawEnd, log);
  const deps = compose({ around, composition, clock, log, kube, stores, isAlive });
  const controllers: readonly [Controller, Reconcile, Workqueue, number][] = [
    ['connection', connectionReconciler(deps.connection), deps.queues.connections, 2],
    ['credential', credentialReconciler(deps.credential), deps.queues.credentials, 3],
    ['claim', claimReconciler(deps.claim), deps.queues.claims, 2],
  ];
  for (const [name, reconcile, queue, workers] of controllers) {
    createController({
      name,
      queue,
      workers,
      reconcile: (key, signal) => passes.run(passOf(name, key, around, feeds), () => reconcile(key, signal)),
      passTimeoutMs: PASS_TIMEOUT_MS,
      synced: stores.whenSynced,
      log,
      clock,
    }).start();
  }
  return {
    feeds,
    kill: () => {
      alive = false;
    },
  };
}

type Reconcile = (key: string, signal: AbortSignal) => Promise<Outcome>;

function passOf(
  controller: Controller,
  key: string,
  { cluster, requests }: Surroundings,
  feeds: OperatorProcess['feeds'],
): Pass {
  const known = Object.fromEntries(WATCHED.map((plural) => [plural, feeds[plural].revision]));
  return { controller, key, revision: cluster.revision, known, moment: requests.sent };
}

type Parts = Readonly<{
  around: Surroundings;
  composition: Composition;
  clock: Clock;
  log: Readonly<Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>>;
  kube: ReturnType<typeof kubeClient>;
  stores: ReturnType<typeof watch>['stores'];
  isAlive: () => boolean;
}>;

function compose({ around, composition, clock, log, kube, stores, isAlive }: Parts) {
  const queues = {
    credentials: new Workqueue({ clock }),
    connections: new Workqueue({ clock }),
    claims: new Workqueue({ clock }),
  };
  const sessions = new Sessions();
  const throttles = new Throttles(clock);
  const lane = (name: 'credentials' | 'claims', workers: number) => ({
    name,
    workers,
    wake: (key: string) => queues[name].add(key),
  });
  const claimQueue = new ClaimQueue((key) => queues.credentials.add(key));
  const noted = new Departures(() => clock.now());
  connectWakes(stores, queues, claimQueue, noted);
  const newSecret = () => new Sensitive(`${THROWAWAY}-${clock.random()}`);
  const departures = composition.departures?.(noted, around) ?? noted;
  const secretReader = { kube, allowed: undefined, operatorNamespace: HOME };
  const random = () => clock.random();
  const now = () => clock.wallMs();
  const events = { emit: nothing, stop: async () => undefined };
  const basics = { kube, secretReader, sessions, throttles, resyncIntervalMs: RESYNC_MS };
  const common = { ...basics, events, log, now, random };
  const writer = claimsIn(HOME, kube, stores.claims, { info: nothing });
  const shared = {
    ...common,
    ...stores,
    operatorNamespace: HOME,
    defaultConnection: 'default',
    claimWriter: composition.claims?.(writer) ?? writer,
    claimQueue,
    departures,
    probe: (connection: string, inMs = 0) =>
      queues.connections.addAfter(keyOf({ namespace: HOME, name: connection }), inMs),
  };
  return {
    queues,
    connection: {
      ...common,
      connections: stores.connections,
      seesNamespaces: true,
      createClient: ({ endpoint }: { endpoint: string }) => {
        const alm = around.alms.find((one) => one.endpoint === canonicalEndpoint(endpoint));
        if (alm === undefined) throw new EdgeError(fail('AlmUnavailable', 'nobody is there'));
        const client = alm.client(around.requests, isAlive);
        return composition.alm?.(client) ?? client;
      },
      probed: usersWaker(stores, sessions, queues),
    },
    credential: {
      ...shared,
      lane: lane('credentials', 3),
      timers: new ResyncTimers(() => clock.now(), random),
      drifts: new Drifts(),
      proofs: new Proofs(() => clock.now()),
      changes: new Changes(() => clock.now()),
      observer: unobserved,
      generatesSecrets: false,
      newSecret,
    },
    claim: {
      ...shared,
      lane: lane('claims', 2),
      watches: () => true,
      enqueue: (key: string) => queues.claims.add(key),
      generatesSecrets: false,
      newSecret,
    },
  };
}

/** How the secrets begin that nobody is to know. */
export const THROWAWAY = secretText('thrown-away');

function nothing(): void {}
