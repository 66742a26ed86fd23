import { describe, expect, it } from 'vitest';
import { collectionPath, objectPath, qualifiedName } from '../../src/kube/path.ts';
import { SECRETS, THINGS } from './support/objects.ts';

describe('paths', () => {
  it.each([
    [collectionPath(SECRETS), '/api/v1/secrets'],
    [collectionPath(SECRETS, 'a'), '/api/v1/namespaces/a/secrets'],
    [collectionPath(THINGS, 'a'), '/apis/example.org/v1/namespaces/a/things'],
    [objectPath(THINGS, { namespace: 'a', name: 'b' }), '/apis/example.org/v1/namespaces/a/things/b'],
    [
      objectPath(THINGS, { namespace: 'a', name: 'b' }, 'status'),
      '/apis/example.org/v1/namespaces/a/things/b/status',
    ],
    [objectPath(SECRETS, { namespace: 'a', name: '../b?c' }), '/api/v1/namespaces/a/secrets/..%2Fb%3Fc'],
    [objectPath(THINGS, { name: 'b' }), '/apis/example.org/v1/things/b'],
  ])('%s is %s', (path, expected) => {
    expect(path).toBe(expected);
  });

  it('names kinds as kubectl does', () => {
    expect([qualifiedName(SECRETS), qualifiedName(THINGS)]).toEqual(['secrets', 'things.example.org']);
  });
});
