import { describe, expect, it } from 'vitest';
import { P, ROOT, refusal, withProperty, withRule } from './fixture.ts';
import type { JsonObject } from './json.ts';

describe('a rule that does not compile', () => {
  const struct = (rule: string) =>
    `{"Rule":${JSON.stringify(rule).replace(/[<>&]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)},"Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}`;
  const object = {
    type: 'object',
    properties: { a: { type: 'string', maxLength: 5 }, n: { type: 'integer' } },
  };
  const rows: readonly [string, JsonObject, string][] = [
    ['self.b == 1', object, `undefined field 'b'\n | self.b == 1\n | ....^`],
    ['has(self.b)', object, `undefined field 'b'\n | has(self.b)\n | ........^`],
    [
      'self.a == 1',
      object,
      `found no matching overload for '_==_' applied to '(string, int)'\n | self.a == 1\n | .......^`,
    ],
    ['slef.a == ""', object, `undeclared reference to 'slef' (in container '')\n | slef.a == ""\n | ^`],
    ['nope(self.a)', object, `undeclared reference to 'nope' (in container '')\n | nope(self.a)\n | ....^`],
    [
      'self.n.matches("a")',
      object,
      `found no matching overload for 'matches' applied to 'int.(string)'\n | self.n.matches("a")\n | ..............^`,
    ],
    [
      'self.metadata.labels.size() > 0',
      { type: 'object' },
      `undefined field 'metadata'\n | self.metadata.labels.size() > 0\n | ....^`,
    ],
  ];

  it.each(rows)('%s', (rule, property, told) => {
    const column = (told.split('\n')[2] ?? '').indexOf('^') - 2;
    const head = `${P}.x-kubernetes-validations[0].rule: Invalid value: ${struct(rule)}`;
    expect(refusal(withRule(rule, property))).toEqual([
      `${head}: compilation failed: ERROR: <input>:1:${column}: ${told}`,
    ]);
  });

  it.each([
    ['a syntax error', 'self.a ==', /compilation failed: ERROR: <input>:1:\d+: Syntax error: /],
    ['no bool', 'self.a', /: cel expression must evaluate to a bool$/],
    ['an empty rule', ' ', /rule: Required value: rule is not specified$/],
  ])('%s', (_name, rule, told) => {
    const [first, ...others] = refusal(withRule(rule, object));
    expect(first).toMatch(told);
    expect(others).toEqual([]);
  });

  it.each<[string, JsonObject, RegExp]>([
    [
      'a message with a line break',
      { message: 'a\nb' },
      /\.message: Invalid value: "a\\nb": must not contain line breaks$/,
    ],
    [
      'an unknown reason',
      { reason: 'Bad' },
      /\.reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate"/,
    ],
    [
      'a fieldPath to nowhere',
      { fieldPath: '.z' },
      /\.fieldPath: Invalid value: ".z": must be a valid path$/,
    ],
    [
      'a messageExpression of a number',
      { messageExpression: 'self.n' },
      /messageExpression must evaluate to a string$/,
    ],
    [
      'optionalOldSelf without oldSelf',
      { optionalOldSelf: true },
      /\.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule$/,
    ],
  ])('%s', (_name, rest, told) => {
    const [first, ...others] = refusal(withRule('self.a != "x"', object, rest));
    expect(first).toMatch(told);
    expect(others).toEqual([]);
  });

  it('an error on the second line is marked there', () => {
    const [told] = refusal(withRule('self.a == "x" ||\n  self.b', object, { message: 'm' }));
    expect(told).toMatch(/ERROR: <input>:2:7: undefined field 'b'\n \| {3}self\.b\n \| \.{6}\^$/);
  });

  it('a rule with line breaks needs a message', () => {
    const rule = 'self.a\n!= "x"';
    const [told] = refusal(withRule(rule, object));
    expect(told).toMatch(/message: Required value: message must be specified if rule contains line breaks$/);
    expect(refusal(withRule(rule, object, { message: 'm' }))).toEqual([]);
  });

  it.each(['atomic', 'set'])('oldSelf below a list of type %s', (type) => {
    const items = { type: 'string', maxLength: 5, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] };
    const list = { type: 'array', maxItems: 5, 'x-kubernetes-list-type': type, items };
    expect(refusal(withProperty(list))).toEqual([
      `${P}.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${ROOT}${P}`,
    ]);
  });
});
