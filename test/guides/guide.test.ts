import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { differenceOf } from './expected.ts';
import { stepsOf } from './guide.ts';
import { isRecent } from './kubectl.ts';
import { Terminal } from './terminal.ts';

const LIMIT_MS = 20_000;

describe('stepsOf', () => {
  const typed = { terminal: undefined, interrupts: false };

  it('reads commands with their outputs, terminals and headings, and passes over everything else', () => {
    const page = [
      '# A guide',
      '## First',
      '<!-- terminal: cluster -->',
      '```sh',
      'start',
      '```',
      'Words.',
      '```',
      'started',
      '…',
      '```',
      '## Second',
      '```yaml',
      'a: 1',
      '```',
      '```sh',
      'one <<EOF',
      '  two',
      'EOF',
      '```',
      '<!-- Ctrl-C: cluster -->',
      '```sh',
      'three',
      '```',
      '```',
      '3',
      '```',
    ].join('\n');
    expect(stepsOf(page)).toEqual([
      { heading: 'First', commands: 'start', output: 'started\n…', terminal: 'cluster', interrupts: false },
      { heading: 'Second', commands: 'one <<EOF\n  two\nEOF', output: undefined, ...typed },
      { heading: 'Second', commands: '', output: undefined, terminal: 'cluster', interrupts: true },
      { heading: 'Second', commands: 'three', output: '3', ...typed },
    ]);
  });

  it.each([
    ['at the start', '```\nx\n```'],
    ['after a heading', '```sh\na\n```\n## Next\n```\nx\n```'],
    ['after a Ctrl-C', '```sh\na\n```\n<!-- Ctrl-C: b -->\n```\nx\n```'],
    ['after another output', '```sh\na\n```\n```\nx\n```\n\n```\ny\n```'],
  ])('refuses an output of nothing, %s', (_, page) => {
    expect(() => stepsOf(page)).toThrow(/^line \d+: output of nothing$/);
  });
});

describe('docs/guides', () => {
  const folder = new URL('../../docs/guides/', import.meta.url);

  it.each(readdirSync(folder))('%s is run by a test', (file) => {
    expect(existsSync(new URL(file.replace(/md$/, 'test.ts'), import.meta.url))).toBe(true);
  });
});

describe('differenceOf', () => {
  it.each([
    ['the same', 'a b\n', 'a b'],
    [
      'other widths of columns',
      'NAME   AGE\nx      <age>',
      'NAME                AGE\nx                   2m30s\n',
    ],
    ['the holder of a lease', 'alm-operator <replica>', 'alm-operator  node-1.example_7ig8dgzqy1n3'],
    ['a port', 'https://127.0.0.1:<port>/x', 'https://127.0.0.1:65535/x'],
    ['lines before and after', '…\nb\n…', 'a\na\nb\nc'],
    ['no lines before and after', '…\nb\n…', 'b'],
    ['brackets that are no placeholder', 'Labels: <none>', 'Labels:  <none>'],
    ['nothing', '', '\n'],
  ])('lets pass %s', (_, promised, output) => {
    expect(differenceOf(promised, output)).toBeUndefined();
  });

  it.each([
    ['a line more', 'a', 'a\nb'],
    ['a line less', 'a\nb', 'a'],
    ['another word', 'ready x', 'ready y'],
    ['an age that is none', 'x <age>', 'x <invalid>'],
    ['signs that mean something in expressions', 'a.c', 'abc'],
    ['lines in another order', '…\na\nb', 'b\na'],
    ['an output where none was promised', '', 'a'],
  ])('tells of %s', (_, promised, output) => {
    expect(differenceOf(promised, output)).toContain(promised);
    expect(differenceOf(promised, output)).toContain(output);
  });
});

describe('isRecent', () => {
  it.each([
    ['v1.30.0', true],
    ['v1.32.4-dispatcher', true],
    ['v2.0.0', true],
    ['v1.29.15', false],
    ['v1.9.0', false],
    ['none', false],
  ])('says of %s: %s', (version, recent) => {
    expect(isRecent(version)).toBe(recent);
  });
});

describe('a terminal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'terminal-'));
  const open: Terminal[] = [];
  const terminal = () => {
    const one = new Terminal({ folder, env: { PATH: process.env['PATH'] ?? '' } });
    open.push(one);
    return one;
  };
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close(LIMIT_MS);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps variables from block to block, and both outputs of a block together', async () => {
    const one = terminal();
    expect(await one.run('A=1\nexport B=2', LIMIT_MS)).toBe('');
    expect(await one.run('echo $A $B\necho wrong >&2\nfalse', LIMIT_MS)).toBe('1 2\nwrong\n');
    expect(await one.run('cat <<EOF\nc\nEOF\ncat', LIMIT_MS)).toBe('c\n');
  });

  it('ends what runs in it with Ctrl-C', async () => {
    const one = terminal();
    one.type('trap "echo ended; exit" INT\necho running\nwhile true; do sleep 1; done');
    await one.until((output) => output.includes('running'), LIMIT_MS);
    expect(await one.close(LIMIT_MS)).toBe(true);
    expect(one.output).toBe('running\nended\n');
  });

  it('kills what does not end, and says so', async () => {
    const one = terminal();
    one.type('trap "" INT\necho running\nwhile true; do sleep 1; done');
    await one.until((output) => output.includes('running'), LIMIT_MS);
    expect(await one.close(1)).toBe(false);
  });

  it('shows what there was where a block does not come to its end', async () => {
    await expect(terminal().run('echo so far\nexit 1', LIMIT_MS)).rejects.toThrow(
      'This is all that came:\nso far\n',
    );
    await expect(terminal().run('echo so far\nsleep 100', 1)).rejects.toThrow('This is all that came:');
  });
});
