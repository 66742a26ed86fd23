/** The metrics that there are, as their reference page tells, and what an expression names that is not there. */

import { readFileSync } from 'node:fs';
import { namedIn } from './promql.ts';

type Documented = Readonly<{ type: string; labels: readonly string[] }>;

const page = readFileSync(new URL('../../docs/reference/metrics.md', import.meta.url), 'utf8');

export const DOCUMENTED: ReadonlyMap<string, Documented> = new Map(
  [...page.matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) \|/gm)].map(([, name = '', type = '', cell = '']) => {
    const labels = [...cell.matchAll(/`(\w+)`/g)].map(([, label = '']) => label);
    return [name, { type, labels }];
  }),
);

/** Those that Prometheus adds to whatever it scrapes. */
export const TARGET_LABELS: readonly string[] = ['cluster', 'namespace', 'job', 'instance', 'pod'];

/** What the expression names that nobody scrapes. */
export function strangersIn(expression: string): readonly string[] {
  const { selectors, grouping } = namedIn(expression);
  const known = new Set([...TARGET_LABELS, ...selectors.flatMap(({ metric }) => labelsOf(metric) ?? [])]);
  return [
    ...selectors.flatMap(({ metric, labels }) => {
      const own = labelsOf(metric);
      if (own === undefined) return [metric];
      const all = new Set([...own, ...TARGET_LABELS]);
      return labels.filter((label) => !all.has(label)).map((label) => `${metric}{${label}}`);
    }),
    ...grouping.filter((label) => !known.has(label)),
  ];
}

/** Of a histogram there are three kinds of series, and none of its own name. */
function labelsOf(series: string): readonly string[] | undefined {
  const plain = DOCUMENTED.get(series);
  if (plain !== undefined) return plain.type === 'histogram' ? undefined : plain.labels;
  const [, base = '', suffix] = /^(.*)_(bucket|sum|count)$/.exec(series) ?? [];
  const histogram = DOCUMENTED.get(base);
  if (histogram?.type !== 'histogram') return undefined;
  return suffix === 'bucket' ? [...histogram.labels, 'le'] : histogram.labels;
}

/** What the expression says of everybody's processes, not of the operator's: a shared name that nothing narrows. */
export function sharedIn(expression: string): readonly string[] {
  const { selectors } = namedIn(expression);
  if (selectors.some(({ metric }) => metric === 'alm_operator_build_info')) return [];
  return selectors
    .filter(({ metric, labels }) => {
      return (
        !metric.startsWith('alm_operator_') && !labels.includes('name') && !labels.includes('controller')
      );
    })
    .map(({ metric }) => metric);
}
