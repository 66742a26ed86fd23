import { describe, expect, it } from 'vitest';
import { at, compiledCredential, credential, tell, withProperty } from './fixture.ts';
import type { Json, JsonObject } from './json.ts';
import { compileSchema } from './schema.ts';

describe('rules at work', () => {
  const judged = (property: JsonObject, value: Json, old?: Json) =>
    tell(compileSchema(withProperty(property)), {
      object: { p: value },
      ...(old === undefined ? {} : { old: { p: old } }),
    }).told;
  const rule = (text: string, rest: JsonObject = {}): JsonObject => ({
    'x-kubernetes-validations': [{ rule: text, message: 'm', ...rest }],
  });

  it.each<[string, JsonObject, Json, readonly string[]]>([
    [
      'a duration that does not parse',
      { type: 'string', ...rule("duration(self) > duration('1s')") },
      '1d',
      [
        `p: Invalid value: "string": type conversion error from 'string' to 'google.protobuf.Duration' evaluating rule: m`,
      ],
    ],
    [
      '456 years',
      { type: 'string', ...rule("duration(self) > duration('1s')") },
      '3994560h',
      [
        `p: Invalid value: "string": type conversion error from 'string' to 'google.protobuf.Duration' evaluating rule: m`,
      ],
    ],
    ['114 years', { type: 'string', ...rule("duration(self) > duration('1s')") }, '998640h', []],
    ['a value in the message', { type: 'string', ...rule('self == "a"') }, 'b', ['p: Invalid value: "b": m']],
    [
      'an object, which is left out',
      { type: 'object', properties: { a: { type: 'integer' } }, ...rule('self.a > 1') },
      { a: 1 },
      ['p: Invalid value: m'],
    ],
    [
      'an absent field that the rule does not guard',
      { type: 'object', properties: { a: { type: 'integer' } }, ...rule('self.a > 1') },
      {},
      ['p: Invalid value: "object": no such key: a evaluating rule: m'],
    ],
    [
      'an index that is not there',
      { type: 'array', maxItems: 9, items: { type: 'integer' }, ...rule('self[3] > 1') },
      [1],
      ['p: Invalid value: "array": index out of bounds: 3 evaluating rule: m'],
    ],
    [
      'a duplicate reason, which loses the message',
      { type: 'string', ...rule('self == "a"', { reason: 'FieldValueDuplicate' }) },
      'b',
      ['p: Duplicate value: "b"'],
    ],
    [
      'no message',
      { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1' }] },
      1,
      ['p: Invalid value: 1: failed rule: self > 1'],
    ],
    [
      'a messageExpression',
      { type: 'string', maxLength: 9, ...rule('self == "a"', { messageExpression: '"got " + self' }) },
      'b',
      ['p: Invalid value: "b": got b'],
    ],
    [
      'a messageExpression that fails',
      {
        type: 'array',
        maxItems: 3,
        items: { type: 'string', maxLength: 3 },
        ...rule('false', { messageExpression: 'self[9]' }),
      },
      [],
      ['p: Invalid value: m'],
    ],
    [
      'a messageExpression of more than 5 KiB',
      { type: 'string', maxLength: 3000, ...rule('false', { messageExpression: 'self + self' }) },
      'a'.repeat(2561),
      [`p: Invalid value: "${'a'.repeat(2561)}": m`],
    ],
    [
      'a messageExpression of 5 KiB',
      { type: 'string', maxLength: 3000, ...rule('false', { messageExpression: 'self + self' }) },
      'a'.repeat(2560),
      [`p: Invalid value: "${'a'.repeat(2560)}": ${'a'.repeat(5120)}`],
    ],
    [
      'a messageExpression with a line break',
      { type: 'string', maxLength: 9, ...rule('false', { messageExpression: 'self + "\\n" + self' }) },
      'a',
      ['p: Invalid value: "a": m'],
    ],
    [
      'int-or-string as text',
      {
        'x-kubernetes-int-or-string': true,
        maxLength: 9,
        ...rule('type(self) == int || self.matches("^[0-9]+%$")'),
      },
      '5%',
      [],
    ],
    [
      'int-or-string as number',
      { 'x-kubernetes-int-or-string': true, maxLength: 9, ...rule('type(self) == int ? self < 5 : true') },
      7,
      ['p: Invalid value: 7: m'],
    ],
    [
      'a date-time as timestamp',
      { type: 'string', format: 'date-time', ...rule('self < timestamp("2020-01-01T00:00:00Z")') },
      '2019-05-05T00:00:00Z',
      [],
    ],
    [
      'a map by key',
      {
        type: 'object',
        maxProperties: 5,
        additionalProperties: { type: 'string', maxLength: 9 },
        ...rule("self.all(k, k.startsWith('a/') && self[k] != '')"),
      },
      { 'a/b': 'x', c: 'y' },
      ['p: Invalid value: m'],
    ],
    [
      'exactly one of three',
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'string' } },
        ...rule('[has(self.a), has(self.b), has(self.c)].exists_one(x, x)'),
      },
      { a: '', c: '' },
      ['p: Invalid value: m'],
    ],
    [
      'a field whose name needs escaping',
      {
        type: 'object',
        properties: { 'a-b': { type: 'integer' }, namespace: { type: 'integer' } },
        ...rule('self.a__dash__b == self.__namespace__'),
      },
      { 'a-b': 1, namespace: 1 },
      [],
    ],
    [
      'the parts of a URL',
      {
        type: 'string',
        ...rule(
          "isURL(self) && url(self).getScheme() == 'https' && url(self).getHostname() == 'alm.example' && url(self).getPort() == '8443' && url(self).getEscapedPath() == '/a%20b'",
        ),
      },
      'https://alm.example:8443/a%20b?q=1',
      [],
    ],
    [
      'lists with the functions of Kubernetes',
      {
        type: 'array',
        maxItems: 9,
        items: { type: 'integer' },
        ...rule(
          'self.isSorted() && self.sum() == 6 && self.min() == 1 && self.max() == 3 && self.indexOf(2) == 1',
        ),
      },
      [1, 2, 3],
      [],
    ],
    [
      'text with the functions of Kubernetes',
      {
        type: 'string',
        maxLength: 9,
        ...rule(
          "self.find('[0-9]+') == '12' && self.replace('a', 'b') == 'b12b' && self.replace('a', 'b', 1) == 'b12a' && self.charAt(1) == '1' && self.split('1').size() == 2",
        ),
      },
      'a12a',
      [],
    ],
    [
      'a regex that JavaScript reads otherwise',
      { type: 'string', maxLength: 9, ...rule("self.matches(r'\\A[[:alpha:]]+\\z')") },
      'abc',
      [],
    ],
    [
      'equal objects in a list',
      {
        type: 'array',
        maxItems: 5,
        items: { type: 'object', properties: { a: { type: 'integer' } } },
        ...rule('self[0] == self[1] && self[0] in self && self[0] != self[2]'),
      },
      [{ a: 1 }, { a: 1 }, { a: 2 }],
      [],
    ],
    [
      'a null where it may be one',
      { type: 'object', properties: { a: { type: 'string', nullable: true } }, ...rule('self.a == null') },
      { a: null },
      [],
    ],
  ])('%s', (_name, property, value, told) => {
    expect(judged(property, value)).toEqual(told);
  });

  it('point where fieldPath says, even at an absent field', () => {
    const schema = compiledCredential((s) => {
      const spec = at(s, 'properties', 'spec');
      spec['x-kubernetes-validations'] = [
        { rule: 'has(self.suspend)', message: 'm', fieldPath: '.suspend', reason: 'FieldValueRequired' },
      ];
    });
    expect(tell(schema, { object: credential() }).told).toEqual(['spec.suspend: Required value: m']);
  });

  it('see the name of the object but nothing else of its metadata', () => {
    const named = compileSchema({ type: 'object', ...rule("self.metadata.name == 'x'") });
    expect(tell(named, { object: { metadata: { name: 'y' } } }).told).toEqual(['<nil>: Invalid value: m']);
    expect(() => compileSchema({ type: 'object', ...rule('has(self.metadata.labels)') })).toThrow(
      /undefined field 'labels'/,
    );
  });
});
