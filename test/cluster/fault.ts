/** A fault of the ALM simulator as people write it: JSON, on the command line or to the control address. */

import { z } from 'zod';
import type { Arrival, Fault } from '../support/alm/faults.ts';

const when = z.enum(['before', 'after']);

const action = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(100).max(599),
    body: z.exactOptional(z.string()),
    contentType: z.exactOptional(z.string()),
    retryAfter: z.exactOptional(z.union([z.int().min(0), z.string()])),
    when: z.exactOptional(when),
  }),
  z.strictObject({ kind: z.literal('reset'), when }),
  z.strictObject({ kind: z.literal('hang'), when }),
  z.strictObject({ kind: z.literal('delay'), ms: z.int().min(0).max(3_600_000) }),
]);

const match = z.strictObject({
  method: z.exactOptional(z.string()),
  path: z.exactOptional(z.string()),
  clientId: z.exactOptional(z.string()),
});

const fault = z.strictObject({
  match: z.exactOptional(match),
  times: z.exactOptional(z.int().min(1)),
  do: action,
});

/** Without `match`, every request is meant; `path` may end in `*`. */
export type FaultSpec = z.output<typeof fault>;

/** Throws an error of one line. */
export function parseFault(text: string): FaultSpec {
  const parsed = fault.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'fault'}: ${message}`);
  throw new Error(problems.join('; '));
}

/** `onMet` is called each time that the fault meets a request. */
export function faultOf(spec: FaultSpec, onMet: () => void): Fault {
  return {
    ...(spec.times === undefined ? {} : { times: spec.times }),
    do: spec.do,
    match: (arrival) => {
      const met = isMeant(spec, arrival);
      if (met) onMet();
      return met;
    },
  };
}

function isMeant({ match: { method, path, clientId } = {} }: FaultSpec, arrival: Arrival): boolean {
  if (method !== undefined && method.toUpperCase() !== arrival.method) return false;
  if (clientId !== undefined && clientId !== arrival.clientId) return false;
  if (path === undefined) return true;
  return path.endsWith('*') ? arrival.path.startsWith(path.slice(0, -1)) : arrival.path === path;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('fault: not JSON, such as {"do": {"kind": "status", "status": 503}}');
  }
}
