import { describe, expect, it } from 'vitest';
import { type LabelSelector, matchesSelector, parseSelector } from '../../src/kube/selector.ts';

const labels = { team: 'a', tier: 'x', empty: '', 'example.org/use': 'alm' };

describe('parseSelector', () => {
  it.each<[string, boolean]>([
    ['', true],
    ['  ', true],
    ['team=a', true],
    ['team==a', true],
    ['team = a', true],
    ['team=b', false],
    ['team=', false],
    ['empty=', true],
    ['missing=', false],
    ['missing=a', false],
    ['team!=a', false],
    ['team!=b', true],
    ['missing!=a', true],
    ['empty!=', false],
    ['team in (a)', true],
    ['team in (b, a)', true],
    ['team in(a)', true],
    ['team in (b)', false],
    ['team in (a,)', true],
    ['empty in ()', true],
    ['team in ()', false],
    ['missing in (a)', false],
    ['missing in ()', false],
    ['team notin (a)', false],
    ['team notin (b,c)', true],
    ['missing notin (a)', true],
    ['missing notin ()', true],
    ['empty notin ()', false],
    ['team', true],
    ['empty', true],
    ['missing', false],
    ['!team', false],
    ['! missing', true],
    ['example.org/use', true],
    ['example.org/use=alm', true],
    ['team=a,tier=x', true],
    ['team=a, tier in (x,y) ,!missing', true],
    ['team=a,tier=y', false],
    ['tier=y,team=a', false],
    ['team in (a,b),tier notin (x,y)', false],
    ['toString', false],
    ['!constructor', true],
    ['Team=a', false],
    ['team=A', false],
    ['in=a', false],
  ])('%j on the labels of the Secret: %s', (text, matches) => {
    expect(parseSelector(text)?.(labels)).toBe(matches);
  });

  it.each<[string, boolean]>([
    ['', true],
    ['team', false],
    ['!team', true],
    ['team=a', false],
    ['team!=a', true],
    ['team in (a)', false],
    ['team notin (a)', true],
  ])('%j where there are no labels: %s', (text, matches) => {
    expect(parseSelector(text)?.(undefined)).toBe(matches);
    expect(parseSelector(text)?.({})).toBe(matches);
  });

  it.each([
    ',',
    'team=a,',
    ',team=a',
    'team=a,,tier=x',
    '=a',
    '!=a',
    'team=a=b',
    'team=a b',
    'team a',
    'team===a',
    'team!',
    '!team=a',
    'team in',
    'team in a',
    'team in (a',
    'team in a)',
    'team in (a b)',
    'team in (a,(b))',
    'team in (!a)',
    'team of (a)',
    'in (a)',
    '-team=a',
    'team-=a',
    'team=-a',
    'te am=a',
    'a/b/c=d',
    '/a=b',
    'a/=b',
    'Example.org/use',
    `${'k'.repeat(64)}=a`,
    `team=${'v'.repeat(64)}`,
    `team in (${'v'.repeat(64)})`,
    'team>1',
  ])('takes %j for no selector', (text) => {
    expect(parseSelector(text)).toBeUndefined();
  });

  it.each([`${'k'.repeat(63)}=${'v'.repeat(63)}`, `${'d'.repeat(63)}.example.org/k in (${'v'.repeat(63)})`])(
    'takes names as long as they may be: %s',
    (text) => {
      expect(parseSelector(text)).toBeDefined();
    },
  );
});

describe('matchesSelector', () => {
  const any = (key: string, operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', ...values: string[]) => ({
    matchExpressions: [{ key, operator, ...(values.length === 0 ? {} : { values }) }],
  });

  it.each<[LabelSelector, boolean]>([
    [{}, true],
    [{ matchLabels: {} }, true],
    [{ matchExpressions: [] }, true],
    [{ matchLabels: { team: 'a' } }, true],
    [{ matchLabels: { team: 'a', tier: 'x' } }, true],
    [{ matchLabels: { team: 'a', tier: 'y' } }, false],
    [{ matchLabels: { empty: '' } }, true],
    [{ matchLabels: { missing: '' } }, false],
    [{ matchLabels: { toString: 'a' } }, false],
    [any('team', 'In', 'b', 'a'), true],
    [any('team', 'In', 'b'), false],
    [any('empty', 'In', ''), true],
    [any('missing', 'In', ''), false],
    [any('team', 'NotIn', 'b'), true],
    [any('team', 'NotIn', 'b', 'a'), false],
    [any('missing', 'NotIn', 'a'), true],
    [any('team', 'Exists'), true],
    [any('empty', 'Exists'), true],
    [any('missing', 'Exists'), false],
    [any('toString', 'Exists'), false],
    [any('team', 'DoesNotExist'), false],
    [any('missing', 'DoesNotExist'), true],
    [{ matchLabels: { team: 'a' }, ...any('tier', 'Exists') }, true],
    [{ matchLabels: { team: 'b' }, ...any('tier', 'Exists') }, false],
    [{ matchLabels: { team: 'a' }, ...any('tier', 'DoesNotExist') }, false],
    [
      {
        matchExpressions: [
          ...any('team', 'Exists').matchExpressions,
          ...any('no', 'Exists').matchExpressions,
        ],
      },
      false,
    ],
  ])('%j: %s', (selector, matches) => {
    expect(matchesSelector(selector, labels)).toBe(matches);
  });
});
