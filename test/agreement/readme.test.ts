import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clientCredentialKind } from '../../src/api/clientcredential.ts';
import { CONDITIONS } from '../docs/conditions.ts';

const root = new URL('../../', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');
const readme = text('README.md');
const manifest = JSON.parse(text('package.json')) as { version: string; scripts: Record<string, string> };

it('names only scripts that exist', () => {
  const pages = readme + text('CONTRIBUTING.md');
  const named = [...pages.matchAll(/npm (?:run )?([\w:]+)/g)].map(([, script]) => script);
  expect(named).toContain('test');
  expect(named).toContain('demo');
  for (const script of named) expect(Object.keys(manifest.scripts)).toContain(script);
});

it('links only to files that exist', () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path ?? '');
  expect(links.length).toBeGreaterThan(5);
  for (const path of links) expect(() => readdirSync(new URL(path, root)), path).not.toThrowError(/ENOENT/);
});

it('shows its sample as it is in deploy/samples', () => {
  const [, file = '', sample] = /<!-- (deploy\/\S+) -->\n```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(sample).toBe(text(file));
});

it('shows the columns that kubectl shows', () => {
  const head = readme.split('\n').find((line) => line.startsWith('NAME '));
  const columns = clientCredentialKind.columns
    .filter(({ wide }) => wide !== true)
    .map(({ name }) => name.toUpperCase());
  expect(head?.split(/ {2,}/)).toEqual(['NAME', ...columns]);
});

it('says in its status table which conditions there are, and no others', () => {
  const types = [...readme.matchAll(/^\| `(\w+)` \|/gm)].map(([, type]) => type);
  expect(types).toEqual(CONDITIONS['ClientCredential']?.map(({ type }) => type));
});

it('carries the version of package.json in the program', () => {
  expect(/const RELEASE = '([^']+)'/.exec(text('src/release.ts'))?.[1]).toBe(manifest.version);
});
