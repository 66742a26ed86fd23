import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplicer } from './lines.ts';

const started = () => {
  const out: string[] = [];
  const lines = new LineSplicer(
    (chunk) => out.push(Buffer.from(chunk).toString()) > 0,
    () => out.push('<end>'),
  );
  return { lines, text: () => out.join('') };
};

describe('a line put into a stream of lines', () => {
  it('goes out at once between two lines', () => {
    const { lines, text } = started();
    lines.write(Buffer.from('one\n'));
    lines.inject('MINE', 'go on');
    expect(text()).toBe('one\nMINE\n');
  });

  it('waits for the line under way', () => {
    const { lines, text } = started();
    lines.write(Buffer.from('one\ntw'));
    lines.inject('MINE', 'go on');
    expect(text()).toBe('one\ntw');
    lines.write(Buffer.from('o\nthr'));
    expect(text()).toBe('one\ntwo\nMINE\nthr');
  });

  it('ends the stream after itself when asked to', () => {
    const { lines, text } = started();
    lines.inject('LAST', 'end');
    expect(text()).toBe('LAST\n<end>');
  });

  it('is never mixed with another, however the stream is cut into chunks', () => {
    const chunks = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n') }), { maxLength: 20 });
    fc.assert(
      fc.property(chunks, fc.nat(20), (parts, at) => {
        const { lines, text } = started();
        parts.forEach((part, index) => {
          if (index === at) lines.inject('MINE', 'go on');
          lines.write(Buffer.from(part));
        });
        const got = text().split('\n');
        const own = got.filter((line) => line.includes('MINE'));
        const whole = parts.join('');
        const sawLineStart = whole.slice(parts.slice(0, at).join('').length - 1).includes('\n') || at === 0;
        if (at < parts.length && sawLineStart) expect(own).toEqual(['MINE']);
        expect(got.filter((line) => line !== 'MINE').join('\n')).toBe(whole);
      }),
    );
  });
});
