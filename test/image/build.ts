/**
 * Does what a Dockerfile says in clean folders, one for each stage: copies what .dockerignore lets through, and runs the
 * commands. What the base images hold is not there, so that commands find the programs of this machine.
 */

import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { type Instruction, lastOf, type Stage, stagesOf } from './dockerfile.ts';

export type BuildOptions = Readonly<{
  /** The folder with Dockerfile and .dockerignore. */
  context: string;
  /** An empty one, for the stages. */
  folder: string;
  env: Readonly<Record<string, string>>;
  /** Does a command in another way, and says so by true. */
  instead?: (command: string, cwd: string) => Promise<boolean>;
}>;

export type Image = Readonly<{ stage: Stage; root: string }>;

const RUN_LIMIT_MS = 300_000;

export async function buildImage({ context, folder, env, instead }: BuildOptions): Promise<Image> {
  const stages = stagesOf(await readFile(join(context, 'Dockerfile'), 'utf8'));
  const admits = await readIgnore(context);
  const roots = new Map<string, string>();
  let last: Image | undefined;
  for (const [at, stage] of stages.entries()) {
    const root = join(folder, String(at));
    roots.set(stage.name, root);
    await mkdir(root);
    let workdir = '/';
    for (const instruction of stage.instructions) {
      const { keyword, rest } = instruction;
      if (keyword === 'WORKDIR') workdir = rest;
      const cwd = join(root, workdir);
      await mkdir(cwd, { recursive: true });
      if (keyword === 'COPY') await copy(instruction, cwd, sourceOf(instruction));
      if (keyword === 'RUN' && !(await instead?.(rest, cwd))) {
        await promisify(execFile)('sh', ['-c', rest], { cwd, env, timeout: RUN_LIMIT_MS });
      }
    }
    last = { stage, root };
  }
  if (last === undefined) throw new Error('the Dockerfile has no stage');
  return last;

  function sourceOf({ flags }: Instruction): (path: string) => string {
    const from = flags['from'];
    if (from !== undefined) return (path) => join(roots.get(from) ?? `no stage ${from}`, path);
    return (path) => {
      if (!admits(path)) throw new Error(`.dockerignore keeps ${path} from the build`);
      return join(context, path);
    };
  }
}

/** Of a folder its content is copied, of a file the file. */
async function copy({ rest }: Instruction, cwd: string, sourceOf: (path: string) => string): Promise<void> {
  const paths = rest.split(/\s+/);
  const target = paths.pop() ?? '';
  for (const path of paths) {
    const source = sourceOf(path);
    const isFolder = (await stat(source)).isDirectory();
    const into = isFolder ? join(cwd, target) : join(cwd, target, basename(path));
    await cp(source, into, { recursive: true });
  }
}

/** Ours leaves everything out, and lets paths back in by name. */
async function readIgnore(context: string): Promise<(path: string) => boolean> {
  const text = await readFile(join(context, '.dockerignore'), 'utf8');
  const [first, ...rest] = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const admitted = rest.map((line) => /^!([\w./-]+)$/.exec(line)?.[1]);
  if (first !== '*' || admitted.includes(undefined)) throw new Error('.dockerignore is of another form');
  return (path) => admitted.some((one) => path === one || path.startsWith(`${one}/`));
}

export function workdirOf({ stage, root }: Image): string {
  return join(root, lastOf(stage, 'WORKDIR'));
}
