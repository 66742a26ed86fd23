import fc from 'fast-check';
import { HONEST, type Knobs } from './alm.ts';
import type { Action } from './driver.ts';
import { RULES, type RulesName } from './rules.ts';
import { SLOTS } from './slots.ts';

/** What is drawn: ALMs, and what happens in which order. */

/** Mostly the usual; each deviation now and then. */
const seldom = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );

export const knobs: fc.Arbitrary<Knobs> = fc.record({
  readable: fc.boolean(),
  postOnExisting: seldom<Knobs['postOnExisting']>(HONEST.postOnExisting, 400, 500, 'overwrites'),
  putOnMissing: seldom<Knobs['putOnMissing']>(HONEST.putOnMissing, 400, 'creates'),
  ignoresSecrets: seldom(false, false, false, true),
  caseSensitive: fc.boolean(),
  deletes: fc.constantFrom('removes' as const, 'notOffered' as const, 'saysAbsent' as const),
  provable: seldom(true, true, true, false),
  leastValidity: fc.constantFrom(1, 60),
  lagMs: seldom(0, 3000),
  refusesMs: seldom(0, 0, 20_000),
});

const small = fc.nat(5);
const slot = fc.oneof(
  { weight: 5, arbitrary: fc.nat(1) },
  { weight: 2, arbitrary: fc.nat(SLOTS.length - 1) },
);
const adoption = fc.constantFrom(undefined, 'Never' as const, 'IfExists' as const, 'Required' as const);
const verification = fc.constantFrom(
  undefined,
  'OnChange' as const,
  'EachResync' as const,
  'EachResync' as const,
  'Never' as const,
);
const deletion = fc.constantFrom(undefined, 'Revoke' as const, 'Retain' as const);
const one = fc.nat(1);
const rules = fc.constantFrom(...(Object.keys(RULES) as RulesName[]));
const does = <const T extends string>(word: T) => fc.constant(word);

const byUsers: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ user: does('create'), slot, adoption, deletion }) },
  { weight: 3, arbitrary: fc.record({ user: does('edit'), slot, validity: small }) },
  { weight: 2, arbitrary: fc.record({ user: does('adoption'), slot, adoption }) },
  { weight: 1, arbitrary: fc.record({ user: does('deletion'), slot, deletion }) },
  {
    weight: 2,
    arbitrary: fc.record({ user: fc.constantFrom('suspend' as const, 'request' as const), slot, to: small }),
  },
  { weight: 5, arbitrary: fc.record({ user: does('delete'), slot }) },
  { weight: 2, arbitrary: fc.record({ user: does('strip'), slot }) },
  {
    weight: 1,
    arbitrary: fc.record({ user: fc.constantFrom('dropSecret' as const, 'forgetClaim' as const), slot }),
  },
  { weight: 3, arbitrary: fc.record({ user: does('rotate'), slot, to: small }) },
  { weight: 3, arbitrary: fc.record({ user: does('grants'), slot, to: small }) },
  { weight: 2, arbitrary: fc.record({ user: does('rules'), connection: one, rules }) },
  { weight: 2, arbitrary: fc.record({ user: does('prove'), connection: one, when: verification }) },
  {
    weight: 4,
    arbitrary: fc.record({
      user: fc.constantFrom(
        'protect' as const,
        'mayDelete' as const,
        'lead' as const,
        'dropConnection' as const,
      ),
      connection: one,
      to: small,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      user: fc.constantFrom('label' as const, 'endNamespace' as const),
      namespace: one,
      to: small,
    }),
  },
  { weight: 1, arbitrary: fc.record({ user: fc.constantFrom('endKind' as const, 'bringKind' as const) }) },
);

const byStrangers: fc.Arbitrary<Action> = fc.record({
  user: does('meddle'),
  alm: one,
  slot,
  with: fc.constantFrom('record' as const, 'secret' as const, 'end' as const, 'another' as const),
});

const fate = fc.constantFrom(
  'answered' as const,
  'refused' as const,
  'lost' as const,
  'lostAfterwards' as const,
  'stale' as const,
  'rejected' as const,
);

