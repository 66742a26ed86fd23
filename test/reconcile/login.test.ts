import { describe, expect, it } from 'vitest';
import { type ConnectionSpec, connectionSpec } from '../../src/api/almconnection.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { type Prepared, prepare } from '../../src/reconcile/login.ts';
import { findCanary, secretText } from '../support/canary.ts';
import { Cluster } from './cluster.ts';

const NAMESPACE = 'alm-operator';
const signal = new AbortController().signal;
const base64 = (text: string) => Buffer.from(text).toString('base64');

function cluster(): Cluster {
  const own = new Cluster();
  const put = (plural: string, kind: string, name: string, data: Record<string, string>, type?: string) =>
    own.put(plural, {
      apiVersion: 'v1',
      kind,
      metadata: { namespace: NAMESPACE, name },
      data,
      ...(type && { type }),
    });
  put('secrets', 'Secret', 'login', {
    clientSecret: base64(secretText('client')),
    other: base64(secretText('other')),
    password: base64(secretText('user')),
  });
  put('secrets', 'Secret', 'ca', { 'ca.crt': base64('PEM of a Secret') });
  put('configmaps', 'ConfigMap', 'ca', { 'ca.crt': 'PEM of a ConfigMap', 'other.crt': 'another PEM' });
  put(
    'secrets',
    'Secret',
    'pair',
    { 'tls.crt': base64('certificate'), 'tls.key': base64(secretText('key')) },
    'kubernetes.io/tls',
  );
  return own;
}

const clientCredentials = { clientId: 'LmOperator', clientSecretRef: { name: 'login' } };
const password = { ...clientCredentials, username: 'jack', passwordRef: { name: 'login' } };

function specOf(change: Partial<Record<keyof ConnectionSpec, unknown>>): ConnectionSpec {
  return connectionSpec.parse({ endpoint: 'https://alm/', auth: { clientCredentials }, ...change });
}

function prepared(change: Partial<Record<keyof ConnectionSpec, unknown>>, own = cluster()) {
  const reader = { kube: own.client(), allowed: () => false, operatorNamespace: NAMESPACE };
  return prepare(specOf(change), reader, signal);
}

async function good(
  change: Partial<Record<keyof ConnectionSpec, unknown>>,
  own = cluster(),
): Promise<Prepared> {
  const result = await prepared(change, own);
  if ('reason' in result) throw new Error(result.message);
  return result;
}

