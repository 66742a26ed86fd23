import { describe, expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';

const holds = (selector: string, labels: Record<string, string>) => parseLabelSelector(selector)(labels);

describe('a label selector', () => {
  it.each([
    ['', {}, true],
    ['a=x', { a: 'x' }, true],
    ['a = x , b', { a: 'x', b: '' }, true],
    ['a=x,b', { a: 'x' }, false],
    ['a=', { a: '' }, true],
    ['a=', {}, false],
    ['a!=x', {}, true],
    ['a in (x,y)', { a: 'y' }, true],
    ['a in(x)', { a: 'x' }, true],
    ['a in ()', { a: '' }, false],
    ['a in (,)', { a: '' }, true],
    ['a notin (x)', {}, true],
    ['a notin (x)', { a: 'x' }, false],
    ['!a', {}, true],
    ['! a,b', { b: '1' }, true],
    ['a>1', { a: '2' }, true],
    ['a<1', { a: '2' }, false],
    ['a>1', { a: 'x' }, false],
    ['x.example/a=UPPER', { 'x.example/a': 'UPPER' }, true],
    ['in in (notin)', { in: 'notin' }, true],
  ] as const)('%j holds for %j: %j', (selector, labels, expected) => {
    expect(holds(selector, labels)).toBe(expected);
  });

  // As kube-apiserver v1.36.2 says it.
  it.each([
    ['=x', "found '=', expected: !, identifier, or 'end of string'"],
    ['(a)', "found '(', expected: !, identifier, or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a,,b', "found ',', expected: identifier after ','"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['a=b)', "found ')', expected: ',' or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a!b', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=(b)', "unable to parse requirement: found '(', expected: identifier"],
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['a in', "unable to parse requirement: found '' expected: '('"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (x', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (x y)', "unable to parse requirement: found 'y', expected: ',' or ')'"],
  ])('%j is refused: %s', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(message);
  });

  it.each([
    ['a>x', /values\[0\]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer$/],
    ['a=-b', /values\[0\]\[a\]: Invalid value: "-b": a valid label must be an empty string/],
    ['a in (x,-y)', /values\[0\]\[a\]: Invalid value: "-y": a valid label/],
    ['-a', /<nil>: Invalid value: "-a": name part must consist of/],
    ['a/b/c', /<nil>: Invalid value: "a\/b\/c": a valid label key must consist of/],
  ])('%j is refused for its words', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(message);
  });
});
