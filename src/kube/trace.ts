/**
 * Which pass the work at hand belongs to, wherever it has got to: for log lines, for events, and for the requests that
 * a pass makes of other programs.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

export type Trace = Readonly<{
  /** Sixteen hexadecimal digits, others for every pass. */
  correlationId: string;
  controller: string;
  namespace?: string | undefined;
  name: string;
}>;

const traces = new AsyncLocalStorage<Trace | undefined>();

/** Runs `work`, and whatever it starts, as part of that pass; with undefined as part of none. */
export function traced<T>(trace: Trace | undefined, work: () => T): T {
  return traces.run(trace, work);
}

export function currentTrace(): Trace | undefined {
  return traces.getStore();
}

/** `random`: a number in [0, 1). */
export function correlationIdFrom(random: () => number): string {
  const half = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return half() + half();
}
