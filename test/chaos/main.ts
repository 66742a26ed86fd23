/**
 * `npm run test:chaos -- --minutes N --seed S`: a storm of that length and the calm after it. Fails where the world is
 * not as declared in the end, and says how to repeat it. `--planted`: the faults of faults.ts one after another, each of
 * which has to make it fail. `--logs`: a folder that the output of every process is written to.
 */

import { parseArgs } from 'node:util';
import { setup } from '../support/bundle.ts';
import { unfound } from './proof.ts';
import { chaos } from './run.ts';

const USAGE =
  'usage: npm run test:chaos -- [--minutes N] [--seed S] [--logs FOLDER] [--planted [--only FAULT]]';
const SEEDS = 1_000_000;

const tell = (line: string) => console.log(`${new Date().toISOString()} ${line}`);

async function main(given: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...given],
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string' },
      logs: { type: 'string' },
      planted: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  const minutes = Number(values.minutes);
  const seed = values.seed === undefined ? Math.floor(Math.random() * SEEDS) : Number(values.seed);
  if (!(minutes > 0) || !Number.isInteger(seed)) {
    console.error(USAGE);
    return 2;
  }
  await setup();
  return values.planted ? proof(seed, values.only) : storm(minutes, seed, values.logs);
}

async function storm(minutes: number, seed: number, logs: string | undefined): Promise<number> {
  const repeat = `npm run test:chaos -- --minutes ${minutes} --seed ${seed}`;
  console.log(repeat);
  const { problems, report } = await chaos({ minutes, seed, tell, ...(logs !== undefined && { logs }) });
  console.log(report);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) console.error(`It failed. To repeat it: ${repeat}`);
  return problems.length > 0 ? 1 : 0;
}

async function proof(seed: number, only: string | undefined): Promise<number> {
  console.log(`npm run test:chaos -- --planted --seed ${seed}`);
  const missed = await unfound({ seed, tell, ...(only !== undefined && { only }) });
  for (const name of missed) console.error(`Not found: ${name}`);
  return missed.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
