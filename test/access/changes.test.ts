/** What the policy lets pass of objects that are there already: rules that became stricter hold nothing back. */

import { beforeEach, describe, expect, it } from 'vitest';
import type { Live } from '../support/kubectl/objects.ts';
import { refused, useBench } from './bench.ts';

const KIND = 'ClientCredential';
const FINALIZER = 'alm-operator.dev/release';
const bench = useBench();
let namespace = '';

/** An object whose rule went after it was made: nothing of it would be admitted any more. */
beforeEach(async () => {
  const { cluster, connect, disconnect } = bench();
  await disconnect();
  await connect({ name: 'generous', rules: [{ namespaces: { all: true }, clientIds: ['*'] }] });
  namespace = await cluster.namespace('team');
  await cluster.api.create({
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: KIND,
    metadata: { name: 'orders', namespace, finalizers: [FINALIZER] },
    spec: {
      clientId: 'orders',
      clientSecretRef: { name: 'password' },
      authorisedGrantTypes: ['client_credentials'],
      connectionRef: { name: 'generous' },
    },
  });
  await disconnect();
  await connect({ name: 'generous', rules: [{ namespaces: { names: ['other'] }, clientIds: ['*'] }] });
  await refused(() => bench().told('generous', { namespace }));
});

const change = (body: object, subresource?: string) =>
  bench().cluster.api.patch<Live>(KIND, namespace, 'orders', { type: 'merge', body }, subresource);

const NO_RULE = /namespace team-\d+ may not use clientId orders on connection generous: none/;

describe('an object that no rule admits any more', () => {
  it('takes labels, annotations and finalizers', async () => {
    await change({
      metadata: { labels: { a: 'b' }, annotations: { 'reconcile.fluxcd.io/requestedAt': '1' } },
    });
    await change({ metadata: { finalizers: [FINALIZER, 'example.org/held'] } });
    const { metadata } = await change({ metadata: { finalizers: ['example.org/held'] } });
    expect(metadata.finalizers).toEqual(['example.org/held']);
  });

  it('takes a status', async () => {
    const { status } = await change({ status: { observedGeneration: 1 } }, 'status');
    expect(status).toEqual({ observedGeneration: 1 });
  });

  it('takes the same spec again', async () => {
    await expect(change({ spec: { clientId: 'orders' } })).resolves.toBeDefined();
  });

  it.each([
    ['a harmless one', { suspend: true }],
    ['one that asks for less', { accessTokenValidity: 1 }],
    ['one that asks for more', { roles: ['Admin'] }],
  ])('is judged anew at a change of its spec: %s', async (_, spec) => {
    await expect(change({ spec })).rejects.toThrow(NO_RULE);
  });

  it('goes, whatever its finalizer or its spec does meanwhile', async () => {
    const { api } = bench().cluster;
    await api.delete(KIND, namespace, 'orders');
    await change({ spec: { suspend: true } });
    const { metadata } = await api.get<Live>(KIND, namespace, 'orders');
    expect(metadata.deletionTimestamp).toBeDefined();
    const patch = [
      { op: 'test', path: '/metadata/finalizers/0', value: FINALIZER },
      { op: 'remove', path: '/metadata/finalizers/0' },
    ];
    await api.patch(KIND, namespace, 'orders', { type: 'json', body: patch });
    await api.waitGone(KIND, namespace, 'orders');
  });
});
