import { describe, expect, it } from 'vitest';
import type { AlmConnection } from '../../src/api/almconnection.ts';
import type { ClientCredential } from '../../src/api/clientcredential.ts';
import { FINALIZER, REQUESTED_AT, ROTATE } from '../../src/api/group.ts';
import {
  claimIndexes,
  connectionIndexes,
  credentialIndexes,
  isChanged,
  wakesItself,
} from '../../src/reconcile/wakes.ts';

const metadata = { namespace: 'team-a', name: 'orders', uid: 'u1', resourceVersion: '1', generation: 1 };
const object: ClientCredential = { apiVersion: 'g/v1', kind: 'K', metadata, spec: { clientId: 'orders' } };
type Meta = Partial<ClientCredential['metadata']>;
const changed = (change: Meta, rest: object = {}) => ({
  ...object,
  ...rest,
  metadata: { ...metadata, resourceVersion: '2', ...change },
});

describe('an object wakes itself', () => {
  it.each<[string, Meta, boolean]>([
    ['by a new spec', { generation: 2 }, true],
    ['by its deletion', { deletionTimestamp: '2026-03-01T12:00:00Z' }, true],
    ['as another of the same name', { uid: 'u2' }, true],
    ['by a request for a pass', { annotations: { [REQUESTED_AT]: 'now' } }, true],
    ['by a request for another secret', { annotations: { [ROTATE]: 'now' } }, true],
    ['not by another annotation', { annotations: { note: 'x' } }, false],
    ['not by a label', { labels: { team: 'a' } }, false],
    ['not by its finalizer', { finalizers: [FINALIZER] }, false],
    ['not by a new version alone', {}, false],
  ])('%s', (_, change, wakes) => {
    expect(wakesItself(object, changed(change))).toBe(wakes);
  });

  it('not by its status', () => {
    expect(wakesItself(object, changed({}, { status: { observedGeneration: 1 } }))).toBe(false);
  });

  it('by the loss of its finalizer, which somebody took away', () => {
    expect(wakesItself(changed({ finalizers: [FINALIZER] }), changed({ finalizers: [] }))).toBe(true);
    expect(wakesItself(changed({ finalizers: [FINALIZER, 'x'] }), changed({ finalizers: [FINALIZER] }))).toBe(
      false,
    );
  });

  it('when it comes and when it goes', () => {
    expect(wakesItself(undefined, object)).toBe(true);
    expect(wakesItself(object, undefined)).toBe(true);
  });
});

describe('a connection wakes those who use it', () => {
  const connection = object as AlmConnection;
  it.each<[string, AlmConnection | undefined, AlmConnection | undefined, boolean]>([
    ['when it comes', undefined, connection, true],
    ['when it goes', connection, undefined, true],
    ['by a new spec', connection, changed({ generation: 2 }), true],
    ['by its deletion', connection, changed({ deletionTimestamp: '2026-03-01T12:00:00Z' }), true],
    ['as another of the same name', connection, changed({ uid: 'u2' }), true],
    ['not by its status', connection, changed({}, { status: {} }), false],
    ['not by a label', connection, changed({ labels: { team: 'a' } }), false],
  ])('%s', (_, before, after, wakes) => {
    expect(isChanged(before, after)).toBe(wakes);
  });
});

describe('the indexes', () => {
  const { connection, secret } = credentialIndexes('default');
  const of = (spec: unknown): ClientCredential => ({ ...object, spec });

  it.each<[unknown, string[], string[]]>([
    [{ clientSecretRef: { name: 's' } }, ['default'], ['team-a/s']],
    [{ connectionRef: { name: 'main' }, clientSecretRef: { name: 's' } }, ['main'], ['team-a/s']],
    [{ generatedSecret: { name: 'g' } }, ['default'], ['team-a/g']],
    [{ connectionRef: 7, clientSecretRef: { name: 7 } }, ['default'], []],
    [undefined, ['default'], []],
    [null, ['default'], []],
    ['text', ['default'], []],
  ])('find a credential with the spec %j', (spec, connections, secrets) => {
    expect(connection?.(of(spec))).toEqual(connections);
    expect(secret?.(of(spec))).toEqual(secrets);
  });

  it.each<[unknown, string[]]>([
    [{ auth: { clientCredentials: { clientSecretRef: { name: 'a' } } } }, ['team-a/a']],
    [
      { auth: { password: { clientSecretRef: { name: 'a' }, passwordRef: { name: 'b' } } } },
      ['team-a/a', 'team-a/b'],
    ],
    [{ auth: { none: {} }, tls: { clientCertificateRef: { name: 'c' } } }, ['team-a/c']],
    [{ tls: { caRef: { kind: 'Secret', name: 'd' } } }, ['team-a/d']],
    [{ tls: { caRef: { kind: 'ConfigMap', name: 'd' } } }, []],
    [undefined, []],
  ])('find a connection with the spec %j by its Secrets', (spec, secrets) => {
    expect(connectionIndexes['secret']?.({ ...object, spec })).toEqual(secrets);
  });

  it.each<[unknown, string[]]>([
    [{ owner: { uid: 'u1' } }, ['u1']],
    [{ owner: {} }, []],
    [undefined, []],
  ])('find a claim with the spec %j by its owner', (spec, owners) => {
    expect(claimIndexes['owner']?.({ ...object, spec })).toEqual(owners);
  });

  it.each<[unknown, string[]]>([
    [{ endpoint: 'https://ALM:443/' }, ['https://alm']],
    [{ endpoint: 'alm' }, []],
    [{ endpoint: 7 }, []],
    [undefined, []],
  ])('find a connection with the spec %j by its endpoint', (spec, endpoints) => {
    expect(connectionIndexes['endpoint']?.({ ...object, spec })).toEqual(endpoints);
  });

  const client = { connection: 'main', endpoint: 'https://alm', clientId: 'Orders' };
  it.each<[unknown, string[], string[]]>([
    [{ ...client, phase: 'Revoking' }, ['main'], ['https://alm orders']],
    [{ ...client, phase: 'Held' }, [], ['https://alm orders']],
    [{ ...client, phase: 'Revoking', connection: 7 }, [], ['https://alm orders']],
    [{ ...client, endpoint: undefined }, [], []],
    [{ ...client, clientId: 7 }, [], []],
    [undefined, [], []],
  ])(
    'find a claim with the spec %j by what it owes where, and by its client',
    (spec, connections, clients) => {
      expect(claimIndexes['connection']?.({ ...object, spec })).toEqual(connections);
      expect(claimIndexes['client']?.({ ...object, spec })).toEqual(clients);
    },
  );

  it('find a credential by its client in whatever case, and by its namespace', () => {
    const indexes = credentialIndexes('default');
    expect(indexes['client']?.(of({ clientId: 'Orders' }))).toEqual(['orders']);
    expect(indexes['client']?.(of({ clientId: 7 }))).toEqual([]);
    expect(indexes['namespace']?.(of({}))).toEqual(['team-a']);
  });
});
