/**
 * Events on objects, best effort: they are sent one after the other, repeats counted rather than sent (see
 * eventseries.ts), dropped rather than queued up without end, and never fail anything. What the API server could not be
 * told is tried again with the next round.
 */

import { type Rate, TokenBucket } from './bucket.ts';
import { type KubeClient, KubeError } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { EVENTS, eventOf, type Reporter, repeatPatch } from './eventbody.ts';
import { isUntold, type KubeEvent, type Series, SeriesBook } from './eventseries.ts';
import { limit } from './limit.ts';
import { type Log, troubleOf } from './log.ts';
import { currentTrace, traced } from './trace.ts';

export type EventRecorder = Readonly<{
  /** Never throws and does not wait. The Event carries the id of the pass at hand. */
  emit(event: KubeEvent): void;
  /** Sends what is queued and what was counted, within a time limit; later events are dropped. */
  stop(): Promise<void>;
}>;

export type EventRecorderOptions = Reporter &
  Readonly<{
    client: Pick<KubeClient, 'create' | 'patch'>;
    /** Takes the events of a namespace that is being deleted, and those of cluster-scoped objects. */
    operatorNamespace: string;
    log: Log;
    clock?: Clock;
  }>;

/** For each object; what client-go allows, refilled more slowly. Repeats cost nothing. */
const RATE: Rate = { burst: 25, perSecond: 0.1 };
const BUCKETS_MOST = 1000;

/** How soon the count of a series is told that goes on, and how soon is tried again what failed. */
const ROUND_MS = 30_000;
const SEND_MS = 10_000;
const DRAIN_MS = 5_000;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock = systemClock, log } = options;
  const book = new SeriesBook(() => clock.random());
  const queue = new Set<Series>();
  const budget = new Budget(clock);
  const stopped = new AbortController();
  let open = true;
  let sending: Promise<void> | undefined;
  let cancelRound: (() => void) | undefined;

  const sendAll = async () => {
    for (const series of queue) {
      if (stopped.signal.aborted) return;
      queue.delete(series);
      // A round may have come upon it while it was being sent.
      if (isUntold(series)) await send(options, clock, series, stopped.signal);
    }
  };
  const wake = () => {
    sending ??= traced(undefined, sendAll).finally(() => {
      sending = undefined;
      // Emitted after the last look at the queue.
      if (queue.size > 0 && !stopped.signal.aborted) wake();
    });
  };
  const enqueueUntold = () => {
    for (const series of book.untold(clock.now())) queue.add(series);
    wake();
  };
  const awaitRound = () => {
    cancelRound ??= traced(undefined, () =>
      clock.setTimer(ROUND_MS, () => {
        cancelRound = undefined;
        enqueueUntold();
        if (book.size > 0) awaitRound();
      }),
    );
  };
  const noted = (event: KubeEvent): Series | undefined => {
    const moment = { atMs: clock.now(), wallMs: clock.wallMs() };
    const allowed = book.knows(event, moment.atMs) || budget.allows(event.regarding.uid);
    return open && allowed ? book.note(event, moment, currentTrace()?.correlationId) : undefined;
  };

  return {
    emit: (event) => {
      const series = noted(event);
      if (series === undefined) {
        log.debug({ event: event.reason, regarding: event.regarding.name }, 'an event was dropped');
        return;
      }
      awaitRound();
      if (series.count > 2) return;
      queue.add(series);
      wake();
    },
    stop: async () => {
      open = false;
      cancelRound?.();
      enqueueUntold();
      const bell = new AbortController();
      const late = sleep(clock, DRAIN_MS, bell.signal).catch(() => undefined);
      await Promise.race([sending, late]);
      bell.abort();
      stopped.abort(new Error('the event recorder stops'));
      await sending;
    },
  };
}

/** A bucket for each object; those that have filled up again are dropped, so that the number stays bounded. */
class Budget {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  allows(uid: string): boolean {
    if (this.#buckets.size >= BUCKETS_MOST) this.#sweep();
    const bucket = this.#buckets.get(uid) ?? new TokenBucket(RATE, this.#clock);
    this.#buckets.set(uid, bucket);
    return bucket.take();
  }

  #sweep(): void {
    for (const [uid, bucket] of this.#buckets) {
      if (bucket.full) this.#buckets.delete(uid);
    }
  }
}

async function send(
  options: EventRecorderOptions,
  clock: Clock,
  series: Series,
  signal: AbortSignal,
): Promise<void> {
  const { count, correlationId } = series;
  const limited = limit(signal, SEND_MS, clock);
  try {
    await write(options, series, limited.signal);
    series.told = count;
  } catch (error) {
    if (isFinal(error)) series.told = count;
    const fields = { event: series.event.reason, correlationId, ...troubleOf(error) };
    options.log.debug(fields, 'an event could not be written');
  } finally {
    limited.release();
  }
}

/** The server will not have it. Whatever else went wrong may go right with the next round. */
function isFinal(error: unknown): boolean {
  return error instanceof KubeError && error.status >= 400 && error.status < 500 && error.status !== 429;
}

async function write(options: EventRecorderOptions, series: Series, signal: AbortSignal): Promise<void> {
  const { written } = series;
  if (written === undefined) return create(options, series, signal);
  try {
    const ref = { namespace: written.namespace, name: series.name };
    await options.client.patch(EVENTS, ref, repeatPatch(series, options), signal);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
    // Events live for an hour, and anybody may delete them: the series goes on in another object.
    series.written = undefined;
    await create(options, series, signal);
  }
}

async function create(options: EventRecorderOptions, series: Series, signal: AbortSignal): Promise<void> {
  const { operatorNamespace } = options;
  const { namespace = operatorNamespace } = series.event.regarding;
  try {
    await createIn(namespace, options, series, signal);
  } catch (error) {
    if (!isTerminating(error) || namespace === operatorNamespace) throw error;
    await createIn(operatorNamespace, options, series, signal);
  }
}

async function createIn(
  namespace: string,
  options: EventRecorderOptions,
  series: Series,
  signal: AbortSignal,
): Promise<void> {
  try {
    await options.client.create(EVENTS, eventOf(series, namespace, options), signal);
  } catch (error) {
    // An earlier attempt arrived, and its answer was lost.
    if (!(error instanceof KubeError) || error.reason !== 'AlreadyExists') throw error;
    const ref = { namespace, name: series.name };
    if (series.count > 1) await options.client.patch(EVENTS, ref, repeatPatch(series, options), signal);
  }
  series.written = { namespace };
}

/** Nothing can be created in a namespace that is being deleted; the cause tells it from missing rights. */
function isTerminating(error: unknown): boolean {
  return error instanceof KubeError && error.causes.some(({ reason }) => reason === 'NamespaceTerminating');
}
