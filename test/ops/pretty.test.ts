import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prettyLine } from '../../src/ops/pretty.ts';

const head = { level: 'info', time: '2026-03-01T12:00:00.123Z' };
const line = (fields: object, msg = 'done') => prettyLine(`${JSON.stringify({ ...head, ...fields, msg })}\n`);

describe('a line for people', () => {
  it.each<[string, object, string]>([
    ['nothing', {}, ''],
    ['words', { namespace: 'team-a', name: 'orders_1' }, ' namespace=team-a name=orders_1'],
    ['a sentence', { error: 'no answer, "yet"' }, ' error="no answer, \\"yet\\""'],
    ['nothing in quotes', { note: '' }, ' note=""'],
    ['numbers and truth', { waitMs: 1000, again: false }, ' waitMs=1000 again=false'],
    ['lists', { why: ['secret', 'spec'] }, ' why=["secret","spec"]'],
    ['nothing at all', { version: null }, ' version=null'],
    ['an address', { server: 'https://[::1]:6443' }, ' server="https://[::1]:6443"'],
    ['what moves the cursor', { note: 'a\u001b[2Jb\u009bc\nd' }, ' note="a\\u001b[2Jb\\u009bc\\nd"'],
    ['an error that is none', { err: 'odd' }, ' err=odd'],
  ])('shows %s', (_, fields, shown) => {
    expect(line(fields)).toBe(`12:00:00.123 INFO  done${shown}\n`);
  });

  it('has the stack of an error and of its causes below', () => {
    const cause = { type: 'TypeError', message: 'inner' };
    const err = { type: 'Error', message: 'outer', stack: 'Error: outer\n    at a.ts:1\u001b[2J', cause };
    expect(line({ err, waitMs: 1 }).split('\n')).toEqual([
      '12:00:00.123 INFO  done waitMs=1',
      '    Error: outer',
      '    at a.ts:1 [2J',
      '    caused by',
      '    TypeError: inner',
      '',
    ]);
  });

  it.each(['', '\n', 'no JSON\n', '[]\n', 'null\n', '{"level":"info"}\n'])('leaves %j as it is', (other) => {
    expect(prettyLine(other)).toBe(other);
  });

  it('is one line without a control character, whatever the fields are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.jsonValue()), (fields) => {
        const { err, ...others } = fields;
        expect(line(others)).toMatch(/^12:00:00\.123 INFO {2}done(?: \P{Cc}*)?\n$/u);
      }),
    );
  });
});
