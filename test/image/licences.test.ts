import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundledFolders, licencePage, readPackage } from '../../deploy/image/licences.ts';

const outputOf = (inputs: Readonly<Record<string, number>>) => {
  const entries = Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }] as const);
  return { outputs: { 'dist/x.js': { inputs: Object.fromEntries(entries) } } };
};

describe('what is bundled', () => {
  it.each([
    ['a package', { 'node_modules/a/lib/x.js': 9 }, ['/at/node_modules/a']],
    ['a package with a scope', { 'node_modules/@s/a/x.js': 9 }, ['/at/node_modules/@s/a']],
    [
      'a package within another',
      { 'node_modules/a/node_modules/b/x.js': 9 },
      ['/at/node_modules/a/node_modules/b'],
    ],
    ['a package elsewhere', { '../there/node_modules/a/x.js': 9 }, ['/there/node_modules/a']],
    ['one once', { 'node_modules/a/x.js': 9, 'node_modules/a/y.js': 1 }, ['/at/node_modules/a']],
    ['not our own code', { 'src/main.ts': 9 }, []],
    ['not what was shaken off', { 'node_modules/a/x.js': 0 }, []],
  ])('is %s', (_, inputs, folders) => {
    expect(bundledFolders(outputOf(inputs), '/at')).toEqual(folders);
  });
});

describe('a package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'licences-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

  it('is refused without the text of its licence, and without its name', () => {
    write('package.json', JSON.stringify({ name: 'a', version: '1.0.0', license: 'MIT' }));
    write('license.js', 'code');
    expect(() => readPackage(folder)).toThrow('a 1.0.0 is bundled, and comes without its licence');
    write('LICENSE', 'You may.\r\n');
    write('package.json', JSON.stringify({ name: 'a', version: '1.0.0' }));
    expect(() => readPackage(folder)).toThrow('a 1.0.0 is bundled, and comes without its licence');
  });

  it('is passed on with every such text', () => {
    write('package.json', JSON.stringify({ name: 'a', version: '1.0.0', license: 'MIT' }));
    write('NOTICE.md', 'Made by us.');
    write('LICENSE-old', 'You might.');
    expect(readPackage(folder)).toEqual({
      name: 'a',
      version: '1.0.0',
      licence: 'MIT',
      texts: ['You may.', 'You might.', 'Made by us.'],
    });
  });
});

it('makes one page of them, by name, each once', () => {
  const of = (name: string) => ({ name, version: '1.0.0', licence: 'MIT', texts: [`${name}.`] });
  const page = licencePage([of('b'), of('a'), of('b')]);
  expect(page.match(/^\w 1\.0\.0 \(MIT\)$/gm)).toEqual(['a 1.0.0 (MIT)', 'b 1.0.0 (MIT)']);
  expect(page).toBe(licencePage([of('a'), of('b')]));
});
