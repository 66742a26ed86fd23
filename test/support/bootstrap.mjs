// Installs the locked dependencies where they are missing or older than the lockfile, so that every npm script
// works on a clean checkout. Runs before the script itself, on whatever Node started npm: a shell that has looked
// `node` up once would not see the pinned one that comes with the dependencies.
import { spawnSync } from 'node:child_process';
import { lstatSync, statSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const modified = (path) => statSync(new URL(path, root), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const isLink = lstatSync(new URL('node_modules', root), { throwIfNoEntry: false })?.isSymbolicLink();

// npm ci empties the folder first, and would empty that of another checkout.
if (!isLink && modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  console.error('Installing the locked dependencies (npm ci) …');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  process.exit(npm.status ?? 1);
}
