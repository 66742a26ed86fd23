import { describe, expect, it } from 'vitest';
import { configMaps } from './kinds/secrets.ts';
import { serviceAccounts } from './kinds/serviceaccounts.ts';
import { strategicMerge } from './write/strategic.ts';

/** Every answer was given by kube-apiserver 1.36. */

const ACCOUNT = { secrets: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] };
const names = (...list: readonly string[]) => list.map((name) => ({ name }));
const account = (patch: object) => strategicMerge(ACCOUNT, patch as never, serviceAccounts.schema);
const map = (current: object, patch: object) =>
  strategicMerge(current as never, patch as never, configMaps.schema);

describe('a list with a key', () => {
  it.each([
    [
      'is changed and added to, new entries after the one before them in the patch',
      { secrets: [{ name: 'b', uid: 'u' }, { name: 'n' }] },
      [{ name: 'a' }, { name: 'b', uid: 'u' }, { name: 'n' }, { name: 'c' }],
    ],
    [
      'takes the order that is asked for',
      { '$setElementOrder/secrets': names('c', 'b', 'a') },
      names('c', 'b', 'a'),
    ],
    [
      'keeps what the order does not name among its former neighbours',
      { '$setElementOrder/secrets': names('c', 'n', 'a'), secrets: names('n') },
      names('b', 'c', 'n', 'a'),
    ],
    ['loses an entry', { secrets: [{ name: 'a', $patch: 'delete' }] }, names('b', 'c')],
    ['is replaced', { secrets: [{ name: 'x' }, { $patch: 'replace' }] }, names('x')],
    ['is emptied', { secrets: [{ name: 'b', $patch: 'replace' }] }, []],
    ['gets no nulls', { secrets: [{ name: 'q', kind: null }] }, names('q', 'a', 'b', 'c')],
    ['has nothing to lose', { secrets: [{ name: 'q', $patch: 'delete' }] }, names('a', 'b', 'c')],
    [
      'keeps of an entry what is to be retained',
      { secrets: [{ name: 'b', $retainKeys: ['name'], uid: 'u' }] },
      names('a', 'b', 'c'),
    ],
  ])('%s', (_name, patch, secrets) => {
    expect(account(patch)).toEqual({ secrets });
  });

  it.each([
    [{ secrets: [{ kind: 'x' }] }, 'map: map[kind:x] does not contain declared merge key: name'],
    [{ secrets: [{ name: 'b', $patch: 'merge' }] }, 'merging lists cannot yet be specified in the patch'],
    [
      { secrets: [{ name: 'b', $patch: 'bogus' }] },
      'unknown patch type: bogus in map: map[$patch:bogus name:b]',
    ],
    [
      { '$setElementOrder/secrets': names('a'), secrets: names('b', 'c') },
      "The order in patch list:\n[b c]\n doesn't match $setElementOrder list:\n[a]\n",
    ],
  ])('%j is refused', (patch, message) => {
    expect(() => account(patch)).toThrow(message);
  });
});

describe('a list of values', () => {
  const held = { metadata: { finalizers: ['x.io/a', 'x.io/b'] } };
  const finalizers = (patch: object) => map(held, { metadata: patch })['metadata'];
  it.each([
    ['is added to, new values first', { finalizers: ['x.io/c'] }, ['x.io/c', 'x.io/a', 'x.io/b']],
    ['holds no value twice', { finalizers: ['x.io/b', 'x.io/a'] }, ['x.io/b', 'x.io/a']],
    ['loses values', { '$deleteFromPrimitiveList/finalizers': ['x.io/a', 'x.io/z'] }, ['x.io/b']],
    [
      'is put in order',
      { '$setElementOrder/finalizers': ['x.io/b', 'x.io/c', 'x.io/a'], finalizers: ['x.io/c'] },
      ['x.io/b', 'x.io/c', 'x.io/a'],
    ],
  ])('%s', (_name, patch, list) => {
    expect(finalizers(patch)).toEqual({ finalizers: list });
  });

  it('is replaced where the schema does not say that it is merged', () => {
    const current = { imagePullSecrets: names('a') };
    const patched = strategicMerge(current, { imagePullSecrets: names('b') }, serviceAccounts.schema);
    expect(patched).toEqual({ imagePullSecrets: names('b') });
  });
});

describe('a map', () => {
  it.each([
    ['is merged', { data: { a: null, c: '3' } }, { data: { b: '2', c: '3' } }],
    ['is replaced', { data: { $patch: 'replace', c: '3', d: null } }, { data: { c: '3' } }],
    ['is emptied', { data: { $patch: 'delete' } }, { data: {} }],
    ['is taken away', { data: null }, {}],
    ['keeps only some keys', { data: { $retainKeys: ['b', 'c'], c: '3' } }, { data: { b: '2', c: '3' } }],
    [
      'that is new holds no nulls and no directives',
      { more: { $patch: 'merge', x: null, y: { z: null } } },
      { data: { a: '1', b: '2' }, more: { y: {} } },
    ],
  ])('%s', (_name, patch, result) => {
    expect(map({ data: { a: '1', b: '2' } }, patch)).toEqual(result);
  });

  it('has no directive but three', () => {
    expect(() => map({}, { $patch: 'nope' })).toThrow('unknown patch type: nope in map: map[$patch:nope]');
  });
});
