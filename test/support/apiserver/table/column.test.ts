import { describe, expect, it } from 'vitest';
import { customColumns } from './column.ts';

describe('cells of a definition', () => {
  const now = Date.parse('2026-11-23T21:00:00Z');
  const cellOf = (type: string, value: unknown) => {
    const [, column] = customColumns([{ name: 'C', type, jsonPath: '.spec.c' }]);
    return column?.cell({ spec: { c: value } }, now);
  };
  it.each([
    ['string', 'text', 'text'],
    ['string', true, 'true'],
    ['string', 1.5, '1.5'],
    ['string', ['A', 'B'], '["A","B"]'],
    ['string', { b: 1, a: '<' }, String.raw`{"a":"\u003c","b":1}`],
    ['string', null, null],
    ['string', undefined, null],
    ['integer', 1.5, 1],
    ['integer', 'one', null],
    ['number', 1.5, 1.5],
    ['number', '1', null],
    ['boolean', false, false],
    ['boolean', 'false', null],
    ['date', '2026-11-20T00:00:00Z', '3d21h'],
    ['date', '2027-11-20T00:00:00Z', '<invalid>'],
    ['date', 'tomorrow', '<invalid>'],
    ['date', 7, null],
  ])('of type %s show %j as %j', (type, value, cell) => {
    expect(cellOf(type, value)).toBe(cell);
  });

  it('are the age alone where the definition names none', () => {
    expect(customColumns(undefined).map(({ name, type }) => [name, type])).toEqual([
      ['Name', 'string'],
      ['Age', 'date'],
    ]);
  });
});
