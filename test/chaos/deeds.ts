/** What happens in a storm, drawn from a seed: the same seed draws the same deeds at the same moments. Pure. */

import fc from 'fast-check';
import { SLOTS, TENANTS } from './slots.ts';

export type Act =
  | Readonly<{ act: 'declare'; adoption: Adoption; deletion: Deletion; validity: number }>
  | Readonly<{ act: 'validity'; validity: number }>
  | Readonly<{ act: 'adoption'; adoption: Adoption }>
  | Readonly<{ act: 'deletion'; deletion: Deletion }>
  | Readonly<{ act: 'suspend' | 'roles'; on: boolean }>
  | Readonly<{ act: 'rotate' | 'key' | 'labelSecret' | 'labelObject' | 'request' }>
  | Readonly<{ act: 'replaceSecret' | 'delete' }>;

export type Adoption = 'Never' | 'IfExists' | 'Required' | null;
export type Deletion = 'Revoke' | 'Retain' | null;

/** `who` it strikes: the process that holds the lease, or another. */
type Struck = Readonly<{ who: 'holder' | 'follower' }>;

export type Weather =
  | (Struck & Readonly<{ strike: 'kill' | 'end' }>)
  | (Struck & Readonly<{ strike: 'pause' | 'offKubernetes' | 'offAlm'; ms: number }>)
  /** With what it waited for: an object of the API server, or ALM's answer to a write. */
  | (Struck & Readonly<{ strike: 'pauseAtWrite'; after: 'kubernetes' | 'alm'; ms: number }>)
  | Readonly<{ strike: 'apiDown' | 'apiFrozen'; ms: number }>
  | Readonly<{ strike: 'cutWatches' | 'cutAll' | 'compact' }>
  | Readonly<{ strike: 'apiRefuses'; status: number; times: number }>
  | Readonly<{ strike: 'apiLoses'; when: 'before' | 'after'; times: number }>
  | Readonly<{ strike: 'almDown' | 'almSlow' | 'almLimits' | 'almLags' | 'almErrs'; ms: number }>
  | Readonly<{ strike: 'almLoses' | 'almHangs'; when: 'before' | 'after'; times: number }>
  /** It does what it is asked for, and its answer is lost. */
  | Readonly<{ strike: 'almIsUnheard'; times: number }>
  | Readonly<{ strike: 'almForgets' | 'almRefusesLogin' }>
  | Readonly<{ strike: 'denied'; tenant: string; ms: number }>;

export type Deed = Readonly<{ atMs: number }> &
  (Readonly<{ by: 'tenant'; slot: number; act: Act }> | Readonly<{ by: 'weather'; weather: Weather }>);

/** How ALM is in this run, whatever the weather. */
export type Climate = Readonly<{ readable: boolean; deletes: boolean }>;

export type Plan = Readonly<{ climate: Climate; deeds: readonly Deed[] }>;

const is = <const T extends string>(word: T) => fc.constant(word);
const one = fc.constantFrom;
const adoption = one<Adoption[]>(null, 'Never', 'IfExists', 'Required');
const deletion = one<Deletion[]>(null, 'Revoke', 'Retain');
const validity = fc.integer({ min: 600, max: 7200 });
const moment = fc.integer({ min: 200, max: 1500 });
const while_ = fc.integer({ min: 400, max: 4500 });
/** Mostly longer than a lease and the time that another takes to win it. */
const still = fc.integer({ min: 400, max: 14_000 });
/** Certainly longer. */
const OVERDUE_MS = 9500;
const when = one('before' as const, 'after' as const);
const times = fc.integer({ min: 1, max: 6 });
const who = one('holder' as const, 'holder' as const, 'follower' as const);

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ act: is('declare'), adoption, deletion, validity }) },
  { weight: 5, arbitrary: fc.record({ act: is('validity'), validity }) },
  { weight: 1, arbitrary: fc.record({ act: is('adoption'), adoption }) },
  { weight: 1, arbitrary: fc.record({ act: is('deletion'), deletion }) },
  { weight: 4, arbitrary: fc.record({ act: one('suspend' as const, 'roles' as const), on: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ act: is('rotate') }) },
  {
    weight: 5,
    arbitrary: fc.record({
      act: one('key' as const, 'labelSecret' as const, 'labelObject' as const, 'request' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: one('delete' as const, 'delete' as const, 'replaceSecret' as const) }),
  },
);

