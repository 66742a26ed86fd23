import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import {
  CATALOGUE,
  type CounterName,
  type Definition,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type Name,
} from './catalogue.ts';

/** The metrics of the catalogue and of the process, in a registry of their own. */
export type Meter = Readonly<{
  count<N extends CounterName>(name: N, labels: LabelsOf<N>, by?: number): void;
  set<N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number): void;
  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void;
  /** At each scrape the series are these alone. What `read` throws leaves the metric out. */
  read<N extends GaugeName | CounterName>(name: N, read: () => readonly Row<N>[]): void;
  /** In the text format of Prometheus, without the series of connections that are not among these. Never rejects. */
  page(connections: () => ReadonlySet<string>): Promise<string>;
  contentType: string;
}>;

export type Row<N extends Name> = Readonly<{ labels: LabelsOf<N>; value: number }>;

type Metric = Counter | Gauge | Histogram;

/** Gauges whose names end like a counter's; the same figures are there by type under names without the ending. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export function createMeter(): Meter {
  const registry = new Registry();
  const metrics = new Map<string, Metric>();
  for (const [name, definition] of Object.entries<Definition>(CATALOGUE))
    metrics.set(name, metricOf(name, definition, registry));
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return {
    count: (name, labels, by = 1) => as(Counter, metrics.get(name))?.inc(labels, by),
    set: (name, labels, value) => as(Gauge, metrics.get(name))?.set(labels, value),
    observe: (name, labels, value) => as(Histogram, metrics.get(name))?.observe(labels, value),
    read: (name, read) => readAtScrape(metrics.get(name), read),
    page: (connections) => pageOf(registry, metrics, connections),
    contentType: registry.contentType,
  };
}

function metricOf(
  name: string,
  { type, labels, help, buckets = [] }: Definition,
  registry: Registry,
): Metric {
  const about = { name, help, labelNames: [...labels], registers: [registry] };
  switch (type) {
    case 'counter':
      return new Counter(about);
    case 'gauge':
      return new Gauge(about);
    case 'histogram':
      return new Histogram({ ...about, buckets: [...buckets] });
  }
}

function as<T extends Metric>(kind: new (...args: never[]) => T, metric: Metric | undefined): T | undefined {
  return metric instanceof kind ? metric : undefined;
}

type AnyRow = Readonly<{ labels: Readonly<Record<string, string>>; value: number }>;

function readAtScrape(metric: Metric | undefined, read: () => readonly AnyRow[]): void {
  if (metric === undefined || metric instanceof Histogram) return;
  Object.assign(metric, {
    collect: () => {
      const rows = read();
      metric.reset();
      for (const { labels, value } of rows) metric.inc(labels, value);
    },
  });
}

/** One after another, for several process metrics are read along with the one before them. */
async function pageOf(
  registry: Registry,
  metrics: ReadonlyMap<string, Metric>,
  connections: () => ReadonlySet<string>,
): Promise<string> {
  const failures = as(Counter, metrics.get('alm_operator_scrape_errors_total'));
  const texts: string[] = [];
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  const last = 'alm_operator_scrape_errors_total';
  for (const name of [...names.filter((one) => one !== last), last]) {
    try {
      const metric = metrics.get(name);
      if (metric !== undefined) await dropStrangers(metric, connections);
      texts.push(await registry.getSingleMetricAsString(name));
    } catch {
      failures?.inc({ metric: name });
    }
  }
  return `${texts.join('\n')}\n`;
}

/** Removes the series of connections that are gone. */
async function dropStrangers(metric: Metric, connections: () => ReadonlySet<string>): Promise<void> {
  if ('collect' in metric) return;
  const { values } = await metric.get();
  for (const { labels } of values) {
    const { connection } = labels;
    if (connection === undefined || connections().has(String(connection))) continue;
    const { le: _, ...own } = labels;
    metric.remove(own);
  }
}
