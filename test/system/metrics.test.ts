import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/ops/catalogue.ts';
import { metricOf, readScrape, type Scrape } from '../ops/support/scrape.ts';
import { findCanary, secretText } from '../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { promtoolComplaints, promtoolVersion } from '../support/promtool.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf } from './clients.ts';

/** A scrape of a running operator, held against what happened at the servers. */

const promtool = promtoolVersion();
if (promtool === undefined)
  console.warn('NOT RUN: promtool check metrics on the page of the operator, for want of promtool.');

const scenario = useScenario({ operator: { flags: ['--generated-secrets', 'true'] } });
const { change, created, declare, place, remove, gone, rotate, settled, untilClaims } = clientsOf(scenario);

async function page(): Promise<Response> {
  const { address } = await scenario()
    .operator()
    .logged(({ msg }) => msg === 'metrics server listening');
  return fetch(`http://${String(address)}/metrics`);
}

async function scrape(): Promise<Scrape> {
  return readScrape(await (await page()).text());
}

/** Scrapes until the page says so: statuses reach the operator's own stores by watch. */
async function scrapedUntil(what: string, holds: (scrape: Scrape) => boolean): Promise<Scrape> {
  const limit = AbortSignal.timeout(20_000);
  for (;;) {
    const scraped = await scrape();
    if (holds(scraped)) return scraped;
    if (limit.aborted) throw new Error(`no scrape shows ${what}:\n${[...scraped.series].join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The sum over all series of the metric whose labels have these values. */
function total({ series }: Scrape, metric: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return [...series]
    .filter(([name]) => name.replace(/\{.*/, '') === metric && wanted.every((part) => name.includes(part)))
    .reduce((sum, [, value]) => sum + value, 0);
}

const MAIN = { connection: 'default' };

describe('the metrics page', () => {
  it('comes in the text format of Prometheus, at no other address', async () => {
    const answer = await page();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const health = await scenario().operator().healthAddress();
    expect((await fetch(`http://${health}/metrics`)).status).toBe(404);
    expect(readScrape(await scenario().operator().metrics()).types.has('alm_operator_credentials')).toBe(
      true,
    );
  });

  it('has only series of metrics that are documented, with all the labels that they should have', async () => {
    await created('documented');
    const scraped = await scrape();
    for (const series of scraped.series.keys()) {
      const metric = metricOf(series, scraped);
      expect(scraped.types.has(metric), series).toBe(true);
      if (!Object.hasOwn(CATALOGUE, metric)) continue;
      const { labels } = CATALOGUE[metric as keyof typeof CATALOGUE];
      const shown = [...series.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
      expect(shown.filter((label) => label !== 'le').sort(), series).toEqual([...labels].sort());
    }
    expect(total(scraped, 'alm_operator_scrape_errors_total')).toBe(0);
    expect(total(scraped, 'alm_operator_build_info')).toBe(1);
  });

  it('counts the requests to ALM as ALM does', async () => {
    const { alm } = scenario();
    const asked = (method: string, path: RegExp) =>
      alm.log.filter((request) => request.method === method && path.test(request.path)).length;
    await created('counted');
    const scraped = await scrape();
    const told = (method: string, route: string) =>
      total(scraped, 'alm_operator_alm_requests_total', { ...MAIN, method, route });
    expect(told('POST', 'credentials')).toBe(asked('POST', /^\/api\/credentials/));
    expect(told('PUT', 'credentials')).toBe(asked('PUT', /^\/api\/credentials/));
    expect(told('GET', 'credentials')).toBe(asked('GET', /^\/api\/credentials/));
    expect(told('POST', 'token')).toBe(asked('POST', /^\/oauth\/token/));
    expect(told('POST', 'token')).toBeGreaterThan(1);
    const timed = total(scraped, 'alm_operator_alm_request_duration_seconds_count', MAIN);
    expect(timed).toBe(total(scraped, 'alm_operator_alm_requests_total', MAIN));
  });

  it('times the arrival of every change of a Secret and of an object', async () => {
    const arrivals = (scraped: Scrape, of: string) =>
      total(scraped, 'alm_operator_change_arrival_seconds_count', { ...MAIN, change: of });
    const before = await scrape();
    const here = await created('timed');
    await rotate(here, secretText('second'));
    await settled(here);
    await change(here, { accessTokenValidity: 77 });
    await settled(here);
    const after = await scrape();
    const specs = arrivals(after, 'spec') - arrivals(before, 'spec');
    const secrets = arrivals(after, 'secret') - arrivals(before, 'secret');
    expect([specs, secrets]).toEqual([2, 1]);
    expect(total(after, 'alm_operator_proofs_total', { result: 'accepted' })).toBeGreaterThan(1);
  });

  it('says how many credentials are ready, and why others are not', async () => {
    const missing = { ready: 'False', reason: 'SecretNotFound' };
    const here = await place('missing');
    await declare(here, { clientSecretRef: { name: 'nowhere' } });
    const scraped = await scrapedUntil(
      'the missing Secret',
      (one) => total(one, 'alm_operator_credentials', missing) === 1,
    );
    const objects = await scenario().api.list('ClientCredential');
    expect(total(scraped, 'alm_operator_credentials')).toBe(objects.length);
    expect(total(scraped, 'alm_operator_connection_ready', MAIN)).toBe(1);
    await remove(here);
    await gone(here);
    await scrapedUntil('that it is gone', (one) => total(one, 'alm_operator_credentials', missing) === 0);
  });

  it('counts claims by phase, and drift that was repaired', async () => {
    const here = await created('drifting');
    await remove(here);
    await untilClaims(here, 'Revoked', (claims) => claims[0]?.spec?.['phase'] === 'Revoked');
    await scrapedUntil('the claim', (one) => total(one, 'alm_operator_claims', { phase: 'Revoked' }) === 1);
    const there = await created('lost', { resyncInterval: '5s' });
    scenario().alm.state.delete(there.clientId);
    await scrapedUntil('the repair', (one) => total(one, 'alm_operator_drift_repaired_total', MAIN) === 1);
  });

  it('knows the names that dashboards ask for, and what they count', async () => {
    const { gate } = scenario();
    await created('dashboards');
    const scraped = await scrape();
    const controller = 'clientcredential';
    expect(total(scraped, 'controller_runtime_reconcile_total', { controller })).toBeGreaterThan(0);
    expect(total(scraped, 'controller_runtime_reconcile_panics_total')).toBe(0);
    expect(total(scraped, 'controller_runtime_max_concurrent_reconciles', { controller })).toBe(8);
    expect(total(scraped, 'workqueue_adds_total', { name: controller })).toBeGreaterThan(0);
    const took = total(scraped, 'controller_runtime_reconcile_time_seconds_count', { controller });
    expect(total(scraped, 'workqueue_work_duration_seconds_count', { name: controller })).toBe(took);
    const created201 = total(scraped, 'rest_client_requests_total', { code: '201', method: 'POST' });
    expect(created201).toBeGreaterThan(0);
    expect(created201).toBeLessThanOrEqual(gate.count({ verb: 'create' }));
    expect(total(scraped, 'alm_operator_watch_age_seconds')).toBeGreaterThan(0);
    expect(scraped.series.get('alm_operator_relists_total{resource="secrets"}')).toBe(0);
  });

  it('forgets a connection that is gone', async () => {
    await scenario().connect('passing');
    await created('passing', { connectionRef: { name: 'passing' } });
    const series = async () =>
      [...(await scrape()).series.keys()].filter((name) => name.includes('connection="passing"'));
    expect((await series()).length).toBeGreaterThan(5);
    await scenario().api.delete('AlmConnection', OPERATOR_NAMESPACE, 'passing');
    await scrapedUntil('that it is gone', (one) => {
      return ![...one.series.keys()].some((name) => name.includes('"passing"'));
    });
  });

  it('holds no secret, nor the name of any object, namespace or client', async () => {
    const here = await created('unnamed');
    const text = await (await page()).text();
    expect(findCanary(text)).toBeUndefined();
    for (const name of [here.namespace, here.clientId, here.name]) expect(text).not.toContain(name);
  });

  it.skipIf(promtool === undefined)(`is clean to promtool ${promtool}`, async () => {
    expect(promtoolComplaints(await (await page()).text())).toBe('');
    expect(promtoolComplaints('# HELP a b\n# TYPE a gauge\na{ 1\n')).not.toBe('');
  });
});
