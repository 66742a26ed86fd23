import { expect, it } from 'vitest';
import type { Manifest } from '../support/kubectl/objects.ts';
import { rendered, type Values } from './helm.ts';
import { found, rightsOf } from './rendering.ts';
import { describeHelm } from './suite.ts';
import { ENDPOINT } from './valuesets.ts';

const connection = { endpoint: ENDPOINT };
const names = (objects: readonly Manifest[], kind: string) =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

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