const onProcesses: fc.Arbitrary<Weather> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ strike: one('kill' as const, 'end' as const), who }) },
  { weight: 2, arbitrary: fc.record({ strike: is('pause'), who, ms: still }) },
  {
    weight: 3,
    arbitrary: fc.record({
      strike: is('pauseAtWrite'),
      who: is('holder'),
      after: one('kubernetes' as const, 'alm' as const),
      ms: fc.constant(OVERDUE_MS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ strike: one('offKubernetes' as const, 'offAlm' as const), who, ms: while_ }),
  },
);

const onKubernetes: fc.Arbitrary<Weather> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ strike: one('apiDown' as const, 'apiFrozen' as const), ms: moment }) },
  {
    weight: 2,
    arbitrary: fc.record({ strike: one('cutWatches' as const, 'cutAll' as const, 'compact' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ strike: is('apiRefuses'), status: one(429, 500, 503, 504), times }) },
  { weight: 3, arbitrary: fc.record({ strike: is('apiLoses'), when, times }) },
);

const onAlm: fc.Arbitrary<Weather> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      strike: one(
        'almDown' as const,
        'almSlow' as const,
        'almLimits' as const,
        'almLags' as const,
        'almErrs' as const,
      ),
      ms: while_,
    }),
  },
  { weight: 3, arbitrary: fc.record({ strike: is('almLoses'), when, times }) },
  { weight: 1, arbitrary: fc.record({ strike: is('almIsUnheard'), times }) },
  { weight: 1, arbitrary: fc.record({ strike: is('almHangs'), when, times: fc.constant(1) }) },
  { weight: 2, arbitrary: fc.record({ strike: one('almForgets' as const, 'almRefusesLogin' as const) }) },
  { weight: 1, arbitrary: fc.record({ strike: is('denied'), tenant: one(...TENANTS), ms: while_ }) },
);

const byTenants = fc.record({ by: is('tenant'), slot: fc.nat(SLOTS.length - 1), act: acts });
const byWeather = fc.record({ by: is('weather'), weather: fc.oneof(onProcesses, onKubernetes, onAlm) });

const GAP_MS = 260;
const SQUALL_MS = 30_000;
const drawn = fc.record({
  afterMs: fc.integer({ min: 20, max: 2 * GAP_MS }),
  deed: fc.oneof({ weight: 6, arbitrary: byTenants }, { weight: 1, arbitrary: byWeather }),
});

/**
 * Begins with everything declared, so that there is something to strike, and with creations whose answers are lost. In
 * every run the holder stands still twice, while everything changes, with ALM's answer to a write.
 */
export function planOf(seed: number, lengthMs: number): Plan {
  const count = Math.ceil((2 * lengthMs) / GAP_MS);
  const [climate = { readable: false, deletes: false }] = fc.sample(
    fc.record({ readable: fc.boolean(), deletes: fc.boolean() }),
    { seed, numRuns: 1 },
  );
  let atMs = 0;
  const deeds = fc.sample(fc.noBias(drawn), { seed, numRuns: count }).map(({ afterMs, deed }): Deed => {
    atMs += afterMs;
    return { atMs, ...deed };
  });
  const fixed = [...beginning(), ...standstill(lengthMs / 5), ...standstill((3 * lengthMs) / 5)];
  const all = [
    ...fixed,
    ...deeds.filter(({ atMs: at, by }) => at < lengthMs && (by === 'tenant' || isSquall(at))),
  ];
  return { climate, deeds: all.toSorted((one, other) => one.atMs - other.atMs) };
}

/** Between squalls back-offs end, and what was changed meanwhile comes to ALM. */
function isSquall(atMs: number): boolean {
  return atMs % SQUALL_MS < SQUALL_MS / 2;
}

function beginning(): readonly Deed[] {
  const unheard: Deed = { atMs: 0, by: 'weather', weather: { strike: 'almIsUnheard', times: 4 } };
  const declared = SLOTS.map(({ sort }, slot): Deed => {
    const adoption = sort === 'found' ? 'IfExists' : null;
    return { atMs: 0, by: 'tenant', slot, act: { act: 'declare', adoption, deletion: null, validity: 1200 } };
  });
  return [unheard, ...declared];
}

function standstill(atMs: number): readonly Deed[] {
  const weather: Weather = { strike: 'pauseAtWrite', who: 'holder', after: 'alm', ms: OVERDUE_MS };
  const changes = SLOTS.map((_, slot): Deed => {
    return { atMs: atMs + 50, by: 'tenant', slot, act: { act: 'validity', validity: 2345 } };
  });
  return [{ atMs, by: 'weather', weather }, ...changes];
}
