/** The reference page of the metrics: its tables from the catalogue and from what a registry says of the process. */

import { collectDefaultMetrics, type MetricObject, Registry } from 'prom-client';
import { CATALOGUE, type Definition } from '../../src/ops/catalogue.ts';
import { createMeter } from '../../src/ops/meter.ts';

type Entry = Readonly<{ name: string; type: string; labels: readonly string[]; meaning: string }>;

/** Figures of the process differ by operating system; the page shows those of Linux. */
export async function metricsPage(): Promise<string> {
  const own = Object.entries<Definition>(CATALOGUE).map(([name, { type, labels, help }]) => ({
    name,
    type,
    labels,
    meaning: help,
  }));
  const isOperators = ({ name }: Entry) => name.startsWith('alm_operator_');
  const text = INTRODUCTION.trim();
  return `${[
    text,
    '## Of the operator',
    table(own.filter(isOperators)),
    '## That dashboards know',
    'Names and labels are those of controller-runtime, client-go and its work queues. The controllers, and the queues of the ' +
      'same names, are `clientcredential`, `almconnection` and `almclientclaim`.',
    table(own.filter((entry) => !isOperators(entry))),
    '## Of the process',
    'On Linux; other systems tell less.',
    table(await processEntries()),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `
# Metrics

<!-- The tables are written by \`npm run docs\` from src/ops/catalogue.ts. -->

\`GET /metrics\` at \`--metrics-address\` (\`ALM_OPERATOR_METRICS_ADDRESS\`, \`0.0.0.0:8080\` where nothing is given) answers in the
text format of Prometheus. \`--metrics-address 0\`, or an empty one, turns it off; the address of \`--health-address\` may be given
again, and then serves both. There is no login: let a NetworkPolicy say who may ask. The page holds no secret, and no name of
an object, a namespace or a client.

- Labels have few values. Series with a \`connection\` go with their AlmConnection; reasons that are not the operator's own count
  as \`Other\`.
- Durations are in seconds. Counters begin at 0 with the process.
- A change counts from the moment at which the watch showed it to the operator: objects do not tell when they were changed.
  What was changed while no operator ran is not timed, nor what waits for a user: for a Secret or a connection that does not
  exist, for a spec to be corrected, or for the end of a suspension. Each object has one change at a time, the oldest that
  ALM has not taken.
- A metric that cannot be read is left out of that page and counted in \`alm_operator_scrape_errors_total\`; the others stay.
- Without \`--leader-elect\` there is no \`leader_election_master_status\`. Replicas that do not lead make no passes and no requests to
  ALM, and their gauges of objects and claims are as true as the leader's: take the maximum over the replicas, not the sum.
- Alerts and a dashboard are in [deploy/monitoring](../../deploy/monitoring/README.md).
`;

function table(entries: readonly Entry[]): string {
  const rows = entries.map(({ name, type, labels, meaning }) => {
    const named = labels.length === 0 ? '–' : labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${named} | ${escaped(meaning)} |`;
  });
  return ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** A bar ends a cell, and an angle bracket would begin a tag. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What of a page is not of the catalogue. Which labels it has shows in no page: a kind of handle may not be there. */
async function processEntries(): Promise<readonly Entry[]> {
  const text = await createMeter().page(() => new Set());
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics: readonly unknown[] = registry.getMetricsAsArray();
  return (metrics as readonly Labelled[])
    .filter(({ name }) => text.includes(`# HELP ${name} `))
    .map(({ name, type, labelNames, help }) => ({
      name,
      type: `${type}`,
      labels: labelNames,
      meaning: /[.!?]$/.test(help) ? help : `${help}.`,
    }));
}

/** As the registry keeps them. */
type Labelled = MetricObject & Readonly<{ labelNames: readonly string[] }>;
