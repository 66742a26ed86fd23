import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FLAGS, type FlagName } from '../../src/flags.ts';
import { readSettings } from '../../src/settings.ts';
import { kindOf } from '../support/kubectl/kinds.ts';
import type { Manifest } from '../support/kubectl/objects.ts';
import { CHART, documentsOf, helm, rendered, type Values } from './helm.ts';
import { installManifest, ROOT } from './manifests.ts';
import { at, find, flagsOf, found, podOf, rightsOf } from './rendering.ts';
import { violationsOf } from './restricted.ts';
import { describeHelm } from './suite.ts';
import { ENDPOINT, VALUE_SETS, valueSet } from './valuesets.ts';

const text = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const connection = { endpoint: ENDPOINT };
const names = (objects: readonly Manifest[], kind: string) =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

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

describeHelm('the chart', () => {
  it.each<[problem: string, values: Values, says: RegExp]>([
    ['no endpoint', {}, /connection\.endpoint is missing: set it to the address of the ALM API/],
    [
      'http without consent',
      { connection: { endpoint: 'http://alm' } },
      /connection\.endpoint is http:\/\/alm: http sends passwords in the clear; use https or set connection\.allowHttp to true/,
    ],
    [
      'an endpoint of another scheme',
      { connection: { endpoint: 'ftp://alm' } },
      /connection\.endpoint is ftp:\/\/alm: it has to be an https address/,
    ],
    [
      'a user in the endpoint',
      { connection: { endpoint: 'https://anna@alm' } },
      /connection\.endpoint is https:\/\/anna@alm: .*without user/,
    ],
    ['negative replicas', { connection, replicas: -1 }, /replicas is -1: it has to be 0 or more/],
    [
      'replicas that all write',
      { connection, leaderElection: { enabled: false } },
      /replicas is 2 without leaderElection\.enabled: .*set leaderElection\.enabled to true or replicas to 1/,
    ],
    ['an unknown key', { connection, replicaCount: 3 }, /additional properties 'replicaCount' not allowed/],
    [
      'an unknown key below',
      { connection: { ...connection, tls: { insecure: true } } },
      /at '\/connection\/tls': additional properties 'insecure' not allowed/,
    ],
    [
      'an access rule without namespaces',
      { connection: { ...connection, access: [{ clientIds: ['*'] }] } },
      /at '\/connection\/access\/0': missing property 'namespaces'/,
    ],
    [
      'no login Secret',
      { connection: { ...connection, existingSecret: '' } },
      /connection\.existingSecret is empty/,
    ],
    [
      'no client to log in as',
      { connection: { ...connection, clientId: '' } },
      /connection\.clientId is empty/,
    ],
    [
      'no user',
      { connection: { ...connection, login: 'password' } },
      /connection\.username is empty: connection\.login is password/,
    ],
    [
      'two authorities',
      {
        connection: {
          ...connection,
          tls: { caBundle: 'x', caRef: { kind: 'Secret', name: 'y' } },
        },
      },
      /connection\.tls has both caBundle and caRef/,
    ],
    [
      'a long name of a connection',
      { connection: { ...connection, name: 'x'.repeat(64) } },
      /connection\.name is x{64}: it may have 63 characters/,
    ],
    [
      'no service account',
      { connection, serviceAccount: { create: false } },
      /serviceAccount\.name is empty/,
    ],
    [
      'nothing to scrape',
      { connection, metrics: { enabled: false, serviceMonitor: { enabled: true } } },
      /metrics\.serviceMonitor\.enabled is true without metrics\.enabled/,
    ],
    ['one port for two', { connection, healthPort: 8080 }, /healthPort is 8080, and so is metrics\.port/],
    [
      'a network policy that does not know where ALM is',
      { connection: { create: false }, networkPolicy: { enabled: true } },
      /networkPolicy\.alm\.ports is empty/,
    ],
    ['a word for a number', { connection, replicas: 'two' }, /at '\/replicas': got string, want integer/],
  ])('refuses %s, and names the value', async (_problem, values, says) => {
    await expect(rendered(values)).rejects.toThrow(says);
  });

  it('tells of all problems at once', async () => {
    const problems = rendered({ replicas: -1, healthPort: 8080 });
    await expect(problems).rejects.toThrow(/replicas is -1.*\n.*endpoint is missing.*\n.*healthPort is 8080/);
  });

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

describeHelm('the rights that the chart gives', () => {
  const reading = ['get', 'list', 'watch'];
  const writing = ['create', 'update', 'delete'];
  const secrets = (verbs: readonly string[]) => verbs.map((verb) => `${verb} secrets`);
  const rightsIn = async (values: Values) => {
    const objects = await rendered({ connection, ...values });
    const roles = objects.filter(({ kind, metadata }) => kind === 'Role' && /secrets$/.test(metadata.name));
    return {
      everywhere: rightsOf(found(objects, 'ClusterRole', 'alm-operator')),
      home: rightsOf(found(objects, 'Role', 'alm-operator')),
      watched: Object.fromEntries(roles.map((role) => [role.metadata.namespace, rightsOf(role)])),
      aggregated: names(objects, 'ClusterRole').filter((name) => name !== 'alm-operator'),
    };
  };

  it('read Secrets and namespaces everywhere where every namespace is served, and write no Secret', async () => {
    const { everywhere, watched } = await rightsIn({});
    expect(everywhere).toEqual(
      expect.arrayContaining([...secrets(reading), 'list namespaces', 'watch namespaces']),
    );
    expect(everywhere).not.toEqual(expect.arrayContaining(['create secrets']));
    expect(watched).toEqual({});
  });

  it('are given by Roles in named namespaces alone, but for ClientCredentials', async () => {
    const { everywhere, watched } = await rightsIn({ watchNamespaces: ['a', 'b'] });
    const events = ['create events.events.k8s.io', 'patch events.events.k8s.io'];
    const each = [...secrets(reading), ...events];
    expect(watched).toEqual({ 'alm-operator': each, a: each, b: each });
    expect(everywhere).toEqual([
      ...[...reading, 'patch'].map((verb) => `${verb} clientcredentials.alm-operator.dev`),
      'update clientcredentials/status.alm-operator.dev',
      'get customresourcedefinitions.apiextensions.k8s.io clientcredentials.alm-operator.dev',
      'get customresourcedefinitions.apiextensions.k8s.io almconnections.alm-operator.dev',
      'get customresourcedefinitions.apiextensions.k8s.io almclientclaims.alm-operator.dev',
    ]);
  });

  it('write Secrets with generated secrets alone', async () => {
    const generatedSecrets = { enabled: true };
    expect((await rightsIn({ generatedSecrets })).everywhere).toEqual(
      expect.arrayContaining(secrets([...reading, ...writing])),
    );
    const { everywhere, watched } = await rightsIn({ generatedSecrets, watchNamespaces: ['a'] });
    expect(everywhere.join()).not.toContain('secrets');
    expect(watched['a']).toEqual(expect.arrayContaining(secrets([...reading, ...writing])));
  });

  it('reach connections, claims and the Lease at home alone', async () => {
    const { everywhere, home } = await rightsIn({});
    const own = /^\w+ (almconnections|almclientclaims|leases|configmaps)/;
    expect(everywhere.filter((right) => own.test(right))).toEqual([]);
    expect(home).toEqual(
      expect.arrayContaining([
        'update leases.coordination.k8s.io alm-operator',
        'create leases.coordination.k8s.io',
      ]),
    );
    expect(home.filter((right) => !own.test(right))).toEqual([]);
  });

  it('of people with view, edit and admin go up to ClientCredentials; the rest is for administrators', async () => {
    expect((await rightsIn({})).aggregated).toEqual([
      'alm-operator-view',
      'alm-operator-edit',
      'alm-operator-admin',
    ]);
    expect((await rightsIn({ rbac: { aggregate: false } })).aggregated).toEqual([]);
    const objects = await rendered({ connection });
    for (const role of ['view', 'edit', 'admin']) {
      const object = found(objects, 'ClusterRole', `alm-operator-${role}`);
      const labels = object.metadata['labels'] as Record<string, string>;
      expect(labels[`rbac.authorization.k8s.io/aggregate-to-${role}`]).toBe('true');
      const kinds = new Set(rightsOf(object).map((right) => right.split(' ')[1]?.split('.')[0]));
      expect([...kinds]).toEqual(
        role === 'admin' ? ['almconnections', 'almclientclaims'] : ['clientcredentials'],
      );
    }
    expect(rightsOf(found(objects, 'ClusterRole', 'alm-operator-admin')).join()).not.toMatch(
      /(create|update|patch|delete) almclientclaims/,
    );
  });
});

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

describeHelm('deploy/install.yaml', () => {
  it('is the chart without a connection; npm run manifests writes it anew', async () => {
    expect(documentsOf(text('deploy/install.yaml'))).toEqual(documentsOf((await installManifest()).text));
  });
});

describe('the check for restricted pods', () => {
  const container = {
    name: 'c',
    securityContext: {
      ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };

  it.each([
    [{ hostNetwork: true }, {}, 'hostNetwork is true'],
    [{ volumes: [{ name: 'v', hostPath: { path: '/' } }] }, {}, 'volume v is hostPath'],
    [{}, { allowPrivilegeEscalation: undefined }, 'c: allowPrivilegeEscalation is not false'],
    [{}, { runAsNonRoot: undefined }, 'c: runAsNonRoot is not true'],
    [{}, { runAsUser: 0 }, 'c: runAsUser is 0'],
    [{}, { seccompProfile: { type: 'Unconfined' } }, 'c: no seccompProfile'],
    [{}, { capabilities: { drop: ['NET_RAW'] } }, 'c: capabilities are not dropped'],
    [{}, { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }, 'c: capabilities SYS_ADMIN are added'],
  ])('finds %j and %j', (pod, security, problem) => {
    const changed = { ...container, securityContext: { ...container.securityContext, ...security } };
    expect(violationsOf({ containers: [container] })).toEqual([]);
    expect(violationsOf({ containers: [changed], ...pod })).toEqual([problem]);
  });
});