const KINDS = [
  'POST',
  'PUT',
  'DELETE',
  'GET',
  'prove',
  'get almclientclaims',
  'create almclientclaims',
  'patch almclientclaims',
  'delete almclientclaims',
  'get clientcredentials',
  'patch clientcredentials',
  'status clientcredentials',
];

const traps: fc.Arbitrary<Action> = fc.record({
  drive: does('trap'),
  at: fc.oneof(fc.constantFrom(...KINDS.slice(0, 5)), fc.constantFrom(...KINDS)),
  fate: fc.oneof(fate, fc.constantFrom('crash' as const, 'crashAfterwards' as const)),
});

const byChance: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ drive: does('flow'), steps: fc.constantFrom(1, 2, 3, 5, 8, 12, 20, 40, 60) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ drive: does('request'), pick: small, fate, half: seldom(false, true) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ drive: fc.constantFrom('watch' as const, 'relist' as const), watch: fc.nat(4) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      drive: fc.constantFrom('wait' as const, 'live' as const),
      ms: fc.constantFrom(1000, 31_000, 300_000, 2_400_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Action[]>({ drive: 'crash' }, { drive: 'start' }, { drive: 'start' }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Action[]>(
      { drive: 'restore' },
      { drive: 'restoreUnder' },
      { drive: 'bringBack' },
    ),
  },
);

/** How it begins: with objects that have mostly come to rest, and now and then with a stranger's client. */
const beginnings: fc.Arbitrary<readonly Action[]> = fc
  .tuple(
    fc.array(fc.record({ user: does('mayDelete'), connection: one, to: fc.constant(0) }), { maxLength: 1 }),
    fc.array(fc.record({ user: does('meddle'), alm: one, slot, with: does('another') }), { maxLength: 1 }),
    fc.array(fc.record({ user: does('create'), slot, adoption, deletion }), { minLength: 1, maxLength: 3 }),
    fc.array(traps, { maxLength: 1 }),
    fc.record({ drive: does('flow'), steps: fc.constantFrom(5, 20, 60) }),
  )
  .map(([deletes, strangers, creations, faults, flow]) => [
    ...deletes,
    ...strangers,
    ...creations,
    ...faults,
    flow,
  ]);

export type History = Readonly<{ seed: number; knobs: readonly [Knobs, Knobs]; actions: readonly Action[] }>;

/** Somebody changes a client as often as it is repaired. */
const fights: fc.Arbitrary<readonly Action[]> = fc
  .record({ alm: one, slot, rounds: fc.integer({ min: 2, max: 5 }) })
  .map(({ alm, slot: whose, rounds }) =>
    Array.from({ length: rounds }, (): readonly Action[] => [
      { user: 'meddle', alm, slot: whose, with: 'record' },
      { drive: 'live', ms: 40 * 60_000 },
    ]).flat(),
  );

/** An object goes past its finalizer, and no watch tells of it. */
const abandonments: fc.Arbitrary<readonly Action[]> = slot.map((whose) => [
  { user: 'strip', slot: whose },
  { drive: 'relist', watch: 1 },
]);

/** A connection leads elsewhere for a while, or for good. */
const wanderings: fc.Arbitrary<readonly Action[]> = fc
  .record({ connection: one, to: one, ms: fc.constantFrom(1000, 31_000) })
  .map(({ connection, to, ms }) => [
    { user: 'lead', connection, to },
    { drive: 'live', ms },
  ]);

const single = (action: fc.Arbitrary<Action>) => action.map((one): readonly Action[] => [one]);

const happenings: fc.Arbitrary<readonly Action[]> = fc.oneof(
  { weight: 50, arbitrary: single(byUsers) },
  { weight: 10, arbitrary: single(byStrangers) },
  { weight: 15, arbitrary: single(traps) },
  { weight: 70, arbitrary: single(byChance) },
  { weight: 1, arbitrary: fights },
  { weight: 3, arbitrary: abandonments },
  { weight: 4, arbitrary: wanderings },
);

export const histories: fc.Arbitrary<History> = fc
  .record({
    seed: fc.nat(1_000_000),
    knobs: fc.tuple(knobs, knobs),
    beginning: beginnings,
    then: fc.array(happenings, { maxLength: 40, size: 'max' }),
  })
  .map(({ beginning, then, ...world }) => ({ ...world, actions: [...beginning, ...then.flat()] }));
