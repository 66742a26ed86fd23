/**
 * Workers over a queue: one key at a time each, a time limit for each pass, and the pass's Outcome back into the queue.
 * Whatever a pass throws costs its own key a retry and nothing else. Each pass has an id, see trace.ts.
 */

import { KubeError } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { limit, TimeLimitError } from './limit.ts';
import { type Log, troubleOf } from './log.ts';
import { EdgeError, type Outcome } from './outcome.ts';
import type { Overdue } from './overdue.ts';
import { correlationIdFrom, type Trace, traced } from './trace.ts';
import { type ObjectKey, refOf } from './types.ts';
import type { Workqueue } from './workqueue.ts';

/** One finished pass, for metrics. `failed`: an edge's error ended it; `error`: it threw what nobody classified. */
export type PassObserver = (
  pass: Readonly<{ result: Outcome['then'] | 'failed' | 'error' | 'timeout'; ms: number }>,
) => void;

export type ControllerOptions = Readonly<{
  /** What it works on, for the log. */
  name: string;
  queue: Workqueue;
  /** Has to end soon after its signal fired: its key and its worker wait for it. */
  reconcile: (key: ObjectKey, signal: AbortSignal) => Promise<Outcome>;
  workers: number;
  passTimeoutMs: number;
  /** Resolves once all stores that a pass reads are synced. */
  synced: (signal: AbortSignal) => Promise<void>;
  log: Log;
  clock?: Clock;
  /** How long `stop` lets running passes go on before it aborts them. */
  graceMs?: number;
  observe?: PassObserver;
  /** Is told of each pass, to say which did not end soon after their time was up. */
  overdue?: Overdue;
}>;

export type Controller = Readonly<{
  /** Waits for the stores, then works until `stop`. To be called once. */
  start(): void;
  /** No new passes; running ones may end within the grace period, then they are aborted and waited for. */
  stop(): Promise<void>;
  /** At once: no new passes, and running ones are aborted. What they come to is not told. */
  abort(reason: Error): void;
}>;

const GRACE_MS = 10_000;

/** How long an aborted pass is waited for. */
const ABORTED_MS = 5_000;

/** How much longer than its time limit a pass may take before it counts as stuck. */
const STUCK_AFTER_MS = 60_000;

type Shell = ControllerOptions & Readonly<{ clock: Clock }>;

export function createController(options: ControllerOptions): Controller {
  const { name, queue, synced, workers, log, clock = systemClock, graceMs = GRACE_MS } = options;
  const shell: Shell = { ...options, clock, reconcile: watchedOver(options) };
  const intake = new AbortController();
  const passes = new AbortController();
  let running: Promise<unknown> = Promise.resolve();

  const work = async () => {
    await synced(intake.signal);
    log.info({ controller: name, workers }, 'working');
    await Promise.all(Array.from({ length: workers }, () => workerLoop(shell, intake.signal, passes.signal)));
  };
  const settlesWithin = async (ms: number) => {
    const bell = new AbortController();
    const late = sleep(clock, ms, bell.signal).then(
      () => false,
      () => true,
    );
    const settled = await Promise.race([running.then(() => true), late]);
    bell.abort();
    return settled;
  };

  return {
    start: () => {
      running = work().catch((error: unknown) => {
        if (!intake.signal.aborted)
          log.error({ controller: name, err: error }, 'the controller could not start');
      });
    },
    stop: async () => {
      intake.abort(new Error('the controller stops'));
      queue.shutdown();
      if (await settlesWithin(graceMs)) return;
      passes.abort(new Error('the grace period is over'));
      if (!(await settlesWithin(ABORTED_MS)))
        log.error({ controller: name }, 'a pass did not heed its abort');
    },
    abort: (reason) => {
      intake.abort(reason);
      passes.abort(reason);
      queue.shutdown();
    },
  };
}

function watchedOver({ name, reconcile, passTimeoutMs, overdue }: ControllerOptions) {
  return overdue?.watching(name, passTimeoutMs + STUCK_AFTER_MS, reconcile) ?? reconcile;
}

async function workerLoop(shell: Shell, intake: AbortSignal, stopping: AbortSignal): Promise<void> {
  const { queue } = shell;
  while (!intake.aborted) {
    const key = await queue.get(intake).catch(() => undefined);
    if (key === undefined) return;
    try {
      await traced(traceOf(shell, key), () => pass(shell, key, stopping));
    } finally {
      queue.done(key);
    }
  }
}

function traceOf({ name: controller, clock }: Shell, key: ObjectKey): Trace {
  return { correlationId: correlationIdFrom(() => clock.random()), controller, ...refOf(key) };
}

async function pass(shell: Shell, key: ObjectKey, stopping: AbortSignal): Promise<void> {
  const { queue, reconcile, passTimeoutMs, clock, observe } = shell;
  const started = clock.now();
  const limited = limit(stopping, passTimeoutMs, clock);
  try {
    const outcome = await reconcile(key, limited.signal);
    enqueue(queue, key, outcome);
    observe?.({ result: outcome.then, ms: clock.now() - started });
  } catch (error) {
    if (stopping.aborted) return;
    const result = failed(shell, key, error, limited.signal);
    observe?.({ result, ms: clock.now() - started });
  } finally {
    limited.release();
  }
}

function enqueue(queue: Workqueue, key: ObjectKey, outcome: Outcome): void {
  switch (outcome.then) {
    case 'settle':
      queue.forget(key);
      if (outcome.resyncMs !== undefined) queue.addAfter(key, outcome.resyncMs);
      return;
    case 'retry':
      queue.retry(key);
      return;
    case 'retryAfter':
      queue.addAfter(key, outcome.ms);
      return;
    case 'forget':
      queue.forget(key);
      return;
  }
}

/** An edge's error is everyday life: a conflict, an API server that restarts. Anything else is a bug of ours. */
function failed(
  { queue, log, passTimeoutMs }: Shell,
  key: ObjectKey,
  error: unknown,
  signal: AbortSignal,
): 'failed' | 'timeout' | 'error' {
  const waitMs = Math.round(queue.retry(key));
  if (signal.reason instanceof TimeLimitError) {
    log.warn({ waitMs, limitMs: passTimeoutMs }, 'a pass took too long and was aborted');
    return 'timeout';
  }
  if (error instanceof KubeError || error instanceof EdgeError) {
    const conflict = error instanceof KubeError && error.status === 409;
    log[conflict ? 'debug' : 'warn']({ waitMs, ...troubleOf(error) }, 'a pass failed');
    return 'failed';
  }
  log.error({ waitMs, err: error }, 'a pass hit a bug');
  return 'error';
}
