import { Turns } from '../kube/turns.ts';
import type { ObjectKey } from '../kube/types.ts';

/** The workers of one controller, as a throttle sees them. */
export type Lane = Readonly<{ name: string; workers: number; wake: (key: ObjectKey) => void }>;

/** A pass that wants to make calls: `tenant` takes turns with others, `object` is what the calls are about. */
export type Ask = Readonly<{ lane: Lane; key: ObjectKey; tenant: string; object: string }>;

type Waiter = Ask & Readonly<{ id: string; sinceMs: number }>;
type Called = Waiter & Readonly<{ lapsesMs: number }>;

/** How long a place is kept for a key that was called: its pass may wait for a worker first. */
const KEPT_MS = 10_000;

/**
 * Keys that wait for their turn at one ALM without holding a worker. One that is called has a place kept until its
 * pass comes; another key of the same tenant may come for it, so that places are not empty while a long queue passes.
 */
export class Line {
  readonly #lanes = new Map<string, Readonly<{ lane: Lane; turns: Turns<Waiter> }>>();
  readonly #waiters = new Map<string, Waiter>();
  readonly #called = new Map<string, Called>();

  get waiting(): number {
    return this.#waiters.size;
  }

  /** How many places are kept, of one lane or of all. */
  kept(lane?: string): number {
    if (lane === undefined) return this.#called.size;
    return [...this.#called.values()].filter((called) => called.lane.name === lane).length;
  }

  /** When the first place that is kept will be given away. */
  get lapsesMs(): number {
    return Math.min(...[...this.#called.values()].map(({ lapsesMs }) => lapsesMs));
  }

  isKeptFor(ask: Ask): boolean {
    return this.#placeOf(ask) !== undefined;
  }

  /** Whether anybody of whom that holds waits, or has been called and not come yet. */
  has(accept: (object: string) => boolean): boolean {
    return [this.#waiters, this.#called].some((all) =>
      [...all.values()].some(({ object }) => accept(object)),
    );
  }

  join(ask: Ask, nowMs: number): void {
    const id = idOf(ask);
    if (this.#waiters.has(id)) return;
    const waiter = { ...ask, id, sinceMs: this.#called.get(id)?.sinceMs ?? nowMs };
    this.#called.delete(id);
    this.#waiters.set(id, waiter);
    const { lane, tenant } = ask;
    const place = this.#lanes.get(lane.name) ?? { lane, turns: new Turns<Waiter>() };
    this.#lanes.set(lane.name, place);
    place.turns.add(tenant, waiter);
  }

  /** The pass goes through; answers since when it waited. */
  enter(ask: Ask): number | undefined {
    const id = idOf(ask);
    const waiter = this.#waiters.get(id) ?? this.#called.get(id);
    this.#waiters.delete(id);
    if (waiter !== undefined) this.#lanes.get(ask.lane.name)?.turns.delete(waiter);
    const place = this.#placeOf(ask);
    if (place !== undefined) this.#called.delete(place);
    return waiter?.sinceMs;
  }

  /** Calls the next one, of those lanes, whose object is accepted. */
  call(lanes: (lane: Lane) => boolean, accept: (object: string) => boolean, nowMs: number): Ask | undefined {
    for (const [name, { lane, turns }] of this.#lanes) {
      const next = lanes(lane) ? turns.take(({ object }) => accept(object)) : undefined;
      if (next === undefined) continue;
      // The other lanes come first next time.
      this.#lanes.delete(name);
      this.#lanes.set(name, { lane, turns });
      this.#waiters.delete(next.id);
      this.#called.set(next.id, { ...next, lapsesMs: nowMs + KEPT_MS });
      return next;
    }
    return undefined;
  }

  /** A pass for the key is over: if it had been called and did not come, it wants nothing any more. */
  passed(lane: Lane, key: ObjectKey): boolean {
    return this.#called.delete(idOf({ lane, key }));
  }

  /** Gives the places away that nobody came for. */
  lapse(nowMs: number): void {
    for (const [id, { lapsesMs }] of this.#called) if (lapsesMs <= nowMs) this.#called.delete(id);
  }

  /** No place is kept any more: whoever was called has to ask again. */
  recall(): void {
    this.#called.clear();
  }

  /** Wakes everybody, and forgets them. */
  disperse(): void {
    const all = [...this.#waiters.values()];
    this.#waiters.clear();
    this.#called.clear();
    this.#lanes.clear();
    for (const { lane, key } of all) lane.wake(key);
  }

  #placeOf(ask: Ask): string | undefined {
    const id = idOf(ask);
    if (this.#called.has(id)) return id;
    for (const [place, { lane, tenant }] of this.#called)
      if (lane.name === ask.lane.name && tenant === ask.tenant) return place;
    return undefined;
  }
}

function idOf({ lane, key }: Pick<Ask, 'lane' | 'key'>): string {
  return `${lane.name} ${key}`;
}
