/** What a request asks of the API server, read from its line and headers alone: no body, no credentials. Pure. */

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** The resource that a path names; '' stands for what it does not name. */
export type Target = Readonly<{
  group: string;
  resource: string;
  namespace: string;
  name: string;
  subresource: string;
}>;

/** One entry of the log. The last four fields change while the request is under way. */
export type GateRequest = Target &
  Readonly<{
    /** Its place in the log, from 1. */
    n: number;
    /** When it came, in milliseconds since 1970. */
    at: number;
    /** The name behind the bearer token; '' where the gate knows no users. */
    user: string;
    agent: string;
    protocol: 'h1' | 'h2';
    method: string;
    path: string;
    /** Without the question mark. */
    query: string;
    verb: Verb;
    accept: string;
    contentType: string;
  }> & {
    /** 0 until the client was sent a status line. */
    status: number;
    /** The exchange is over, one way or the other. */
    ended: boolean;
    /** It ended before the client had the whole answer. */
    aborted: boolean;
    /** What the gate did to it, '' if nothing. */
    fault: string;
  };

export type Head = Readonly<{
  at?: number;
  method: string;
  url: string;
  protocol: 'h1' | 'h2';
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}>;

/** A predicate, or fields that must all be equal. */
export type Match = ((request: GateRequest) => boolean) | Readonly<Partial<GateRequest>>;

export function matches(match: Match, request: GateRequest): boolean {
  if (typeof match === 'function') return match(request);
  return Object.entries(match).every(([field, value]) => request[field as keyof GateRequest] === value);
}

export function isWrite({ verb }: Pick<GateRequest, 'verb'>): boolean {
  return verb !== 'get' && verb !== 'list' && verb !== 'watch';
}

export function describeRequest(n: number, user: string, head: Head): GateRequest {
  const [path = '', query = ''] = splitOnce(head.url, '?');
  const target = parsePath(path);
  return {
    n,
    at: head.at ?? 0,
    user,
    agent: header(head, 'user-agent'),
    protocol: head.protocol,
    method: head.method,
    path,
    query,
    ...target,
    verb: verbOf(head.method, target, new URLSearchParams(query)),
    accept: header(head, 'accept'),
    contentType: header(head, 'content-type'),
    status: 0,
    ended: false,
    aborted: false,
    fault: '',
  };
}

/** One line for a failing test to show. */
export function summary(request: GateRequest): string {
  const { n, user, method, path, query, status, fault, aborted } = request;
  const notes = [fault, aborted ? 'aborted' : ''].filter((note) => note !== '').join(', ');
  const line = `${n} ${user} ${method} ${path}${query === '' ? '' : `?${query}`} → ${status}`;
  return notes === '' ? line : `${line} (${notes})`;
}

const NAMESPACE_SUBRESOURCES = ['status', 'finalize'];

/** The rules of the API server's own request info: `namespaces/x/status` names a namespace, `namespaces/x/secrets` does not. */
function parsePath(path: string): Target {
  const parts = path.split('/').filter((part) => part !== '');
  const none = { group: '', resource: '', namespace: '', name: '', subresource: '' };
  const [root, second = ''] = parts;
  if (root !== 'api' && root !== 'apis') return none;
  const group = root === 'apis' ? second : '';
  const rest = parts.slice(root === 'apis' ? 3 : 2).map(decodeURIComponent);
  const [first = '', scope = '', third = ''] = rest;
  if (first === 'namespaces' && third !== '' && !NAMESPACE_SUBRESOURCES.includes(third)) {
    const [, , resource = '', name = '', subresource = ''] = rest;
    return { group, resource, namespace: scope, name, subresource };
  }
  return { group, resource: first, namespace: '', name: scope, subresource: third };
}

function verbOf(method: string, { resource, name }: Target, query: URLSearchParams): Verb {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      if (isTrue(query.get('watch'))) return 'watch';
      return resource !== '' && name === '' ? 'list' : 'get';
  }
}

function isTrue(value: string | null): boolean {
  return value === '1' || value === 'true';
}

function header({ headers }: Head, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : (value ?? []).join(', ');
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
