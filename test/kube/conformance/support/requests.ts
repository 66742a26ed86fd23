/**
 * Requests as the tables write them. A path without a leading slash is in the row's own namespace: `secrets/a`,
 * `gadgets/a/status`; of a kind that has no namespaces it names the object alone.
 */

import type { Method, Request } from './client.ts';

type More = Omit<Request, 'method' | 'path' | 'body'>;
type Query = Readonly<Record<string, string>>;

export const get = (path: string, query: Query = {}, more: More = {}): Request =>
  asked('GET', path, { query, ...more });

export const post = (path: string, body: unknown, query: Query = {}, more: More = {}): Request =>
  asked('POST', path, { body, query, ...more });

export const put = (path: string, body: unknown, query: Query = {}): Request =>
  asked('PUT', path, { body, query });

export const remove = (path: string, body?: unknown, query: Query = {}): Request =>
  asked('DELETE', path, { body, query });

export const merge = (path: string, body: unknown, query: Query = {}): Request =>
  patched(path, 'application/merge-patch+json', body, query);

export const json = (path: string, body: unknown, query: Query = {}): Request =>
  patched(path, 'application/json-patch+json', body, query);

export const strategic = (path: string, body: unknown, query: Query = {}): Request =>
  patched(path, 'application/strategic-merge-patch+json', body, query);

/** Server-side apply; the body is JSON, which is YAML as well. */
export const apply = (path: string, body: unknown, query: Query = {}): Request =>
  patched(path, 'application/apply-patch+yaml', body, { fieldManager: 'rows', ...query });

function patched(path: string, contentType: string, body: unknown, query: Query): Request {
  return asked('PATCH', path, { body, query, contentType });
}

function asked(method: Method, path: string, rest: Omit<Request, 'method' | 'path'>): Request {
  return { method, path, ...rest };
}

const ROOTS: Readonly<Record<string, string>> = {
  namespaces: '/api/v1',
  customresourcedefinitions: '/apis/apiextensions.k8s.io/v1',
  validatingadmissionpolicies: '/apis/admissionregistration.k8s.io/v1',
  validatingadmissionpolicybindings: '/apis/admissionregistration.k8s.io/v1',
  configmaps: '/api/v1/namespaces/{ns}',
  secrets: '/api/v1/namespaces/{ns}',
  serviceaccounts: '/api/v1/namespaces/{ns}',
  events: '/apis/events.k8s.io/v1/namespaces/{ns}',
  leases: '/apis/coordination.k8s.io/v1/namespaces/{ns}',
  clientcredentials: '/apis/alm-operator.dev/v1beta1/namespaces/{ns}',
  almconnections: '/apis/alm-operator.dev/v1beta1/namespaces/{ns}',
  almclientclaims: '/apis/alm-operator.dev/v1beta1/namespaces/{ns}',
  gadgets: '/apis/conformance.example/v1/namespaces/{ns}',
  plains: '/apis/conformance.example/v1',
};

/** The path on the server. */
export function placed(path: string, namespace: string): string {
  if (path.startsWith('/')) return path.replaceAll('{ns}', namespace);
  const [plural = ''] = path.split('/');
  const root = ROOTS[plural];
  if (root === undefined)
    throw new Error(`${path}: no such kind in test/kube/conformance/support/requests.ts`);
  return `${root.replace('{ns}', namespace)}/${path}`;
}
