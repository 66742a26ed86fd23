/** Who a request comes from, and whether it may be made at all. */

import { ApiError, qualified, unauthorised } from '../status.ts';
import type { Request } from './message.ts';
import { type ResourcePath, resourcePath } from './route.ts';
import { ANONYMOUS, administrator, impersonated, isDiscovery, mayDoEverything, type User } from './users.ts';

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };
const REVIEWS_OF_ONESELF = /^\/apis\/auth(entication|orization)\.k8s\.io\/v1\/selfsubject[a-z]*reviews$/;

/** Throws 401 for a token that is not known; whoever shows none is anonymous. */
export function authenticate(tokens: ReadonlyMap<string, string>, { headers }: Request): User {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) return ANONYMOUS;
  const name = tokens.get(token);
  if (name === undefined) throw unauthorised();
  return impersonated(administrator(name), headers);
}

/** Throws 403, in the words of the RBAC authoriser. */
export function authorise(user: User, request: Request): void {
  if (mayDoEverything(user)) return;
  const { method, path } = request;
  const isKnown = !user.groups.includes('system:unauthenticated');
  if (isKnown && method === 'GET' && resourcePath(path) === undefined && isDiscovery(path)) return;
  if (isKnown && method === 'POST' && REVIEWS_OF_ONESELF.test(path)) return;
  throw denied(user, request);
}

function denied({ username }: User, request: Request): ApiError {
  const path = resourcePath(request.path);
  if (path === undefined) {
    const what = `cannot ${request.method.toLowerCase()} path "${request.path}"`;
    return new ApiError(403, 'Forbidden', `forbidden: User "${username}" ${what}`, {});
  }
  const { group, plural, name, subresource } = path;
  const who = qualified({ group, plural, kind: '' });
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  const what = `cannot ${verbOf(request, path)} resource "${resource}" in API group "${group}" ${scopeOf(path)}`;
  const named = name === undefined ? who : `${who} "${name}"`;
  return new ApiError(403, 'Forbidden', `${named} is forbidden: User "${username}" ${what}`, {
    ...(name === undefined ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: plural,
  });
}

function verbOf({ method, query }: Request, { name }: ResourcePath): string {
  if (method === 'DELETE') return name === undefined ? 'deletecollection' : 'delete';
  if (method !== 'GET') return VERBS[method] ?? method.toLowerCase();
  if (['1', 'true'].includes(query.get('watch') ?? '')) return 'watch';
  return name === undefined ? 'list' : 'get';
}

/** A namespace counts as in itself. */
function scopeOf({ group, plural, namespace, name }: ResourcePath): string {
  const home = group === '' && plural === 'namespaces' ? name : namespace;
  return home === undefined ? 'at the cluster scope' : `in the namespace "${home}"`;
}
