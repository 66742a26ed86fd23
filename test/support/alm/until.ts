import { setImmediate } from 'node:timers/promises';

/** Resolves as soon as the condition holds; rejects when it does not within ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = AbortSignal.timeout(10_000);
  while (!condition()) await setImmediate(undefined, { signal: deadline });
}
