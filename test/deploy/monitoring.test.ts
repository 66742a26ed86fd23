import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FAILURES } from '../../src/domain/reasons.ts';
import { promtool, promtoolVersion } from '../support/promtool.ts';
import { sharedIn, strangersIn } from './metricnames.ts';
import { type Alert, allCases, casesOf, judged, RULES, readGroups } from './rules.ts';

const version = promtoolVersion();
if (version === undefined)
  console.warn('NOT RUN: promtool check rules and test rules on deploy/monitoring, for want of promtool.');

const groups = readGroups();
const alerts = groups.flatMap(({ rules }) => rules);
const root = new URL('../../', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Of the series that cases expect to see. */
function labelsOfAlert({ alert }: Alert): ReadonlySet<string> {
  const samples = casesOf(alert).flatMap((one) => one.promql_expr_test.flatMap((test) => test.exp_samples));
  const own = samples.filter(({ labels }) => labels.includes(`alertname="${alert}"`));
  return new Set(
    own.flatMap(({ labels }) => [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label)),
  );
}

describe.skipIf(version === undefined)(`promtool ${version}`, () => {
  it('takes the rules', async () => {
    expect(await promtool(['check', 'rules', fileURLToPath(RULES)])).toBe('');
  });

  it.each(groups)(
    'sees the alerts of $name fire and keep silent as they should, all at once',
    async ({ name }) => {
      const file = new URL(`rules/${name.replace('alm-operator.', '')}.yaml`, import.meta.url);
      expect(await promtool(['test', 'rules', fileURLToPath(file)])).toBe('');
    },
  );

  it.each(alerts)('notices when $alert never fires, always fires, or does not wait', async (alert) => {
    const { for: waits, ...impatient } = alert;
    const [right, never, always, early] = await Promise.all([
      judged(alert),
      judged({ ...alert, expr: 'vector(1) > 2' }),
      judged({ ...alert, expr: 'vector(1)' }),
      judged(impatient),
    ]);
    expect(right).toBe('');
    expect(never).toContain('FAILED');
    expect(always).toContain('FAILED');
    expect(early !== '').toBe(waits !== undefined);
  });
});

describe('deploy/monitoring/rules.yaml', () => {
  it('is the spec of a PrometheusRule', () => {
    const document = parse(readFileSync(RULES, 'utf8')) as object;
    expect(Object.keys(document)).toEqual(['groups']);
    for (const group of groups) expect(Object.keys(group)).toEqual(['name', 'rules']);
    const fields = new Set(alerts.flatMap((alert) => Object.keys(alert)));
    expect([...fields].sort()).toEqual(['alert', 'annotations', 'expr', 'for', 'labels']);
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  it('has nothing that Flux would substitute', () => {
    expect(text('deploy/monitoring/rules.yaml')).not.toContain('${');
  });

  it.each(alerts)(
    '$alert says how bad it is, what it means and where to read on',
    ({ alert, labels, annotations }) => {
      expect(alert).toMatch(/^Alm[A-Z]/);
      expect(Object.keys(labels)).toEqual(['severity']);
      expect(['critical', 'warning']).toContain(labels['severity']);
      expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook_url']);
      expect(annotations['summary']).toMatch(/^\S.*[^.]$/);
      expect(annotations['description']).toMatch(/^[A-Z].*\.$/);
      expect(annotations['runbook_url']).toMatch(
        /^https:\/\/[\w./-]+\/docs\/guides\/operations\.md#[a-z-]+$/,
      );
    },
  );

  it.each(alerts)(
    '$alert asks for metrics and labels that there are, and for those of the operator alone',
    ({ expr }) => {
      expect(strangersIn(expr)).toEqual([]);
      expect(sharedIn(expr)).toEqual([]);
    },
  );

  it.each(alerts)('$alert tells of no label that it does not have', (alert) => {
    const told = Object.values(alert.annotations)
      .join(' ')
      .matchAll(/\$labels\.(\w+)/g);
    const labels = labelsOfAlert(alert);
    expect([...told].map(([, label = '']) => label).filter((label) => !labels.has(label))).toEqual([]);
  });

  it('leads to one place for each runbook', () => {
    const places = alerts.map(({ annotations }) => annotations['runbook_url']?.split('#')[0]);
    expect(new Set(places).size).toBe(1);
  });

  const guide = new URL('docs/guides/operations.md', root);
  if (!existsSync(guide)) console.warn('NOT RUN: runbook links, for want of docs/guides/operations.md.');

  it.skipIf(!existsSync(guide)).each(alerts)(
    '$alert leads to a heading of its runbook',
    ({ annotations }) => {
      const headings = [...readFileSync(guide, 'utf8').matchAll(/^#+ (.*)$|<a (?:id|name)="([^"]+)">/gm)];
      const anchors = headings.map(([, heading, id]) => {
        return (
          id ??
          heading
            ?.toLowerCase()
            .replace(/[^\w\- ]/g, '')
            .replaceAll(' ', '-')
        );
      });
      expect(anchors).toContain(annotations['runbook_url']?.split('#')[1]);
    },
  );
});

describe('the reasons that hold credentials back', () => {
  const asked = alerts.flatMap(({ alert, expr }) =>
    [...expr.matchAll(/reason=~?"([^"]+)"/g)].flatMap(([, words = '']) =>
      words.split('|').map((reason) => ({ reason, alert })),
    ),
  );

  /** Another alert tells of them, or of what lasts too long of them. */
  const SILENT = ['ConnectionNotReady', 'CircuitOpen', 'Progressing'];

  it('each raise one alert, and no others do', () => {
    const wanted = [...Object.keys(FAILURES).filter((reason) => !SILENT.includes(reason)), 'None'];
    expect(asked.map(({ reason }) => reason).sort()).toEqual(wanted.sort());
  });

  it.each([
    ['stalled', ['AlmCredentialsStalled']],
    ['waiting', ['AlmCredentialsWaiting']],
    ['transient', ['AlmCredentialsFailing', 'AlmCredentialsTokenRefused']],
    ['bug', ['AlmCredentialsFailing']],
  ])('that are %s raise %s', (kind, names) => {
    const those = Object.entries(FAILURES).filter(([, failure]) => failure.kind === kind);
    const raised = asked.filter(({ reason }) => those.some(([name]) => name === reason));
    expect([...new Set(raised.map(({ alert }) => alert))].sort()).toEqual(names);
  });
});

describe('the cases', () => {
  it('are all about an alert that there is', () => {
    const names = new Set(alerts.map(({ alert }) => alert));
    expect(allCases().filter(({ name }) => !names.has(name.split(' ')[0] ?? ''))).toEqual([]);
  });
});

describe('what is read of an expression', () => {
  it.each([
    ['up', ['up'], ['up']],
    ['sum by (reason) (rate(alm_operator_credentials{ready="up, nowhere{"}[5m])) > 0.5', [], []],
    ['sum by (colour) (alm_operator_credentials)', ['colour'], []],
    ['alm_operator_credentials{colour="red", namespace=~".*"}', ['alm_operator_credentials{colour}'], []],
    ['alm_operator_change_arrival_seconds', ['alm_operator_change_arrival_seconds'], []],
    ['histogram_quantile(0.5, sum by (le) (alm_operator_change_arrival_seconds_bucket))', [], []],
    [
      'alm_operator_change_arrival_seconds_count{le="1"}',
      ['alm_operator_change_arrival_seconds_count{le}'],
      [],
    ],
    ['alm_operator_claims_sum', ['alm_operator_claims_sum'], []],
    ['time() - process_start_time_seconds', [], ['process_start_time_seconds']],
    ['process_start_time_seconds and on (instance) alm_operator_build_info', [], []],
    ['alm_operator_claims offset 1h unless workqueue_depth{name="clientcredential"}', [], []],
    ['workqueue_depth{job="ops"}', [], ['workqueue_depth']],
  ])('%s', (expression, strangers, shared) => {
    expect(strangersIn(expression)).toEqual(strangers);
    expect(sharedIn(expression)).toEqual(shared);
  });
});

describe('deploy/monitoring/servicemonitor.yaml', () => {
  type ServiceMonitor = Readonly<{
    spec: Readonly<{ endpoints: readonly Readonly<{ port: string; path: string; interval: string }>[] }>;
  }>;

  it('asks the port of the metrics often enough for the alerts', () => {
    const { spec } = parse(text('deploy/monitoring/servicemonitor.yaml')) as ServiceMonitor;
    expect(spec.endpoints).toEqual([{ port: 'metrics', path: '/metrics', interval: '30s' }]);
  });
});

describe('the copies in the chart', () => {
  const folder = 'deploy/helm/alm-credential-operator/files';
  const isThere = existsSync(new URL(folder, root));

  it.skipIf(!isThere).each(['rules.yaml', 'dashboard.json'])('are equal: %s', (name) => {
    expect(text(`${folder}/${name}`)).toBe(text(`deploy/monitoring/${name}`));
  });
});
