import { describe, expect, it } from 'vitest';
import { editionOf, isOlderEdition, releaseOf } from '../../src/api/edition.ts';

const A = { versions: [{ name: 'v1', schema: { type: 'object' } }] };
const B = { versions: [{ name: 'v1', schema: { type: 'object', required: ['spec'] } }] };

describe('an edition', () => {
  it('is told apart by what the definition says, and by nothing else', () => {
    expect(editionOf(A, '1.0.0')).toEqual(editionOf(structuredClone(A), '1.0.0'));
    const schemas = [editionOf(A, '1.0.0'), editionOf(A, '2.0.0'), editionOf(B, '1.0.0')].map(
      (edition) => edition['alm-operator.dev/schema'],
    );
    expect(schemas[0]).toBe(schemas[1]);
    expect(schemas[0]).not.toBe(schemas[2]);
  });

  it('names its release, where it names one', () => {
    expect(releaseOf(editionOf(A, '1.2.3'))).toBe('1.2.3');
    expect(releaseOf({})).toBeUndefined();
  });

  it.each([
    { served: editionOf(A, '1.2.3'), older: false, what: 'the same' },
    { served: editionOf(A, '1.0.0'), older: false, what: 'an earlier release that said the same' },
    { served: editionOf(A, '9.0.0'), older: false, what: 'a later release that says the same' },
    { served: editionOf(B, '1.2.2'), older: true, what: 'an earlier patch' },
    { served: editionOf(B, '1.1.9'), older: true, what: 'an earlier minor' },
    { served: editionOf(B, '0.9.9'), older: true, what: 'an earlier major' },
    { served: editionOf(B, '1.2.3'), older: true, what: 'the same release, as it once was' },
    { served: editionOf(B, '1.2.4'), older: false, what: 'a later patch' },
    { served: editionOf(B, '1.10.0'), older: false, what: 'a later minor, which sorts before as a word' },
    { served: editionOf(B, '2.0.0'), older: false, what: 'a later major' },
    { served: {}, older: true, what: 'one from before editions were named' },
    { served: { 'alm-operator.dev/version': 'next' }, older: true, what: 'one whose release is no number' },
  ])('is older than 1.2.3: $older, for $what', ({ served, older }) => {
    expect(isOlderEdition(served, editionOf(A, '1.2.3'))).toBe(older);
  });
});
