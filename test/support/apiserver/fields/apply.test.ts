import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyConfiguration } from './apply.ts';
import { leaves, SCHEMA } from './fixture.ts';
import { type Entry, managedFieldsOf } from './managers.ts';
import type { FieldSet } from './set.ts';

describe('an apply', () => {
  const writer = { manager: 'me', operation: 'Apply', apiVersion: 'v1', subresource: '' } as const;
  const applying = (live: object, applied: object, entries: readonly Entry[] = [], force = false) =>
    applyConfiguration({
      ...{
        live: { spec: live },
        applied: { spec: applied },
        schema: SCHEMA,
        entries,
        writer,
        force,
        time: 't1',
      },
    });
  const mine = (fields: FieldSet): Entry => ({ ...writer, time: 't0', fields: { 'f:spec': fields } });
  const theirs = (fields: FieldSet): Entry => ({ ...mine(fields), manager: 'they' });

  it('takes back what it does not repeat, down to the map that held it', () => {
    const { object } = applying({ size: 1, map: { a: '1' }, mood: 'calm' }, { size: 1 }, [
      mine({ ...leaves('f:size'), 'f:map': leaves('f:a') }),
    ]);
    expect(object).toEqual({ spec: { size: 1, mood: 'calm' } });
  });

  it('leaves what others own as well, and a map that others made', () => {
    const { object, entries } = applying({ set: ['a', 'b'], map: { a: '1' } }, { size: 1 }, [
      mine({ 'f:set': leaves('v:"a"', 'v:"b"'), 'f:map': leaves('f:a') }),
      theirs({ 'f:set': leaves('v:"b"'), ...leaves('f:map') }),
    ]);
    expect(object).toEqual({ spec: { set: ['b'], map: {}, size: 1 } });
    expect(entries.find(({ manager }) => manager === 'me')?.fields).toEqual({ 'f:spec': leaves('f:size') });
  });

  it('is refused what others own, unless it sets the same', () => {
    const entries = [theirs({ ...leaves('f:size'), 'f:map': leaves('f:a') })];
    expect(() => applying({ size: 1, map: { a: '1' } }, { size: 2, map: { a: '2' } }, entries)).toThrow(
      'Apply failed with 2 conflicts: conflicts with "they":\n- .spec.size\n- .spec.map.a',
    );
    expect(applying({ size: 1 }, { size: 1 }, entries).entries).toHaveLength(2);
  });

  it('takes it by force', () => {
    const { object, entries } = applying({ size: 1 }, { size: 2 }, [theirs(leaves('f:size'))], true);
    expect(object).toEqual({ spec: { size: 2 } });
    expect(entries).toEqual([{ ...mine(leaves('f:size')), time: 't1' }]);
  });

  it('said twice is the same as once', () => {
    // No empty lists: one that becomes empty goes, and comes back when it is applied once more, as on a real server.
    const spec = fc.record(
      {
        size: fc.constantFrom(1, 2),
        map: fc.constantFrom({}, { a: '1' }, { b: '2' }),
        set: fc.constantFrom(['a'], ['b', 'a']),
        parts: fc.constantFrom([{ name: 'x' }], [{ name: 'y', count: 2 }, { name: 'x' }]),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(spec, spec, spec, (first, theirs, second) => {
        const one = applying({}, first);
        const other = { ...writer, manager: 'they' };
        const common = { schema: SCHEMA, force: true, time: 't1' };
        const two = applyConfiguration({
          ...common,
          live: one.object,
          applied: { spec: theirs },
          entries: one.entries,
          writer: other,
        });
        const three = applyConfiguration({
          ...common,
          live: two.object,
          applied: { spec: second },
          entries: two.entries,
          writer,
        });
        const four = applyConfiguration({
          ...common,
          live: three.object,
          applied: { spec: second },
          entries: three.entries,
          writer,
        });
        expect(four.object).toEqual(three.object);
        expect(managedFieldsOf(four.entries)).toEqual(managedFieldsOf(three.entries));
      }),
    );
  });
});
