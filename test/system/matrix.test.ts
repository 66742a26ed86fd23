import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import type { AlmRequest } from '../support/alm/log.ts';
import { keyOf, pairsIn, pairsOf } from '../support/pairwise.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { claimsOf } from './knobs/stage.ts';
import { plotOf } from './matrix/oracle.ts';
import { isMasked, MASKED, PAIRS, PARAMETERS, titleOf } from './matrix/parameters.ts';
import { tell } from './matrix/story.ts';

/**
 * Every position of every knob of ALM beside every other, two by two, and what then becomes of clients: created, changed,
 * forgotten by ALM, rotated, deleted; there before; their creation's answer lost. One operator for all. The table of
 * knobs.test.ts turns one knob at a time and looks closer.
 */

const LIMIT_MS = 240_000;
/** So many ALMs at a time. */
const TOGETHER = 24;

const rows = [...PAIRS, ...MASKED].map((row, at) => ({
  row,
  name: `matrix-${at}`,
  plot: plotOf(row),
  ...Promise.withResolvers<Awaited<ReturnType<typeof tell>>>(),
}));

let scenario: Scenario | undefined;

async function playAll(started: Scenario): Promise<void> {
  const claims = claimsOf(started.api);
  const waiting = [...rows];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { row, plot, name, resolve, reject } = next;
      await tell(started, claims, row, plot, name).then(resolve, reject);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, worker));
}

let playing: Promise<void> | undefined;

beforeAll(async () => {
  for (const { promise } of rows) promise.catch(() => undefined);
  scenario = await startScenario({
    operator: { flags: ['--resync-interval', '1000h', '--concurrency', '32'] },
  });
  console.info(`Runs on ${scenario.cluster.version}: ${PAIRS.length} rows of pairs, ${MASKED.length} masked`);
  playing = playAll(scenario);
}, LIMIT_MS);

afterAll(async () => {
  await playing;
  await scenario?.stop();
}, LIMIT_MS);

function lineOf({ n, method, path, clientId, status, wrote, fault }: AlmRequest): string {
  return [n, method, path, clientId, status, wrote, fault].filter((part) => part !== undefined).join(' ');
}

describe('an ALM like row', () => {
  it.each(rows.map((row) => [row.name, row] as const))(
    '%s',
    async (_, { promise, plot, row }) => {
      onTestFailed(() => console.error(titleOf(row)));
      const { alm, told } = await promise;
      onTestFailed(() => console.error(alm.log.map(lineOf).join('\n')));
      expect(told).toEqual(plot);
    },
    LIMIT_MS,
  );
});

describe('the rows', () => {
  it('hold every two positions that can be told apart', () => {
    const held = new Set(PAIRS.flatMap(pairsIn).map(keyOf));
    const missing = pairsOf(PARAMETERS).filter((pair) => !isMasked(pair) && !held.has(keyOf(pair)));
    expect(missing).toEqual([]);
    expect(PAIRS.filter(isMasked)).toEqual([]);
  });

  it('hold every position beside one that hides it', () => {
    const held = new Set([...PAIRS, ...MASKED].flatMap(pairsIn).map(keyOf));
    const alone = ['authMode=zen', 'clientIdLength=8'];
    const hidden = pairsOf(PARAMETERS).filter((pair) =>
      alone.some((mask) => keyOf(pair).split(' ').includes(mask)),
    );
    const missing = hidden.map(keyOf).filter((pair) => !held.has(pair));
    // Two that hide each other are never together.
    expect(missing.filter((pair) => !alone.every((mask) => pair.includes(mask)))).toEqual([]);
  });

  it('have every story to tell somewhere', () => {
    const chapters = new Set(rows.flatMap(({ plot }) => Object.keys(plot)));
    expect([...chapters].sort()).toEqual(
      ['adopted', 'changed', 'created', 'deleted', 'lost', 'released', 'rotated', 'taken', 'vanished'].sort(),
    );
  });
});
