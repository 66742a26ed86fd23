import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../cluster.ts';
import { OPERATOR_NAMESPACE } from '../install.ts';
import { type Api, connectApi } from '../kubectl/client.ts';
import type { Manifest } from '../kubectl/objects.ts';
import { secret } from '../samples.ts';
import { mayDo } from './account.ts';
import { compare } from './comparison.ts';
import { type Ask, covers, type Grant, grantsOf, resourceOf } from './grants.ts';
import { ACCOUNT, featuresOf, installedRights } from './installed.ts';

const HOME = OPERATOR_NAMESPACE;
const grant = (verb: string, resource: string, more: Partial<Grant> = {}): Grant => ({
  ...{ verb, resource, group: '', name: '', namespace: '' },
  ...more,
});
const ask = (verb: Ask['verb'], resource: string, more: Partial<Ask> = {}): Ask => ({
  ...{ verb, resource, group: '', name: '', namespace: '', subresource: '' },
  ...more,
});

describe('a grant', () => {
  const lease = grant('get', 'leases', { name: 'alm-operator', namespace: HOME });
  const status = grant('update', 'things/status', { group: 'example.org' });
  it.each([
    [grant('list', 'secrets'), ask('list', 'secrets'), true],
    [grant('list', 'secrets'), ask('list', 'secrets', { namespace: 'team' }), true],
    [grant('list', 'secrets'), ask('watch', 'secrets'), false],
    [grant('list', 'secrets'), ask('list', 'configmaps'), false],
    [grant('list', 'secrets', { namespace: HOME }), ask('list', 'secrets', { namespace: HOME }), true],
    [grant('list', 'secrets', { namespace: HOME }), ask('list', 'secrets'), false],
    [grant('list', 'secrets', { namespace: HOME }), ask('list', 'secrets', { namespace: 'team' }), false],
    [lease, ask('get', 'leases', { name: 'alm-operator', namespace: HOME }), true],
    [lease, ask('get', 'leases', { name: 'other', namespace: HOME }), false],
    [status, ask('update', 'things', { group: 'example.org', subresource: 'status' }), true],
    [status, ask('update', 'things', { group: 'example.org' }), false],
    [status, ask('update', 'things', { subresource: 'status' }), false],
  ])('%j covers %j: %s', (one, other, expected) => {
    expect(covers(one, other)).toBe(expected);
  });

  it('comes from a binding of this very account alone, and holds where the binding is', () => {
    const role = (kind: string, namespace?: string): Manifest =>
      ({
        ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind },
        metadata: { name: 'r', ...(namespace === undefined ? {} : { namespace }) },
        rules: [{ apiGroups: ['', 'x'], resources: ['a', 'b/status'], verbs: ['get'] }],
      }) as Manifest;
    const binding = (kind: string, roleKind: string, account: string, namespace?: string): Manifest =>
      ({
        ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind },
        metadata: { name: account, ...(namespace === undefined ? {} : { namespace }) },
        roleRef: { kind: roleKind, name: 'r' },
        subjects: [{ kind: 'ServiceAccount', name: account, namespace: HOME }],
      }) as Manifest;
    const inTeam = [role('Role', 'team'), binding('RoleBinding', 'Role', ACCOUNT.name, 'team')];
    expect(grantsOf(inTeam, ACCOUNT)).toEqual([
      grant('get', 'a', { namespace: 'team' }),
      grant('get', 'b/status', { namespace: 'team' }),
      grant('get', 'a', { group: 'x', namespace: 'team' }),
      grant('get', 'b/status', { group: 'x', namespace: 'team' }),
    ]);
    const wide = [role('ClusterRole'), binding('ClusterRoleBinding', 'ClusterRole', ACCOUNT.name)];
    expect(new Set(grantsOf(wide, ACCOUNT).map(({ namespace }) => namespace))).toEqual(new Set(['']));
    const others = [role('ClusterRole'), binding('ClusterRoleBinding', 'ClusterRole', 'default')];
    expect(grantsOf(others, ACCOUNT)).toEqual([]);
    const astray = [role('Role', 'other'), binding('RoleBinding', 'Role', ACCOUNT.name, 'team')];
    expect(() => grantsOf(astray, ACCOUNT)).toThrow(/not there/);
  });
});

describe('the comparison', () => {
  const asked = [ask('list', 'secrets'), ask('create', 'claims', { namespace: HOME, name: '' })];
  const granted = [grant('list', 'secrets'), grant('create', 'claims', { namespace: HOME })];

  it('finds nothing where all that is asked is granted, and nothing more', () => {
    expect(compare(granted, asked, HOME)).toEqual({ missing: [], idle: [] });
  });

  it('finds what is asked and not granted, once', () => {
    const more = [
      ask('delete', 'claims', { namespace: HOME }),
      ask('get', 'pods', { namespace: 'team', name: 'x' }),
    ];
    expect(compare(granted, [...asked, ...more, ...more], HOME)).toEqual({
      missing: [`delete claims in ${HOME}`, 'get pods x everywhere'],
      idle: [],
    });
  });

  it('finds what is granted and never asked', () => {
    expect(compare([...granted, grant('delete', 'secrets')], asked, HOME)).toEqual({
      missing: [],
      idle: ['delete secrets everywhere'],
    });
  });

  it('finds what is granted everywhere and asked in the operator’s namespace alone', () => {
    const wide = [grant('list', 'secrets'), grant('create', 'claims')];
    expect(compare(wide, asked, HOME).idle).toEqual(['create claims everywhere']);
  });

  it('finds what is granted in one namespace and everywhere as well', () => {
    const twice = [...granted, grant('list', 'secrets', { namespace: HOME })];
    const more = [...asked, ask('list', 'secrets', { namespace: HOME })];
    expect(compare(twice, more, HOME).idle).toEqual([`list secrets in ${HOME}`]);
  });
});

