import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCHEMA } from './fixture.ts';
import { mergeApplied } from './merge.ts';

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
