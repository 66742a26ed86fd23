import { describe, expect, it } from 'vitest';
import { leaves } from './fixture.ts';
import { afterWrite, type Entry, entriesOf, managedFieldsOf } from './managers.ts';
import type { FieldSet } from './set.ts';

describe('owners', () => {
  const entry = (manager: string, fields: FieldSet, more: Partial<Entry> = {}): Entry => ({
    ...{ manager, operation: 'Update', apiVersion: 'v1', subresource: '', time: 't0', fields },
    ...more,
  });

  it('lose what another writes, who gets it and a new time', () => {
    const before = [entry('a', { 'f:data': leaves('f:x', 'f:y') }), entry('b', { 'f:data': leaves('f:z') })];
    const change = { changed: { 'f:data': leaves('f:y') }, removed: { 'f:data': leaves('f:z') } };
    const writer = { manager: 'c', operation: 'Update', apiVersion: 'v1', subresource: '' } as const;
    expect(afterWrite(before, writer, change, 't1')).toEqual([
      entry('a', { 'f:data': leaves('f:x') }),
      entry('c', { 'f:data': leaves('f:y') }, { time: 't1' }),
    ]);
  });

  it('are listed as the server lists them, and read again', () => {
    const entries = [
      entry('b', leaves('f:x'), { time: 't2' }),
      entry('a', leaves('f:x'), { time: 't2', subresource: 'status' }),
      entry('z', leaves('f:x'), { operation: 'Apply', time: 't9' }),
      entry('c', leaves('f:x'), { time: 't1' }),
    ];
    const listed = managedFieldsOf(entries);
    expect(listed.map(({ manager }) => manager)).toEqual(['z', 'c', 'a', 'b']);
    expect(entriesOf(listed)).toEqual([entries[2], entries[3], entries[1], entries[0]]);
    expect(entriesOf([{ manager: 'x' }])).toBeUndefined();
    expect(entriesOf('x')).toBeUndefined();
  });
});
