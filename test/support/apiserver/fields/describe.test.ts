import { describe, expect, it } from 'vitest';
import { compare, nodesOf, spokenFor } from './describe.ts';
import { GAD, leaves, PART, SCHEMA } from './fixture.ts';
import { owned } from './managers.ts';
import { pathsIn } from './set.ts';

describe('the fields of an object', () => {
  it('are, for one who wrote it, all nodes with their maps and lists', () => {
    expect(owned(nodesOf(GAD, SCHEMA))).toEqual({
      'f:metadata': {
        'f:finalizers': leaves('.', 'v:"x.io/a"'),
        'f:labels': leaves('.', 'f:l'),
        'f:ownerReferences': leaves('.', 'k:{"uid":"u1"}'),
      },
      'f:spec': {
        '.': {},
        ...leaves('f:atom', 'f:ios', 'f:list', 'f:size'),
        'f:any': { '.': {}, 'f:z': leaves('.', 'f:y') },
        'f:map': leaves('.', 'f:a'),
        'f:parts': { '.': {}, [PART]: { ...leaves('.', 'f:name'), 'f:sub': leaves('.', 'f:x') } },
        'f:set': leaves('.', 'v:"s"', 'v:"t"'),
      },
    });
  });

  it('are, for one who applied it, what it speaks of', () => {
    expect(owned(spokenFor(GAD, SCHEMA))).toEqual({
      'f:metadata': {
        'f:finalizers': leaves('v:"x.io/a"'),
        'f:labels': leaves('f:l'),
        'f:ownerReferences': leaves('k:{"uid":"u1"}'),
      },
      'f:spec': {
        ...leaves('f:atom', 'f:ios', 'f:list', 'f:size'),
        'f:any': { 'f:z': leaves('.', 'f:y') },
        'f:map': leaves('f:a'),
        'f:parts': { [PART]: { ...leaves('.', 'f:name'), 'f:sub': leaves('f:x') } },
        'f:set': leaves('v:"s"', 'v:"t"'),
      },
    });
  });

  it('that are empty maps are spoken of, empty lists of items are not', () => {
    const spec = { map: {}, any: {}, set: [], parts: [], list: [] };
    expect(spokenFor({ spec }, SCHEMA)).toEqual({ 'f:spec': leaves('f:any', 'f:list', 'f:map') });
  });
});

describe('a change', () => {
  const changeOf = (before: object, after: object) => {
    const { changed, removed } = compare({ spec: before }, { spec: after }, SCHEMA);
    return { changed: pathsIn(changed), removed: pathsIn(removed) };
  };
  it.each([
    ['of a value', { size: 1 }, { size: 2 }, ['.spec.size'], []],
    ['of nothing', { size: 1, set: ['a', 'b'] }, { size: 1, set: ['b', 'a'] }, [], []],
    ['of one key', { map: { a: '1' } }, { map: { a: '1', b: '2' } }, ['.spec.map.b'], []],
    ['of an atomic map', { atom: { a: '1' } }, { atom: { b: '2' } }, ['.spec.atom'], []],
    ['of an atomic list', { list: ['a'] }, { list: ['a', 'b'] }, ['.spec.list'], []],
    ['of a set', { set: ['a'] }, { set: ['b'] }, ['.spec.set[="b"]'], ['.spec.set[="a"]']],
    [
      'of an item by its keys',
      { parts: [{ name: 'x', proto: 'TCP', count: 1 }] },
      { parts: [{ name: 'x', proto: 'TCP', count: 2 }] },
      ['.spec.parts[name="x",proto="TCP"].count'],
      [],
    ],
    ['that adds a map', {}, { map: { a: '1' } }, ['.spec.map', '.spec.map.a'], []],
    ['that takes a map away', { map: { a: '1' } }, {}, [], ['.spec.map', '.spec.map.a']],
    [
      'from a value to a map',
      { any: { z: 1 } },
      { any: { z: { y: 1 } } },
      ['.spec.any.z', '.spec.any.z.y'],
      [],
    ],
    [
      'from a map to a value',
      { any: { z: { y: 1 } } },
      { any: { z: 1 } },
      ['.spec.any.z'],
      ['.spec.any.z.y'],
    ],
  ])('%s', (_name, before, after, changed, removed) => {
    expect(changeOf(before, after)).toEqual({ changed, removed });
  });
});