describe('the features that rights depend on', () => {
  it.each([
    [[], false, []],
    [['--leader-elect', '--generated-secrets'], true, []],
    [['--generated-secrets', '--leader-elect'], true, []],
    [['--generated-secrets', 'true'], true, []],
    [['--generated-secrets=true', '--generated-secrets=false'], false, []],
    [['--generated-secrets', 'false'], false, []],
    [['--watch-namespaces=a,b'], false, ['a', 'b']],
    [['--watch-namespaces', `a,${HOME}`, '--log-level', 'info'], false, ['a']],
  ])('of %j', (flags, generatedSecrets, watchNamespaces) => {
    expect(featuresOf(flags)).toEqual({ generatedSecrets, watchNamespaces });
  });
});

describe('a user who is admitted as an operator', () => {
  const TEAM = 'rights-team';
  let cluster: Cluster;
  let api: Api;
  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: TEAM } });
    const config = new KubeConfig();
    config.loadFromFile(await cluster.kubeconfigFor('limited'));
    const { server, caData = '' } = config.getCurrentCluster() ?? { server: '' };
    const headers = { authorization: `Bearer ${config.getCurrentUser()?.token}` };
    api = connectApi({ url: server, ca: Buffer.from(caData, 'base64').toString(), headers });
  }, 60_000);
  afterAll(async () => {
    await api?.close();
    await cluster?.stop();
  }, 60_000);

  const making = (name: string) => api.create(secret(TEAM, name, { value: 'canary-7f3a9-rights' }));

  it('may do what the installation grants, and nothing else, until it is another installation', async () => {
    await cluster.admit('limited', []);
    await expect(api.list('Secret')).resolves.toBeDefined();
    await expect(api.list('ConfigMap')).rejects.toMatchObject({ status: 403, reason: 'Forbidden' });
    await expect(making('one')).rejects.toMatchObject({ status: 403, reason: 'Forbidden' });
    await cluster.admit('limited', ['--generated-secrets']);
    await expect(making('two')).resolves.toBeDefined();
    await expect(api.raw({ path: '/version' })).resolves.toBeDefined();
  });

  it('has rights on Secrets in named namespaces alone where they are named', async () => {
    await cluster.admit('limited', [`--watch-namespaces=${TEAM}`]);
    // What is taken away is so a moment later.
    const everywhere = () => api.list('Secret').catch((error: { status: number }) => error.status);
    await expect.poll(everywhere, { timeout: 10_000 }).toBe(403);
    for (const namespace of [TEAM, HOME]) await expect(api.list('Secret', namespace)).resolves.toBeDefined();
    await expect(api.list('Secret', 'default')).rejects.toMatchObject({ status: 403 });
    await expect(api.list('ClientCredential')).resolves.toBeDefined();
  });

  /** Every one of these, with what is granted and what is not. */
  function asksAround(grants: readonly Grant[]): readonly Ask[] {
    const things = [...new Set(grants.map(({ group, resource }) => `${group} ${resource}`)), ' pods'];
    const names = ['', 'alm-operator', 'clientcredentials.alm-operator.dev'];
    const verbs = ['get', 'list', 'create', 'delete', 'deletecollection'] as const;
    const places = ['', HOME, TEAM].flatMap((namespace) => names.map((name) => ({ namespace, name })));
    return things.flatMap((thing) => {
      const [group = '', whole = ''] = thing.split(' ');
      const [resource = '', subresource = ''] = whole.split('/');
      return verbs.flatMap((verb) =>
        places.map((place) => ask(verb, resource, { group, subresource, ...place })),
      );
    });
  }

  it.runIf((process.env['KUBEBUILDER_ASSETS'] ?? '') !== '')(
    'is judged here as a real API server judges it',
    async () => {
      const flags = ['--generated-secrets', `--watch-namespaces=${TEAM}`];
      await cluster.admit('judged', flags);
      const grants = grantsOf(installedRights(featuresOf(flags)), ACCOUNT);
      const asks = asksAround(grants);
      expect(asks.length).toBeGreaterThan(400);
      for (const one of asks) {
        const { verb, group, name, namespace } = one;
        const real = await mayDo(cluster.api, { verb, group, resource: resourceOf(one), name, namespace });
        const own = grants.some((candidate) => covers(candidate, one));
        expect({ one, allowed: own }).toEqual({ one, allowed: real });
      }
    },
    60_000,
  );
});
