// Installs the locked dependencies where they are missing or older than the lockfile, so that every npm script
// works on a clean checkout. Runs on whatever Node started npm; the scripts' next command finds the pinned one.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const modified = (path) => statSync(new URL(path, root), { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  console.error('Installing the locked dependencies (npm ci) …');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  process.exit(npm.status ?? 1);
}
