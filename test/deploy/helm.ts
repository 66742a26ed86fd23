/** The real helm, where it is found, and the chart as it renders it. */

import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../support/kubectl/objects.ts';

export const CHART = fileURLToPath(new URL('../../deploy/helm/alm-credential-operator/', import.meta.url));

/** A helm that was built from source takes a cluster without a version for one that is too old. */
const KUBE_VERSION = '1.34.0';
const LIMIT_MS = 60_000;

export type Values = Readonly<Record<string, unknown>>;
export type Release = Readonly<{ name: string; namespace: string }>;

export const RELEASE: Release = { name: 'alm-operator', namespace: 'alm-operator' };

/** Such as `v3.19.0`; undefined where there is none on the path. */
export function helmVersion(): string | undefined {
  try {
    const version = execFileSync('helm', ['version', '--template', '{{.Version}}'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    return version.startsWith('v3') ? version.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** What `helm template` makes of the chart, its kinds left out; rejects with what helm says. */
export async function rendered(values: Values, release: Release = RELEASE): Promise<readonly Manifest[]> {
  const flags = ['--namespace', release.namespace, '--kube-version', KUBE_VERSION];
  const text = await withValues(values, (file) =>
    helm(['template', release.name, CHART, ...flags, '--values', file]),
  );
  return documentsOf(text);
}

export function documentsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** Helm as a person would type it; rejects with what it says on standard error. */
export function helm(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { PATH, HOME } = process.env;
  const options = { encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 1 << 24 } as const;
  return new Promise((resolve, reject) => {
    execFile('helm', [...words], { ...options, env: { PATH, HOME, ...env } }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr.trim() === '' ? error.message : stderr.trim()));
    });
  });
}

/** Hands over the path of a file with these values. */
export async function withValues<T>(values: Values, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'chart-values-'));
  try {
    const file = join(folder, 'values.yaml');
    await writeFile(file, JSON.stringify(values));
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
