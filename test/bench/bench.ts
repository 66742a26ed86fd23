/** `npm run bench <name>`: measures one thing, tells the figures, and fails where a limit is passed. */

import { existsSync } from 'node:fs';
import type { Bench } from './figures.ts';
import { report } from './figures.ts';

const [name = ''] = process.argv.slice(2);
const file = new URL(`./${name}.bench.ts`, import.meta.url);

if (!/^[a-z]+$/.test(name) || !existsSync(file)) {
  console.error('usage: npm run bench <name>, where <name>.bench.ts is in test/bench');
  process.exitCode = 2;
} else {
  const { bench } = (await import(file.href)) as { bench: Bench };
  const figures = await bench((line) => console.error(line));
  console.log(report(figures));
  process.exitCode = figures.every(({ value, limit }) => limit === undefined || value < limit) ? 0 : 1;
}
