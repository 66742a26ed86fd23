import { describe, expect, it } from 'vitest';
import { FLAGS, type FlagName, variableOf } from '../../src/flags.ts';
import { readSettings } from '../../src/settings.ts';
import { kindOf } from '../support/kubectl/kinds.ts';
import { rendered, type Values } from './helm.ts';
import { at, find, flagsOf, found, podOf } from './rendering.ts';
import { violationsOf } from './restricted.ts';
import { describeHelm } from './suite.ts';
import { VALUE_SETS } from './valuesets.ts';

describeHelm('the chart, rendered', () => {
  describe.each(VALUE_SETS)('with %s', (_name, values) => {
    it('starts the operator with flags that it knows and understands', async () => {
      const [container] = podOf(await rendered(values)).containers;
      expect(container.args[0]).toBe('run');
      const flags = flagsOf(container);
      const known = new Set<string>(FLAGS.map(({ name }) => name));
      expect(Object.keys(flags).filter((name) => !known.has(name))).toEqual([]);
      expect(readSettings(flags as Partial<Record<FlagName, string>>, {})).toMatchObject({ ok: true });
    });

    it('asks the operator at the ports that it listens at, by paths that it knows', async () => {
      const objects = await rendered(values);
      const [container] = podOf(objects).containers;
      const flags = flagsOf(container);
      const listens = (name: string) => Number(/:(\d+)$/.exec(flags[name] ?? '')?.[1]);
      const portOf = (name: unknown) => container.ports.find((port) => port.name === name)?.containerPort;
      for (const [probe, path] of [['liveness', '/livez'] as const, ['readiness', '/readyz'] as const]) {
        const asked = at<Values>(container, `${probe}Probe.httpGet`);
        expect([asked['path'], portOf(asked['port'])]).toEqual([path, listens('health-address')]);
      }
      const service = find(objects, 'Service');
      expect(service === undefined).toBe(flags['metrics-address'] === '0');
      for (const port of at<readonly Values[]>(service, 'spec.ports') ?? []) {
        expect(portOf(port['targetPort'])).toBe(listens('metrics-address'));
        const [endpoint] = at<readonly Values[]>(find(objects, 'ServiceMonitor'), 'spec.endpoints') ?? [];
        expect(endpoint?.['port'] ?? port['name']).toBe(port['name']);
      }
    });

    it('tells the operator its namespace, and gives a token to its pods alone', async () => {
      const objects = await rendered(values);
      const pod = podOf(objects);
      const own = pod.containers[0].env.filter(({ name }) => name.startsWith('ALM_OPERATOR_'));
      expect(own).toEqual([
        {
          name: variableOf('operator-namespace'),
          valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
        },
      ]);
      expect(pod['automountServiceAccountToken']).toBe(true);
      const account = find(objects, 'ServiceAccount');
      expect(account?.['automountServiceAccountToken'] ?? false).toBe(false);
      const subjects = objects.flatMap(
        (object) => (object['subjects'] as readonly Values[] | undefined) ?? [],
      );
      expect(subjects.length).toBeGreaterThan(1);
      for (const subject of subjects) expect(subject['name']).toBe(pod.serviceAccountName);
      if (account !== undefined) expect(account.metadata.name).toBe(pod.serviceAccountName);
    });

    it('may run in a restricted namespace', async () => {
      const pod = podOf(await rendered(values));
      expect(violationsOf(pod)).toEqual([]);
      expect(at(pod.containers[0], 'securityContext.readOnlyRootFilesystem')).toBe(true);
      expect(JSON.stringify(pod)).not.toMatch(/runAsUser|runAsGroup|fsGroup/);
    });

    it('labels every object and says in which namespace it is', async () => {
      for (const object of await rendered(values)) {
        const { namespace, labels } = object.metadata;
        expect(labels, object.kind).toMatchObject({
          'app.kubernetes.io/name': 'alm-operator',
          'app.kubernetes.io/instance': 'alm-operator',
          'app.kubernetes.io/managed-by': 'Helm',
        });
        expect(namespace !== undefined, object.kind).toBe(kindOf(object.kind).namespaced);
      }
    });

    it('gives selectors to nothing but what its pods have', async () => {
      const objects = await rendered(values);
      const labels = at<Values>(found(objects, 'Deployment'), 'spec.template.metadata.labels');
      const selectors = ['Deployment', 'PodDisruptionBudget'].flatMap((kind) =>
        objects
          .filter((object) => object.kind === kind)
          .map((object) => at<Values>(object, 'spec.selector.matchLabels')),
      );
      for (const selector of selectors) expect(labels).toMatchObject(selector);
    });
  });
});
