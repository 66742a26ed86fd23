import { describe, expect, it } from 'vitest';
import { decodeNamespace, decodeObject, decodeSecretMetadata, identityOf } from '../../src/kube/decode.ts';

const owner = { apiVersion: 'v1', kind: 'Thing', name: 't', uid: 'u2', controller: true, more: 'dropped' };

const metadata = {
  name: 'a',
  namespace: 'ns',
  uid: 'u1',
  resourceVersion: '7',
  generation: 2,
  labels: { app: 'x' },
  annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"p":"canary-7f3a9"}}' },
  managedFields: [{ manager: 'kubectl' }],
  ownerReferences: [owner],
  finalizers: ['f'],
};

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'Opaque',
  metadata,
  data: { p: 'Y2FuYXJ5LTdmM2E5' },
};

describe('decoding an object', () => {
  it('leaves out managedFields and nothing else', () => {
    const thing = { ...secret, kind: 'Thing' };
    const { managedFields: _, ...kept } = metadata;
    expect(decodeObject(thing)).toEqual({ ...thing, metadata: kept });
  });

  it.each([
    ['nothing', undefined],
    ['a list', [secret]],
    ['no metadata', { apiVersion: 'v1', kind: 'Thing' }],
    ['no name', { ...secret, metadata: { ...metadata, name: undefined } }],
    ['an empty uid', { ...secret, metadata: { ...metadata, uid: '' } }],
    ['a numeric version', { ...secret, metadata: { ...metadata, resourceVersion: 7 } }],
    ['a namespace that is no text', { ...secret, metadata: { ...metadata, namespace: 1 } }],
    ['no kind', { ...secret, kind: undefined }],
  ])('refuses %s', (_, raw) => {
    expect(decodeObject(raw)).toBeUndefined();
  });
});

describe('decoding the metadata of a Secret', () => {
  it('keeps what a decision needs and nothing in which a value may hide', () => {
    for (const raw of [secret, { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }]) {
      const { more: _, ...ownerReference } = owner;
      expect(decodeSecretMetadata(raw)).toEqual({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          namespace: 'ns',
          name: 'a',
          uid: 'u1',
          resourceVersion: '7',
          labels: { app: 'x' },
          ownerReferences: [ownerReference],
        },
      });
    }
  });

  it('copes with labels and owners of a wrong shape', () => {
    const odd = {
      metadata: { ...metadata, labels: { a: 1, b: 'x' }, ownerReferences: [7, owner, { kind: 'k' }] },
    };
    expect(decodeSecretMetadata(odd)?.metadata).toMatchObject({
      labels: { b: 'x' },
      ownerReferences: [{ uid: 'u2' }],
    });
    expect(
      decodeSecretMetadata({ metadata: { ...metadata, labels: 7, ownerReferences: {} } })?.metadata,
    ).toEqual({
      namespace: 'ns',
      name: 'a',
      uid: 'u1',
      resourceVersion: '7',
    });
  });

  it.each([[undefined], [{ metadata: { name: 'a' } }], [{ metadata: [] }]])('refuses %j', (raw) => {
    expect(decodeSecretMetadata(raw)).toBeUndefined();
    expect(identityOf(raw)).toBeUndefined();
  });
});

describe('decoding a namespace', () => {
  const { namespace: _, ...cluster } = metadata;

  it('keeps its labels and its end, whether it comes whole or as metadata', () => {
    const going = { ...cluster, deletionTimestamp: '2026-03-01T12:00:00Z' };
    for (const raw of [
      { apiVersion: 'v1', kind: 'Namespace', metadata: going, status: { phase: 'Terminating' } },
      { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: going },
    ]) {
      expect(decodeNamespace(raw)).toEqual({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: 'a',
          uid: 'u1',
          resourceVersion: '7',
          labels: { app: 'x' },
          deletionTimestamp: '2026-03-01T12:00:00Z',
        },
      });
    }
  });

  it('that lives says nothing of an end', () => {
    expect(decodeNamespace({ metadata: { ...cluster, labels: undefined } })?.metadata).toEqual({
      name: 'a',
      uid: 'u1',
      resourceVersion: '7',
    });
  });

  it.each([[undefined], [{ metadata: { name: 'a' } }], [{ metadata: [] }]])('refuses %j', (raw) => {
    expect(decodeNamespace(raw)).toBeUndefined();
  });
});
