/**
 * Loaded into the operator before its own code: SIGUSR2 writes a heap snapshot, with strings in their full length, into
 * the folder that SNAPSHOTS names, and a line that says where it is.
 */

import { join } from 'node:path';
import { setFlagsFromString, writeHeapSnapshot } from 'node:v8';

setFlagsFromString('--heap-snapshot-string-limit=4194304');

const folder = process.env['SNAPSHOTS'] ?? '.';
const WRITTEN = 'heap snapshot written';
let count = 0;

process.on('SIGUSR2', () => {
  count += 1;
  const file = writeHeapSnapshot(join(folder, `${count}.heapsnapshot`));
  process.stdout.write(`${JSON.stringify({ msg: WRITTEN, count, file })}\n`);
});
