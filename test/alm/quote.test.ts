import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteOf } from '../../src/alm/quote.ts';
import { Sensitive } from '../../src/sensitive.ts';

const SECRET = 'p/w "canary-7f3a9" é+=';
const secrets = [new Sensitive(SECRET)];

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

describe('quoting ALM', () => {
  it('repeats a harmless sentence', () => {
    expect(quoteOf('Role "Portal" is unknown', secrets)).toBe('Role "Portal" is unknown');
  });

  it('puts control characters, line ends and direction marks out of the way', () => {
    expect(quoteOf('\u0007one\r\n\ttwo\u2028three\u202e \ud800four', secrets)).toBe('one two three four');
  });

  it('cuts after 200 characters, and not through a pair', () => {
    const quote = quoteOf(`${'x'.repeat(198)}😀😀`, secrets) ?? '';
    expect(quote.length).toBe(200);
    expect([quote.isWellFormed(), quote.endsWith('…')]).toEqual([true, true]);
    expect(quoteOf('y'.repeat(200), secrets)).toBe('y'.repeat(200));
  });

  it.each([[''], [' \n\t'], ['\u0000']])('has nothing to say about %j', (text) => {
    expect(quoteOf(text, secrets)).toBeUndefined();
  });

  it.each([
    ['raw', SECRET],
    ['a piece of six characters', 'canary'],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['URL-encoded in lower case', encodeURIComponent(SECRET).toLowerCase()],
    ['form-encoded', new URLSearchParams({ k: SECRET }).toString()],
    ['JSON-escaped', JSON.stringify(SECRET)],
    ['base64', base64(SECRET)],
    ['Basic credentials', base64(`a:${SECRET}`)],
    ['Basic credentials of a longer id', base64(`ab:${SECRET}`)],
    ['base64url', base64(SECRET).replaceAll('+', '-').replaceAll('/', '_')],
    ['beyond the limit but cut into', `${'x'.repeat(190)}${SECRET}`],
  ])('withholds a secret that comes %s', (_name, text) => {
    expect(quoteOf(`rejected: ${text}!`, secrets)).toBeUndefined();
  });

  it.each([
    ['/%?/%?/%?', '%2F%25%3F%2F'],
    ['/%?/%?/%?', '%2f%25%3f%2f'],
    ['""""""', '\\"\\"\\"\\"'],
    ['éèêëéè', '\\u00e9\\u00e8'],
    ['éèêëéè', '\\u00E9\\u00E8'],
    ['é"é"é"', 'é\\"é\\"é\\"'],
    ['a b c d', 'a%20b%20c%20d'],
    ['a b c d', 'a+b+c+d'],
    ['>?>?>?', 'Pj8+Pz4/'],
    ['>?>?>?', 'Pj8-Pz4_'],
    ['""  ""', '\\"\\"  \\"\\"'],
    ['ab\ncd\nef', 'ab cd ef'],
    ['ab cd ef', 'ab\ncd\nef'],
  ])('withholds %j where %j comes', (secret, text) => {
    expect(quoteOf(text, [new Sensitive(secret)])).toBeUndefined();
  });

  it('withholds any occurrence of a secret shorter than a piece, and only that', () => {
    expect(quoteOf('code 12345 unknown', [new Sensitive('12345')])).toBeUndefined();
    expect(quoteOf('code 1234 unknown', [new Sensitive('12345')])).toBe('code 1234 unknown');
  });

  it('looks at every secret', () => {
    expect(quoteOf('the canary sings', [new Sensitive('zzzzzzz'), ...secrets])).toBeUndefined();
  });

  const secret = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
    fc.base64String({ minLength: 8 }),
  );
  const wrapped = fc.tuple(secret, fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), fc.nat(5));
  const FORMS: readonly ((text: string, before: string) => string)[] = [
    (text) => text,
    (text) => encodeURIComponent(text.toWellFormed()),
    (text) => JSON.stringify(text).slice(1, -1),
    (text, before) => base64(`${before}${text}`),
    (text) => new URLSearchParams([['k', text]]).toString(),
    (text) => text.slice(0, 6),
  ];

  it('never repeats six characters in a row of any form of a secret', () => {
    fc.assert(
      fc.property(wrapped, ([value, before, after, nth]) => {
        const form = FORMS[nth] ?? ((text: string) => text);
        const quote = quoteOf(`${before}${form(value, before)}${after}`, [new Sensitive(value)]) ?? '';
        const pieces = value.length < 6 ? [value] : piecesOf(value);
        expect(pieces.filter((piece) => quote.includes(piece))).toEqual([]);
        expect(quote.length).toBeLessThanOrEqual(200);
        const inner = innerBase64(value);
        expect(inner.filter((piece) => quote.includes(piece))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('withholds long secrets in each form wherever they stand in the first 200 characters', () => {
    const long = fc.string({ minLength: 12, maxLength: 40, unit: fc.constantFrom(...'abcXYZ019+/="\\%é') });
    fc.assert(
      fc.property(
        long,
        fc.string({ maxLength: 60, unit: fc.constantFrom('q', ' ', ':') }),
        fc.nat(5),
        (value, before, nth) => {
          const form = FORMS[nth] ?? ((text: string) => text);
          expect(quoteOf(`${before}${form(value, before)}`, [new Sensitive(value)])).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });
});

function piecesOf(text: string): readonly string[] {
  return Array.from({ length: text.length - 5 }, (_, start) => text.slice(start, start + 6));
}

/**
 * Pieces of the base64 text at the three alignments, by decoding-free brute force: what all neighbours have
 * in common.
 */
function innerBase64(value: string): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const variants = ['\u0000', '\u007f'].map((filler) =>
      base64(filler.repeat(offset) + value + filler.repeat(3)),
    );
    const [one = '', other = ''] = variants;
    const common = [...one].map((char, index) => (other[index] === char ? char : '\n')).join('');
    return common.split('\n').flatMap((run) => (run.length < 6 ? [] : piecesOf(run)));
  });
}
