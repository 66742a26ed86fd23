import type { RequestObserver } from '../alm/options.ts';
import type { PassObserver } from '../kube/controller.ts';
import type { CallObserver } from '../kube/transport.ts';
import type { QueueObserver, WorkqueueCounts } from '../kube/workqueue.ts';
import type { Census } from '../reconcile/census.ts';
import type { Observer } from '../reconcile/observer.ts';
import { createMeter, type Meter } from './meter.ts';
import { QueueWatch } from './queuewatch.ts';

/** What the parts of the operator tell, and what is read from them at a scrape, as metrics. */
export type Metrics = Readonly<{
  controller(name: string, workers: number): PassObserver;
  /** `counts` is asked at each scrape. */
  queue(name: string, counts: () => WorkqueueCounts): QueueObserver;
  kubeCalls(host: string): CallObserver;
  almRequests(connection: string): RequestObserver;
  observer: Observer;
  /** How long the throttle of the connection held back a pass that wanted its turn, or a call that wanted a token. */
  waits(connection: string): WaitObserver;
  /** Whether this process holds the lease of that name. */
  leading(name: string, isLeader: boolean): void;
  /** What is read at each scrape; to be called once. */
  readFrom(census: Census): void;
  /** As above, by connection, where there are throttles with breakers. */
  readThrottles(throttles: () => ReadonlyMap<string, Throttled>): void;
  page(): Promise<Page>;
}>;

export type Page = Readonly<{ contentType: string; text: string }>;

export type WaitObserver = (wait: Readonly<{ for: 'turn' | 'token'; ms: number }>) => void;

export type Throttled = Readonly<{
  /** `waiting`: objects that wait for their turn. */
  view(): Readonly<{ breaker: 'closed' | 'halfOpen' | 'open'; waiting: number }>;
}>;

/** `now` is monotonic. */
export function createMetrics({ version, now }: Readonly<{ version: string; now: () => number }>): Metrics {
  const meter = createMeter();
  meter.set('alm_operator_build_info', { version }, 1);
  const queues = new Map<string, QueueWatch>();
  let connections: () => ReadonlySet<string> = () => new Set();
  return {
    controller: (controller, workers) => passObserver(meter, controller, workers),
    queue: (name, counts) => {
      const watch = new QueueWatch(name, counts, meter, now);
      queues.set(name, watch);
      readQueues(meter, queues);
      return watch;
    },
    kubeCalls: (host) => callObserver(meter, host),
    almRequests: (connection) => requestObserver(meter, connection, now),
    observer: observerOf(meter),
    waits: (connection) => (wait) =>
      meter.observe('alm_operator_throttle_wait_seconds', { connection, wait: wait.for }, wait.ms / 1000),
    leading: (name, isLeader) => meter.set('leader_election_master_status', { name }, isLeader ? 1 : 0),
    readFrom: (census) => {
      connections = () => new Set(census.connections().map(({ connection }) => connection));
      readCensus(meter, census);
    },
    readThrottles: (throttles) => readThrottles(meter, throttles),
    page: async () => ({ contentType: meter.contentType, text: await meter.page(connections) }),
  };
}

type Result = Parameters<PassObserver>[0]['result'];

const RESULTS: Readonly<Record<Result, 'success' | 'requeue' | 'requeue_after' | 'error'>> = {
  settle: 'success',
  forget: 'success',
  retry: 'requeue',
  retryAfter: 'requeue_after',
  failed: 'error',
  timeout: 'error',
  error: 'error',
};

/** All series are there from the start, so that one that is missing means an operator that is missing. */
function passObserver(meter: Meter, controller: string, workers: number): PassObserver {
  meter.set('controller_runtime_max_concurrent_reconciles', { controller }, workers);
  meter.count('controller_runtime_reconcile_errors_total', { controller }, 0);
  meter.count('controller_runtime_reconcile_panics_total', { controller }, 0);
  for (const result of new Set(Object.values(RESULTS)))
    meter.count('controller_runtime_reconcile_total', { controller, result }, 0);
  return ({ result, ms }) => {
    const word = RESULTS[result];
    meter.count('controller_runtime_reconcile_total', { controller, result: word });
    if (word === 'error') meter.count('controller_runtime_reconcile_errors_total', { controller });
    if (result === 'error') meter.count('controller_runtime_reconcile_panics_total', { controller });
    meter.observe('controller_runtime_reconcile_time_seconds', { controller }, ms / 1000);
  };
}

