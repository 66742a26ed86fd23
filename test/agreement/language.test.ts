import { describe, expect, it } from 'vitest';
import { measureFunctions } from './functions.ts';
import { readSources } from './sources.ts';

const sources = readSources();

type Line = Readonly<{ at: string; text: string }>;

const linesOf = (pick: 'text' | 'code'): readonly Line[] =>
  sources.flatMap(({ file, [pick]: whole }) =>
    whole.split('\n').map((text, index) => ({ at: `${file}:${index + 1}`, text })),
  );

/** The lines of `text` on which the code is blank: what is left is comment. */
const comments = sources.flatMap(({ file, text, code }) => {
  const bare = code.split('\n');
  return text.split('\n').flatMap((line, index) => {
    const comment = line.slice((bare[index] ?? '').trimEnd().length).trim();
    return comment === '' ? [] : [{ at: `${file}:${index + 1}`, text: comment }];
  });
});

const found = (lines: readonly Line[], wrong: RegExp) =>
  lines.filter(({ text }) => wrong.test(text)).map(({ at, text }) => `${at} ${text.trim()}`);

describe('the source', () => {
  it('has functions that fit on a screen', () => {
    const long = sources.flatMap(({ file, code }) =>
      measureFunctions(code)
        .filter(({ ownLines }) => ownLines > 40)
        .map(({ line, ownLines }) => `${file}:${line} has ${ownLines} lines of its own`),
    );
    expect(long).toEqual([]);
  });

  it('promises nothing for later', () => {
    expect(found(linesOf('text'), /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  it('is spelt the British way', () => {
    const american =
      /\b(behaviors?|colors?|honor\w*|favor\w*|centers?|canceled|canceling|labeled|catalogs?|gr[a]y|unauthorized)\b/i;
    expect(found(comments, american)).toEqual([]);
  });

  it('has no commented-out code', () => {
    expect(
      found(comments, /^(\/\/|\*)\s*(const|let|if \(|return |import |export |await |\}).*[;{}]$/),
    ).toEqual([]);
  });
});

describe('the reading of sources', () => {
  it('finds comments', () => {
    expect(comments.length).toBeGreaterThan(20);
  });

  it('measures functions of every shape, each without those inside', () => {
    const code = [
      'export function outer(',
      '  a: string,',
      '): void {',
      '  const inner = async (b: string): Promise<void> => {',
      '    if (b) {',
      '    }',
      '  };',
      '  return {',
      '    method(c: string) {',
      '    },',
      '  };',
      '}',
      'class A {',
      '  async #read(d: string): Promise<void> {',
      '  }',
      '}',
    ].join('\n');
    expect(measureFunctions(code)).toEqual([
      { line: 1, ownLines: 6 },
      { line: 4, ownLines: 4 },
      { line: 9, ownLines: 2 },
      { line: 14, ownLines: 2 },
    ]);
  });
});
