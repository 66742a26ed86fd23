/** Bearer tokens. Whoever is known may do everything; whoever shows none is anonymous, and may do nothing. */

import { ApiError, qualified, unauthorised } from '../status.ts';
import type { Request } from './message.ts';
import { type ResourcePath, resourcePath } from './route.ts';

const ANONYMOUS = 'system:anonymous';
const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };

/** Returns the user's name. Throws 401 for a token that is not known, 403 for whoever shows none. */
export function authenticate(tokens: ReadonlyMap<string, string>, request: Request): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined) throw denied(request);
  const user = tokens.get(token);
  if (user === undefined) throw unauthorised();
  return user;
}

/** In the words of the RBAC authoriser. */
function denied(request: Request): ApiError {
  const path = resourcePath(request.path);
  if (path === undefined) {
    const what = `cannot ${request.method.toLowerCase()} path "${request.path}"`;
    return new ApiError(403, 'Forbidden', `forbidden: User "${ANONYMOUS}" ${what}`, {});
  }
  const { group, plural, name, subresource } = path;
  const who = qualified({ group, plural, kind: '' });
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  const what = `cannot ${verbOf(request, path)} resource "${resource}" in API group "${group}" ${scopeOf(path)}`;
  const named = name === undefined ? who : `${who} "${name}"`;
  return new ApiError(403, 'Forbidden', `${named} is forbidden: User "${ANONYMOUS}" ${what}`, {
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
