import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyConfiguration } from './fields/apply.ts';
import { misfits } from './fields/check.ts';
import { compare, nodesOf, spokenFor } from './fields/describe.ts';
import { afterWrite, type Entry, entriesOf, managedFieldsOf, owned } from './fields/managers.ts';
import { mergeApplied } from './fields/merge.ts';
import { difference, type FieldSet, intersection, pathsIn, union } from './fields/set.ts';
import { METADATA } from './kinds/schemas/metadata.ts';

/** What is written out here was answered by kube-apiserver 1.36, for a kind of this schema. */

const TEXT = { type: 'string' };
const SCHEMA = {
  type: 'object',
  properties: {
    apiVersion: TEXT,
    kind: TEXT,
    metadata: METADATA,
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        mood: TEXT,
        flag: { type: 'boolean' },
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        map: { type: 'object', additionalProperties: TEXT },
        atom: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: TEXT, b: TEXT } },
        list: { type: 'array', items: TEXT },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: TEXT },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name', 'proto'],
          items: {
            type: 'object',
            properties: {
              name: TEXT,
              proto: { type: 'string', default: 'TCP' },
              count: { type: 'integer' },
              sub: { type: 'object', properties: { x: TEXT } },
            },
          },
        },
        ios: { 'x-kubernetes-int-or-string': true },
      },
    },
  },
};

const GAD = {
  metadata: {
    name: 'b',
    labels: { l: '1' },
    finalizers: ['x.io/a'],
    ownerReferences: [{ apiVersion: 'v1', kind: 'K', name: 'n', uid: 'u1' }],
  },
  spec: {
    ...{ size: 1, any: { z: { y: [1, { k: 1 }] } }, map: { a: '1' }, atom: { a: 'x' }, list: ['l'] },
    ...{ set: ['s', 't'], parts: [{ name: 'p1', sub: { x: 'y' } }], ios: 5 },
  },
};

const leaves = (...keys: readonly string[]): FieldSet => Object.fromEntries(keys.map((key) => [key, {}]));
const PART = 'k:{"name":"p1","proto":"TCP"}';

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

describe('the list that an apply makes', () => {
  it.each([
    [['a'], ['b'], ['a', 'b']],
    [
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'b', 'c'],
    ],
    [
      ['a', 'b'],
      ['b', 'a'],
      ['b', 'a'],
    ],
    [['a'], ['b', 'a'], ['b', 'a']],
    [
      ['a', 'x', 'b'],
      ['b', 'a'],
      ['x', 'b', 'a'],
    ],
    [
      ['b', 'a', 'y'],
      ['a', 'z', 'b'],
      ['a', 'y', 'z', 'b'],
    ],
    [[], ['a'], ['a']],
    [['a'], [], ['a']],
  ])('of %j and %j is %j', (live, applied, merged) => {
    expect(mergeApplied({ spec: { set: live } }, { spec: { set: applied } }, SCHEMA)).toEqual({
      spec: { set: merged },
    });
  });

  it('holds what both have once, the applied in their order, and the live in theirs where nobody applies them', () => {
    const items = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 8 });
    fc.assert(
      fc.property(items, items, (live, applied) => {
        const { spec } = mergeApplied({ spec: { set: live } }, { spec: { set: applied } }, SCHEMA) as {
          spec: { set: string[] };
        };
        expect([...spec.set].sort()).toEqual([...new Set([...live, ...applied])].sort());
        expect(spec.set.filter((item) => applied.includes(item))).toEqual(applied);
        const only = live.filter((item) => !applied.includes(item));
        expect(spec.set.filter((item) => only.includes(item))).toEqual(only);
      }),
    );
  });
});

