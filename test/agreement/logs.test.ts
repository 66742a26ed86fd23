import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSources } from './sources.ts';

const page = readFileSync(new URL('../../docs/reference/logs.md', import.meta.url), 'utf8');

const documented = new Map(
  [...page.matchAll(/^\| `([^`]+)` \| ((?:info|warn|error)(?:, \w+)*) \|/gm)].map(
    ([, message = '', levels = '']) => [message, levels.split(', ').toSorted()] as const,
  ),
);

type Line = Readonly<{ message: string; levels: readonly string[]; where: string }>;

const levelsIn = (text: string) => ['error', 'info', 'warn'].filter((level) => text.includes(level));

/** Every call of a log with the message at its end, and every message that is chosen together with its level. */
function linesOf(file: string, code: string): readonly Line[] {
  const calls = [...code.matchAll(/\blog(?:\.(\w+)|\[([^\]]+)\])\(/g)].map(
    ({ 1: one, 2: other, index, 0: call }) => {
      const words = argumentsFrom(code, index + call.length);
      return { message: /'([^']*)',?\s*$/.exec(words)?.[1], levels: levelsIn(one ?? meantBy(other, code)) };
    },
  );
  const chosen = [...code.matchAll(/\blevel: ([^;{}]*?),\s*message:\s*'([^']*)'/g)].map(
    ([, level = '', message]) => ({ message, levels: levelsIn(level) }),
  );
  return [...calls, ...chosen].flatMap(({ message, levels }) =>
    message === undefined || levels.length === 0 ? [] : [{ message, levels, where: file }],
  );
}

/** A level in brackets, or the value of the constant that stands there. */
function meantBy(level = '', code: string): string {
  const [, value] = new RegExp(`\\bconst ${/^\w+$/.exec(level)?.[0] ?? ' '} = (.*);`).exec(code) ?? [];
  return value ?? level;
}

function argumentsFrom(code: string, from: number): string {
  let depth = 1;
  let to = from;
  for (; depth > 0 && to < code.length; to += 1) {
    if ('([{'.includes(code[to] ?? '')) depth += 1;
    if (')]}'.includes(code[to] ?? '')) depth -= 1;
  }
  return code.slice(from, to - 1);
}

const said = readSources().flatMap(({ file, code }) => linesOf(file, code));

describe('the messages of the log', () => {
  it('are found where they are said', () => {
    expect(said.length).toBeGreaterThan(25);
    const code =
      "log.info({ a: f(1) }, 'one'); log[x ? 'warn' : 'debug'](\n  y,\n  'two',\n); log.debug({}, 'three'); const l = a ? 'debug' : 'error'; log[l](z, 'four');";
    expect(linesOf('a.ts', code)).toEqual([
      { message: 'one', levels: ['info'], where: 'a.ts' },
      { message: 'two', levels: ['warn'], where: 'a.ts' },
      { message: 'four', levels: ['error'], where: 'a.ts' },
    ]);
  });

  it('at info and above are all documented, with their levels', () => {
    const missing = said.filter(({ message, levels }) => {
      const known = documented.get(message) ?? [];
      return !levels.every((level) => known.includes(level));
    });
    expect(missing).toEqual([]);
  });

  it('that are documented are said, at those levels', () => {
    for (const [message, levels] of documented) {
      const at = said.filter((line) => line.message === message).flatMap((line) => line.levels);
      expect([...new Set(at)].toSorted(), message).toEqual(levels);
    }
  });

  it('are documented once', () => {
    const rows = [...page.matchAll(/^\| `[^`]+` \| (?:info|warn|error)/gm)];
    expect(rows).toHaveLength(documented.size);
  });
});
