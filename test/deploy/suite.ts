/** Tests that need helm: where there is none, one loud line, and they count as skipped. */

import { describe } from 'vitest';
import { helmVersion } from './helm.ts';

export function describeHelm(what: string, tests: () => void): void {
  const version = helmVersion();
  if (version === undefined) console.warn(`SKIPPED: ${what}, for want of helm 3.`);
  describe.skipIf(version === undefined)(what, { timeout: 60_000 }, tests);
}
