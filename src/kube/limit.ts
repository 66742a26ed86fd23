/** Time limits on top of a caller's signal. */

import type { Clock } from './clock.ts';

/** The reason with which a limit of ours aborts, so that it is told from the caller's own abort. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

export type Limited = Readonly<{
  /** Fires with the parent, or with a TimeLimitError after the limit. */
  signal: AbortSignal;
  /** Fires the signal early, with this reason. */
  abort(reason: unknown): void;
  /** Ends the timer; the parent's abort still counts. */
  lift(): void;
  /** Ends the timer and lets go of the parent; to be called when the work is over. */
  release(): void;
}>;

export function limit(parent: AbortSignal, ms: number, clock: Clock): Limited {
  const controller = new AbortController();
  const onParent = () => controller.abort(parent.reason);
  if (parent.aborted) onParent();
  parent.addEventListener('abort', onParent, { once: true });
  const cancel = clock.setTimer(ms, () =>
    controller.abort(new TimeLimitError(`the limit of ${Math.round(ms / 1000)} s passed`)),
  );
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    lift: cancel,
    release: () => {
      cancel();
      parent.removeEventListener('abort', onParent);
    },
  };
}

/**
 * The promise, unless the signal fires first. undici does not heed its signal while it waits for a new connection, and
 * an exec plugin heeds none; what they come to later is dropped.
 */
export function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
