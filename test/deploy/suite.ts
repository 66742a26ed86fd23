/** Tests that need helm: where there is none, one loud line for each file of them, and they count as skipped. */

import { describe } from 'vitest';
import { helmVersion } from './helm.ts';

const VERSION = helmVersion();
if (VERSION === undefined) console.warn('SKIPPED: tests of the chart, for want of helm 3.');

export function describeHelm(what: string, tests: () => void): void {
  describe.skipIf(VERSION === undefined)(what, { timeout: 60_000 }, tests);
}
