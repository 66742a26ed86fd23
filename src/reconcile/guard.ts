import { KubeError } from '../kube/client.ts';
import type { Log } from '../kube/log.ts';
import type { Outcome } from '../kube/outcome.ts';
import type { ObjectKey } from '../kube/types.ts';

/** An answer to wait for is obeyed up to here; a restarting API server asks for more than it needs. */
const RETRY_AFTER_CAP_MS = 10_000;

export type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<Outcome>;

/**
 * What the API server could not do is not the object's state: it is logged, and the key comes again. (A 403 lasts
 * some moments after each restart of an API server, so it is no exception.) `onBug` tells of errors that nobody
 * classified before they reach the controller.
 */
export function guarded(
  reconcile: Reconcile,
  log: Log,
  onBug: (key: ObjectKey, signal: AbortSignal) => Promise<void>,
): Reconcile {
  return async (key, signal) => {
    try {
      return await reconcile(key, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (!(error instanceof KubeError)) {
        await onBug(key, signal);
        throw error;
      }
      const { status, reason, message, retryAfterMs } = error;
      const level = status === 409 ? 'debug' : 'warn';
      log[level]({ key, status, reason, error: message }, 'the API server could not be asked; trying again');
      if (retryAfterMs === undefined) return { then: 'retry' };
      return { then: 'retryAfter', ms: Math.min(retryAfterMs, RETRY_AFTER_CAP_MS) };
    }
  };
}
