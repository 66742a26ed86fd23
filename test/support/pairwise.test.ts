import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachChoice, keyOf, type Parameters, pairsIn, pairsOf, pairwise, type Row } from './pairwise.ts';

const parameters: fc.Arbitrary<Parameters> = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 7 })
  .map((sizes) =>
    Object.fromEntries(
      sizes.map((size, at) => [`p${at}`, Array.from({ length: size }, (_, value) => `v${value}`)]),
    ),
  );

/** Never the first value of a parameter, so that every row can be completed. */
const forbidden = fc
  .tuple(
    fc.nat({ max: 6 }),
    fc.integer({ min: 1, max: 4 }),
    fc.nat({ max: 6 }),
    fc.integer({ min: 1, max: 4 }),
  )
  .map(
    ([one, value, other, its]) =>
      (row: Row) =>
        one !== other && row[`p${one}`] === `v${value}` && row[`p${other}`] === `v${its}`,
  );

describe('pairwise rows', () => {
  it('hold every pair that is allowed and none that is forbidden, and a value of every parameter', () => {
    const property = fc.property(parameters, forbidden, (some, forbids) => {
      const rows = pairwise(some, forbids);
      const held = new Set(rows.flatMap(pairsIn).map(keyOf));
      const wanted = pairsOf(some).filter((pair) => !forbids(pair));
      expect(wanted.map(keyOf).filter((pair) => !held.has(pair))).toEqual([]);
      expect(rows.filter(forbids)).toEqual([]);
      for (const row of rows) {
        expect(Object.keys(row).sort()).toEqual(Object.keys(some).sort());
        for (const [name, value] of Object.entries(row)) expect(some[name]).toContain(value);
      }
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('are few: seven parameters of three values take far less than 2187 rows', () => {
    const seven = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`p${at}`, ['a', 'b', 'c']]));
    expect(pairwise(seven).length).toBeLessThanOrEqual(18);
  });

  it('are the same each time', () => {
    const some = { a: ['1', '2', '3'], b: ['1', '2'], c: ['1', '2', '3', '4'] };
    expect(pairwise(some)).toEqual(pairwise(some));
  });
});

describe('rows for a given value', () => {
  it('hold it together with every value of every other parameter', () => {
    const property = fc.property(parameters, (some) => {
      const rows = eachChoice(some, { p0: 'v0' });
      const held = new Set(rows.flatMap(pairsIn).map(keyOf));
      const wanted = pairsOf({ ...some, p0: ['v0'] }).filter((pair) => Object.hasOwn(pair, 'p0'));
      expect(wanted.map(keyOf).filter((pair) => !held.has(pair))).toEqual([]);
    });
    fc.assert(property, { numRuns: 60 });
  });
});
