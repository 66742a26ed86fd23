import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeKubeconfig } from './kubeconfig.ts';

const file = (names: readonly string[], server: string) => `apiVersion: v1
kind: Config
clusters: [${names.map((name) => `{name: ${name}, cluster: {server: "${server}"}}`).join(', ')}]
users: [{name: admin, user: {token: canary-7f3a9-${server}}}]
contexts: [{name: embedded, context: {cluster: embedded, user: admin}}]
current-context: embedded
`;
const OURS = file(['embedded'], 'https://127.0.0.1:2');

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-test-'));
  path = join(folder, 'config');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('writeKubeconfig', () => {
  it.each([
    ['is new', undefined],
    ['is empty', '\n'],
    ['was written for an earlier cluster', file(['embedded'], 'https://127.0.0.1:1')],
  ])('writes a file that %s, for its owner alone, and leaves it there', async (_, before) => {
    if (before !== undefined) writeFileSync(path, before, { mode: 0o600 });
    const written = await writeKubeconfig(OURS, path);
    await written.dispose();
    expect(written.path).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe(OURS);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['of another cluster', file(['production'], 'https://10.0.0.1:6443')],
    ['with one cluster more', file(['embedded', 'production'], 'https://127.0.0.1:1')],
    ['that is no kubeconfig', 'notes to myself\n'],
    ['that is no YAML', '{'],
  ])('leaves a file alone %s', async (_, before) => {
    writeFileSync(path, before);
    await expect(writeKubeconfig(OURS, path)).rejects.toThrow(
      `${path} exists and is not from npm run cluster; name another file`,
    );
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it.each([
    ['in a folder that is not there', 'none/config', 'its folder does not exist'],
    ['that is a folder', '.', 'it is a folder'],
  ])('names a file %s', async (_, name, why) => {
    const path = join(folder, name);
    await expect(writeKubeconfig(OURS, path)).rejects.toThrow(`--kubeconfig ${path}: ${why}`);
  });

  it('takes a temporary file where none is named, and removes it at the end', async () => {
    const written = await writeKubeconfig(OURS);
    expect(readFileSync(written.path, 'utf8')).toBe(OURS);
    expect(statSync(written.path).mode & 0o777).toBe(0o600);
    await written.dispose();
    expect(existsSync(written.path)).toBe(false);
  });
});
