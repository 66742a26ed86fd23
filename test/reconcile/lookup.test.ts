import { describe, expect, it } from 'vitest';
import type { AlmConnection } from '../../src/api/almconnection.ts';
import { accessViewOf, connectionNamed, loginIds, specOf, tenantOf } from '../../src/reconcile/lookup.ts';
import { kept, relist } from './stores.ts';

const client = (clientId: string) => ({ clientId, clientSecretRef: { name: 'login' } });
const user = { username: 'jack', passwordRef: { name: 'login' } };

function connection(name: string, spec: object, namespace = 'alm-operator'): AlmConnection {
  const metadata = { namespace, name, uid: name, resourceVersion: '7' };
  return { apiVersion: 'g/v1', kind: 'AlmConnection', metadata, spec: { endpoint: 'https://alm', ...spec } };
}

function deps(...connections: readonly AlmConnection[]) {
  const { store, partition } = kept<AlmConnection>();
  relist({ store, partition }, connections);
  return { connections: store, operatorNamespace: 'alm-operator' };
}

const main = connection('main', { auth: { clientCredentials: client('LmOperator') } });

describe('what a pass looks up about connections', () => {
  it('is only what the operator’s namespace holds', () => {
    const world = deps(main, connection('theirs', { auth: { none: {} } }, 'team-a'));
    expect(connectionNamed('main', world)).toMatchObject({ metadata: { name: 'main' } });
    expect(connectionNamed('theirs', world)).toBeUndefined();
  });

  it('is no spec where there is none, or none that anybody can read', () => {
    expect(specOf(undefined)).toBeUndefined();
    expect(specOf(connection('main', { auth: {} }))).toBeUndefined();
    expect(specOf(main)).toMatchObject({ endpoint: 'https://alm' });
  });

  it.each<[string, object, string, readonly string[]]>([
    ['the usual four', {}, 'main', ['LmClient', 'NimrodClient', 'DokiClient', 'Admin']],
    ['what the connection says', { protectedClientIds: ['Portal'] }, 'main', ['Portal']],
    ['none where it says none', { protectedClientIds: [] }, 'main', []],
    [
      'the usual four of a connection that is missing',
      {},
      'other',
      ['LmClient', 'NimrodClient', 'DokiClient', 'Admin'],
    ],
  ])('protects %s', (_, change, name, ids) => {
    const own = connection('main', { auth: { none: {} }, ...change });
    expect(accessViewOf(name, deps(own)).protectedIds).toEqual(ids);
  });

  it('gives what decides about access: the rules of the one, the logins of all', () => {
    const access = [{ namespaces: { all: true }, clientIds: ['*'] }];
    const second = connection('second', { auth: { clientCredentials: client('Second') }, access });
    expect(accessViewOf('second', deps(main, second))).toEqual({
      connection: 'second',
      operatorNamespace: 'alm-operator',
      rules: access,
      protectedIds: ['LmClient', 'NimrodClient', 'DokiClient', 'Admin'],
      loginIds: ['LmOperator', 'Second'],
    });
  });

  it('knows labels of namespaces that it sees only', () => {
    const named = (name: string, labels?: Readonly<Record<string, string>>) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, uid: name, resourceVersion: '7', ...(labels && { labels }) },
    });
    const seen = kept();
    relist(seen, [named('team-a', { tier: 'gold' }), named('team-b')]);
    const namespaces = seen.store;
    expect(tenantOf('team-a', { namespaces })).toEqual({ namespace: 'team-a', labels: { tier: 'gold' } });
    expect(tenantOf('team-b', { namespaces })).toEqual({ namespace: 'team-b', labels: {} });
    expect(tenantOf('team-c', { namespaces }).labels).toBeUndefined();
    expect(tenantOf('team-a', { namespaces: undefined }).labels).toBeUndefined();
  });

  it('knows the logins of all connections', () => {
    const world = deps(
      main,
      connection('second', { auth: { password: { ...client('Second'), ...user } } }),
      connection('open', { auth: { none: {} } }),
      connection('broken', { auth: 7 }),
    );
    expect(loginIds(world)).toEqual(['LmOperator', 'Second']);
  });
});
