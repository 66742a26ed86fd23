/**
 * Which events are the same again. Of an event and its repeats there is one Event object, which counts them:
 *
 *   first ──▶ created ──the same again──▶ a series of 2, told at once ──again──▶ counted, told with the next round
 *                  └─────────6 min without it─────────┴──▶ over: the same again is a new Event
 */

export type EventSubject = Readonly<{
  apiVersion: string;
  kind: string;
  namespace?: string | undefined;
  name: string;
  uid: string;
}>;

export type KubeEvent = Readonly<{
  regarding: EventSubject;
  /** Another object that had to do with it. */
  related?: EventSubject;
  type: 'Normal' | 'Warning';
  /** CamelCase, as conditions have it. */
  reason: string;
  /** What was done or tried. */
  action: string;
  /** Cut at 1024 bytes. */
  note: string;
}>;

/** As client-go ends them. */
const OVER_MS = 6 * 60_000;
const KEPT_MOST = 1000;
const NAME_PREFIX = 200;

/** When something happened: by the clock that never jumps, and by that which others read. */
export type Moment = Readonly<{ atMs: number; wallMs: number }>;

/** An event with its repeats so far. */
export type Series = {
  readonly event: KubeEvent;
  /** Of its Event object. */
  readonly name: string;
  readonly began: Moment;
  last: Moment;
  count: number;
  /** Of the pass that it happened in last. */
  correlationId: string | undefined;
  /** The count that the API server was told, or that was given up on. */
  told: number;
  /** The Event object, once there is one. */
  written: Readonly<{ namespace: string }> | undefined;
};

export class SeriesBook {
  readonly #random: () => number;
  readonly #kept = new Map<string, Series>();

  constructor(random: () => number) {
    this.#random = random;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Whether it is the same again. */
  knows(event: KubeEvent, atMs: number): boolean {
    return this.#find(keyOf(event), atMs) !== undefined;
  }

  /** Undefined where there is no room for another. */
  note(event: KubeEvent, moment: Moment, correlationId: string | undefined): Series | undefined {
    const key = keyOf(event);
    const known = this.#find(key, moment.atMs);
    if (known !== undefined) {
      known.count += 1;
      known.last = moment;
      known.correlationId = correlationId;
      return known;
    }
    if (this.#kept.size >= KEPT_MOST && !this.#makeRoom(moment.atMs)) return undefined;
    const name = nameOf(event, moment.wallMs, this.#random());
    const begun = { event, name, began: moment, last: moment, count: 1, correlationId };
    const series: Series = { ...begun, told: 0, written: undefined };
    this.#kept.set(key, series);
    return series;
  }

  /** Those with something to tell; what is over is forgotten. */
  untold(atMs: number): readonly Series[] {
    this.#forget((series) => isOver(series, atMs));
    return [...this.#kept.values()].filter(isUntold);
  }

  #find(key: string, atMs: number): Series | undefined {
    const found = this.#kept.get(key);
    if (found === undefined || !isOver(found, atMs)) return found;
    this.#kept.delete(key);
    return undefined;
  }

  /** First what is over, then whatever could only be counted on. */
  #makeRoom(atMs: number): boolean {
    this.#forget((series) => isOver(series, atMs));
    if (this.#kept.size < KEPT_MOST) return true;
    const spare = [...this.#kept].find(([, series]) => !isUntold(series));
    return spare !== undefined && this.#kept.delete(spare[0]);
  }

  #forget(which: (series: Series) => boolean): void {
    for (const [key, series] of this.#kept) {
      if (which(series)) this.#kept.delete(key);
    }
  }
}

export function isUntold({ told, count }: Series): boolean {
  return told < count;
}

function isOver({ last }: Series, atMs: number): boolean {
  return atMs - last.atMs > OVER_MS;
}

/** `chance` makes the names of two events of one object and moment differ. */
function nameOf({ regarding }: KubeEvent, wallMs: number, chance: number): string {
  const about = regarding.name.slice(0, NAME_PREFIX).replace(/[^a-z0-9]+$/, '');
  const drawn = Math.floor(chance * 2 ** 32);
  return `${about}.${Math.floor(wallMs).toString(16)}${drawn.toString(16).padStart(8, '0')}`;
}

function keyOf({ regarding, related, type, reason, action, note }: KubeEvent): string {
  return JSON.stringify([regarding.uid, related?.uid, type, reason, action, note]);
}
