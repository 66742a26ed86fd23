/**
 * `npm run cluster`: an API server and an ALM without a cluster, for kubectl and the operator. Exit codes: 0 ended by
 * Ctrl-C, SIGTERM or a terminal that was closed, 1 failed, 2 wrong usage.
 */

import { resolve } from 'node:path';
import { type ClusterFlags, readFlags } from './flags.ts';
import { greeting } from './greeting.ts';
import { startLocalCluster } from './local.ts';

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

async function main(): Promise<number> {
  const read = readFlags(process.argv.slice(2));
  if ('help' in read) {
    process.stdout.write(read.help);
    return DONE;
  }
  if ('problems' in read) {
    for (const problem of read.problems) say(problem);
    return WRONG_USAGE;
  }
  const { promise: told, resolve: tell } = Promise.withResolvers<void>();
  // Once: a second Ctrl-C ends the process where it stands.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => tell());
  // Whoever reads along may stop; what is kept is written all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    await run(inCallersFolder(read.flags), told);
    return DONE;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return FAILED;
  }
}

async function run(flags: ClusterFlags, told: Promise<void>): Promise<void> {
  const cluster = await startLocalCluster(flags);
  const { api, alm, control, kubeconfig } = cluster;
  const addresses = {
    api: api.url,
    alm: alm.url,
    control: control.url,
    kubeconfig: resolve(kubeconfig),
    ...(flags.state === undefined ? {} : { state: flags.state }),
    seconds: process.uptime(),
  };
  process.stdout.write(greeting(addresses));
  await told;
  process.stdout.write('\nEnding.\n');
  await cluster.stop();
}

/** npm runs scripts in the project's folder, whatever folder it was called from. */
function inCallersFolder({ kubeconfig, state, ...flags }: ClusterFlags): ClusterFlags {
  const from = process.env['INIT_CWD'] ?? process.cwd();
  return {
    ...flags,
    ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(from, kubeconfig) }),
    ...(state === undefined ? {} : { state: resolve(from, state) }),
  };
}

function say(problem: string): void {
  process.stderr.write(`cluster: ${problem}\n`);
}

// At once: a connection that was reset at the wrong moment can leave node turning in its own clean-up for ever.
process.exit(await main());
