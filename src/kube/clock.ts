/** The runtime's only source of time, timers and chance, so that a test can drive all three. */

export type Clock = Readonly<{
  /** Milliseconds that never jump; only differences mean anything. */
  now(): number;
  /** Milliseconds since 1970, for what other programs read. */
  wallMs(): number;
  /** In [0, 1). */
  random(): number;
  /** Calls `run` once after `ms`; the answer cancels it. May fire early where `ms` is more than 24 days. */
  setTimer(ms: number, run: () => void): () => void;
}>;

/** setTimeout fires at once for anything longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  wallMs: () => Date.now(),
  random: () => Math.random(),
  setTimer: (ms, run) => {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or rejects with the signal's reason. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.setTimer(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
