/**
 * What an ALM may be like, and what may be declared there: every knob of the simulator and a few choices besides, two by
 * two. Pure.
 */

import { initialOf } from '../../support/alm/knob.ts';
import { KNOB_NAMES, KNOBS, type Knobs } from '../../support/alm/knobs.ts';
import { knobSetting } from '../../support/alm/settings.ts';
import { eachChoice, type Parameters, pairwise, type Row } from '../../support/pairwise.ts';

/** Of knobs that are numbers: their neutral position, and one that tells. */
const NUMBERS = {
  clientIdLength: [0, 8],
  replicas: [1, 3],
  replicaLag: [0, 2],
  clientCache: [0, 3],
  clockSkewSeconds: [0, 7200, -7200],
  latencyMs: [0, 20],
  rateLimitPerSecond: [0, 8],
} as const;

/** What is no knob, but decides whether a knob has a say. */
const CHOICES = {
  grants: ['client_credentials', 'password'],
  role: ['known', 'unknown'],
  password: ['short', 'long'],
  /** The id of a client that was there before: that of the declared one, or the same in other letters. */
  stranger: ['same', 'other-case'],
  /** The role of the operator's own login. */
  login: ['RootSecAdmin', 'SLMAdmin'],
  revoke: ['overwrite', 'delete'],
} as const;

const OF_KNOBS: Parameters = Object.fromEntries(
  KNOB_NAMES.map((name) => {
    const knob = KNOBS[name];
    const values = knob.kind === 'choice' ? knob.values : NUMBERS[name as keyof typeof NUMBERS];
    return [name, values.map(String)];
  }),
);

export const PARAMETERS: Parameters = { ...OF_KNOBS, ...CHOICES };

/** Where clients can be seen. */
export const READABLE: readonly string[] = ['omitted', 'blank', 'hash', 'plain'];

/**
 * Positions at which hardly anything can be written, so that what stands beside them has no say. A row has at most one
 * of them, and no pair counts as held because such a row has it.
 */
const MASKS: readonly Row[] = [
  { authMode: 'zen' },
  { authMode: 'oauth', slmAdminSuffices: 'no', login: 'SLMAdmin' },
  { unknownRole: '400', role: 'unknown', grants: 'client_credentials' },
  { secretLimit: '400', password: 'long' },
  { clientIdLength: '8' },
  ...READABLE.map((getItem) => ({ notFoundBody: 'html', getItem })),
];

function has(row: Row, values: Row): boolean {
  return Object.entries(values).every(([name, value]) => row[name] === value);
}

export function isMasked(row: Row): boolean {
  return MASKS.some((mask) => has(row, mask));
}

/** Every two values that can be told apart are in one of these. */
export const PAIRS = pairwise(PARAMETERS, isMasked);

/** Every value is in one of these beside every mask. */
export const MASKED = MASKS.filter(({ getItem = 'omitted' }) => getItem === 'omitted').flatMap((mask) =>
  eachChoice(PARAMETERS, mask, (row) => MASKS.some((other) => other !== mask && has(row, other))),
);

export function knobsOf(row: Row): Partial<Knobs> {
  return Object.fromEntries(KNOB_NAMES.map((name) => [name, knobSetting(name, row[name] ?? '')]));
}

/** What distinguishes a row, for the name of its test. */
export function titleOf(row: Row): string {
  const neutral = (name: string) => {
    const knob = new Map(Object.entries(KNOBS)).get(name);
    return knob === undefined ? PARAMETERS[name]?.[0] : String(initialOf(knob));
  };
  return Object.entries(row)
    .filter(([name, value]) => value !== neutral(name))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
