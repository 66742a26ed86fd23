/** Which kubectl there is to run guides with. */

import { execFileSync } from 'node:child_process';

const OLDEST_MINOR = 30;

/** Such as `v1.32.4`; undefined where there is none on the path, or only one that is too old. */
export function kubectlVersion(): string | undefined {
  try {
    const text = execFileSync('kubectl', ['version', '--client', '-o', 'json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    const { gitVersion } = (JSON.parse(text) as { clientVersion: { gitVersion: string } }).clientVersion;
    return isRecent(gitVersion) ? gitVersion : undefined;
  } catch {
    return undefined;
  }
}

export function isRecent(version: string): boolean {
  const [, major = '0', minor = '0'] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= OLDEST_MINOR);
}
