/**
 * Every password and token of the tests holds one text, so that a search can prove that none of them got out. Found in
 * the forms that text takes on its way into logs: as it is, escaped, in base64, as bytes.
 */

import { inspect } from 'node:util';

export const CANARY = 'canary-7f3a9';

export function secretText(name: string): string {
  return `${CANARY}-${name}`;
}

type Form = Readonly<{ name: string; pattern: RegExp }>;

const BYTES = [...Buffer.from(CANARY)];
const HEX = BYTES.map((byte) => byte.toString(16));

const FORMS: readonly Form[] = [
  { name: 'raw', pattern: new RegExp(CANARY) },
  { name: 'base64', pattern: new RegExp([0, 1, 2].map(base64At).join('|')) },
  { name: 'hex', pattern: new RegExp(HEX.join('\\s?'), 'i') },
  { name: 'byte list', pattern: new RegExp(BYTES.join(',\\s*')) },
];

const CONTEXT = 80;

/** Where and in which form the canary is, or undefined. An object is searched as JSON and as the console shows it. */
export function findCanary(haystack: string | Uint8Array | object): string | undefined {
  for (const text of textsOf(haystack)) {
    for (const { name, pattern } of FORMS) {
      const at = text.search(pattern);
      if (at >= 0) return `${name}: …${text.slice(Math.max(0, at - CONTEXT), at + CONTEXT)}…`;
    }
  }
  return undefined;
}

function textsOf(haystack: string | Uint8Array | object): readonly string[] {
  if (typeof haystack === 'string') return [haystack, unescaped(haystack)];
  if (haystack instanceof Uint8Array) return textsOf(Buffer.from(haystack).toString('latin1'));
  const shown = inspect(haystack, {
    depth: Number.POSITIVE_INFINITY,
    maxArrayLength: Number.POSITIVE_INFINITY,
    maxStringLength: Number.POSITIVE_INFINITY,
    breakLength: Number.POSITIVE_INFINITY,
  });
  return [...textsOf(shown), ...textsOf(asJson(haystack))];
}

/** A cycle has no JSON; the console's form has shown its content. */
function asJson(value: object): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

/** URL, JSON and JavaScript escapes undone, whichever of the characters were escaped. */
function unescaped(text: string): string {
  const code = (_escape: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
  return text
    .replaceAll(/%([0-9a-f]{2})/gi, code)
    .replaceAll(/\\u([0-9a-f]{4})/gi, code)
    .replaceAll(/\\x([0-9a-f]{2})/gi, code);
}

/** The characters, alike in both alphabets, that every base64 text has that holds the canary at a place with this remainder by 3. */
function base64At(remainder: number): string {
  const text = Buffer.concat([Buffer.alloc(remainder), Buffer.from(CANARY)]).toString('base64');
  return text.slice(Math.ceil((remainder * 8) / 6), Math.floor(((remainder + CANARY.length) * 8) / 6));
}
