/**
 * Loaded into an operator before its own code: SIGUSR2 collects garbage and writes a line that says what is left. The
 * smallest of several looks counts, because what is under way at one of them has ended by another.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const LOOKS = 20;
const PAUSE_MS = 100;
let count = 0;

async function look(): Promise<void> {
  const heaps: number[] = [];
  const handles: number[] = [];
  for (let n = 0; n < LOOKS; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    collect();
    heaps.push(process.memoryUsage().heapUsed);
    handles.push(process.getActiveResourcesInfo().length);
  }
  count += 1;
  const least = { heap: Math.min(...heaps), handles: Math.min(...handles) };
  process.stdout.write(`${JSON.stringify({ msg: 'garbage collected', count, ...least })}\n`);
}

process.on('SIGUSR2', () => void look());
