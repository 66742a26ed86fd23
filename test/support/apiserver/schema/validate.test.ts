import { describe, expect, it } from 'vitest';
import { tell, withProperty } from './fixture.ts';
import type { Json, JsonObject } from './json.ts';
import { admit, compileSchema } from './schema.ts';

describe('value validations', () => {
  const told = (property: JsonObject, value: Json) =>
    tell(compileSchema(withProperty(property)), { object: { p: value } }).told;
  const either = {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' } },
    oneOf: [{ required: ['a'] }, { required: ['b'] }],
  };

  it.each<[string, JsonObject, Json, readonly string[]]>([
    [
      'oneOf with none',
      either,
      {},
      [
        '<nil>: Invalid value: "": "p" must validate one and only one schema (oneOf). Found none valid',
        'p.a: Required value',
      ],
    ],
    [
      'oneOf with both',
      either,
      { a: '', b: '' },
      [
        '<nil>: Invalid value: "": "p" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
    ['oneOf with one', either, { b: '' }, []],
    [
      'anyOf with none',
      { type: 'string', anyOf: [{ minLength: 3 }, { enum: ['a'] }] },
      'bb',
      [
        '<nil>: Invalid value: "": "p" must validate at least one schema (anyOf)',
        'p: Invalid value: "bb": p in body should be at least 3 chars long',
      ],
    ],
    [
      'allOf with one failing',
      { type: 'integer', allOf: [{ minimum: 1 }, { multipleOf: 2 }] },
      3,
      [
        'p: Invalid value: 3: p in body should be a multiple of 2',
        '<nil>: Invalid value: "": "p" must validate all the schemas (allOf)',
      ],
    ],
    ['the last int32', { type: 'integer', format: 'int32' }, 2147483647, []],
    [
      'the first number beyond',
      { type: 'integer', format: 'int32' },
      2147483648,
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in p'],
    ],
    [
      'the first number below',
      { type: 'integer', format: 'int32' },
      -2147483649,
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in p'],
    ],
    [
      'anyOf where the second comes nearer',
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'integer' } },
        anyOf: [{ required: ['a'] }, { required: ['b'], properties: { b: { minimum: 5 } } }],
      },
      { b: 1 },
      [
        '<nil>: Invalid value: "": "p" must validate at least one schema (anyOf)',
        'p.b: Invalid value: 1: p.b in body should be greater than or equal to 5',
      ],
    ],
    [
      'an hour that no day has',
      { type: 'string', format: 'date-time' },
      '2026-01-02T24:00:00Z',
      [
        'p: Invalid value: "2026-01-02T24:00:00Z": p in body must be of type date-time: "2026-01-02T24:00:00Z"',
      ],
    ],
    [
      'a day that no month has',
      { type: 'string', format: 'date' },
      '2026-02-30',
      ['p: Invalid value: "2026-02-30": p in body must be of type date: "2026-02-30"'],
    ],
    [
      'not',
      { type: 'string', not: { enum: ['a'] } },
      'a',
      ['<nil>: Invalid value: "": "p" must not validate the schema (not)'],
    ],
    [
      'exclusive limits',
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      1,
      ['p: Invalid value: 1: p in body should be greater than 1'],
    ],
    [
      'int-or-string with neither',
      { 'x-kubernetes-int-or-string': true },
      true,
      ['p: Invalid value: "boolean": p in body must be of type integer,string: "boolean"'],
    ],
    ['int-or-string with both kinds', { 'x-kubernetes-int-or-string': true }, '5%', []],
    [
      'a null in a list that has none',
      { type: 'array', items: { type: 'string' } },
      [null],
      ['p[0]: Invalid value: "null": p[0] in body must be of type string: "null"'],
    ],
    ['a null where it may be', { type: 'string', nullable: true }, null, []],
    [
      'a format that the server knows',
      { type: 'string', format: 'ipv4' },
      'x',
      ['p: Invalid value: "x": p in body must be of type ipv4: "x"'],
    ],
    ['a format that it ignores', { type: 'string', format: 'starts_with' }, 'x', []],
    ['a relative URI, which it takes', { type: 'string', format: 'uri' }, '/relative', []],
    ['both kinds of duration', { type: 'string', format: 'duration' }, '1h30m', []],
    [
      'too few properties',
      { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } },
      {},
      ['p: Invalid value: 0: p in body should have at least 1 properties'],
    ],
    [
      'a float32 for an int64',
      { type: 'integer', format: 'int64' },
      1.5,
      [
        'p: Invalid value: "float64": p in body must be of type int64: "float64"',
        '<nil>: Invalid value: "": Checked value must be of type integer with format int64 in p',
      ],
    ],
    [
      'what is preserved',
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      { any: [{ thing: 1 }] },
      [],
    ],
    [
      'an embedded resource',
      {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
      { apiVersion: 'v1', kind: 'A', metadata: { name: 'b' } },
      [],
    ],
  ])('%s', (_name, property, value, expected) => {
    expect(told(property, value).filter((line) => !line.includes('were not checked'))).toEqual(expected);
  });

  it('are strict about what additionalProperties does not know', () => {
    const compiled = compileSchema(
      withProperty({
        type: 'object',
        additionalProperties: { type: 'object', properties: { a: { type: 'string' } } },
      }),
    );
    const answer = admit(compiled, {
      object: { p: { x: { b: 1 } } },
      fieldValidation: 'Strict',
      subresource: '',
    });
    expect(answer.ok ? '' : answer.message).toMatch(/unknown field "p\.x\.b"$/);
  });
});
