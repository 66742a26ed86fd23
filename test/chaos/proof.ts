/** Whether a chaos run finds what is wrong: planted faults, each of which has to make one of a few runs fail. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PLANTED, type Planted, plant } from './faults.ts';
import { chaos } from './run.ts';

type Options = Readonly<{ seed: number; only?: string; tell: (line: string) => void }>;

const TRIES = 8;
const MINUTES = 0.5;
const PATIENCE_MS = 30_000;
/** What this ALM is told it does not tell again, so that nobody but the run finds out. */
const CLIMATE = { readable: false, deletes: false };

/** The names of those that were not found. Uses OPERATOR_BUNDLE, which names the bundle to plant them in. */
export async function unfound({ seed, only, tell }: Options): Promise<readonly string[]> {
  const bundle = process.env['OPERATOR_BUNDLE'] ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'alm-planted-'));
  const missed: string[] = [];
  try {
    const text = await readFile(bundle, 'utf8');
    const chosen = PLANTED.filter(({ name }) => only === undefined || name === only);
    for (const [n, planted] of chosen.entries()) {
      const path = join(folder, `${n}.mjs`);
      await writeFile(path, plant(planted, text));
      process.env['OPERATOR_BUNDLE'] = path;
      if (!(await isFound(planted, seed, tell))) missed.push(planted.name);
    }
  } finally {
    process.env['OPERATOR_BUNDLE'] = bundle;
    await rm(folder, { recursive: true, force: true });
  }
  return missed;
}

async function isFound(
  { name, shows }: Planted,
  seed: number,
  tell: (line: string) => void,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const options = { minutes: MINUTES, patienceMs: PATIENCE_MS, climate: CLIMATE };
    const { problems } = await chaos({ ...options, seed: seed + tries, tell: () => {} });
    const lines = problems.flatMap((problem) => problem.split('\n'));
    const line = lines.find((one) => shows.test(one));
    tell(`${name}, seed ${seed + tries}: ${line ?? `not found (${lines[0] ?? 'nothing was wrong'})`}`);
    if (line !== undefined) return true;
  }
  return false;
}
