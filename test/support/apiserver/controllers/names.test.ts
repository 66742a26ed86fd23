import { describe, expect, it } from 'vitest';
import { acceptNames } from './names.ts';

const WANTED = {
  plural: 'things',
  singular: 'thing',
  kind: 'Thing',
  listKind: 'ThingList',
  shortNames: ['th'],
};

describe('the names of a definition', () => {
  it('are accepted where nobody has them', () => {
    const { names, condition } = acceptNames(WANTED, {}, [{ plural: 'others', kind: 'Other' }]);
    expect(names).toEqual(WANTED);
    expect(condition).toMatchObject({ status: 'True', reason: 'NoConflicts' });
  });

  it.each([
    [{ plural: 'things' }, 'PluralConflict', 'things'],
    [{ singular: 'things' }, 'PluralConflict', 'things'],
    [{ shortNames: ['thing'] }, 'SingularConflict', 'thing'],
    [{ plural: 'th' }, 'ShortNamesConflict', 'th'],
    [{ kind: 'Thing' }, 'KindConflict', 'Thing'],
    [{ kind: 'ThingList' }, 'ListKindConflict', 'ThingList'],
    [{ plural: 'things', listKind: 'ThingList' }, 'ListKindConflict', 'ThingList'],
  ])('are refused where another has %j', (other, reason, name) => {
    const { condition } = acceptNames(WANTED, {}, [other]);
    expect(condition).toMatchObject({ status: 'False', reason, message: `"${name}" is already in use` });
  });

  it('that are refused leave what was there before, and always say plural and kind', () => {
    const taken = { kind: 'Thing', listKind: 'ThingList', singular: 'thing' };
    expect(acceptNames(WANTED, {}, [taken]).names).toEqual({
      plural: 'things',
      kind: '',
      shortNames: ['th'],
    });
    expect(acceptNames(WANTED, { kind: 'Old' }, [taken]).names).toMatchObject({ kind: 'Old' });
  });

  it('of resources and of kinds do not meet', () => {
    expect(acceptNames(WANTED, {}, [{ plural: 'Thing', kind: 'things' }]).condition.status).toBe('True');
  });
});
