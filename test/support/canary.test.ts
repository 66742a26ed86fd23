import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CANARY, findCanary, secretText } from './canary.ts';

const SECRET = secretText('x');
const everyCharacter = (prefix: string, digits: number) =>
  [...SECRET].map((char) => `${prefix}${char.charCodeAt(0).toString(16).padStart(digits, '0')}`).join('');

const cyclic: Record<string, unknown> = { deep: { value: SECRET } };
cyclic['self'] = cyclic;

const leaks: readonly [name: string, haystack: string | Uint8Array | object][] = [
  ['raw', `before ${SECRET} after`],
  ['in a URL escape', everyCharacter('%', 2)],
  ['in a URL escape of one character', SECRET.replace('-', '%2D')],
  ['in a JSON escape', everyCharacter('\\u', 4)],
  ['in a JavaScript escape', everyCharacter('\\x', 2)],
  ['in hex', Buffer.from(SECRET).toString('hex')],
  ['in a buffer', Buffer.from(`\u00ff${SECRET}`)],
  ['in a buffer as JSON', JSON.stringify({ body: Buffer.from(SECRET) })],
  ['in a buffer as the console shows it', { body: Buffer.from(SECRET) }],
  ['deep in an object', { a: [{ b: { c: { d: { e: SECRET } } } }] }],
  ['in a cyclic object', cyclic],
  ['in an error', new Error('outer', { cause: new Error(SECRET) })],
  ['in a key', { [SECRET]: 1 }],
  ['in what an object says of itself as JSON', { toJSON: () => SECRET }],
  ['in a map', { map: new Map([['k', SECRET]]) }],
];

describe('the canary', () => {
  it.each(leaks)('is found %s', (_name, haystack) => {
    expect(findCanary(haystack)).toBeDefined();
  });

  it('is found in base64, wherever in the encoded text it lies', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 }), (before, after) => {
        const bytes = Buffer.concat([before, Buffer.from(CANARY), after]);
        expect(findCanary(`x${bytes.toString('base64')}`)).toBeDefined();
        expect(findCanary(`x${bytes.toString('base64url')}`)).toBeDefined();
      }),
    );
  });

  it('is not found where it is not', () => {
    const clean = { text: 'canary', other: 'canary-7f3a8', list: [99, 97], buffer: Buffer.from('canary-') };
    expect(findCanary(clean)).toBeUndefined();
    expect(findCanary('')).toBeUndefined();
  });

  it('is shown with what surrounds it', () => {
    expect(findCanary(`msg="no" secret=${SECRET}`)).toContain('secret=');
  });
});
