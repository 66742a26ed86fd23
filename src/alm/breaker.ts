/**
 * Whether calls about objects are worth making at all. Pure.
 *
 *   closed ── two different objects failed, nobody was answered between ──▶ open ── after a step ──▶ one trial
 *      ▲                                                                     ▲                        │    │
 *      │                                                                     └─ failed: a longer step ┘    │
 *      └──────────────────────────── somebody was answered ────────────────────────────────────────────────┘
 */

import { type Backoff, backoffMs } from '../kube/backoff.ts';

export type Breaker =
  | Readonly<{ state: 'closed'; failed: ReadonlySet<string> }>
  | Readonly<{ state: 'open'; failed: ReadonlySet<string>; step: number; dueMs: number }>
  | Readonly<{ state: 'halfOpen'; failed: ReadonlySet<string>; step: number; trial: string }>;

/** `random` is in [0, 1). */
export type Moment = Readonly<{ nowMs: number; random: number }>;

/** The distance between trials. */
export const STEPS: Backoff = { baseMs: 1000, capMs: 60_000 };

/** How many objects have to fail: what fails for one alone may be its own fault. */
const ENOUGH = 2;

export const CLOSED: Breaker = { state: 'closed', failed: new Set() };

/** A call about the object failed in a way that may be ALM's fault. `failed` holds who did since the last answer. */
export function failed(breaker: Breaker, object: string, moment: Moment): Breaker {
  const all = new Set(breaker.failed).add(object);
  switch (breaker.state) {
    case 'closed':
      return all.size < ENOUGH ? { state: 'closed', failed: all } : opened(all, 0, moment);
    case 'open':
      return { ...breaker, failed: all };
    case 'halfOpen':
      return breaker.trial === object ? opened(all, breaker.step + 1, moment) : { ...breaker, failed: all };
  }
}

/** ALM asked for patience, which is no failure; but a trial that got no more than that has shown nothing. */
export function putOff(breaker: Breaker, object: string, moment: Moment): Breaker {
  if (breaker.state !== 'halfOpen' || breaker.trial !== object) return breaker;
  return opened(breaker.failed, breaker.step + 1, moment);
}

/** Whoever is answered, whatever the answer, shows that ALM is there. */
export function answered(): Breaker {
  return CLOSED;
}

/** The object makes the one trial. Only where `isDue`. */
export function tried(breaker: Breaker, object: string): Breaker {
  if (breaker.state !== 'open') return breaker;
  const { failed: all, step } = breaker;
  return { state: 'halfOpen', failed: all, step, trial: object };
}

/** The trial ended without a call: the next one may try at once. */
export function abandoned(breaker: Breaker, { nowMs }: Pick<Moment, 'nowMs'>): Breaker {
  if (breaker.state !== 'halfOpen') return breaker;
  const { failed: all, step } = breaker;
  return { state: 'open', failed: all, step, dueMs: nowMs };
}

/** Something else than an object has shown that ALM is back: the next trial need not wait. */
export function hastened(breaker: Breaker, { nowMs }: Pick<Moment, 'nowMs'>): Breaker {
  return breaker.state === 'open' ? { ...breaker, dueMs: Math.min(breaker.dueMs, nowMs) } : breaker;
}

export function isDue(breaker: Breaker, { nowMs }: Pick<Moment, 'nowMs'>): boolean {
  return breaker.state === 'open' && breaker.dueMs <= nowMs;
}

function opened(all: ReadonlySet<string>, step: number, { nowMs, random }: Moment): Breaker {
  return { state: 'open', failed: all, step, dueMs: nowMs + backoffMs(step, random, STEPS) };
}
