/** Builds the operator as it is shipped, once for a run: the system tests start that. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

export async function setup(): Promise<void> {
  if (process.env['OPERATOR_BUNDLE'] !== undefined) return;
  await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: root, timeout: 60_000 });
  process.env['OPERATOR_BUNDLE'] = `${root}dist/alm-operator.js`;
}
