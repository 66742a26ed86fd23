import { describe, expect, it } from 'vitest';
import { HONEST, type Knobs } from './alm.ts';
import type { Action } from './driver.ts';
import { play } from './play.ts';

/** Histories that once broke a promise, as short as they could be made. */

type Row = readonly [name: string, knobs: Partial<Knobs>, actions: readonly Action[]];

const SEEDS = [0, 1, 2, 3, 4, 331_115];

const rows: readonly Row[] = [
  [
    'a connection that is deleted and made anew wakes those who met neither',
    {},
    [
      { drive: 'flow', steps: 40 },
      { user: 'dropConnection', connection: 0, to: 0 },
      { user: 'dropConnection', connection: 0, to: 0 },
      { user: 'create', slot: 0, adoption: undefined, deletion: undefined },
    ],
  ],
  [
    'an ALM that takes a client and then shows none does not hold it',
    { readable: true },
    [
      { drive: 'flow', steps: 12 },
      { user: 'create', slot: 0, adoption: undefined, deletion: undefined },
      { drive: 'flow', steps: 8 },
      { drive: 'flow', steps: 5 },
      { user: 'meddle', alm: 0, slot: 0, with: 'end' },
    ],
  ],
  [
    'drift that was seen, and could not be repaired, is no Ready=True',
    { readable: true },
    [
      { user: 'create', slot: 0, adoption: undefined, deletion: undefined },
      { drive: 'trap', at: 'PUT', fate: 'refused' },
      { drive: 'flow', steps: 60 },
      { user: 'meddle', alm: 0, slot: 0, with: 'record' },
      { drive: 'flow', steps: 60 },
    ],
  ],
  [
    'a lost client that could not be made anew is no Ready=True',
    {},
    [
      { user: 'create', slot: 0, adoption: undefined, deletion: undefined },
      { drive: 'live', ms: 1000 },
      { user: 'meddle', alm: 0, slot: 0, with: 'end' },
      { drive: 'trap', at: 'POST', fate: 'lost' },
      { drive: 'live', ms: 2_400_000 },
    ],
  ],
  [
    'a client that another has had meanwhile is written by whoever takes it over',
    { readable: true },
    [
      { user: 'create', slot: 0, adoption: 'IfExists', deletion: undefined },
      { drive: 'live', ms: 1000 },
      { user: 'suspend', slot: 0, to: 0 },
      { user: 'forgetClaim', slot: 0 },
      { drive: 'live', ms: 1000 },
      { user: 'create', slot: 1, adoption: 'IfExists', deletion: undefined },
      { drive: 'live', ms: 1000 },
      { user: 'delete', slot: 1 },
      { drive: 'live', ms: 1000 },
      { user: 'suspend', slot: 0, to: 1 },
    ],
  ],
  [
    'a client that another has had meanwhile is written even where the first attempt at it is lost',
    { readable: true },
    [
      { user: 'create', slot: 0, adoption: 'IfExists', deletion: undefined },
      { drive: 'live', ms: 1000 },
      { user: 'suspend', slot: 0, to: 0 },
      { user: 'forgetClaim', slot: 0 },
      { drive: 'live', ms: 1000 },
      { user: 'create', slot: 1, adoption: 'IfExists', deletion: undefined },
      { drive: 'live', ms: 1000 },
      { user: 'delete', slot: 1 },
      { drive: 'live', ms: 1000 },
      { drive: 'trap', at: 'PUT', fate: 'refused' },
      { user: 'suspend', slot: 0, to: 1 },
      { drive: 'live', ms: 1000 },
    ],
  ],
  [
    'a client that another has had meanwhile is written even where the process dies before',
    { readable: true },
    [
      { user: 'create', slot: 0, adoption: 'IfExists', deletion: undefined },
      { drive: 'live', ms: 1000 },
      { user: 'suspend', slot: 0, to: 0 },
      { user: 'forgetClaim', slot: 0 },
      { drive: 'live', ms: 1000 },
      { user: 'create', slot: 1, adoption: 'IfExists', deletion: undefined },
      { drive: 'live', ms: 1000 },
      { user: 'delete', slot: 1 },
      { drive: 'live', ms: 1000 },
      { drive: 'trap', at: 'PUT', fate: 'crash' },
      { user: 'suspend', slot: 0, to: 1 },
      { drive: 'live', ms: 1000 },
    ],
  ],
  [
    'what is owed at one ALM is not forgotten for an object that wants the same of another',
    {},
    [
      { user: 'create', slot: 1, adoption: undefined, deletion: undefined },
      { drive: 'trap', at: 'POST', fate: 'crashAfterwards' },
      { drive: 'flow', steps: 60 },
      { drive: 'start' },
      { user: 'delete', slot: 1 },
      { user: 'lead', connection: 0, to: 1 },
      { drive: 'flow', steps: 40 },
      { user: 'create', slot: 1, adoption: undefined, deletion: undefined },
    ],
  ],
  [
    'two connections that lead to one ALM for a moment do not give a client two owners',
    { postOnExisting: 'overwrites' },
    [
      { user: 'create', slot: 0, adoption: undefined, deletion: undefined },
      { user: 'create', slot: 3, adoption: undefined, deletion: undefined },
      { drive: 'flow', steps: 5 },
      { user: 'lead', connection: 0, to: 1 },
      { user: 'create', slot: 1, adoption: undefined, deletion: undefined },
      { drive: 'flow', steps: 60 },
    ],
  ],
  [
    'a kind that is deleted by force and defined anew revokes nothing',
    {},
    [
      { user: 'create', slot: 0, adoption: undefined, deletion: 'Revoke' },
      { drive: 'live', ms: 31_000 },
      { user: 'endKind' },
      { user: 'strip', slot: 0 },
      { user: 'bringKind' },
      { drive: 'live', ms: 1000 },
    ],
  ],
];

describe('what was found once is kept', () => {
  it.each(rows)('%s', async (_, knobs, actions) => {
    const world = { ...HONEST, ...knobs };
    for (const seed of SEEDS) expect(await play({ seed, knobs: [world, world], actions })).toEqual([]);
  });
});
