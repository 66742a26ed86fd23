import { describe, expect, it } from 'vitest';
import { P, refusal, withProperty } from './fixture.ts';
import type { JsonObject } from './json.ts';
import { compileSchema } from './schema.ts';

describe('a schema that cannot be decoded', () => {
  it.each<[string, JsonObject, RegExp]>([
    [
      'const',
      { type: 'string', const: 'x' },
      /^400 unknown field "spec\.versions\[0\]\..*properties\[p\]\.const"$/,
    ],
    ['a list of types', { type: ['string', 'null'] }, /^400 json: cannot unmarshal array .* of type string$/],
    [
      'a number for exclusiveMinimum',
      { type: 'integer', exclusiveMinimum: 0 },
      /cannot unmarshal number .* of type bool$/,
    ],
    ['examples', { type: 'string', examples: ['a'] }, /unknown field ".*\.examples"$/],
    ['readOnly', { type: 'string', readOnly: true }, /unknown field ".*\.readOnly"$/],
    [
      'a fraction for maxLength',
      { type: 'string', maxLength: 1.5 },
      /cannot unmarshal number .* of type int64$/,
    ],
  ])('%s', (_name, property, told) => {
    const [first, ...others] = refusal(withProperty(property));
    expect(first).toMatch(told);
    expect(others).toEqual([]);
  });

  it('passes with unknown keywords where field validation is not strict', () => {
    const schema = withProperty({ type: 'string', const: 'x' });
    expect(() => compileSchema(schema, { fieldValidation: 'Ignore' })).not.toThrow();
  });
});

describe('defaults of a schema', () => {
  it.each<[string, JsonObject, readonly string[]]>([
    [
      'of another type',
      { type: 'integer', default: 'x' },
      [`${P}.default: Invalid value: "string":  in body must be of type integer: "string"`],
    ],
    [
      'outside the limits',
      { type: 'integer', minimum: 5, default: 1 },
      [`${P}.default: Invalid value: 1:  in body should be greater than or equal to 5`],
    ],
    [
      'with unknown fields',
      { type: 'object', default: { q: 1 } },
      [`${P}.default: Invalid value: {"q":1}: must not have unknown fields`],
    ],
    [
      'that break a rule',
      { type: 'integer', default: 1, 'x-kubernetes-validations': [{ rule: 'self > 1', message: 'more' }] },
      [`${P}.default: Invalid value: 1: more`],
    ],
    ['that are good', { type: 'object', default: { q: 1 }, properties: { q: { type: 'integer' } } }, []],
  ])('%s', (_name, property, told) => {
    expect(refusal(withProperty(property))).toEqual(told);
  });
});