describe('sets of fields', () => {
  const tree: fc.Arbitrary<FieldSet> = fc.letrec<{ node: FieldSet }>((tie) => ({
    node: fc.dictionary(
      fc.constantFrom('.', 'f:a', 'f:b', 'v:1'),
      fc.oneof({ maxDepth: 3 }, fc.constant({}), tie('node')),
      {
        maxKeys: 3,
      },
    ),
  })).node;
  /** The root is no member, and nothing is below a member's mark. */
  const tidy = (set: FieldSet): FieldSet =>
    Object.fromEntries(
      Object.entries(set)
        .filter(([key]) => key !== '.')
        .map(([key, { '.': self, ...inner }]) => [
          key,
          { ...(self === undefined ? {} : { '.': {} }), ...tidy(inner) },
        ]),
    );
  const members = (set: FieldSet) => new Set(pathsIn(set));

  it('are united, intersected and subtracted member by member', () => {
    fc.assert(
      fc.property(tree.map(tidy), tree.map(tidy), (a, b) => {
        expect(members(union(a, b))).toEqual(new Set([...members(a), ...members(b)]));
        expect(members(intersection(a, b))).toEqual(
          new Set([...members(a)].filter((path) => members(b).has(path))),
        );
        expect(members(difference(a, b))).toEqual(
          new Set([...members(a)].filter((path) => !members(b).has(path))),
        );
      }),
    );
  });
});

describe('owners', () => {
  const entry = (manager: string, fields: FieldSet, more: Partial<Entry> = {}): Entry => ({
    ...{ manager, operation: 'Update', apiVersion: 'v1', subresource: '', time: 't0', fields },
    ...more,
  });

  it('lose what another writes, who gets it and a new time', () => {
    const before = [entry('a', { 'f:data': leaves('f:x', 'f:y') }), entry('b', { 'f:data': leaves('f:z') })];
    const change = { changed: { 'f:data': leaves('f:y') }, removed: { 'f:data': leaves('f:z') } };
    const writer = { manager: 'c', operation: 'Update', apiVersion: 'v1', subresource: '' } as const;
    expect(afterWrite(before, writer, change, 't1')).toEqual([
      entry('a', { 'f:data': leaves('f:x') }),
      entry('c', { 'f:data': leaves('f:y') }, { time: 't1' }),
    ]);
  });

  it('are listed as the server lists them, and read again', () => {
    const entries = [
      entry('b', leaves('f:x'), { time: 't2' }),
      entry('a', leaves('f:x'), { time: 't2', subresource: 'status' }),
      entry('z', leaves('f:x'), { operation: 'Apply', time: 't9' }),
      entry('c', leaves('f:x'), { time: 't1' }),
    ];
    const listed = managedFieldsOf(entries);
    expect(listed.map(({ manager }) => manager)).toEqual(['z', 'c', 'a', 'b']);
    expect(entriesOf(listed)).toEqual([entries[2], entries[3], entries[1], entries[0]]);
    expect(entriesOf([{ manager: 'x' }])).toBeUndefined();
    expect(entriesOf('x')).toBeUndefined();
  });
});