describe('prepare', () => {
  it('resolves what a spec leaves out', async () => {
    const { options } = await good({});
    expect(options).toMatchObject({
      endpoint: 'https://alm/',
      auth: { kind: 'clientCredentials', clientId: 'LmOperator' },
      tls: {},
      timeoutMs: 10_000,
      concurrency: 8,
    });
    expect(options.auth).not.toHaveProperty('scope');
  });

  it('takes limits, scope and TLS as they are given', async () => {
    const { options } = await good({
      auth: { clientCredentials: { ...clientCredentials, scope: 'all' } },
      limits: { timeout: '1500ms', concurrency: 3 },
      tls: { caBundle: 'PEM', serverName: 'alm.example', insecureSkipVerify: true },
    });
    expect(options).toMatchObject({
      auth: { scope: 'all' },
      timeoutMs: 1500,
      concurrency: 3,
      tls: { ca: 'PEM', serverName: 'alm.example', insecureSkipVerify: true },
    });
  });

  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['client credentials', { clientCredentials }, { secret: 'client' }],
    [
      'client credentials under another key',
      { clientCredentials: { ...clientCredentials, clientSecretRef: { name: 'login', key: 'other' } } },
      { secret: 'other' },
    ],
    ['a user', { password }, { secret: 'client', password: 'user' }],
    [
      'a user whose password is under another key',
      { password: { ...password, passwordRef: { name: 'login', key: 'other' } } },
      { secret: 'client', password: 'other' },
    ],
  ])('asks for the passwords of %s anew each time', async (_, auth, expected) => {
    const own = cluster();
    const { options } = await good({ auth }, own);
    for (const [name, value] of Object.entries(expected)) {
      const ask = Reflect.get(options.auth, name);
      expect((await ask(signal)).reveal()).toBe(secretText(value));
    }
    own.put('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: NAMESPACE, name: 'login' },
      data: { clientSecret: base64(secretText('rotated')) },
    });
    if (expected['secret'] === 'client') {
      expect((await Reflect.get(options.auth, 'secret')(signal)).reveal()).toBe(secretText('rotated'));
    }
  });

  it('rejects the login whose Secret is gone by then', async () => {
    const own = cluster();
    const { options } = await good({}, own);
    own.drop('secrets', { namespace: NAMESPACE, name: 'login' });
    const asked = Reflect.get(options.auth, 'secret')(signal);
    await expect(asked).rejects.toMatchObject({ failure: { reason: 'SecretNotFound' } });
    await expect(asked).rejects.toBeInstanceOf(EdgeError);
  });

  it('needs no Secret for none', async () => {
    const own = cluster();
    expect((await good({ auth: { none: {} } }, own)).options.auth).toEqual({ kind: 'none' });
    expect(own.steps).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a ConfigMap', { kind: 'ConfigMap', name: 'ca' }, 'PEM of a ConfigMap'],
    ['another key of a ConfigMap', { kind: 'ConfigMap', name: 'ca', key: 'other.crt' }, 'another PEM'],
    ['a Secret', { kind: 'Secret', name: 'ca' }, 'PEM of a Secret'],
  ])('takes the authority from %s', async (_, caRef, ca) => {
    expect((await good({ tls: { caRef } })).options.tls).toEqual({ ca });
  });

  it('takes the pair of a client certificate from a Secret of type TLS', async () => {
    const { tls } = (await good({ tls: { clientCertificateRef: { name: 'pair' } } })).options;
    expect(tls.cert).toBe('certificate');
    expect(tls.key?.reveal()).toBe(secretText('key'));
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    [
      'a login Secret that is missing',
      { auth: { clientCredentials: { ...clientCredentials, clientSecretRef: { name: 'x' } } } },
      'SecretNotFound',
      'Secret x does not exist in namespace alm-operator; create it',
    ],
    [
      'a login key that is missing',
      { auth: { clientCredentials: { ...clientCredentials, clientSecretRef: { name: 'login', key: 'x' } } } },
      'SecretKeyNotFound',
      'Secret login has no key x; add it or name another key',
    ],
    [
      'the Secret of the client of a user',
      { auth: { password: { ...password, clientSecretRef: { name: 'x' } } } },
      'SecretNotFound',
      'Secret x does not exist in namespace alm-operator; create it',
    ],
    [
      'the Secret of a user',
      { auth: { password: { ...password, passwordRef: { name: 'ca' } } } },
      'SecretKeyNotFound',
      'Secret ca has no key password; add it or name another key',
    ],
    [
      'an authority in a Secret that is missing',
      { tls: { caRef: { kind: 'Secret', name: 'x' } } },
      'SecretNotFound',
      'Secret x does not exist in namespace alm-operator; create it',
    ],
    [
      'a pair without certificate',
      { tls: { clientCertificateRef: { name: 'login' } } },
      'SecretKeyNotFound',
      'Secret login has no key tls.crt; add it or name another key',
    ],
    [
      'a pair that is missing',
      { tls: { clientCertificateRef: { name: 'x' } } },
      'SecretNotFound',
      'Secret x does not exist in namespace alm-operator; create it',
    ],
  ])('waits for %s', async (_, change, reason, message) => {
    expect(await prepared(change)).toEqual({ kind: 'waiting', reason, message });
  });

  it.each([
    [
      'an authority that is missing',
      { tls: { caRef: { kind: 'ConfigMap', name: 'x' } } },
      'SecretNotFound',
      'ConfigMap x does not exist in namespace alm-operator; create it',
    ],
    [
      'an authority under another key',
      { tls: { caRef: { kind: 'ConfigMap', name: 'ca', key: 'x' } } },
      'SecretKeyNotFound',
      'ConfigMap ca has no key x; add it or name another key',
    ],
  ])('looks again for %s, because nobody watches ConfigMaps', async (_, change, reason, message) => {
    expect(await prepared(change)).toEqual({ kind: 'transient', reason, message });
  });

  it.each([
    ['Secret', 'secrets', 'login'],
    ['Secret', 'secrets', 'pair'],
    ['ConfigMap', 'configmaps', 'ca'],
  ])('has another version for another %s of %s/%s', async (kind, plural, name) => {
    const own = cluster();
    const change = {
      tls: { caRef: { kind: 'ConfigMap', name: 'ca' }, clientCertificateRef: { name: 'pair' } },
    };
    const before = await good(change, own);
    expect((await good(change, own)).version).toBe(before.version);
    const { data } = own.objects.get(`${plural}/${NAMESPACE}/${name}`) as unknown as {
      data: Record<string, string>;
    };
    own.put(plural, { apiVersion: 'v1', kind, metadata: { namespace: NAMESPACE, name }, data });
    expect((await good(change, own)).version).not.toBe(before.version);
  });

  it('has another version for another spec', async () => {
    const own = cluster();
    const [a, b] = [await good({}, own), await good({ endpoint: 'https://other' }, own)];
    expect(a.version).not.toBe(b.version);
  });

  it('never prints a password or a key', async () => {
    expect(
      findCanary(await good({ auth: { password }, tls: { clientCertificateRef: { name: 'pair' } } })),
    ).toBeUndefined();
  });
});
