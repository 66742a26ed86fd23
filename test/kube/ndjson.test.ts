import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLines } from '../../src/kube/ndjson.ts';

async function* chunksOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const borders = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (const [at, start] of borders.slice(0, -1).entries()) yield bytes.subarray(start, borders[at + 1]);
}

async function collect(text: string, cuts: readonly number[] = [], most = 1000): Promise<unknown[]> {
  const values: unknown[] = [];
  const chunks = chunksOf(Buffer.from(text), cuts);
  for await (const value of parseLines(chunks, most, (line) => line)) values.push(value);
  return values;
}

describe('lines of JSON', () => {
  it('come out whole wherever the stream is cut, within a character too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 8 }) }, { noNullPrototype: true }),
        ),
        fc.array(fc.nat()),
        async (values, cuts) => {
          const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
          expect(await collect(text, cuts)).toEqual(values);
        },
      ),
    );
  });

  it('may be separated by empty lines', async () => {
    expect(await collect('{"a":1}\n\n{"a":2}\n')).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it.each([
    ['a line is not JSON', '{"a":1}\n{"data":"canary-7f3a9\n', SyntaxError],
    ['the stream ends within a line', '{"a":1}\n{"data":"canary-7f3a9"}', SyntaxError],
    ['a line is too long', `{"a":1}\n"${'canary-7f3a9'.repeat(100)}`, RangeError],
  ])('end in an error that quotes nothing where %s', async (_, text, kind) => {
    const error = await collect(text, [12, 30]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).not.toContain('canary');
  });
});
