import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULTS } from './faults.ts';
import { histories } from './histories.ts';
import { play } from './play.ts';

/**
 * Ladder, claims, deletion and everything around them, as `run` composes them, in a modelled world: what is drawn is
 * what happens, who judges is the modelled ALM and what users asked for. MODEL_RUNS asks for more histories than the
 * few seconds' worth of every test run; MODEL_SEED repeats a run.
 */

const wanted = process.env['MODEL_RUNS'];
const numRuns = Number(wanted ?? 1000);
const seed = Number(process.env['MODEL_SEED'] ?? Date.now() % 1_000_000);
const patience = wanted === undefined ? { interruptAfterTimeLimit: 15_000 } : {};

describe('whatever users, strangers, ALM, the API server and chance do', () => {
  it(`every promise is kept and everything comes to rest (${numRuns} histories, seed ${seed})`, {
    timeout: 30_000 + 100 * numRuns,
  }, async () => {
    const property = fc.asyncProperty(histories, async (history) => {
      expect(await play(history)).toEqual([]);
    });
    await fc.assert(property, { numRuns, seed, ...patience });
  });
});

describe('an operator is found out that', () => {
  it.each(Object.entries(FAULTS))('%s', async (_, composition) => {
    const isFine = fc.asyncProperty(
      histories,
      async (history) => (await play(history, composition)).length === 0,
    );
    const found = await fc.check(isFine, { numRuns: 2000, seed: 7, endOnFailure: true });
    expect(found.failed).toBe(true);
    const [history] = found.counterexample ?? [];
    expect(history && (await play(history))).toEqual([]);
  });
});
