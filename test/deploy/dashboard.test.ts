import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { CATALOGUE } from '../../src/ops/catalogue.ts';
import { promtool, promtoolVersion } from '../support/promtool.ts';
import { sharedIn, strangersIn, TARGET_LABELS } from './metricnames.ts';
import { namedIn } from './promql.ts';

const version = promtoolVersion();
if (version === undefined)
  console.warn('NOT RUN: promtool on the expressions of the dashboard, for want of promtool.');

type Box = Readonly<{ x: number; y: number; w: number; h: number }>;

type Panel = Readonly<{
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: Box;
  datasource?: unknown;
  targets?: readonly Readonly<{ refId: string; expr: string; legendFormat: string; datasource: unknown }>[];
  fieldConfig?: Readonly<{ defaults: Readonly<{ unit?: string }> }>;
}>;

type Variable = Readonly<{ name: string; type: string; definition?: string }>;

type Dashboard = Readonly<{
  uid: string;
  schemaVersion: number;
  templating: Readonly<{ list: readonly Variable[] }>;
  panels: readonly Panel[];
}>;

const text = readFileSync(new URL('../../deploy/monitoring/dashboard.json', import.meta.url), 'utf8');
const dashboard = JSON.parse(text) as Dashboard;
const rows = dashboard.panels.filter(({ type }) => type === 'row');
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));
const SOURCE = { type: 'prometheus', uid: '$datasource' };

/** As Grafana sends it; the rest of its variables stand in strings. */
const sent = (expr: string) => expr.replaceAll('$__rate_interval', '2m');

function overlap(one: Box, other: Box): boolean {
  const apart = (a: number, size: number, b: number, otherSize: number) =>
    a + size <= b || b + otherSize <= a;
  return !apart(one.x, one.w, other.x, other.w) && !apart(one.y, one.h, other.y, other.h);
}

describe('deploy/monitoring/dashboard.json', () => {
  it('is a dashboard of Grafana 11 that knows no installation', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(dashboard.uid).toBe('alm-credential-operator');
    expect(dashboard).not.toHaveProperty('id');
    expect(dashboard.templating.list.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'datasource datasource',
      'namespace query',
      'job query',
    ]);
    expect(text).not.toContain('${');
  });

  it('has a row for each side of the operator, with panels in each', () => {
    expect(rows.map(({ title }) => title)).toEqual([
      'Health at a glance',
      'ALM calls',
      'Passes and queues',
      'Secrets and proofs',
      'Watches',
      'Process',
    ]);
    const kinds = dashboard.panels.map(({ type }) => (type === 'row' ? 'row' : 'panel')).join(' ');
    expect(kinds).not.toMatch(/row row|row$/);
  });

  it('lays its panels side by side', () => {
    const { panels: all } = dashboard;
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
    const clashes = all.flatMap((one, at) =>
      all
        .slice(at + 1)
        .filter((other) => overlap(one.gridPos, other.gridPos))
        .map((other) => [one.title, other.title]),
    );
    expect(clashes).toEqual([]);
  });

  it.each(panels)('$title explains itself, and asks the data source that was chosen', (panel) => {
    expect(panel.description).toMatch(/^.*\.$/);
    expect(panel.fieldConfig?.defaults.unit).toBeTypeOf('string');
    expect(panel.targets?.length).toBeGreaterThan(0);
    for (const { datasource } of [panel, ...(panel.targets ?? [])]) expect(datasource).toEqual(SOURCE);
  });

  it.each(queries)(
    '$title: $expr asks for metrics and labels that there are, of the operators chosen',
    ({ expr }) => {
      expect(strangersIn(expr)).toEqual([]);
      expect(sharedIn(expr)).toEqual([]);
      const { selectors } = namedIn(expr);
      expect(selectors.length).toBeGreaterThan(0);
      expect(expr.split('job=~"$job", namespace=~"$namespace"}').length - 1).toBe(selectors.length);
    },
  );

  it.each(queries)('$title: $legendFormat names labels that are left', ({ expr, legendFormat }) => {
    const { selectors, grouping } = namedIn(expr);
    const isGrouped = /\b(sum|max|min|count) by\b/.test(expr);
    const left = isGrouped ? grouping : [...TARGET_LABELS, ...selectors.flatMap(({ labels }) => labels)];
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    expect(shown.filter((label) => !left.includes(label))).toEqual([]);
  });

  it('takes the values of its variables from the operator', () => {
    const definitions = dashboard.templating.list.flatMap(({ definition }) => definition ?? []);
    expect(definitions.length).toBe(2);
    for (const definition of definitions) {
      const [, expr = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
      expect(strangersIn(expr)).toEqual([]);
      expect(TARGET_LABELS).toContain(label);
    }
  });

  it("shows every metric of the operator's own", () => {
    const shown = new Set(queries.flatMap(({ expr }) => namedIn(expr).selectors.map(({ metric }) => metric)));
    const isShown = (name: string) => shown.has(name) || shown.has(`${name}_bucket`);
    const own = Object.keys(CATALOGUE).filter((name) => name.startsWith('alm_operator_'));
    expect(own.filter((name) => !isShown(name))).toEqual([]);
  });

  it.skipIf(version === undefined)(`has queries that promtool ${version} can read`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'alm-dashboard-'));
    try {
      const rules = queries.map(({ expr }, at) => ({ record: `query_${at}`, expr: sent(expr) }));
      const file = join(folder, 'queries.yaml');
      writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
      expect(await promtool(['check', 'rules', file])).toBe('');
      const broken = [...rules, { record: 'broken', expr: 'sum by (' }];
      writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules: broken }] }));
      expect(await promtool(['check', 'rules', file])).not.toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
