/** Writing a kubeconfig without ever writing over somebody else's. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { unusable } from './unusable.ts';

export type KubeconfigFile = Readonly<{
  path: string;
  /** Removes it where it is temporary. */
  dispose(): Promise<void>;
}>;

/** To `path`, which may only be new, empty, or a former one of these; else to a temporary file. */
export async function writeKubeconfig(text: string, path?: string): Promise<KubeconfigFile> {
  if (path === undefined) return writeTemporary(text);
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw unusable('kubeconfig', path, error);
  });
  if (before.trim() !== '' && !isSameShape(before, text)) {
    throw new Error(`${path} exists and is not from npm run cluster; name another file`);
  }
  await writeFile(path, text, { mode: 0o600 }).catch((error: unknown) => {
    throw unusable('kubeconfig', path, error);
  });
  return { path, dispose: () => Promise.resolve() };
}

async function writeTemporary(text: string): Promise<KubeconfigFile> {
  const folder = await mkdtemp(join(tmpdir(), 'alm-cluster-'));
  const path = join(folder, 'kubeconfig');
  await writeFile(path, text, { mode: 0o600 });
  return { path, dispose: () => rm(folder, { recursive: true, force: true }) };
}

/** Addresses and tokens may differ, names may not: a file with one context more belongs to somebody. */
function isSameShape(one: string, other: string): boolean {
  const [first, second] = [namesOf(one), namesOf(other)];
  return first !== undefined && first === second;
}

function namesOf(text: string): string | undefined {
  try {
    const { clusters, users, contexts } = parse(text) as Readonly<
      Record<string, readonly { name: string }[]>
    >;
    return JSON.stringify([clusters, users, contexts].map((list) => list?.map(({ name }) => name)));
  } catch {
    return undefined;
  }
}
