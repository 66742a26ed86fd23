/**
 * Who asks. Whoever has a token is an administrator; as somebody else (`kubectl --as`) an administrator may do what a
 * cluster without roles lets everybody do: look at discovery, and ask about oneself.
 */

import type { IncomingHttpHeaders } from 'node:http';

export type User = Readonly<{ username: string; uid?: string; groups: readonly string[] }>;

const ADMINISTRATORS = 'system:masters';
const KNOWN = 'system:authenticated';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):[^:]+$/;

export const ANONYMOUS: User = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Paths that everybody who is known may GET (the roles system:discovery and system:public-info-viewer upstream). */
export const DISCOVERY_PATHS = [
  ...['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez'],
  ...['/openapi', '/openapi/*', '/readyz', '/version', '/version/'],
];

export function administrator(username: string): User {
  return { username, groups: [ADMINISTRATORS, KNOWN] };
}

export function mayDoEverything({ groups }: User): boolean {
  return groups.includes(ADMINISTRATORS);
}

/** Whether it is among `DISCOVERY_PATHS`. */
export function isDiscovery(path: string): boolean {
  return DISCOVERY_PATHS.some((known) =>
    known.endsWith('*') ? path.startsWith(known.slice(0, -1)) : path === known,
  );
}

/** The user that the headers name instead of the one who asks. */
export function impersonated(asker: User, headers: IncomingHttpHeaders): User {
  const [username, uid] = [textOf(headers['impersonate-user']), textOf(headers['impersonate-uid'])];
  if (username === '') return asker;
  const groups = groupsOf(username, textOf(headers['impersonate-group']));
  return { username, ...(uid === '' ? {} : { uid }), groups };
}

/** Node joins a header that comes several times. */
function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'object' ? header.join(', ') : (header ?? '');
}

function groupsOf(username: string, asked: string): readonly string[] {
  if (username === ANONYMOUS.username && asked === '') return ANONYMOUS.groups;
  const groups = asked === '' ? accountGroups(username) : asked.split(', ');
  return groups.includes(KNOWN) ? groups : [...groups, KNOWN];
}

function accountGroups(username: string): readonly string[] {
  const [, namespace] = SERVICE_ACCOUNT.exec(username) ?? [];
  return namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}
