import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Timing } from '../../src/kube/election.ts';
import { type Fate, type Machine, Rivals } from './rivals.ts';

const TIMING: Timing = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2_000 };
const QUIET_MS = 120_000;

const machine: fc.Arbitrary<Machine> = fc.record({
  startMs: fc.integer({ min: 0, max: 1_000_000 }),
  rate: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
  wall: fc.constantFrom('right', 'stopped', 'back'),
});

const ms = (most: number) =>
  fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 50 }) }, fc.integer({ min: 1, max: most }));

const fate: fc.Arbitrary<Fate> = fc.record({
  upMs: ms(20_000),
  downMs: ms(20_000),
  lost: fc.constantFrom('nothing', 'nothing', 'nothing', 'request', 'answer'),
  stoppedMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 40_000 })),
  ends: fc.constantFrom('no', 'no', 'no', 'no', 'no', 'killed', 'released'),
});

const scripts = [
  fc.array(machine, { minLength: 2, maxLength: 4 }),
  fc.array(fate, { minLength: 30, maxLength: 80 }),
] as const;

/** To the end of the script, and on through quiet times. */
function played(machines: readonly Machine[], fates: readonly Fate[]): Rivals {
  const rivals = new Rivals(TIMING, machines, fates);
  let until = QUIET_MS;
  for (; rivals.fatesLeft > 0; until += QUIET_MS) rivals.run(until);
  rivals.run(until);
  return rivals;
}

it('never lets two write at once, whatever clocks and network do', () => {
  let won = 0;
  fc.assert(
    fc.property(...scripts, (machines, fates) => {
      const rivals = played(machines, fates);
      won += rivals.won;
      expect(rivals.overlaps).toEqual([]);
    }),
    { numRuns: 1500 },
  );
  // Or nothing was shown: the lease changed hands all the time.
  expect(won).toBeGreaterThan(1000);
});

it('lets one write once the network is quiet', () => {
  fc.assert(
    fc.property(...scripts, (machines, fates) => {
      const rivals = played(machines, fates);
      expect(rivals.holders()).toHaveLength(1);
    }),
    { numRuns: 200 },
  );
});
