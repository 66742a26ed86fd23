/** promtool, where it is installed: what Prometheus itself says of a page of metrics, or of rules. */

import { execFile, spawnSync } from 'node:child_process';

/** Its version, or undefined. */
export function promtoolVersion(): string | undefined {
  const { status, stdout, stderr } = spawnSync('promtool', ['--version'], { encoding: 'utf8' });
  return status === 0 ? /version (\S+)/.exec(`${stdout}${stderr}`)?.[1] : undefined;
}

/** Everything it has to say against the page. */
export function promtoolComplaints(page: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: page,
    encoding: 'utf8',
    timeout: 20_000,
  });
  return status === 0 ? '' : `${stdout}${stderr}`.trim() || `it ended with ${status}`;
}

/** Everything that a check or a test has to say against what it is given; empty where there is nothing. */
export function promtool(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('promtool', args, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve(error === null ? '' : `${stdout}${stderr}`.trim() || error.message);
    });
  });
}
