import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, type FieldSet, intersection, pathsIn, union } from './set.ts';

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
