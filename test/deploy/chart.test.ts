import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { kindOf } from '../support/kubectl/kinds.ts';
import type { Manifest } from '../support/kubectl/objects.ts';
import { CHART, documentsOf, helm, rendered, type Values } from './helm.ts';
import { ROOT } from './manifests.ts';
import { at, find, found, podOf, rightsOf } from './rendering.ts';
import { describeHelm } from './suite.ts';
import { ENDPOINT, valueSet } from './valuesets.ts';

const text = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const connection = { endpoint: ENDPOINT };
const names = (objects: readonly Manifest[], kind: string) =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

describeHelm('the chart', () => {
  it('says the access rules, the login and the rest as the connection has them', async () => {
    const { access, spec, tls } = at<Values>(valueSet('all of a connection'), 'connection');
    expect(found(await rendered(valueSet('all of a connection')), 'AlmConnection')).toMatchObject({
      metadata: { name: 'main' },
      spec: {
        ...{ endpoint: ENDPOINT, tls, access, ...(spec as object) },
        auth: {
          clientCredentials: {
            ...{ clientId: 'operator-login', scope: 'all of it' },
            clientSecretRef: { name: 'alm-login', key: 'clientSecret' },
          },
        },
      },
    });
    const user = found(await rendered(valueSet('a login as a user')), 'AlmConnection');
    expect(at(user, 'spec.auth')).toEqual({
      password: {
        ...{ clientId: 'alm.ui@corp', username: 'anna: admin' },
        clientSecretRef: { name: 'people', key: 'client.secret' },
        passwordRef: { name: 'people', key: 'anna' },
      },
    });
  });

  it('makes no connection where it is told so', async () => {
    expect(find(await rendered({ connection: { create: false } }), 'AlmConnection')).toBeUndefined();
  });

  it.each([
    [3, true],
    [2, true],
    [1, false],
    [0, false],
  ])('with %i replicas has a disruption budget: %s', async (replicas, has) => {
    expect(find(await rendered({ connection, replicas }), 'PodDisruptionBudget') !== undefined).toBe(has);
  });

  it('ends the old operator before the new one starts where there is no election, and gives no right to Leases', async () => {
    const objects = await rendered(valueSet('one replica that is never doubled'));
    expect(at(found(objects, 'Deployment'), 'spec.strategy.type')).toBe('Recreate');
    expect(rightsOf(found(objects, 'Role')).join()).not.toContain('leases');
  });

  it('takes an image by tag, by the version of the chart, and by digest', async () => {
    const image = async (values: Values) =>
      podOf(await rendered({ connection, image: values })).containers[0].image;
    const { appVersion } = parse(text('deploy/helm/alm-credential-operator/Chart.yaml')) as Values;
    expect(await image({ repository: 'a/b' })).toBe(`a/b:${appVersion}`);
    expect(await image({ repository: 'a/b', tag: 'edge' })).toBe('a/b:edge');
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(await image({ repository: 'a/b', tag: 'edge', digest })).toBe(`a/b@${digest}`);
  });

  it('spreads the pods of this release, and those that a constraint names itself', async () => {
    const selectors = async (values: Values) =>
      at<readonly Values[]>(podOf(await rendered(values)), 'topologySpreadConstraints').map((constraint) =>
        at(constraint, 'labelSelector.matchLabels'),
      );
    const own = { 'app.kubernetes.io/name': 'alm-operator', 'app.kubernetes.io/instance': 'alm-operator' };
    expect(await selectors({ connection })).toEqual([own, own]);
    expect(await selectors(valueSet('all about the pods'))).toEqual([{ a: 'b' }]);
  });

  it('passes on what stands in the environment as it is', async () => {
    const pod = podOf(await rendered(valueSet('a company’s proxy and authority')));
    const { env } = pod.containers[0];
    expect(env.find(({ name }) => name === 'NO_PROXY')?.value).toBe('10.0.0.0/8,.svc,{{ x }}');
    const [mount] = at<readonly Values[]>(pod.containers[0], 'volumeMounts');
    expect(env.find(({ name }) => name === 'NODE_EXTRA_CA_CERTS')?.value).toBe(
      `${mount?.['mountPath']}/ca.crt`,
    );
    expect(pod['volumes']).toEqual([
      { name: 'extra-ca', configMap: { name: 'corp-roots', items: [{ key: 'bundle.pem', path: 'ca.crt' }] } },
    ]);
  });

  it('lets a network policy admit the ports of ALM, or of the proxy before it', async () => {
    const ports = async (values: Values) => {
      const egress = at<readonly Values[]>(found(await rendered(values), 'NetworkPolicy'), 'spec.egress');
      return at<readonly Values[]>(egress.at(-1), 'ports').map(({ port }) => port);
    };
    const networkPolicy = { enabled: true };
    expect(await ports({ connection, networkPolicy })).toEqual([32443]);
    expect(await ports({ connection: { endpoint: 'https://alm/x' }, networkPolicy })).toEqual([443]);
    const http = { endpoint: 'http://[fd00::1]', allowHttp: true };
    expect(await ports({ connection: http, networkPolicy })).toEqual([80]);
    expect(await ports(valueSet('a narrow network policy'))).toEqual([443, 3128]);
    expect(await ports({ connection, networkPolicy: { enabled: true, alm: { ports: [1, 2] } } })).toEqual([
      1, 2,
    ]);
  });

  it('shows its kinds as kubectl can apply them', async () => {
    const shown = documentsOf(await helm(['show', 'crds', CHART]));
    expect(shown).toHaveLength(3);
    expect(new Set(shown.map(({ kind }) => kind))).toEqual(new Set(['CustomResourceDefinition']));
  });

  it('keeps two releases apart in what belongs to no namespace', async () => {
    const values = valueSet('the admission policy');
    const [one, two] = [
      await rendered(values, { name: 'op', namespace: 'blue' }),
      await rendered(values, { name: 'op', namespace: 'green' }),
    ];
    const wide = (objects: readonly Manifest[]) =>
      objects
        .filter(({ kind }) => !kindOf(kind).namespaced)
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(wide(one).length).toBeGreaterThan(5);
    expect(wide(one).filter((name) => wide(two).includes(name))).toEqual([]);
    expect(names(one, 'Deployment')).toEqual(['op-alm-operator']);
  });
});
