/** Values of every shape that JSON has, and good ones that are damaged in a few places. Pure. */

import fc from 'fast-check';
import { CANARY } from '../support/canary.ts';

/** Names that mean something to JavaScript, to Kubernetes or to ALM, and secrets where a name is expected. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '0',
  'length',
  'name',
  'metadata',
  'status',
  'data',
  CANARY,
];

export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(...NAMES, ' ', '\0', '\n', '\ud800', '-1', '1e999', 'null', '${x}', '../..', '%2e%2e'),
  fc.constant('x'.repeat(70_000)),
  fc.string({ maxLength: 8 }).map((text) => `${CANARY}${text}`),
);

const leaf = fc.oneof(
  { weight: 4, arbitrary: anyText },
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, -0, 1e308, 2 ** 53, 2 ** 31, Number.MIN_VALUE),
  fc.integer(),
);

const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 6 }));

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    membersOf(tie('tree')),
  ),
}));

/** Anything that JSON can say; `__proto__` is a member like any other. */
export const anyJson: fc.Arbitrary<unknown> = tree;

/** Objects of anything. */
export const anyObject: fc.Arbitrary<Readonly<Record<string, unknown>>> = membersOf(anyJson);

function membersOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return fc.array(fc.tuple(name, value), { maxLength: 5 }).map((members) => Object.fromEntries(members));
}

type Harm = Readonly<{ at: number; how: 'replace' | 'remove' | 'add' | 'wrap'; name: string; by: unknown }>;

const harm: fc.Arbitrary<Harm> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'remove', 'add', 'wrap'),
  name,
  by: anyJson,
});

/** The same without secrets, for places of which messages may speak. */
export function open<T>(drawn: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return drawn.map((value) => JSON.parse(JSON.stringify(value ?? null).replaceAll(CANARY, 'open')) as T);
}

/** The good value with up to `most` places replaced, removed, added to or wrapped. */
export function damaged(good: unknown, most = 3): fc.Arbitrary<unknown> {
  return damagedBy(harm, good, most);
}

/** No secret stands where none stood before. */
export function damagedOpenly(good: unknown, most = 3): fc.Arbitrary<unknown> {
  return damagedBy(open(harm), good, most);
}

function damagedBy(one: fc.Arbitrary<Harm>, good: unknown, most: number): fc.Arbitrary<unknown> {
  return fc
    .array(one, { maxLength: most })
    .map((harms) => harms.reduce<unknown>((value, one) => harmed(value, one), structuredClone(good)));
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const members: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return [path, ...members.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function harmed(value: unknown, harm: Harm): unknown {
  const paths = pathsOf(value);
  return changed(value, paths[harm.at % paths.length] ?? [], harm);
}

function changed(value: unknown, [key, ...rest]: Path, harm: Harm): unknown {
  if (key === undefined) return replaced(value, harm);
  const remove = rest.length === 0 && harm.how === 'remove';
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => {
      if (index !== key) return [item];
      return remove ? [] : [changed(item, rest, harm)];
    });
  }
  const entries = Object.entries(value as object).flatMap(([name, inner]) => {
    if (name !== key) return [[name, inner] as const];
    return remove ? [] : [[name, changed(inner, rest, harm)] as const];
  });
  return Object.fromEntries(entries);
}

function replaced(value: unknown, { how, name, by }: Harm): unknown {
  if (how === 'wrap') return [value];
  if (how === 'add' && typeof value === 'object' && value !== null) {
    return Array.isArray(value)
      ? [...value, by]
      : Object.fromEntries([...Object.entries(value), [name, by] as const]);
  }
  return by;
}

/** JSON text of such values, whole, cut off, or with a piece out of place. */
export function textOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const json = value.map((some) => JSON.stringify(some) ?? '');
  return fc.oneof(
    { weight: 4, arbitrary: json },
    fc.tuple(json, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
    fc.tuple(json, anyText).map(([text, more]) => `${more}${text}`),
  );
}

/** Bytes: of such a text, of no text at all, or of a text in another character set. */
export function bytesOf(text: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  return fc.oneof(
    { weight: 4, arbitrary: text.map((some) => Buffer.from(some)) },
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    text.map((some) => Buffer.from(some, 'utf16le')),
    text.map((some) => Buffer.from(`\ufeff${some}`)),
    fc.tuple(text, fc.nat()).map(([some, at]) => {
      const bytes = Buffer.from(`${some} `);
      bytes[at % bytes.length] = 0xff;
      return bytes;
    }),
  );
}

/** The bytes in pieces, cut wherever it comes. */
export function pieces(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}
