import { describe, expect, it } from 'vitest';
import { createMetrics, type Metrics, type Throttled } from '../../src/ops/metrics.ts';
import type { Census } from '../../src/reconcile/census.ts';
import { readScrape } from './support/scrape.ts';

const nobody: Census = {
  credentials: () => [],
  rotationsDue: () => 0,
  connections: () => [],
  claims: () => [],
  orphans: () => 0,
  watches: () => [],
};

const MAIN = [{ connection: 'main', ready: true }];

function setup(census: Partial<Census> = {}) {
  let nowMs = 0;
  const metrics = createMetrics({ version: '1.2.3', now: () => nowMs });
  metrics.readFrom({ ...nobody, connections: () => MAIN, ...census });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  const scraped = async () => readScrape((await metrics.page()).text).series;
  return { metrics, pass, scraped };
}

type Told = (metrics: Metrics, pass: (ms: number) => void) => void;
type Row = readonly [what: string, tell: Told, moved: Readonly<Record<string, number>>];

const things = (metrics: Metrics) => metrics.controller('things', 3);
const counts = { ready: 4, delayed: 2, working: 1, added: 11, retried: 5 };
function throttle(
  connection: string,
  breaker: ReturnType<Throttled['view']>['breaker'],
  waiting: number,
): [string, Throttled] {
  return [connection, { view: () => ({ breaker, waiting }) }];
}

const CONTROLLER = 'controller="things"';
const API = 'host="api:6443"';
const ALM = 'connection="main",method="PUT",route="credentials"';
const resource: { group: string; version: string; plural: string; kind: string } = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
};

