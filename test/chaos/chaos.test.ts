import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { planOf } from './deeds.ts';
import { PLANTED, plant } from './faults.ts';
import { chaos } from './run.ts';

/** A storm for every run of the suite, with a seed of its own; CHAOS_SEED repeats one. */

const MINUTES = 1.5;
const LIMIT_MS = 420_000;
const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1_000_000));

it(
  `whatever fails in a storm, ALM is as declared after it (seed ${seed})`,
  async () => {
    const repeat = `npm run test:chaos -- --minutes ${MINUTES} --seed ${seed}`;
    console.info(repeat);
    const { problems, report } = await chaos({ minutes: MINUTES, seed, tell: (line) => console.info(line) });
    console.info(report);
    expect(problems, repeat).toEqual([]);
  },
  LIMIT_MS,
);

describe('the plan of a storm', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planOf(1, 60_000)).toEqual(planOf(1, 60_000));
    expect(planOf(1, 60_000)).not.toEqual(planOf(2, 60_000));
  });

  it('fills its time with deeds in order, and with blows of every kind where there is time', () => {
    const { deeds } = planOf(3, 1_800_000);
    const moments = deeds.map(({ atMs }) => atMs);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    expect(moments.at(-1)).toBeGreaterThan(1_790_000);
    const strikes = new Set(
      deeds.map((deed) => (deed.by === 'weather' ? deed.weather.strike : deed.act.act)),
    );
    expect(strikes.size).toBe(37);
  });
});

describe('a planted fault', () => {
  it.each(PLANTED)('replaces text of the bundle that is there once: $name', async (planted) => {
    const bundle = await readFile(process.env['OPERATOR_BUNDLE'] ?? '', 'utf8');
    expect(plant(planted, bundle)).not.toBe(bundle);
  });
});
