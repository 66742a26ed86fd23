import { describe, expect, it } from 'vitest';
import { at, compiledCredential, P, refusal, specField, withProperty, withRule } from './fixture.ts';
import type { JsonObject } from './json.ts';

const ADVICE =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

describe('the cost budget', () => {
  const items = (rest: JsonObject, maxItems?: number): JsonObject => ({
    type: 'array',
    ...(maxItems === undefined ? {} : { maxItems }),
    items: { type: 'string', ...rest },
  });
  const each = "self.all(x, x.matches('^[a-z]+$'))";
  const nested = (rest: JsonObject) => ({
    type: 'array',
    maxItems: 50,
    items: { type: 'object', properties: rest },
  });
  const globs = items({ maxLength: 128 }, 16);
  const pairs = items({ maxLength: 253 }, 64);
  const over = (factor: string) =>
    `${P}.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of ${factor} ${ADVICE}`;

  it.each<[string, string, JsonObject, string | undefined]>([
    ['a regex over 64 roles of 128', each, items({ maxLength: 128 }, 64), undefined],
    [
      'a regex over 50 rules of 16 globs of 128',
      "self.all(r, r.g.all(x, x.matches('^[a-z]+$')))",
      nested({ g: globs }),
      undefined,
    ],
    ['a duration of unbounded text', "duration(self) > duration('1h')", { type: 'string' }, undefined],
    ['unbounded text that may not change', 'self == oldSelf', { type: 'string' }, undefined],
    ['a regex over an unbounded list', each, items({}), 'more than 100x'],
    ['a regex over 64 unbounded strings', each, items({}, 64), '4.0x'],
    [
      'pairs inside 50 lists of 64 names',
      'self.all(r, r.n.all(a, r.n.exists_one(b, a == b)))',
      nested({ n: pairs }),
      '2.2x',
    ],
    [
      'two results of orValue',
      "self.?a.orValue('') == self.?b.orValue('')",
      {
        type: 'object',
        properties: { a: { type: 'string', maxLength: 5 }, b: { type: 'string', maxLength: 5 } },
      },
      'more than 100x',
    ],
    [
      'a list of literals',
      "['https://', 'http://'].exists(p, self.startsWith(p))",
      { type: 'string', maxLength: 9 },
      undefined,
    ],
    [
      'the same with has()',
      "(has(self.a) ? self.a : '') == (has(self.b) ? self.b : '')",
      {
        type: 'object',
        properties: { a: { type: 'string', maxLength: 5 }, b: { type: 'string', maxLength: 5 } },
      },
      undefined,
    ],
  ])('%s', (_name, rule, property, factor) => {
    const told = refusal(withRule(rule, property));
    if (factor === undefined) expect(told).toEqual([]);
    else expect(told[0]).toBe(over(factor));
  });

  it('counts how often a rule below unbounded lists may run', () => {
    const rule = { rule: "self.matches('^[a-z]+$')" };
    const list = (maxItems?: number) =>
      withProperty(items({ maxLength: 128, 'x-kubernetes-validations': [rule] }, maxItems));
    expect(refusal(list())[0]).toMatch(
      /items\.x-kubernetes-validations\[0\]\.rule: Forbidden: estimated rule cost/,
    );
    expect(refusal(list(64))).toEqual([]);
  });

  // kubernetes issue 124234: the text of a number has no known size.
  it('refuses a messageExpression that appends a number', () => {
    const rule = { rule: 'self >= 0', messageExpression: "'invalid attempts: ' + string(self)" };
    const [told] = refusal(withProperty({ type: 'integer', 'x-kubernetes-validations': [rule] }));
    expect(told).toBe(
      `${P}.x-kubernetes-validations[0].messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x ${ADVICE}`,
    );
  });

  it('counts how often a rule below unbounded maps may run', () => {
    const values = {
      type: 'string',
      maxLength: 128,
      'x-kubernetes-validations': [{ rule: "self.matches('^[a-z]+$')" }],
    };
    const map = (bounds: JsonObject) =>
      withProperty({ type: 'object', additionalProperties: values, ...bounds });
    expect(refusal(map({}))[0]).toMatch(
      /additionalProperties\.x-kubernetes-validations\[0\]\.rule: Forbidden: estimated/,
    );
    expect(refusal(map({ maxProperties: 64 }))).toEqual([]);
    expect(refusal(map({ maxProperties: 640000 }))[0]).toMatch(/estimated rule cost exceeds budget/);
  });

  // By hand: 1 for `self` and 1 or 2 for the result; for each item 1 for `x` and what cel-go's expansion adds to it.
  it.each([
    ['self.all(x, x)', 2_600_000, '1.040000x'],
    ['self.exists(x, x)', 2_100_000, '1.050000x'],
    ['self.exists_one(x, x)', 3_500_000, '1.050000x'],
    ['self.filter(x, x).size() > 0', 750_000, '1.050001x'],
    ['self.map(x, x).size() > 0', 800_000, '1.040001x'],
  ])('is exact to the unit for %s', (rule, maxItems, factor) => {
    const list = { type: 'array', maxItems, items: { type: 'boolean' } };
    expect(refusal(withRule(rule, list))).toEqual([over(factor)]);
    expect(refusal(withRule(rule, { ...list, maxItems: Math.floor(maxItems / 1.06) }))).toEqual([]);
  });

  // By hand: 17 bytes for the smallest item, so 185 042 items of 109 each.
  it('takes from what is required how many items can be there', () => {
    const text = { type: 'string', maxLength: 128 };
    const item = { type: 'object', required: ['a', 'b'], properties: { a: text, b: text } };
    const rule = "self.all(x, x.a.matches('^[a-z]+$'))";
    expect(refusal(withRule(rule, { type: 'array', items: item }))).toEqual([over('2.0x')]);
  });

  it('counts the dearer branch of a choice', () => {
    const rule = "self.all(x, size(x) > 1 ? x.matches('^[a-z]+$') : true)";
    expect(refusal(withRule(rule, items({}, 64)))).toEqual([over('4.0x')]);
  });

  it('has a total for the whole schema', () => {
    const list = items({ maxLength: 4000 }, 2000);
    const rules = Array.from({ length: 20 }, () => ({ rule: each }));
    const told = refusal(withProperty({ ...list, 'x-kubernetes-validations': rules }));
    expect(told.at(-1)).toMatch(
      /^: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget/,
    );
    expect(told.filter((line) => line.includes('contributed to'))).toHaveLength(4);
  });
});

describe('a changed appendix', () => {
  it.each<[string, (schema: JsonObject) => void, RegExp]>([
    [
      'a role list without maxItems under a regex',
      (s) => {
        const roles = specField(s, 'roles');
        delete roles['maxItems'];
        roles['x-kubernetes-validations'] = [{ rule: "self.all(r, r.matches('^[^,]+$'))" }];
      },
      /exceeds budget/,
    ],
    [
      'a misspelt field in a rule',
      (s) => {
        at(s, 'properties', 'spec')['x-kubernetes-validations'] = [
          { rule: 'has(self.clientSecretReference)' },
        ];
      },
      /undefined field 'clientSecretReference'/,
    ],
  ])('with %s is refused', (_name, change, why) => {
    expect(() => compiledCredential(change)).toThrow(why);
  });
});