const ROWS: readonly Row[] = [
  [
    'a controller that has done nothing',
    (metrics) => void things(metrics),
    {
      [`controller_runtime_reconcile_total{${CONTROLLER},result="success"}`]: 0,
      [`controller_runtime_reconcile_total{${CONTROLLER},result="error"}`]: 0,
      [`controller_runtime_reconcile_errors_total{${CONTROLLER}}`]: 0,
      [`controller_runtime_reconcile_panics_total{${CONTROLLER}}`]: 0,
      [`controller_runtime_max_concurrent_reconciles{${CONTROLLER}}`]: 3,
    },
  ],
  [
    'passes that went well',
    (metrics) => {
      const tell = things(metrics);
      tell({ result: 'settle', ms: 20 });
      tell({ result: 'forget', ms: 2000 });
    },
    {
      [`controller_runtime_reconcile_total{${CONTROLLER},result="success"}`]: 2,
      [`controller_runtime_reconcile_total{${CONTROLLER},result="error"}`]: 0,
      [`controller_runtime_reconcile_time_seconds_sum{${CONTROLLER}}`]: 2.02,
      [`controller_runtime_reconcile_time_seconds_count{${CONTROLLER}}`]: 2,
      [`controller_runtime_reconcile_time_seconds_bucket{le="0.025",${CONTROLLER}}`]: 1,
      [`controller_runtime_reconcile_time_seconds_bucket{le="2.5",${CONTROLLER}}`]: 2,
    },
  ],
  [
    'passes that come again',
    (metrics) => {
      const tell = things(metrics);
      tell({ result: 'retry', ms: 1 });
      tell({ result: 'retryAfter', ms: 1 });
      tell({ result: 'retryAfter', ms: 1 });
    },
    {
      [`controller_runtime_reconcile_total{${CONTROLLER},result="requeue"}`]: 1,
      [`controller_runtime_reconcile_total{${CONTROLLER},result="requeue_after"}`]: 2,
      [`controller_runtime_reconcile_errors_total{${CONTROLLER}}`]: 0,
    },
  ],
  [
    'passes that threw: three errors, one of them a bug',
    (metrics) => {
      const tell = things(metrics);
      for (const result of ['failed', 'timeout', 'error'] as const) tell({ result, ms: 1 });
    },
    {
      [`controller_runtime_reconcile_total{${CONTROLLER},result="error"}`]: 3,
      [`controller_runtime_reconcile_errors_total{${CONTROLLER}}`]: 3,
      [`controller_runtime_reconcile_panics_total{${CONTROLLER}}`]: 1,
    },
  ],
  [
    'a queue: one key done after 4 s, two still with workers',
    (metrics, pass) => {
      const queue = metrics.queue('things', () => counts);
      queue.taken('a', 50);
      pass(1000);
      queue.taken('b', 0);
      pass(2000);
      queue.taken('c', 20_000);
      pass(1000);
      queue.done('a');
      queue.done('never taken');
    },
    {
      'workqueue_depth{name="things"}': 4,
      'workqueue_adds_total{name="things"}': 11,
      'workqueue_retries_total{name="things"}': 5,
      'workqueue_queue_duration_seconds_count{name="things"}': 3,
      'workqueue_queue_duration_seconds_sum{name="things"}': 20.05,
      'workqueue_work_duration_seconds_count{name="things"}': 1,
      'workqueue_work_duration_seconds_sum{name="things"}': 4,
      'workqueue_unfinished_work_seconds{name="things"}': 4,
      'workqueue_longest_running_processor_seconds{name="things"}': 3,
      'controller_runtime_active_workers{controller="things"}': 2,
    },
  ],
  [
    'requests to the API server, one of them without an answer',
    (metrics) => {
      const tell = metrics.kubeCalls('api:6443');
      tell({ verb: 'list', resource, status: 200, ms: 250 });
      tell({ verb: 'watch', resource, status: 410, ms: 250 });
      tell({ verb: 'get', resource, status: 0, ms: 500 });
      for (const verb of ['create', 'update', 'patch', 'delete'] as const)
        tell({ verb, resource, status: 409, ms: 1000 });
    },
    {
      [`rest_client_requests_total{code="200",method="GET",${API}}`]: 1,
      [`rest_client_requests_total{code="410",method="GET",${API}}`]: 1,
      [`rest_client_requests_total{code="<error>",method="GET",${API}}`]: 1,
      [`rest_client_requests_total{code="409",method="POST",${API}}`]: 1,
      [`rest_client_requests_total{code="409",method="PUT",${API}}`]: 1,
      [`rest_client_requests_total{code="409",method="PATCH",${API}}`]: 1,
      [`rest_client_requests_total{code="409",method="DELETE",${API}}`]: 1,
      [`rest_client_request_duration_seconds_sum{verb="GET",${API}}`]: 1,
      [`rest_client_request_duration_seconds_count{verb="PUT",${API}}`]: 1,
    },
  ],
  [
    'requests to ALM',
    (metrics, pass) => {
      const tell = metrics.almRequests('main');
      const ended = tell({ method: 'PUT', route: 'credentials' });
      pass(1500);
      ended('204');
      tell({ method: 'PUT', route: 'credentials' })('AlmUnavailable');
      tell({ method: 'POST', route: 'token' })('200');
    },
    {
      [`alm_operator_alm_requests_total{${ALM},outcome="204"}`]: 1,
      [`alm_operator_alm_requests_total{${ALM},outcome="AlmUnavailable"}`]: 1,
      'alm_operator_alm_requests_total{connection="main",method="POST",route="token",outcome="200"}': 1,
      [`alm_operator_alm_request_duration_seconds_sum{${ALM}}`]: 1.5,
      [`alm_operator_alm_request_duration_seconds_count{${ALM}}`]: 2,
    },
  ],
  [
    'what passes tell',
    ({ observer }) => {
      observer.driftFound('main');
      observer.driftFound('main');
      observer.driftRepaired('main');
      for (const result of ['accepted', 'refused', 'grantMissing', 'cannotAsk', 'unreached'] as const)
        observer.proof('main', result);
      observer.rotated('due');
      observer.arrived('main', 'secret', 700);
      observer.arrived('main', 'spec', 90_000);
    },
    {
      'alm_operator_drift_found_total{connection="main"}': 2,
      'alm_operator_drift_repaired_total{connection="main"}': 1,
      'alm_operator_proofs_total{connection="main",result="accepted"}': 1,
      'alm_operator_proofs_total{connection="main",result="refused"}': 1,
      'alm_operator_proofs_total{connection="main",result="grant_missing"}': 1,
      'alm_operator_proofs_total{connection="main",result="cannot_ask"}': 1,
      'alm_operator_proofs_total{connection="main",result="unreached"}': 1,
      'alm_operator_rotations_total{cause="due"}': 1,
      'alm_operator_change_arrival_seconds_sum{connection="main",change="secret"}': 0.7,
      'alm_operator_change_arrival_seconds_bucket{le="0.5",connection="main",change="secret"}': 0,
      'alm_operator_change_arrival_seconds_bucket{le="1",connection="main",change="secret"}': 1,
      'alm_operator_change_arrival_seconds_count{connection="main",change="spec"}': 1,
    },
  ],
  [
    'a lease that was lost',
    (metrics) => {
      metrics.leading('operator', true);
      metrics.leading('operator', false);
    },
    { 'leader_election_master_status{name="operator"}': 0 },
  ],
  [
    'a lease that is held',
    (metrics) => metrics.leading('operator', true),
    { 'leader_election_master_status{name="operator"}': 1 },
  ],
  [
    'a throttle and a breaker',
    (metrics) => {
      const tell = metrics.waits('main');
      tell({ for: 'turn', ms: 250 });
      tell({ for: 'token', ms: 1000 });
      metrics.readThrottles(() => new Map([throttle('main', 'halfOpen', 7)]));
    },
    {
      'alm_operator_throttle_wait_seconds_sum{connection="main",wait="turn"}': 0.25,
      'alm_operator_throttle_wait_seconds_sum{connection="main",wait="token"}': 1,
      'alm_operator_connection_breaker_state{connection="main",state="closed"}': 0,
      'alm_operator_connection_breaker_state{connection="main",state="half-open"}': 1,
      'alm_operator_connection_breaker_state{connection="main",state="open"}': 0,
      'alm_operator_connection_waiting{connection="main"}': 7,
    },
  ],
  ['the build', () => undefined, { 'alm_operator_build_info{version="1.2.3"}': 1 }],
];

