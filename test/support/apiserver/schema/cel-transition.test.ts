import { describe, expect, it } from 'vitest';
import { tell, withProperty } from './fixture.ts';
import type { Json, JsonObject } from './json.ts';
import { compileSchema } from './schema.ts';

describe('rules that compare with the old value', () => {
  const judged = (property: JsonObject, value: Json, old?: Json) =>
    tell(compileSchema(withProperty(property)), {
      object: { p: value },
      ...(old === undefined ? {} : { old: { p: old } }),
    }).told;
  const rule = (text: string, rest: JsonObject = {}): JsonObject => ({
    'x-kubernetes-validations': [{ rule: text, message: 'm', ...rest }],
  });

  it('skip transitions where there is nothing to compare with', () => {
    const immutable = { type: 'string', ...rule('self == oldSelf') };
    expect(judged(immutable, 'a')).toEqual([]);
    expect(judged(immutable, 'a', 'a')).toEqual([]);
    expect(judged(immutable, 'a', 'b')).toEqual(['p: Invalid value: "a": m']);
    const compiled = compileSchema(withProperty(immutable));
    expect(tell(compiled, { object: { p: 'a' }, old: {} }).told).toEqual([]);
  });

  it('run with an optional oldSelf at a create too', () => {
    const later = {
      type: 'integer',
      ...rule('!oldSelf.hasValue() || self > oldSelf.value()', { optionalOldSelf: true }),
    };
    expect(judged(later, 1)).toEqual([]);
    expect(judged(later, 2, 1)).toEqual([]);
    expect(judged(later, 1, 2)).toEqual(['p: Invalid value: 1: m']);
    const never = { type: 'integer', ...rule('oldSelf.hasValue()', { optionalOldSelf: true }) };
    expect(judged(never, 1)).toEqual(['p: Invalid value: 1: m']);
  });

  it('find the old item of a keyed list by its key, wherever it stands', () => {
    const list = {
      type: 'array',
      maxItems: 5,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: {
        type: 'object',
        required: ['k'],
        properties: {
          k: { type: 'string', maxLength: 5 },
          v: { type: 'integer', ...rule('self >= oldSelf') },
        },
      },
    };
    const old = [
      { k: 'a', v: 1 },
      { k: 'b', v: 5 },
    ];
    expect(
      judged(
        list,
        [
          { k: 'b', v: 6 },
          { k: 'a', v: 1 },
          { k: 'c', v: 0 },
        ],
        old,
      ),
    ).toEqual([]);
    expect(judged(list, [{ k: 'b', v: 4 }], old)).toEqual(['p[0].v: Invalid value: 4: m']);
  });

  it('are not forgiven for a value that did not change', () => {
    const always = { type: 'string', maxLength: 5, ...rule('self != oldSelf') };
    expect(judged(always, 'a', 'a')).toEqual(['p: Invalid value: "a": m']);
  });

  it('compare keyed lists without their order at any depth', () => {
    const inner = {
      type: 'array',
      'x-kubernetes-list-type': 'set',
      maxItems: 5,
      items: { type: 'string', maxLength: 5 },
    };
    const list = {
      type: 'array',
      maxItems: 5,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k', 'l'],
      items: {
        type: 'object',
        required: ['k', 'l'],
        properties: { k: { type: 'string', maxLength: 5 }, l: { type: 'string', maxLength: 5 }, v: inner },
      },
      ...rule('self == oldSelf'),
    };
    const [first, second] = [
      { k: 'a', l: 'x', v: ['1', '2'] },
      { k: 'a', l: 'y', v: [] },
    ];
    expect(judged(list, [first, second], [second, { ...first, v: ['2', '1'] }])).toEqual([]);
    expect(judged(list, [first, second], [second, { ...first, v: ['2', '3'] }])).toEqual([
      'p: Invalid value: m',
    ]);
  });

  it('compare sets and keyed lists without their order', () => {
    const set = {
      type: 'array',
      maxItems: 5,
      'x-kubernetes-list-type': 'set',
      items: { type: 'string', maxLength: 5 },
    };
    const immutable = { ...set, ...rule('self == oldSelf') };
    expect(judged(immutable, ['a', 'b'], ['b', 'a'])).toEqual([]);
    expect(judged(immutable, ['a', 'b'], ['b', 'c'])).toEqual(['p: Invalid value: m']);
    const atomic = { ...immutable, 'x-kubernetes-list-type': 'atomic' };
    expect(judged(atomic, ['a', 'b'], ['b', 'a'])).toEqual(['p: Invalid value: m']);
  });
});
