/**
 * Lets a sentence of ALM through to a condition, unless it carries a piece of a secret. A piece is any six
 * characters in a row (of shorter secrets the whole), as they are or in a form in which servers echo what
 * they were sent: URL-encoded, JSON-escaped, base64 at each of its three alignments (in Basic credentials the
 * secret stands behind the id).
 */

import type { Sensitive } from '../sensitive.ts';

const WINDOW = 6;
const LIMIT = 200;
/** Read past the limit, so that a secret cut off by it is still recognised. */
const LOOKAHEAD = 1000;

/** The text on one line, ≤ 200 characters, or undefined where it must not be repeated or says nothing. */
export function quoteOf(text: string, secrets: readonly Sensitive[]): string | undefined {
  const raw = text.slice(0, LOOKAHEAD);
  const line = onOneLine(raw);
  if (line === '') return undefined;
  const forms = secrets.flatMap((secret) => formsOf(secret.reveal()));
  if (carries(raw, forms) || carries(line, forms)) return undefined;
  return line.length <= LIMIT ? line : `${line.slice(0, LIMIT - 1).toWellFormed()}…`;
}

function onOneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
}

function carries(text: string, forms: readonly string[]): boolean {
  const short = forms.filter((form) => form.length < WINDOW);
  if (short.some((form) => text.includes(form))) return true;
  const windows = new Set(forms.flatMap(windowsOf));
  return windowsOf(text).some((window) => windows.has(window));
}

function windowsOf(text: string): readonly string[] {
  const count = Math.max(0, text.length - WINDOW + 1);
  return Array.from({ length: count }, (_, start) => text.slice(start, start + WINDOW));
}

function formsOf(secret: string): readonly string[] {
  const url = encodeURIComponent(secret.toWellFormed());
  const form = new URLSearchParams({ '': secret }).toString().slice(1);
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replaceAll(/[^\x20-\x7e]/g, (char) => `\\u${hex(char)}`);
  const base64 = [0, 1, 2].map((offset) => base64At(secret, offset));
  const base64url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const escaped = [url, form, ascii].flatMap((text) => [text, lowerEscapes(text)]);
  return [...new Set([secret, onOneLine(secret), json, ...escaped, ...base64, ...base64url])].filter(
    (text) => text !== '',
  );
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
}

function lowerEscapes(text: string): string {
  return text.replaceAll(/%[0-9A-F]{2}|\\u[0-9A-F]{4}/g, (code) => code.toLowerCase());
}

/**
 * The characters of the base64 text that hang on the secret alone, when it starts `offset` bytes into a
 * group.
 */
function base64At(secret: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret, 'utf8')]);
  const text = bytes.toString('base64');
  const first = Math.ceil((offset * 8) / 6);
  return text.slice(first, Math.floor((bytes.length * 8) / 6));
}
