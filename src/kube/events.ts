/**
 * Events on objects (`events.k8s.io/v1`), best effort: they are sent one after the other, dropped rather than queued up
 * without end, and never fail anything.
 */

import { type Rate, TokenBucket } from './bucket.ts';
import { type KubeClient, KubeError, type NewObject } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { limit } from './limit.ts';
import type { Log } from './log.ts';
import type { Resource } from './types.ts';

export type KubeEvent = Readonly<{
  regarding: Readonly<{
    apiVersion: string;
    kind: string;
    namespace?: string | undefined;
    name: string;
    uid: string;
  }>;
  type: 'Normal' | 'Warning';
  /** CamelCase, as conditions have it. */
  reason: string;
  /** What was done or tried. */
  action: string;
  /** Cut at 1024 bytes. */
  note: string;
}>;

export type EventRecorder = Readonly<{
  /** Never throws and does not wait. */
  emit(event: KubeEvent): void;
  /** Sends what is queued, within a time limit; later events are dropped. */
  stop(): Promise<void>;
}>;

export type EventRecorderOptions = Readonly<{
  client: Pick<KubeClient, 'create'>;
  /** Takes the events of a namespace that is being deleted, and those of cluster-scoped objects. */
  operatorNamespace: string;
  /** A qualified name, such as `example.org/operator`. */
  reportingController: string;
  reportingInstance: string;
  log: Log;
  clock?: Clock;
}>;

const EVENTS: Resource = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };

/** For each object; what client-go allows, refilled more slowly. */
const RATE: Rate = { burst: 25, perSecond: 0.1 };
const QUEUED_MOST = 1000;
const SEND_MS = 10_000;
const DRAIN_MS = 5_000;
const NOTE_BYTES = 1024;
const WORD_BYTES = 128;
const NAME_PREFIX = 200;

type Dated = Readonly<{ event: KubeEvent; wallMs: number }>;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock = systemClock, log } = options;
  const queue: Dated[] = [];
  const budget = new Budget(clock);
  const stopped = new AbortController();
  let open = true;
  let sending: Promise<void> | undefined;

  const sendAll = async () => {
    for (let dated = queue.shift(); dated !== undefined; dated = queue.shift()) {
      if (stopped.signal.aborted) return;
      await send(options, clock, dated, stopped.signal);
    }
  };
  const wake = () => {
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
  };

  return {
    emit: (event) => {
      const { reason } = event;
      if (!open || queue.length >= QUEUED_MOST || !budget.allows(event.regarding.uid)) {
        log.debug({ reason, regarding: event.regarding.name }, 'an event was dropped');
        return;
      }
      queue.push({ event, wallMs: clock.wallMs() });
      wake();
    },
    stop: async () => {
      open = false;
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
    if (this.#buckets.size >= QUEUED_MOST) this.#sweep();
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
  dated: Dated,
  signal: AbortSignal,
): Promise<void> {
  const { client, operatorNamespace, log } = options;
  const { namespace = operatorNamespace } = dated.event.regarding;
  const limited = limit(signal, SEND_MS, clock);
  try {
    const body = bodyOf(options, clock, dated);
    try {
      await client.create(EVENTS, body(namespace), limited.signal);
    } catch (error) {
      if (!isTerminating(error) || namespace === operatorNamespace) throw error;
      await client.create(EVENTS, body(operatorNamespace), limited.signal);
    }
  } catch (error) {
    log.debug({ err: error, reason: dated.event.reason }, 'an event could not be written');
  } finally {
    limited.release();
  }
}

/** Nothing can be created in a namespace that is being deleted; the cause tells it from missing rights. */
function isTerminating(error: unknown): boolean {
  return error instanceof KubeError && error.causes.some(({ reason }) => reason === 'NamespaceTerminating');
}

function bodyOf(
  { reportingController, reportingInstance }: EventRecorderOptions,
  clock: Clock,
  { event, wallMs }: Dated,
): (namespace: string) => NewObject {
  const { regarding, type, reason, action, note } = event;
  const name = `${regarding.name.slice(0, NAME_PREFIX).replace(/[^a-z0-9]+$/, '')}.${suffix(clock, wallMs)}`;
  return (namespace) => ({
    apiVersion: `${EVENTS.group}/${EVENTS.version}`,
    kind: EVENTS.kind,
    metadata: { name, namespace },
    eventTime: microTime(wallMs),
    reportingController,
    reportingInstance: cut(reportingInstance, WORD_BYTES),
    action: cut(action, WORD_BYTES),
    reason: cut(reason, WORD_BYTES),
    regarding,
    note: cut(note, NOTE_BYTES),
    type,
  });
}

function suffix(clock: Clock, wallMs: number): string {
  const chance = Math.floor(clock.random() * 2 ** 32);
  return `${Math.floor(wallMs).toString(16)}${chance.toString(16).padStart(8, '0')}`;
}

/** MicroTime takes exactly six digits (kubernetes/kubernetes#141204). */
function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z');
}

/** The server counts bytes; no character is cut in two. */
function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text, 'utf8');
  if (encoded.length <= bytes) return text;
  return encoded
    .subarray(0, bytes)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}
