import { describe, expect, it } from 'vitest';
import type { AlmConnection } from '../../src/api/almconnection.ts';
import { connectionNamed, loginIds, protectedIdsOf, specOf } from '../../src/reconcile/lookup.ts';
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
    expect(protectedIdsOf(name, deps(own))).toEqual(ids);
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