function readQueues(meter: Meter, queues: ReadonlyMap<string, QueueWatch>): void {
  const rows = (value: (watch: QueueWatch) => number) => () =>
    [...queues].map(([name, watch]) => ({ labels: { name }, value: value(watch) }));
  meter.read(
    'workqueue_depth',
    rows((watch) => watch.counts().ready),
  );
  meter.read(
    'workqueue_adds_total',
    rows((watch) => watch.counts().added),
  );
  meter.read(
    'workqueue_retries_total',
    rows((watch) => watch.counts().retried),
  );
  meter.read(
    'workqueue_unfinished_work_seconds',
    rows((watch) => watch.unfinishedS()),
  );
  meter.read(
    'workqueue_longest_running_processor_seconds',
    rows((watch) => watch.longestS()),
  );
  meter.read('controller_runtime_active_workers', () =>
    [...queues].map(([controller, { working }]) => ({ labels: { controller }, value: working })),
  );
}

type Verb = Parameters<CallObserver>[0]['verb'];

const METHODS: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
};

function callObserver(meter: Meter, host: string): CallObserver {
  return ({ verb, status, ms }) => {
    const method = METHODS[verb];
    const code = status === 0 ? '<error>' : String(status);
    meter.count('rest_client_requests_total', { code, method, host });
    meter.observe('rest_client_request_duration_seconds', { verb: method, host }, ms / 1000);
  };
}

function requestObserver(meter: Meter, connection: string, now: () => number): RequestObserver {
  return ({ method, route }) => {
    const began = now();
    return (outcome) => {
      const labels = { connection, method, route };
      meter.count('alm_operator_alm_requests_total', { ...labels, outcome });
      meter.observe('alm_operator_alm_request_duration_seconds', labels, (now() - began) / 1000);
    };
  };
}

function observerOf(meter: Meter): Observer {
  return {
    driftFound: (connection) => meter.count('alm_operator_drift_found_total', { connection }),
    driftRepaired: (connection) => meter.count('alm_operator_drift_repaired_total', { connection }),
    proof: (connection, result) =>
      meter.count('alm_operator_proofs_total', { connection, result: PROOFS[result] }),
    rotated: (cause) => meter.count('alm_operator_rotations_total', { cause }),
    arrived: (connection, change, ms) =>
      meter.observe('alm_operator_change_arrival_seconds', { connection, change }, ms / 1000),
  };
}

const PROOFS: Readonly<Record<Parameters<Observer['proof']>[1], string>> = {
  accepted: 'accepted',
  refused: 'refused',
  grantMissing: 'grant_missing',
  cannotAsk: 'cannot_ask',
  unreached: 'unreached',
};

function readCensus(meter: Meter, census: Census): void {
  meter.read('alm_operator_credentials', () =>
    census.credentials().map(({ count, ...labels }) => ({ labels, value: count })),
  );
  meter.read('alm_operator_rotations_due', () => [{ labels: {}, value: census.rotationsDue() }]);
  meter.read('alm_operator_connection_ready', () =>
    census.connections().map(({ connection, ready }) => ({ labels: { connection }, value: ready ? 1 : 0 })),
  );
  meter.read('alm_operator_claims', () =>
    census.claims().map(({ phase, count }) => ({ labels: { phase }, value: count })),
  );
  meter.read('alm_operator_claims_orphaned', () => [{ labels: {}, value: census.orphans() }]);
  meter.read('alm_operator_watch_age_seconds', () =>
    census.watches().flatMap(({ resource, ageMs }) => {
      return ageMs === undefined ? [] : [{ labels: { resource }, value: ageMs / 1000 }];
    }),
  );
  meter.read('alm_operator_relists_total', () =>
    census.watches().map(({ resource, relists }) => ({ labels: { resource }, value: relists })),
  );
}

const BREAKERS = { closed: 'closed', halfOpen: 'half-open', open: 'open' } as const;

function readThrottles(meter: Meter, throttles: () => ReadonlyMap<string, Throttled>): void {
  const views = () => [...throttles()].map(([connection, throttle]) => ({ connection, ...throttle.view() }));
  meter.read('alm_operator_connection_breaker_state', () =>
    views().flatMap(({ connection, breaker }) =>
      Object.values(BREAKERS).map((state) => {
        return { labels: { connection, state }, value: state === BREAKERS[breaker] ? 1 : 0 };
      }),
    ),
  );
  meter.read('alm_operator_connection_waiting', () =>
    views().map(({ connection, waiting }) => ({ labels: { connection }, value: waiting })),
  );
}
