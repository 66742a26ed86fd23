/**
 * The CEL functions that Kubernetes adds or that cel-js has otherwise: regular expressions by RE2, Go durations,
 * strings, lists and URLs. Not here: quantity, ip, cidr, semver, named formats, sets and two-variable comprehensions.
 */
import { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { toDuration } from './cel-values.ts';
import { parseGoDuration } from './go-duration.ts';
import { createMatcher } from './regexp.ts';

const SYNC = { async: false } as const;

class Url {
  readonly url: URL;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
    this.url = new URL(text, 'relative://');
  }
}

/** Go's url.ParseRequestURI: an absolute URL or a rooted path. */
function isUrl(text: string): boolean {
  if (text.startsWith('/')) return !/\s/.test(text);
  return /^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text);
}

function goDuration(text: string) {
  const nanoseconds = parseGoDuration(text);
  if (nanoseconds !== undefined) return toDuration(nanoseconds);
  throw new Error("type conversion error from 'string' to 'google.protobuf.Duration'");
}

function found(pattern: string, text: string, limit: number): readonly string[] {
  const matcher = RE2JS.compile(pattern).matcher(text);
  const all: string[] = [];
  while ((limit < 0 || all.length < limit) && matcher.find()) all.push(matcher.group() ?? '');
  return all;
}

function replaced(text: string, from: string, to: string, limit: number): string {
  if (limit < 0) return text.replaceAll(from, to);
  const parts = text.split(from);
  const kept = parts.slice(0, limit + 1).join(to);
  return parts.length > limit + 1 ? [kept, ...parts.slice(limit + 1)].join(from) : kept;
}

/** Counted in characters, not in halves of them. */
function runes(text: string, from: bigint, to?: bigint): string {
  const all = [...text];
  const [start, end] = [Number(from), to === undefined ? all.length : Number(to)];
  const wrong = start < 0 || start > all.length ? start : end < start || end > all.length ? end : undefined;
  if (wrong !== undefined) throw new Error(`index out of range: ${wrong}`);
  return all.slice(start, end).join('');
}

type Ordered = bigint | number | string | boolean | Date;

function isSorted(items: readonly Ordered[]): boolean {
  return items.every((item, i) => i === 0 || (items[i - 1] ?? item) <= item);
}

function extreme(name: string, better: (a: Ordered, b: Ordered) => boolean) {
  return (items: readonly Ordered[]): Ordered => {
    const [first, ...rest] = items;
    if (first === undefined) throw new Error(`${name} called on empty list`);
    return rest.reduce((a, b) => (better(b, a) ? b : a), first);
  };
}

function sum(items: readonly (bigint | number)[]): bigint | number {
  return items.reduce((a, b) =>
    typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b),
  );
}

function addStrings(env: Environment): void {
  const matches = createMatcher();
  env
    .registerFunction('string.re2Matches(string): bool', (text, pattern) => matches(pattern, text), SYNC)
    .registerFunction('re2Matches(string, string): bool', (text, pattern) => matches(pattern, text), SYNC)
    .registerFunction('goDuration(string): google.protobuf.Duration', goDuration, SYNC)
    .registerFunction('string.find(string): string', (text, re) => found(re, text, 1)[0] ?? '', SYNC)
    .registerFunction('string.findAll(string): list<string>', (text, re) => found(re, text, -1), SYNC)
    .registerFunction(
      'string.findAll(string, int): list<string>',
      (t, re, n) => found(re, t, Number(n)),
      SYNC,
    )
    .registerFunction('string.charAt(int): string', (text, i) => [...text][Number(i)] ?? '', SYNC)
    .registerFunction('string.runeSubstring(int): string', (text, from) => runes(text, from), SYNC)
    .registerFunction('string.runeSubstring(int, int): string', runes, SYNC)
    .registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''), SYNC)
    .registerFunction('string.replace(string, string): string', (t, a, b) => replaced(t, a, b, -1), SYNC)
    .registerFunction(
      'string.replace(string, string, int): string',
      (t, a, b, n) => replaced(t, a, b, Number(n)),
      SYNC,
    );
}

function addLists(env: Environment): void {
  const position = (i: number) => BigInt(i);
  env
    .registerFunction('list<A>.isSorted(): bool', isSorted, SYNC)
    .registerFunction(
      'list<A>.min(): A',
      extreme('min', (a, b) => a < b),
      SYNC,
    )
    .registerFunction(
      'list<A>.max(): A',
      extreme('max', (a, b) => a > b),
      SYNC,
    )
    .registerFunction('list<int>.sum(): int', (items) => (items.length === 0 ? 0n : sum(items)), SYNC)
    .registerFunction('list<double>.sum(): double', (items) => (items.length === 0 ? 0 : sum(items)), SYNC)
    .registerFunction('list<A>.indexOf(A): int', (items, item) => position(items.indexOf(item)), SYNC)
    .registerFunction(
      'list<A>.lastIndexOf(A): int',
      (items, item) => position(items.lastIndexOf(item)),
      SYNC,
    );
}

function addUrls(env: Environment): void {
  const part = (name: string, read: (url: Url) => string) =>
    env.registerFunction(`kubernetes.URL.${name}(): string`, read, SYNC);
  env.registerType('kubernetes.URL', Url);
  env.registerFunction('isURL(string): bool', isUrl, SYNC);
  env.registerFunction(
    'url(string): kubernetes.URL',
    (text: string) => {
      if (isUrl(text)) return new Url(text);
      throw new Error(
        `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI`,
      );
    },
    SYNC,
  );
  part('getScheme', ({ text, url }) => (text.startsWith('/') ? '' : url.protocol.slice(0, -1)));
  part('getHost', ({ text }) => /^[^:/?#]+:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(text)?.[1] ?? '');
  part('getHostname', ({ url }) => url.hostname.replace(/^\[|\]$/g, ''));
  part('getPort', ({ text }) => /^[^:/?#]+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(text)?.[1] ?? '');
  part('getEscapedPath', ({ text }) => text.replace(/^[^:/?#]+:\/\/[^/?#]*/, '').replace(/[?#].*$/, ''));
}

/** An environment with the library of Kubernetes and without variables. */
export function createEnvironment(): Environment {
  const env = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  addStrings(env);
  addLists(env);
  addUrls(env);
  return env;
}
