import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { KNOB_NAMES, KNOBS } from '../support/alm/knobs.ts';
import type { AlmRequest } from '../support/alm/log.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { offences } from './knobs/ends.ts';
import { ROWS } from './knobs/rows.ts';
import { type Played, play } from './knobs/stage.ts';
import { type Chapter, CONSENTED, expectedOf, type Row } from './knobs/stories.ts';

/**
 * What nobody has documented of ALM, one position at a time: how every story ends at such an ALM, in the conditions and
 * in what it holds. All rows are under way from the start; each test reads how its row ended.
 */

const LIMIT_MS = 180_000;

let scenario: Scenario | undefined;
let played: ReadonlyMap<Row, Promise<Played>> = new Map();

beforeAll(async () => {
  // Rows that hold requests back must not take the workers of the others.
  scenario = await startScenario({ operator: { flags: ['--concurrency', '32'] } });
  console.info(`Runs on ${scenario.cluster.version}`);
  played = play(scenario, ROWS);
}, LIMIT_MS);

afterAll(() => scenario?.stop(), LIMIT_MS);

function titleOf({ knobs, about }: Row): string {
  const positions = Object.entries(knobs).map(([name, value]) => `${name}=${value}`);
  return about === undefined ? positions.join(', ') : `${positions.join(', ')}, ${about}`;
}

async function playedRow(row: Row): Promise<Played> {
  const promise = played.get(row);
  if (promise === undefined) throw new Error('The row was not played');
  return promise;
}

function lineOf({ n, method, path, clientId, status, wrote, fault }: AlmRequest): string {
  return [n, method, path, clientId, status, wrote, fault].filter((part) => part !== undefined).join(' ');
}

const noted = ({ alm }: Played) => new Set(alm.log.flatMap(({ knobs }) => knobs));

describe('an ALM with', () => {
  it.each(ROWS.map((row) => [titleOf(row), row] as const))(
    '%s',
    async (_title, row) => {
      const { alm, ends } = await playedRow(row);
      onTestFailed(() => console.error(alm.log.map(lineOf).join('\n')));
      expect(ends).toEqual(expectedOf(row));

      for (const [chapter, end] of Object.entries(ends)) {
        const { [chapter as Chapter]: excuse } = row.excuses ?? {};
        const found = offences(end, CONSENTED.includes(chapter as Chapter));
        expect(found.length > 0, `${chapter}: ${found.join('; ') || 'nothing to excuse'}`).toBe(
          excuse !== undefined,
        );
      }

      const positions = Object.entries(row.knobs).map(([name, value]) => `${name}=${value}`);
      const had = new Set([...noted({ alm, ends }), ...(row.byChance ?? [])]);
      expect(positions.filter((position) => !had.has(position))).toEqual(row.unnoted ?? []);
    },
    LIMIT_MS,
  );
});

/** What an ALM makes of requests that the operator never sends. */
const NO_OCCASION = [
  'getList',
  'delete',
  'unsupportedVerb',
  'omittedSecret',
  'omittedValidities',
  'omittedGrants',
  'omittedRoles',
  'idMismatch',
  'unknownProperty',
  'illegalGrants',
  'nonPositiveValidity',
  'clientIdCharacters',
  'blankSecret',
  'emptyGrants',
  'json',
  'invalidBody',
  'wrongMediaType',
  'pathFirewall',
  'dotTruncation',
];

/** Said of restarts; reach.test.ts restarts an ALM. */
const OF_RESTARTS = ['bootstrapOnRestart', 'tokensOnRestart'];

describe('the table', () => {
  it(
    'has every position that can have a say, and no other has one',
    async () => {
      const all = await Promise.all(ROWS.map(playedRow));
      const said = new Set(all.flatMap((row) => [...noted(row)]));
      const without = KNOB_NAMES.filter(
        (name) => ![...said].some((position) => position.startsWith(`${name}=`)),
      );
      expect(without.sort()).toEqual([...NO_OCCASION, ...OF_RESTARTS].sort());

      const unsaid = KNOB_NAMES.filter((name) => !without.includes(name)).flatMap((name) => {
        const knob = KNOBS[name];
        if (knob.kind === 'whole') return [];
        return knob.values.map((value) => `${name}=${value}`).filter((position) => !said.has(position));
      });
      // Positions at which there is nothing to note.
      expect(unsaid).toEqual(['clientIdCase=sensitive', 'expiresIn=remaining']);
    },
    LIMIT_MS,
  );
});
