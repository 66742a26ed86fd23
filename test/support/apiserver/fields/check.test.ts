import { describe, expect, it } from 'vitest';
import { misfits } from './check.ts';
import { SCHEMA } from './fixture.ts';

describe('a configuration that does not fit', () => {
  it.each([
    [{ nope: 1 }, ['.spec.nope: field not declared in schema']],
    [{ nope: 1, size: 'x', never: 2 }, ['.spec.nope: field not declared in schema']],
    [{ size: 'x' }, ['.spec.size: expected numeric (int or float), got string']],
    [{ mood: 7 }, ['.spec.mood: expected string, got &value.valueUnstructured{Value:7}']],
    [{ flag: 'y' }, ['.spec.flag: expected boolean, got &{y}']],
    [{ list: 'z' }, ['.spec.list: expected list, got &{z}']],
    [{ map: [] }, ['.spec.map: expected map, got &{[]}']],
    [{ set: ['a', 'a'] }, ['.spec.set: duplicate entries for key [="a"]']],
    [
      { parts: [{ name: 'a' }, { name: 'a', proto: 'TCP' }] },
      ['.spec.parts: duplicate entries for key [name="a",proto="TCP"]'],
    ],
    [{ any: { x: 1 }, ios: 'x', size: null }, []],
  ])('%j is told', (spec, told) => {
    expect(misfits({ metadata: { name: 'x' }, spec }, SCHEMA)).toEqual(told);
  });
});
