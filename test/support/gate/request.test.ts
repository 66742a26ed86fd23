import { describe, expect, it } from 'vitest';
import { describeRequest, type GateRequest, isWrite, matches, summary } from './request.ts';

const head = (method: string, url: string) => ({ method, url, protocol: 'h2' as const, headers: {} });
const read = (method: string, url: string) => describeRequest(1, '', head(method, url));

const CCRED = '/apis/alm-operator.dev/v1beta1/namespaces/team-a/clientcredentials';

const rows: readonly [name: string, method: string, url: string, expected: Partial<GateRequest>][] = [
  [
    'a list of a namespace',
    'GET',
    CCRED,
    { verb: 'list', group: 'alm-operator.dev', namespace: 'team-a', name: '' },
  ],
  ['a get', 'GET', `${CCRED}/x`, { verb: 'get', resource: 'clientcredentials', name: 'x', subresource: '' }],
  ['a write of a status', 'PUT', `${CCRED}/x/status`, { verb: 'update', name: 'x', subresource: 'status' }],
  ['a patch', 'PATCH', `${CCRED}/x`, { verb: 'patch' }],
  ['a deletion', 'DELETE', `${CCRED}/x`, { verb: 'delete', name: 'x' }],
  ['a deletion of all', 'DELETE', CCRED, { verb: 'deletecollection' }],
  ['a creation', 'POST', CCRED, { verb: 'create', resource: 'clientcredentials', name: '' }],
  [
    'a watch',
    'GET',
    '/api/v1/secrets?watch=true&resourceVersion=7',
    { verb: 'watch', group: '', resource: 'secrets' },
  ],
  ['watch=1', 'GET', '/api/v1/secrets?watch=1', { verb: 'watch' }],
  ['watch=0', 'GET', '/api/v1/secrets?watch=0', { verb: 'list' }],
  [
    'a namespace',
    'GET',
    '/api/v1/namespaces/team-a',
    { verb: 'get', resource: 'namespaces', name: 'team-a', namespace: '' },
  ],
  ['the namespaces', 'GET', '/api/v1/namespaces', { verb: 'list', resource: 'namespaces' }],
  [
    'finalizing',
    'PUT',
    '/api/v1/namespaces/a/finalize',
    { resource: 'namespaces', name: 'a', subresource: 'finalize' },
  ],
  [
    'a cluster-scoped object',
    'GET',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x.y',
    { name: 'x.y', namespace: '' },
  ],
  [
    'no resource at all',
    'GET',
    '/readyz?verbose',
    { verb: 'get', resource: '', path: '/readyz', query: 'verbose' },
  ],
];

describe('a request as the log sees it', () => {
  it.each(rows)('reads %s', (_name, method, url, expected) => {
    expect(read(method, url)).toMatchObject(expected);
  });

  it('matches when every field given is equal', () => {
    const request = read('GET', `${CCRED}/x`);
    expect(matches({ verb: 'get', name: 'x' }, request)).toBe(true);
    expect(matches({ verb: 'get', name: 'y' }, request)).toBe(false);
    expect(matches({ subresource: '' }, request)).toBe(true);
    expect(matches({}, request)).toBe(true);
    expect(matches(({ path }) => path.endsWith('/x'), request)).toBe(true);
  });

  it('tells writes from reads', () => {
    const verbs = [
      'get',
      'list',
      'watch',
      'create',
      'update',
      'patch',
      'delete',
      'deletecollection',
    ] as const;
    expect(verbs.filter((verb) => isWrite({ verb }))).toEqual(verbs.slice(3));
  });

  it('sums itself up in one line', () => {
    const request = describeRequest(3, 'operator', head('GET', '/api/v1/secrets?watch=true'));
    request.status = 200;
    request.fault = 'garbage';
    request.aborted = true;
    expect(summary(request)).toBe('3 operator GET /api/v1/secrets?watch=true → 200 (garbage, aborted)');
  });
});