describe('an apply', () => {
  const writer = { manager: 'me', operation: 'Apply', apiVersion: 'v1', subresource: '' } as const;
  const applying = (live: object, applied: object, entries: readonly Entry[] = [], force = false) =>
    applyConfiguration({
      ...{
        live: { spec: live },
        applied: { spec: applied },
        schema: SCHEMA,
        entries,
        writer,
        force,
        time: 't1',
      },
    });
  const mine = (fields: FieldSet): Entry => ({ ...writer, time: 't0', fields: { 'f:spec': fields } });
  const theirs = (fields: FieldSet): Entry => ({ ...mine(fields), manager: 'they' });

  it('takes back what it does not repeat, down to the map that held it', () => {
    const { object } = applying({ size: 1, map: { a: '1' }, mood: 'calm' }, { size: 1 }, [
      mine({ ...leaves('f:size'), 'f:map': leaves('f:a') }),
    ]);
    expect(object).toEqual({ spec: { size: 1, mood: 'calm' } });
  });

  it('leaves what others own as well, and a map that others made', () => {
    const { object, entries } = applying({ set: ['a', 'b'], map: { a: '1' } }, { size: 1 }, [
      mine({ 'f:set': leaves('v:"a"', 'v:"b"'), 'f:map': leaves('f:a') }),
      theirs({ 'f:set': leaves('v:"b"'), ...leaves('f:map') }),
    ]);
    expect(object).toEqual({ spec: { set: ['b'], map: {}, size: 1 } });
    expect(entries.find(({ manager }) => manager === 'me')?.fields).toEqual({ 'f:spec': leaves('f:size') });
  });

  it('is refused what others own, unless it sets the same', () => {
    const entries = [theirs({ ...leaves('f:size'), 'f:map': leaves('f:a') })];
    expect(() => applying({ size: 1, map: { a: '1' } }, { size: 2, map: { a: '2' } }, entries)).toThrow(
      'Apply failed with 2 conflicts: conflicts with "they":\n- .spec.size\n- .spec.map.a',
    );
    expect(applying({ size: 1 }, { size: 1 }, entries).entries).toHaveLength(2);
  });

  it('takes it by force', () => {
    const { object, entries } = applying({ size: 1 }, { size: 2 }, [theirs(leaves('f:size'))], true);
    expect(object).toEqual({ spec: { size: 2 } });
    expect(entries).toEqual([{ ...mine(leaves('f:size')), time: 't1' }]);
  });

  it('said twice is the same as once', () => {
    // No empty lists: one that becomes empty goes, and comes back when it is applied once more, as on a real server.
    const spec = fc.record(
      {
        size: fc.constantFrom(1, 2),
        map: fc.constantFrom({}, { a: '1' }, { b: '2' }),
        set: fc.constantFrom(['a'], ['b', 'a']),
        parts: fc.constantFrom([{ name: 'x' }], [{ name: 'y', count: 2 }, { name: 'x' }]),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(spec, spec, spec, (first, theirs, second) => {
        const one = applying({}, first);
        const other = { ...writer, manager: 'they' };
        const common = { schema: SCHEMA, force: true, time: 't1' };
        const two = applyConfiguration({
          ...common,
          live: one.object,
          applied: { spec: theirs },
          entries: one.entries,
          writer: other,
        });
        const three = applyConfiguration({
          ...common,
          live: two.object,
          applied: { spec: second },
          entries: two.entries,
          writer,
        });
        const four = applyConfiguration({
          ...common,
          live: three.object,
          applied: { spec: second },
          entries: three.entries,
          writer,
        });
        expect(four.object).toEqual(three.object);
        expect(managedFieldsOf(four.entries)).toEqual(managedFieldsOf(three.entries));
      }),
    );
  });
});

describe('a configuration that does not fit', () => {
  it.each([
    [{ nope: 1 }, ['.spec.nope: field not declared in schema']],
    [{ nope: 1, size: 'x', never: 2 }, ['.spec.nope: field not declared in schema']],
    [{ size: 'x' }, ['.spec.size: expected numeric (int or float), got string']],
    [{ mood: 7 }, ['.spec.mood: expected string, got &value.valueUnstructured{Value:7}']],
    [{ flag: 'y' }, ['.spec.flag: expected boolean, got &{y}']],
    [{ list: 'z' }, ['.spec.list: expected list, got &{z}']],
    [{ map: [] }, ['.spec.map: expected map, got &{[]}']],
    [{ set: ['a', 'a'] }, ['.spec.set: duplicate entries for key [="a"]']],
    [
      { parts: [{ name: 'a' }, { name: 'a', proto: 'TCP' }] },
      ['.spec.parts: duplicate entries for key [name="a",proto="TCP"]'],
    ],
    [{ any: { x: 1 }, ios: 'x', size: null }, []],
  ])('%j is told', (spec, told) => {
    expect(misfits({ metadata: { name: 'x' }, spec }, SCHEMA)).toEqual(told);
  });
});
