/**
 * How much is drawn: a few seconds' worth in every test run, more with FUZZ_RUNS, the same again with FUZZ_SEED. And what
 * holds for every edge, whatever comes over it.
 */

import fc from 'fast-check';
import { expect } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import { KubeconfigError } from '../../src/kube/kubeconfig.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { findCanary } from '../support/canary.ts';

const wanted = process.env['FUZZ_RUNS'];
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);

/** Longer than any one run takes: whatever is under way then hangs. */
const HANG_MS = 10_000;

/** For the tests of one file: each property by itself may take a minute a thousand runs. */
export const LIMIT = { timeout: 60_000 + 60 * Number(wanted ?? 0) };

/** `few`: how often by default, less for what needs sockets. */
export async function holds<T>(
  few: number,
  drawn: fc.Arbitrary<T>,
  check: (value: T) => void | Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(drawn, async (value) => {
    await check(value);
    expectNoPollution();
  });
  await fc.assert(property, { numRuns: Number(wanted ?? few), seed, timeout: HANG_MS });
}

const BUILT_IN = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const namesOf = () => BUILT_IN.map((prototype) => Reflect.ownKeys(prototype).length);
const before = namesOf();

/** Nothing that came in as `__proto__` or `constructor` became part of every object. */
function expectNoPollution(): void {
  expect(namesOf()).toEqual(before);
}

/** An error of the kinds that the rest of the program knows, which tells nobody a secret. */
export function expectClassified(error: unknown): void {
  const known = [EdgeError, KubeError, KubeconfigError].some((kind) => error instanceof kind);
  expect(known, `not classified: ${error instanceof Error ? error.stack : String(error)}`).toBe(true);
  expectNoSecret(error);
}

export function expectNoSecret(told: unknown): void {
  const text = typeof told === 'object' && told !== null ? told : String(told);
  expect(findCanary(text)).toBeUndefined();
}

/** The value, or an error that `expectClassified` has seen. */
export async function attempted<T>(call: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    expectClassified(error);
    return undefined;
  }
}