describe('the page', () => {
  it.each(ROWS)('tells of %s', async (_, tell, moved) => {
    const { metrics, pass, scraped } = setup();
    tell(metrics, pass);
    const series = await scraped();
    const shown = Object.keys(moved).map((name) => [name, series.get(name)]);
    expect(Object.fromEntries(shown)).toEqual(moved);
  });

  it('tells what the stores hold at that moment', async () => {
    let ready = 2;
    const { scraped } = setup({
      credentials: () => [{ ready: 'True', reason: 'Applied', count: ready }],
      rotationsDue: () => 3,
      connections: () => [...MAIN, { connection: 'other', ready: false }],
      claims: () => [{ phase: 'Held', count: 9 }],
      orphans: () => 1,
      watches: () => [
        { resource: 'secrets', ageMs: 61_000, relists: 2 },
        { resource: 'namespaces', ageMs: undefined, relists: 0 },
      ],
    });
    const before = await scraped();
    expect(before.get('alm_operator_credentials{ready="True",reason="Applied"}')).toBe(2);
    expect(before.get('alm_operator_rotations_due')).toBe(3);
    expect(before.get('alm_operator_connection_ready{connection="main"}')).toBe(1);
    expect(before.get('alm_operator_connection_ready{connection="other"}')).toBe(0);
    expect(before.get('alm_operator_claims{phase="Held"}')).toBe(9);
    expect(before.get('alm_operator_claims_orphaned')).toBe(1);
    expect(before.get('alm_operator_watch_age_seconds{resource="secrets"}')).toBe(61);
    expect(before.has('alm_operator_watch_age_seconds{resource="namespaces"}')).toBe(false);
    expect(before.get('alm_operator_relists_total{resource="secrets"}')).toBe(2);
    ready = 5;
    expect((await scraped()).get('alm_operator_credentials{ready="True",reason="Applied"}')).toBe(5);
  });

  it('loses what cannot be read, says so, and keeps the rest', async () => {
    let broken = true;
    const { metrics, scraped } = setup({
      claims: () => {
        if (broken) throw new Error('canary-7f3a9');
        return [{ phase: 'Held', count: 1 }];
      },
      orphans: () => 4,
    });
    const first = await metrics.page();
    expect(first.text).not.toContain('canary-7f3a9');
    const { series, types } = readScrape(first.text);
    expect(types.has('alm_operator_claims')).toBe(false);
    expect(series.get('alm_operator_claims_orphaned')).toBe(4);
    expect(series.get('alm_operator_scrape_errors_total{metric="alm_operator_claims"}')).toBe(1);
    broken = false;
    const later = await scraped();
    expect(later.get('alm_operator_claims{phase="Held"}')).toBe(1);
    expect(later.get('alm_operator_scrape_errors_total{metric="alm_operator_claims"}')).toBe(1);
  });

  it('loses only what belongs to connections where these cannot be told', async () => {
    const connections = () => {
      throw new Error('canary-7f3a9');
    };
    const { metrics, scraped } = setup({ connections, orphans: () => 4 });
    metrics.observer.driftFound('main');
    metrics.observer.rotated('due');
    const series = await scraped();
    expect(series.get('alm_operator_claims_orphaned')).toBe(4);
    expect(series.get('alm_operator_rotations_total{cause="due"}')).toBe(1);
    const lost = [...series.keys()].filter((name) => name.startsWith('alm_operator_scrape_errors_total'));
    expect(lost).toEqual([
      'alm_operator_scrape_errors_total{metric="alm_operator_connection_ready"}',
      'alm_operator_scrape_errors_total{metric="alm_operator_drift_found_total"}',
    ]);
  });

  it('does not count what is read twice over several scrapes', async () => {
    const { metrics, scraped } = setup({ watches: () => [{ resource: 'secrets', ageMs: 1, relists: 2 }] });
    metrics.queue('things', () => counts);
    await scraped();
    const series = await scraped();
    expect(series.get('alm_operator_relists_total{resource="secrets"}')).toBe(2);
    expect(series.get('workqueue_adds_total{name="things"}')).toBe(11);
  });

  it('forgets the series of a connection that is gone, also those told of after its end', async () => {
    let connections = [...MAIN, { connection: 'gone', ready: true }];
    const { metrics, scraped } = setup({ connections: () => connections });
    const tell = () => {
      for (const connection of ['main', 'gone']) {
        metrics.almRequests(connection)({ method: 'GET', route: 'root' })('200');
        metrics.waits(connection)({ for: 'turn', ms: 5 });
        metrics.observer.driftFound(connection);
        metrics.observer.driftRepaired(connection);
        metrics.observer.proof(connection, 'accepted');
        metrics.observer.arrived(connection, 'spec', 5);
      }
    };
    tell();
    const of = async (connection: string) =>
      [...(await scraped()).keys()].filter((name) => name.includes(`connection="${connection}"`));
    const all = await of('gone');
    expect(all.length).toBeGreaterThan(40);
    expect(await of('main')).toHaveLength(all.length);
    connections = [...MAIN];
    expect(await of('gone')).toEqual([]);
    tell();
    expect(await of('gone')).toEqual([]);
    expect(await of('main')).toHaveLength(all.length);
  });

  it('shows the state of every breaker there is, and of no other', async () => {
    const throttles = new Map([throttle('main', 'open', 0), throttle('other', 'closed', 0)]);
    const { metrics, scraped } = setup();
    metrics.readThrottles(() => throttles);
    const before = await scraped();
    expect(before.get('alm_operator_connection_breaker_state{connection="other",state="closed"}')).toBe(1);
    throttles.delete('other');
    const series = await scraped();
    expect(series.get('alm_operator_connection_breaker_state{connection="main",state="open"}')).toBe(1);
    expect([...series.keys()].filter((name) => name.includes('other'))).toEqual([]);
  });
});
