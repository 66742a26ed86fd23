import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentsOf, rendered, type Values } from './helm.ts';
import { installManifest, ROOT } from './manifests.ts';
import { at, found } from './rendering.ts';
import { describeHelm } from './suite.ts';
import { ENDPOINT, valueSet } from './valuesets.ts';

const text = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const connection = { endpoint: ENDPOINT };

describeHelm('the admission policy of the chart', () => {
  const KINDS = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];
  const written = documentsOf(text('deploy/admission/policy.yaml'));
  const policy = async (values: Values, release = { name: 'alm-operator', namespace: 'alm-operator' }) => {
    const objects = await rendered({ connection, admissionPolicy: { enabled: true }, ...values }, release);
    return objects
      .filter(({ kind }) => KINDS.includes(kind))
      .map(({ metadata: { labels: _labels, ...metadata }, ...rest }) => ({ ...rest, metadata }));
  };

  it('is deploy/admission/policy.yaml', async () => {
    expect(await policy({})).toEqual(written);
    expect(await policy({ admissionPolicy: { enabled: false } })).toEqual([]);
  });

  it('knows the namespace and the default connection of the release, and judges where it serves', async () => {
    const values = { defaultConnection: 'blue', watchNamespaces: ['a', 'b'] };
    const [judge, binding] = await policy(values, { name: 'alm-operator', namespace: 'sys' });
    const name = 'clientcredential-access.sys-alm-operator.alm-operator.dev';
    expect([judge?.metadata.name, binding?.metadata.name]).toEqual([name, name]);
    const variables = at<readonly Values[]>(judge, 'spec.variables');
    expect(variables[0]?.['expression']).toBe("object.spec.?connectionRef.?name.orValue('blue')");
    expect(variables.slice(1)).toEqual(at<readonly Values[]>(written[0], 'spec.variables').slice(1));
    expect(binding).toMatchObject({
      spec: {
        policyName: name,
        paramRef: { namespace: 'sys' },
        matchResources: {
          namespaceSelector: {
            matchExpressions: [
              { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['sys', 'a', 'b'] },
            ],
          },
        },
      },
    });
  });
});

describeHelm('the monitoring of the chart', () => {
  it('is deploy/monitoring', async () => {
    const objects = await rendered(valueSet('all of monitoring'));
    expect(found(objects, 'PrometheusRule')['spec']).toEqual(parse(text('deploy/monitoring/rules.yaml')));
    const data = found(objects, 'ConfigMap')['data'] as Record<string, string>;
    expect(Object.values(data).map((dashboard) => JSON.parse(dashboard))).toEqual([
      JSON.parse(text('deploy/monitoring/dashboard.json')),
    ]);
  });

  it('can be found by the labels that it was given', async () => {
    const objects = await rendered(valueSet('all of monitoring'));
    for (const kind of ['ServiceMonitor', 'PrometheusRule']) {
      expect(found(objects, kind).metadata['labels']).toMatchObject({ release: 'prometheus' });
    }
    const { labels, annotations } = found(objects, 'ConfigMap').metadata;
    expect([labels, annotations]).toMatchObject([{ grafana_dashboard: '1' }, { grafana_folder: 'ALM' }]);
  });
});

describeHelm('deploy/install.yaml', () => {
  it('is the chart without a connection; npm run manifests writes it anew', async () => {
    expect(documentsOf(text('deploy/install.yaml'))).toEqual(documentsOf((await installManifest()).text));
  });
});
