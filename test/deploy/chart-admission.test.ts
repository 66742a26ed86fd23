/** What the chart renders, before an API server: embedded, or real with KUBEBUILDER_ASSETS. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectlVersion } from '../guides/kubectl.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { kindOf, pathOf } from '../support/kubectl/kinds.ts';
import { hasCondition, type Manifest } from '../support/kubectl/objects.ts';
import { CHART, helm, rendered, withValues } from './helm.ts';
import { ROOT } from './manifests.ts';
import { MONITORING_DEFINITIONS } from './prometheuskinds.ts';
import { podOf } from './rendering.ts';
import { describeHelm } from './suite.ts';
import { ENDPOINT, VALUE_SETS, WATCHED } from './valuesets.ts';

const START_LIMIT_MS = 90_000;

let cluster: Cluster;
let kubeconfig: string;
beforeAll(async () => {
  cluster = await startCluster();
  kubeconfig = await cluster.kubeconfigFor('helm');
  await cluster.api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'notes' } });
  for (const definition of MONITORING_DEFINITIONS) {
    await cluster.api.apply(definition);
    await established(definition.metadata.name);
  }
  for (const name of WATCHED)
    await cluster.api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  console.info(`Runs on ${cluster.version}`);
}, START_LIMIT_MS);
afterAll(() => cluster.stop(), START_LIMIT_MS);

async function established(name: string): Promise<void> {
  const isThere = hasCondition('Established', 'True');
  await cluster.api.waitFor('CustomResourceDefinition', '', name, isThere, { what: 'the kind' });
}

function tried(manifest: Manifest): Promise<unknown> {
  const { namespace } = manifest.metadata;
  const query = { dryRun: 'All', fieldValidation: 'Strict' };
  const path = pathOf(kindOf(manifest.kind), { namespace });
  return cluster.api.raw({ method: 'POST', path, query, body: manifest });
}

describeHelm('what the chart renders', () => {
  it.each(VALUE_SETS)('with %s is admitted strictly, and applied', async (_name, values) => {
    for (const manifest of await rendered(values)) {
      // Of a former set, so that it is a creation that is tried.
      await cluster.api.delete(manifest.kind, manifest.metadata.namespace ?? '', manifest.metadata.name);
      await tried(manifest);
      await cluster.api.apply(manifest);
    }
  });

  it.each(VALUE_SETS)(
    'with %s passes helm’s own look at the server, and says what to do next',
    async (_name, values) => {
      const release = { name: 'notes', namespace: 'notes' };
      const words = ['install', release.name, CHART, '--namespace', release.namespace, '--dry-run=server'];
      const told = await withValues(values, (file) =>
        helm([...words, '--values', file], { KUBECONFIG: kubeconfig }),
      );
      const notes = told.slice(told.indexOf('\nNOTES:'));
      const [connection] = (await rendered(values)).filter(({ kind }) => kind === 'AlmConnection');
      const name = connection?.metadata.name ?? 'default';
      expect(notes).toContain(`kubectl wait almconnection/${name} -n notes --for=condition=Ready`);
      expect(notes).toContain('helm show crds');
      expect(notes).not.toMatch(/<no value>|<nil>|map\[|\n{4}/);
      expect(/Secret \S+\. If that is not there yet/.test(notes)).toBe(
        connection !== undefined && !JSON.stringify(connection).includes('"none"'),
      );
      expect(notes.includes('WARNING')).toBe(JSON.stringify(values).includes('"allowHttp":true'));
    },
  );

  it('is refused with a field that nobody knows', async () => {
    const [manifest] = (await rendered({ connection: { endpoint: ENDPOINT } })).filter(
      ({ kind }) => kind === 'Deployment',
    );
    const spec = manifest?.['spec'] as Record<string, unknown>;
    const typo = { ...manifest, spec: { ...spec, replica: 1 } } as Manifest;
    await expect(tried(typo)).rejects.toThrow(/unknown field "spec.replica"/);
  });
});

describe('deploy/install.yaml', () => {
  it('is admitted strictly and applied at one go, and changes nothing the second time', async () => {
    const text = readFileSync(new URL('deploy/install.yaml', ROOT), 'utf8');
    const first = await cluster.api.apply(text);
    expect(first.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Namespace', 'Deployment']));
    const second = await cluster.api.apply(text);
    const versions = (objects: typeof first) => objects.map(({ metadata }) => metadata.resourceVersion);
    // The status of a definition moves on by itself.
    const settled = first.filter(({ kind }) => kind !== 'CustomResourceDefinition');
    expect(versions(second.slice(-settled.length))).toEqual(versions(settled));
  });
});

const kubectl = kubectlVersion();
if (kubectl === undefined)
  console.warn('SKIPPED: deploy/install.yaml with kubectl, for want of kubectl 1.30.');

it.skipIf(kubectl === undefined)('deploy/install.yaml is applied by kubectl, on either side', async () => {
  const file = fileURLToPath(new URL('deploy/install.yaml', ROOT));
  const asked = async (...words: readonly string[]) => {
    const options = { timeout: 30_000, env: { ...process.env, KUBECONFIG: kubeconfig } };
    const { stdout } = await promisify(execFile)('kubectl', [...words, '-f', file], options);
    return stdout.trim().split('\n');
  };
  expect((await asked('apply')).length).toBeGreaterThan(10);
  expect(await asked('diff')).toEqual(['']);
  const ours = await asked('apply', '--server-side');
  expect(ours.filter((line) => !line.endsWith(' serverside-applied'))).toEqual([]);
});

// The embedded server has no pods; chart.test.ts judges their specs by the standard's rules.
const isReal = (process.env['KUBEBUILDER_ASSETS'] ?? '') !== '';

describe.runIf(isReal)('a namespace that enforces the restricted standard', () => {
  const NAMESPACE = 'restricted';
  const pod = async (values: Parameters<typeof rendered>[0]): Promise<Manifest> => {
    const spec = { ...podOf(await rendered(values)), serviceAccountName: 'default', priorityClassName: '' };
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'operator', namespace: NAMESPACE }, spec };
  };
  beforeAll(async () => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await cluster.api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } });
    await cluster.api.apply({
      ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
      metadata: { name: 'default', namespace: NAMESPACE },
    });
  });

  describeHelm('and what the chart renders', () => {
    it.each(VALUE_SETS)('with %s takes its pods', async (_name, values) => {
      await tried(await pod(values));
    });

    it('do not go together where its security is weakened', async () => {
      const securityContext = { allowPrivilegeEscalation: true };
      const weak = await pod({ connection: { endpoint: ENDPOINT }, securityContext });
      await expect(tried(weak)).rejects.toThrow(/violates PodSecurity "restricted/);
    });
  });
});
