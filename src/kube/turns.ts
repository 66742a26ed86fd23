import { Chain, type Link } from './chain.ts';

type Line<T> = Readonly<{ partition: string; values: Chain<T> }>;
type Place<T> = Readonly<{ line: Link<Line<T>>; place: Link<T> }>;

/**
 * Values that wait in partitions, which take turns: whoever has many waiting delays the one value of another by one
 * turn. Within a partition the order is that of coming.
 */
export class Turns<T> {
  readonly #lines = new Map<string, Link<Line<T>>>();
  readonly #ring = new Chain<Line<T>>();
  readonly #places = new Map<T, Place<T>>();

  get size(): number {
    return this.#places.size;
  }

  has(value: T): boolean {
    return this.#places.has(value);
  }

  /** What waits already keeps its place. A partition that had nobody waiting comes last. */
  add(partition: string, value: T): void {
    if (this.#places.has(value)) return;
    const line = this.#lines.get(partition) ?? this.#ring.push({ partition, values: new Chain<T>() });
    this.#lines.set(partition, line);
    this.#places.set(value, { line, place: line.value.values.push(value) });
  }

  delete(value: T): void {
    const found = this.#places.get(value);
    if (found === undefined) return;
    const { line, place } = found;
    this.#places.delete(value);
    line.value.values.remove(place);
    if (!line.value.values.isEmpty) return;
    this.#ring.remove(line);
    this.#lines.delete(line.value.partition);
  }

  /**
   * Takes out the first that is accepted, and its partition goes to the end. What is not accepted keeps its place, and
   * costs a look each time.
   */
  take(accept: (value: T) => boolean = () => true): T | undefined {
    for (const line of this.#ring) {
      for (const { value } of line.value.values) {
        if (!accept(value)) continue;
        this.delete(value);
        this.#rotate(line);
        return value;
      }
    }
    return undefined;
  }

  clear(): void {
    for (const value of this.#places.keys()) this.delete(value);
  }

  values(): IterableIterator<T> {
    return this.#places.keys();
  }

  #rotate(line: Link<Line<T>>): void {
    if (line.value.values.isEmpty) return;
    this.#ring.remove(line);
    this.#ring.append(line);
  }
}
