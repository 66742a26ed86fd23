/**
 * Every metric that is the operator's own: its name, labels and meaning. docs/reference/metrics.md is made from this.
 * The names that begin otherwise than `alm_operator_` are those that dashboards of controller-runtime, client-go and
 * its work queues know. No label holds the name of an object, a namespace or a client: the series of a connection go
 * when it does, and all other labels have few values.
 */

export type Definition = Readonly<{
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  help: string;
  /** Upper bounds in seconds. */
  buckets?: readonly number[];
}>;

const PASS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const QUEUE_S = [0.001, 0.01, 0.1, 1, 5, 10, 30, 60, 300];
const REQUEST_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const ARRIVAL_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1800, 3600];

export const CATALOGUE = {
  controller_runtime_reconcile_total: {
    type: 'counter',
    labels: ['controller', 'result'],
    help: 'Passes by controller and result: success, requeue (after the back-off of the key), requeue_after (after a given time) or error.',
  },
  controller_runtime_reconcile_errors_total: {
    type: 'counter',
    labels: ['controller'],
    help: 'Passes that ended with an error: the API server failed, the pass took too long, or it hit a bug.',
  },
  controller_runtime_reconcile_panics_total: {
    type: 'counter',
    labels: ['controller'],
    help: 'Passes that hit a bug of the operator; its log has the details.',
  },
  controller_runtime_reconcile_time_seconds: {
    type: 'histogram',
    labels: ['controller'],
    help: 'How long passes took.',
    buckets: PASS_S,
  },
  controller_runtime_active_workers: {
    type: 'gauge',
    labels: ['controller'],
    help: 'Workers that are busy with a pass.',
  },
  controller_runtime_max_concurrent_reconciles: {
    type: 'gauge',
    labels: ['controller'],
    help: 'Workers that there are.',
  },
  workqueue_depth: {
    type: 'gauge',
    labels: ['name'],
    help: 'Keys that are due and wait for a worker.',
  },
  workqueue_adds_total: {
    type: 'counter',
    labels: ['name'],
    help: 'How often a key was put into the queue, whether or not it was there already.',
  },
  workqueue_retries_total: {
    type: 'counter',
    labels: ['name'],
    help: 'How often a key was put back to come again after its back-off.',
  },
  workqueue_queue_duration_seconds: {
    type: 'histogram',
    labels: ['name'],
    help: 'How long keys that were due waited for a worker.',
    buckets: QUEUE_S,
  },
  workqueue_work_duration_seconds: {
    type: 'histogram',
    labels: ['name'],
    help: 'How long keys were with a worker.',
    buckets: PASS_S,
  },
  workqueue_unfinished_work_seconds: {
    type: 'gauge',
    labels: ['name'],
    help: 'How long the keys that are with a worker have been there, added up.',
  },
  workqueue_longest_running_processor_seconds: {
    type: 'gauge',
    labels: ['name'],
    help: 'How long the key that has been with a worker for the longest has been there.',
  },
  rest_client_requests_total: {
    type: 'counter',
    labels: ['code', 'method', 'host'],
    help: 'Requests to the API server by status, method and host; <error> where no answer came.',
  },
  rest_client_request_duration_seconds: {
    type: 'histogram',
    labels: ['verb', 'host'],
    help: 'How long requests to the API server took, up to the last byte of the answer, of watches up to the first.',
    buckets: REQUEST_S,
  },
  leader_election_master_status: {
    type: 'gauge',
    labels: ['name'],
    help: '1 where this replica holds the lease of that name, else 0; absent where there is no leader election.',
  },
  alm_operator_build_info: {
    type: 'gauge',
    labels: ['version'],
    help: 'Always 1; which version runs.',
  },
  alm_operator_alm_requests_total: {
    type: 'counter',
    labels: ['connection', 'method', 'route', 'outcome'],
    help: 'Requests to ALM. route: credentials, token (logins, also those that prove a client) or root; outcome: the status of the answer, or the reason why there was none.',
  },
  alm_operator_alm_request_duration_seconds: {
    type: 'histogram',
    labels: ['connection', 'method', 'route'],
    help: 'How long requests to ALM took, with or without an answer.',
    buckets: REQUEST_S,
  },
  alm_operator_change_arrival_seconds: {
    type: 'histogram',
    labels: ['connection', 'change'],
    help: 'From the moment at which a watch showed a change of a Secret (change="secret") or of the object (change="spec") until ALM took it.',
    buckets: ARRIVAL_S,
  },
  alm_operator_credentials: {
    type: 'gauge',
    labels: ['ready', 'reason'],
    help: 'ClientCredentials by status and reason of their condition Ready; the reason is None where no pass has seen the object yet.',
  },
  alm_operator_connection_ready: {
    type: 'gauge',
    labels: ['connection'],
    help: '1 where the condition Ready of the AlmConnection is True, else 0.',
  },
  alm_operator_connection_breaker_state: {
    type: 'gauge',
    labels: ['connection', 'state'],
    help: '1 for the state in which the breaker of the connection is (closed, half-open or open), 0 for the others.',
  },
  alm_operator_connection_waiting: {
    type: 'gauge',
    labels: ['connection'],
    help: 'Objects that wait until the throttle or the breaker of the connection lets them call ALM.',
  },
  alm_operator_throttle_wait_seconds: {
    type: 'histogram',
    labels: ['connection', 'wait'],
    help: 'How long the throttle of the connection held back passes that wanted their turn (wait="turn") and calls that wanted a token (wait="token").',
    buckets: QUEUE_S,
  },
  alm_operator_drift_found_total: {
    type: 'counter',
    labels: ['connection'],
    help: 'How often ALM turned out to hold something else than it had taken.',
  },
  alm_operator_drift_repaired_total: {
    type: 'counter',
    labels: ['connection'],
    help: 'How often that was put right again.',
  },
  alm_operator_proofs_total: {
    type: 'counter',
    labels: ['connection', 'result'],
    help: "Logins with a client's own secret, by result: accepted, refused, grant_missing, cannot_ask or unreached.",
  },
  alm_operator_rotations_total: {
    type: 'counter',
    labels: ['cause'],
    help: 'Generated secrets that were published anew, by cause: first, lost, due or requested.',
  },
  alm_operator_rotations_due: {
    type: 'gauge',
    labels: [],
    help: 'Generated secrets whose status.rotation.next is over and that were not replaced yet.',
  },
  alm_operator_claims: {
    type: 'gauge',
    labels: ['phase'],
    help: 'AlmClientClaims by phase; Other where this version does not know it.',
  },
  alm_operator_claims_orphaned: {
    type: 'gauge',
    labels: [],
    help: 'AlmClientClaims whose owner does not exist and was not seen deleted.',
  },
  alm_operator_watch_age_seconds: {
    type: 'gauge',
    labels: ['resource'],
    help: 'Seconds since the API server last showed a list, an event or a bookmark; bookmarks come about once a minute. Absent before the first list.',
  },
  alm_operator_relists_total: {
    type: 'counter',
    labels: ['resource'],
    help: 'How often a resource was listed anew after the first time.',
  },
  alm_operator_scrape_errors_total: {
    type: 'counter',
    labels: ['metric'],
    help: 'How often a metric could not be read at a scrape; it is then left out, and the others are not.',
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type Name = keyof typeof CATALOGUE;

type OfType<T extends Definition['type']> = {
  [N in Name]: (typeof CATALOGUE)[N]['type'] extends T ? N : never;
}[Name];

export type CounterName = OfType<'counter'>;
export type GaugeName = OfType<'gauge'>;
export type HistogramName = OfType<'histogram'>;

/** Every label has to be given. */
export type LabelsOf<N extends Name> = Readonly<Record<(typeof CATALOGUE)[N]['labels'][number], string>>;
