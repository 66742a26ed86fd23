import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, refOf } from '../../src/kube/types.ts';

describe('object keys', () => {
  it.each([
    [{ namespace: 'team-a', name: 'reporting' }, 'team-a/reporting'],
    [{ name: 'team-a' }, 'team-a'],
  ])('name %j as %s', (ref, key) => {
    expect(keyOf(ref)).toBe(key);
    expect(refOf(key)).toEqual(ref);
  });

  it('give back the reference they were made from', () => {
    const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, fc.option(name, { nil: undefined }), (own, namespace) => {
        const ref = namespace === undefined ? { name: own } : { namespace, name: own };
        expect(refOf(keyOf(ref))).toEqual(ref);
      }),
    );
  });
});
