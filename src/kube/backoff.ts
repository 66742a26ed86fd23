/** Delays as pure functions; `random` is a number in [0, 1). */

export type Backoff = Readonly<{ baseMs: number; capMs: number }>;

/** The delay before attempt `attempt` (0 = the first retry): doubles from the base, capped, then ±20 % jitter. */
export function backoffMs(attempt: number, random: number, { baseMs, capMs }: Backoff): number {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
  return Math.min(capMs, full * (0.8 + 0.4 * random));
}

/** An interval ±10 %, so that objects made together do not stay in step. */
export function jitterMs(intervalMs: number, random: number): number {
  return intervalMs * (0.9 + 0.2 * random);
}
