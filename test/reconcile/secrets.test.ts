import { describe, expect, it } from 'vitest';
import { parseSelector } from '../../src/kube/selector.ts';
import { readSecret } from '../../src/reconcile/secrets.ts';
import { findCanary, secretText } from '../support/canary.ts';
import { Cluster, unavailable } from './cluster.ts';

const PASSWORD = secretText('password');
const signal = new AbortController().signal;
const where = { namespace: 'team-a', name: 'orders', key: 'clientSecret' };

type Put = Partial<{ type: string; data: unknown; labels: Record<string, string>; namespace: string }>;

function scene({ namespace = 'team-a', labels = {}, ...rest }: Put = {}) {
  const cluster = new Cluster();
  const data = { clientSecret: Buffer.from(PASSWORD).toString('base64') };
  const metadata = { namespace, name: 'orders', labels };
  const { metadata: stored } = cluster.put('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    data,
    ...rest,
  });
  const read = (selector?: string, at = { ...where, namespace }) => {
    const allowed = selector === undefined ? undefined : parseSelector(selector);
    return readSecret({ kube: cluster.client(), allowed, operatorNamespace: 'alm-operator' }, at, signal);
  };
  return { cluster, stored, read };
}

describe('readSecret', () => {
  it('gives the password with the version that it was read at', async () => {
    const { stored, read } = scene({ type: 'Opaque' });
    const found = await read();
    if ('reason' in found) throw new Error(found.message);
    const { uid, resourceVersion } = stored;
    expect(found.version).toEqual({ name: 'orders', key: 'clientSecret', uid, resourceVersion });
    expect(found.password.value.reveal()).toBe(PASSWORD);
    expect(findCanary(found)).toBeUndefined();
  });

  it.each<[string, Put, string | undefined, string | undefined]>([
    ['any Secret without the rule', {}, undefined, undefined],
    ['one with the label', { labels: { alm: 'yes' } }, 'alm=yes', undefined],
    ['not one without the label', {}, 'alm=yes', 'SecretNotAllowed'],
    ['not one with another label', { labels: { alm: 'no' } }, 'alm=yes', 'SecretNotAllowed'],
    [
      'one of the operator’s namespace without the label',
      { namespace: 'alm-operator' },
      'alm=yes',
      undefined,
    ],
    ['not one of a refused type', { type: 'kubernetes.io/tls' }, undefined, 'SecretNotAllowed'],
    ['not one without data', { data: undefined }, undefined, 'SecretKeyNotFound'],
    ['not one whose data nobody can read', { data: { clientSecret: 7 } }, undefined, 'SecretKeyNotFound'],
  ])('takes %s', async (_, put, selector, reason) => {
    const found = await scene(put).read(selector);
    expect('reason' in found ? found.reason : undefined).toBe(reason);
    expect(findCanary(found)).toBeUndefined();
  });

  it('names the Secret that is missing', async () => {
    const found = await scene().read(undefined, { ...where, name: 'other' });
    expect(found).toEqual({
      kind: 'waiting',
      reason: 'SecretNotFound',
      message: 'Secret other does not exist in namespace team-a; create it',
    });
  });

  it('rejects where the API server cannot be asked: that is not absence', async () => {
    const { cluster, read } = scene();
    cluster.breaks.push({ at: 'read Secret', when: 'before', error: unavailable() });
    await expect(read()).rejects.toMatchObject({ status: 503 });
  });
});
