// Writes dist/THIRD-PARTY-LICENSES: the licence texts of every package that has code in the bundle, as those licences
// ask of whoever passes copies on. Runs at the end of `npm run build`, on what esbuild says that it bundled.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The part of esbuild's metafile that counts here. Paths are relative to where it ran. */
export type Metafile = Readonly<{
  outputs: Readonly<
    Record<string, Readonly<{ inputs: Readonly<Record<string, Readonly<{ bytesInOutput: number }>>> }>>
  >;
}>;

export type Package = Readonly<{ name: string; version: string; licence: string; texts: readonly string[] }>;

const LEGAL_FILE = /^(un)?(licen[cs]e|copying|notice)([-.].*)?$/i;
const CODE = /\.[cm]?[jt]s$/;
const RULE = '-'.repeat(80);

/** The folders of packages with code in the output; what was shaken off is not passed on. */
export function bundledFolders(metafile: Metafile, cwd: string): readonly string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(resolve(cwd, path))?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/** Throws where a package comes without the text of its licence: then somebody has to look. */
export function readPackage(folder: string): Package {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Readonly<{
    name: string;
    version: string;
    license?: unknown;
  }>;
  const { name, version, license } = manifest;
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LEGAL_FILE.test(entry.name) && !CODE.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
  if (typeof license !== 'string' || texts.length === 0) {
    throw new Error(`${name} ${version} is bundled, and comes without its licence`);
  }
  return { name, version, licence: license, texts };
}

/** One text for all, in an order that does not depend on where packages lie. */
export function licencePage(packages: readonly Package[]): string {
  const sections = packages
    .map(({ name, version, licence, texts }) => [`${name} ${version} (${licence})`, ...texts].join('\n\n'))
    .sort();
  const head =
    'alm-operator contains code of the packages below, each under the licence that follows its name.';
  return `${[head, ...new Set(sections)].join(`\n\n${RULE}\n\n`)}\n`;
}

function write(): void {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const dist = resolve('dist');
  const metafile = JSON.parse(readFileSync(join(dist, 'alm-operator.meta.json'), 'utf8')) as Metafile;
  const packages = bundledFolders(metafile, process.cwd()).map(readPackage);
  if (packages.length === 0) throw new Error(`no package is bundled in ${relative(root, dist)}`);
  writeFileSync(join(dist, 'THIRD-PARTY-LICENSES'), licencePage(packages));
}

if (import.meta.main) write();
