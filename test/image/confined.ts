/**
 * An image started as a cluster starts it: nothing else in its file system, which is read-only; a user that nobody has
 * heard of; no home, and no variable but those given. chroot confines it, for which the test has to be root.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, globSync, statSync } from 'node:fs';
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Image } from './build.ts';
import { allOf, pairsOf, wordsOf } from './dockerfile.ts';

/** As OpenShift gives them out: a number from the namespace's range, in the group root. */
const USER = '1000650000:0';

const CHROOT = ['/usr/sbin/chroot', '/usr/bin/chroot', '/sbin/chroot'].find(existsSync);

export type Ended = Readonly<{ code: number | null; output: string }>;
export type Started = Readonly<{
  output(): string;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<Ended>;
}>;

/** What is missing to confine a program here; undefined where nothing is. */
export function missingToConfine(): string | undefined {
  if (process.getuid?.() !== 0) return 'root, who alone may chroot';
  if (CHROOT === undefined) return 'chroot';
  try {
    librariesOf(process.execPath);
    return undefined;
  } catch {
    return 'ldd';
  }
}

/** Adds what the base image brings, Node and its libraries, then takes the right to write from everything. */
export async function furnish({ root }: Image): Promise<void> {
  const node = join(root, 'nodejs/bin/node');
  await copyTo(process.execPath, node);
  for (const library of librariesOf(process.execPath)) await copyTo(library, join(root, library));
  for (const path of treeOf(root)) {
    const { mode } = statSync(path);
    await chmod(path, (mode & 0o111) === 0 ? 0o444 : 0o555);
  }
  await chmod(root, 0o555);
}

/** Every path below, and when it changed last: what was written to shows. */
export function fingerprint({ root }: Image): readonly string[] {
  return treeOf(root).map((path) => `${path} ${statSync(path).mtimeMs}`);
}

export function start(
  { stage, root }: Image,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  const variables = allOf(stage, 'ENV').map(({ rest }) => pairsOf(rest));
  const command = [`--userspec=${USER}`, root, ...wordsOf(stage, 'ENTRYPOINT'), ...words];
  const child = spawn(CHROOT ?? 'chroot', command, {
    env: { ...Object.assign({}, ...variables), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  return {
    output: () => output,
    kill: (signal) => void child.kill(signal),
    ended: once(child, 'close').then(([code]) => {
      process.off('exit', killed);
      return { code, output };
    }),
  };
}

function treeOf(root: string): readonly string[] {
  return globSync('**/*', { cwd: root }).map((path) => join(root, path));
}

async function copyTo(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
  await chmod(target, 0o555);
}

function librariesOf(program: string): readonly string[] {
  const text = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const paths = text.match(/\/\S+/g) ?? [];
  for (const path of paths) accessSync(path, constants.R_OK);
  return paths;
}
