import { describe, expect, it } from 'vitest';
import { credentialSchema, P, ROOT, refusal, withProperty } from './fixture.ts';

describe('the schema of the appendix', () => {
  it('is accepted', () => {
    expect(refusal(credentialSchema())).toEqual([]);
  });
});

describe('a schema that is not structural', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['no type at the root', {}, ['.type: Required value: must not be empty at the root']],
    [
      'another type at the root',
      { type: 'string' },
      ['.type: Invalid value: "string": must be object at the root'],
    ],
    [
      'no type in a field',
      withProperty({}),
      [`${P}.type: Required value: must not be empty for specified object fields`],
    ],
    [
      'no type in an item',
      withProperty({ type: 'array', items: {} }),
      [`${P}.items.type: Required value: must not be empty for specified array items`],
    ],
    [
      'an array without items',
      withProperty({ type: 'array' }),
      [`${P}.items: Required value: must be specified`],
    ],
    [
      'a type inside anyOf',
      withProperty({ type: 'object', anyOf: [{ type: 'object' }] }),
      [`${P}.anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      'a property that only a junctor knows',
      { type: 'object', oneOf: [{ properties: { q: { minLength: 1 } } }] },
      [`.properties[q]: Required value: because it is defined in ${ROOT}.oneOf[0].properties[q]`],
    ],
    [
      'a property that only a negation knows',
      { type: 'object', not: { properties: { q: { minLength: 1 } } } },
      [`.properties[q]: Required value: because it is defined in ${ROOT}.not.properties[q]`],
    ],
    [
      'a description inside not',
      withProperty({ type: 'string', not: { description: 'd', enum: ['a'] } }),
      [`${P}.not.description: Forbidden: must be empty to be structural`],
    ],
    [
      'additionalProperties at the root',
      { type: 'object', additionalProperties: { type: 'string' } },
      ['.additionalProperties: Forbidden: must not be used at the root'],
    ],
    [
      'additionalProperties beside properties',
      withProperty({ type: 'object', properties: { q: { type: 'string' } }, additionalProperties: false }),
      [`${P}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    ['$ref', withProperty({ $ref: '#/definitions/x' }), [`${P}.$ref: Forbidden: $ref is not supported`]],
    [
      'definitions',
      { type: 'object', definitions: { x: { type: 'object' } } },
      ['.definitions: Forbidden: definitions is not supported'],
    ],
    [
      'a list of item schemas',
      withProperty({ type: 'array', items: [{ type: 'string' }] }),
      [`${P}.items: Forbidden: items must be a schema object and not an array`],
    ],
    [
      'uniqueItems',
      withProperty({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
      [
        `${P}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      'an unknown type',
      withProperty({ type: 'text' }),
      [
        `${P}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    ],
    [
      'a set of objects',
      withProperty({ type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } }),
      [
        `${P}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
      ],
    ],
    [
      'an unknown list type',
      withProperty({ type: 'array', 'x-kubernetes-list-type': 'bag', items: { type: 'string' } }),
      [`${P}.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"`],
    ],
    [
      'a list type on an object',
      withProperty({ type: 'object', 'x-kubernetes-list-type': 'atomic' }),
      [`${P}.type: Invalid value: "object": must be array if x-kubernetes-list-type is specified`],
    ],
    [
      'a map list without keys',
      withProperty({ type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } }),
      [`${P}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
    ],
    [
      'an optional map key',
      withProperty({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' } } },
      }),
      [
        `${P}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      'a map key that is no property',
      withProperty({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['z'],
        items: { type: 'object' },
      }),
      [`${P}.x-kubernetes-list-map-keys: Invalid value: ["z"]: entries must all be names of item properties`],
    ],
    [
      'a restriction of metadata',
      {
        type: 'object',
        properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
      },
      [
        '.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
      ],
    ],
    [
      'nullable at the root',
      { type: 'object', nullable: true },
      ['.nullable: Forbidden: nullable cannot be true at the root'],
    ],
  ])('%s', (_name, schema, told) => {
    expect(refusal(schema)).toEqual(told);
  });

  it('a pattern that is not RE2', () => {
    const [told] = refusal(withProperty({ type: 'string', pattern: '^(?!a)' }));
    expect(told).toMatch(
      /^\.properties\[p\]\.pattern: Invalid value: "\^\(\?!a\)": must be a valid regular expression/,
    );
  });

  it.each([
    [
      'int-or-string with its anyOf',
      { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
    ],
    ['a preserved value without type', { 'x-kubernetes-preserve-unknown-fields': true }],
    [
      'required alternatives',
      { type: 'object', properties: { a: { type: 'string' } }, oneOf: [{ required: ['a'] }] },
    ],
    [
      'an atomic object in a set',
      {
        type: 'array',
        'x-kubernetes-list-type': 'set',
        items: { type: 'object', 'x-kubernetes-map-type': 'atomic' },
      },
    ],
    ['metadata.name', { type: 'object' }],
  ])('takes %s', (_name, property) => {
    expect(refusal(withProperty(property))).toEqual([]);
  });
});
