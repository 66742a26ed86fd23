import { describe, expect, it } from 'vitest';
import { decodeProtobuf } from './protobuf/decode.ts';
import { field, message } from './protobuf/encode.ts';

/** Bodies as kubectl 1.32 sent them, and helm 3.19 the last one. */
const SENT = {
  namespace: 'azhzAAoPCgJ2MRIJTmFtZXNwYWNlEh0KFQoFcHJvYmUSABoAIgAqADIAOABCABIAGgIKABoAIgA=',
  secret:
    'azhzAAoMCgJ2MRIGU2VjcmV0EkMKGwoEa2V5cxIAGgdkZWZhdWx0IgAqADIAOABCABIcCgxjbGllbnRTZWNyZXQSDGNhbmFyeS03ZjNhORoGT3BhcXVlGgAiAA==',
  configMap:
    'azhzAAoPCgJ2MRIJQ29uZmlnTWFwEjIKHwoIc2V0dGluZ3MSABoHZGVmYXVsdCIAKgAyADgAQgASBgoBYRIBMRIHCgFiEgLDpBoAIgA=',
  serviceAccount: 'azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSHgocCgVyb2JvdBIAGgdkZWZhdWx0IgAqADIAOABCABoAIgA=',
  accessReview:
    'azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSYgoQCgASABoAIgAqADIAOABCABJECkIKB2RlZmF1bHQSBmNyZWF0ZRoQYWxtLW9wZXJhdG9yLmRldiIAKhFjbGllbnRjcmVkZW50aWFsczIAOgZzdGF0dXMaCAgAEgAaACAAGgAiAA==',
  pathReview:
    'azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSLwoQCgASABoAIgAqADIAOABCABIREg8KCC9tZXRyaWNzEgNnZXQaCAgAEgAaACAAGgAiAA==',
  rulesReview:
    'azhzAAoxChdhdXRob3JpemF0aW9uLms4cy5pby92MRIWU2VsZlN1YmplY3RSdWxlc1JldmlldxIjChAKABIAGgAiACoAMgA4AEIAEgkKB2RlZmF1bHQaBBgAIgAaACIA',
  subjectReview:
    'azhzAAotChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESEVNlbGZTdWJqZWN0UmV2aWV3EhoKEAoAEgAaACIAKgAyADgAQgASBgoECgASABoAIgA=',
  deletion: 'azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxIAGgAiAA==',
};

const decoded = (body: string) => decodeProtobuf(Buffer.from(body, 'base64'));

describe('a body in protobuf', () => {
  it.each([
    ['namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'probe' } }],
    [
      'secret',
      {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', namespace: 'default' } },
        ...{ data: { clientSecret: Buffer.from('canary-7f3a9').toString('base64') }, type: 'Opaque' },
      },
    ],
    [
      'configMap',
      {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' } },
        data: { a: '1', b: 'ä' },
      },
    ],
    [
      'serviceAccount',
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' } },
    ],
    [
      'accessReview',
      {
        ...{ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview' },
        spec: {
          resourceAttributes: {
            ...{ namespace: 'default', verb: 'create', group: 'alm-operator.dev' },
            ...{ resource: 'clientcredentials', name: 'status' },
          },
        },
      },
    ],
    [
      'pathReview',
      {
        ...{ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview' },
        spec: { nonResourceAttributes: { path: '/metrics', verb: 'get' } },
      },
    ],
    [
      'rulesReview',
      {
        ...{ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview' },
        spec: { namespace: 'default' },
      },
    ],
    ['subjectReview', { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }],
  ] as const)('of a %s reads as its JSON would', (name, object) => {
    const { metadata, ...rest } = { metadata: undefined, ...decoded(SENT[name]) };
    const { generation, ...kept } = { generation: undefined, ...((metadata ?? {}) as object) };
    expect(generation ?? 0).toBe(0);
    expect({ ...rest, ...(Object.keys(kept).length === 0 ? {} : { metadata: kept }) }).toEqual(object);
  });

  it('of a deletion tells what has to hold and what becomes of dependents, for every group', () => {
    const envelope = message(field(1, 'apps/v1'), field(2, 'DeleteOptions'));
    const preconditions = message(field(1, 'u-1'), field(2, '7'));
    const options = message(field(2, preconditions), field(4, 'Foreground'), field(5, 'All'));
    const body = message(Buffer.from('k8s\0'), field(1, envelope), field(2, options));
    expect(decodeProtobuf(body)).toEqual({
      ...{ apiVersion: 'apps/v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground', dryRun: ['All'] },
      preconditions: { uid: 'u-1', resourceVersion: '7' },
    });
    expect(decoded(SENT.deletion)).toEqual({ apiVersion: 'v1', kind: 'DeleteOptions' });
  });

  it('that is no such thing, of an unknown kind, or cut off at any place, is told apart', () => {
    const whole = Buffer.from(SENT.secret, 'base64');
    expect(decodeProtobuf(Buffer.from('{}'))).toBeUndefined();
    const pod = Buffer.from(whole.toString('latin1').replace('Secret', 'Sexret'), 'latin1');
    expect(decodeProtobuf(pod)).toBeUndefined();
    // The envelope ends with two empty fields that nothing depends on.
    for (let length = 0; length < whole.length - 4; length += 1) {
      const cut = decodeProtobuf(whole.subarray(0, length));
      expect(cut).not.toEqual(decoded(SENT.secret));
    }
  });
});
