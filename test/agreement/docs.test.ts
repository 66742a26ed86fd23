import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../src/api/crd.ts';
import { CONDITIONS } from '../docs/conditions.ts';
import { referencePages } from '../docs/pages.ts';

const root = new URL('../../', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');
const pages = referencePages();

/** As GitHub makes anchors of a page's headings. */
function anchorsOf(page: string): readonly string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the reference pages', () => {
  it.each(pages)('$file is what the schemas say; npm run docs writes it anew', ({ file, text: wanted }) => {
    expect(text(`docs/reference/${file}`)).toBe(wanted);
  });

  it('are there for every kind, and for no other', () => {
    const generated = readdirSync(new URL('docs/reference', root)).filter((file) =>
      text(`docs/reference/${file}`).includes('Written by `npm run docs`'),
    );
    expect(generated.sort()).toEqual(KINDS.map(({ resource }) => `${resource.kind.toLowerCase()}.md`).sort());
  });

  it.each(KINDS)('say everything that the definition of $resource.kind says', (kind) => {
    const name = kind.resource.kind;
    const page = text(`docs/reference/${name.toLowerCase()}.md`);
    const crd = text(`crds/${kind.resource.plural}.${kind.resource.group}.yaml`);
    const names = [...crd.matchAll(/^ +(\w+):\n +(?:description|type|default): /gm)].map(
      ([, field]) => field,
    );
    expect(names.length).toBeGreaterThan(10);
    const ownOnes = names.filter(
      (field) =>
        !/^(items|metadata|spec|status|apiVersion|kind|openAPIV3Schema|additionalProperties)$/.test(
          field ?? '',
        ),
    );
    const missing = ownOnes.filter((field) => !new RegExp(`^\\| \`(\\S+\\.)?${field}\` \\|`, 'm').test(page));
    expect(missing).toEqual([]);
    for (const { name: column } of kind.columns) expect(page).toContain(`| ${column.toUpperCase()} |`);
  });
});

describe('the conditions on the reference pages', () => {
  it.each([
    ['ClientCredential', 'src/domain/verdict.ts'],
    ['AlmConnection', 'src/domain/connection.ts'],
  ])('of %s are those that %s gives', (kind, file) => {
    const given = text(file).matchAll(/(?:type: |finding\()'(\w+)'|'(Stalled|Reconciling)'/g);
    const types = new Set([...given].map(([, type, flag]) => type ?? flag));
    expect([...types].sort()).toEqual(CONDITIONS[kind]?.map(({ type }) => type).sort());
  });
});

describe('the pages of the project', () => {
  const files = globSync(['*.md', 'docs/**/*.md'], { cwd: fileURLToPath(root) });

  it.each(files)('%s links to what exists', (file) => {
    const page = text(file).replaceAll(/`[^`\n]+`/g, '');
    const links = [...page.matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g)];
    for (const [, path = '', anchor] of links) {
      const target = path === '' ? new URL(file, root) : new URL(path, new URL(file, root));
      expect(existsSync(target), `${file} links to ${path}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(readFileSync(target, 'utf8'))).toContain(anchor);
    }
  });
});
