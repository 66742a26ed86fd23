// The source files as the agreement tests read them.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Import = Readonly<{ to: string; typeOnly: boolean; reExport: boolean }>;

/** `file` is relative to src; `code` is the text with its comments blanked out, line for line. */
export type Source = Readonly<{ file: string; text: string; code: string; imports: readonly Import[] }>;

const root = fileURLToPath(new URL('../../src/', import.meta.url));

export function readSources(): readonly Source[] {
  return globSync('**/*.ts', { cwd: root })
    .sort()
    .map((file) => {
      const text = readFileSync(root + file, 'utf8');
      const code = withoutComments(text);
      return { file, text, code, imports: importsOf(file, code) };
    });
}

export function withoutComments(text: string): string {
  const blank = (comment: string) => comment.replace(/[^\n]/g, ' ');
  return text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/(?<=^|\s)\/\/.*$/gm, blank);
}

/** Imports of our own files as paths relative to src, all others as they are written. */
export function importsOf(file: string, code: string): readonly Import[] {
  const statements = code.matchAll(/^(import|export)( type)?\b(?:[^;']*?\bfrom)?\s*'([^']+)'/gm);
  const dynamic = code.matchAll(/\bimport\(\s*'([^']+)'/g);
  return [
    ...[...statements].map(([, verb, type, specifier = '']) => ({
      to: resolve(file, specifier),
      typeOnly: type !== undefined,
      reExport: verb === 'export',
    })),
    ...[...dynamic].map(([, specifier = '']) => ({
      to: resolve(file, specifier),
      typeOnly: false,
      reExport: false,
    })),
  ];
}

function resolve(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return new URL(specifier, `file:///${file}`).pathname.slice(1);
}
