import type { KubeObject, ObjectMeta, Resource } from '../../../src/kube/types.ts';

export const THINGS: Resource = { group: 'example.org', version: 'v1', plural: 'things', kind: 'Thing' };
export const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };

/** `thing('ns/a', 5)` is the object ns/a at version 5. */
export function thing(key: string, version: number, more: Partial<ObjectMeta> = {}): KubeObject {
  const [namespace = '', name = ''] = key.split('/');
  const metadata = { namespace, name, uid: `uid-${key}`, resourceVersion: String(version), ...more };
  return { apiVersion: 'example.org/v1', kind: 'Thing', metadata };
}

export function bookmark(version: number, endMark = false): Record<string, unknown> {
  const annotations = endMark ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return {
    kind: 'Thing',
    apiVersion: 'example.org/v1',
    metadata: { resourceVersion: String(version), ...annotations },
  };
}

export function statusBody(code: number, reason: string, more: object = {}): Record<string, unknown> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message: `the server says ${reason}`,
    ...more,
  };
}
