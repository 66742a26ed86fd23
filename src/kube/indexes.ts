import type { KubeObject, ObjectKey } from './types.ts';

/** Gives the values under which an object is found; pure, and total for any object that the API server admits. */
export type IndexFunction<T extends KubeObject> = (object: T) => readonly string[];

export type IndexFunctions<T extends KubeObject> = Readonly<Record<string, IndexFunction<T>>>;

/** Keys by derived values, kept equal to the objects that were put in. */
export class Indexes<T extends KubeObject> {
  readonly #functions: IndexFunctions<T>;
  readonly #keys = new Map<string, Map<string, Set<ObjectKey>>>();

  constructor(functions: IndexFunctions<T>) {
    this.#functions = functions;
    for (const name of Object.keys(functions)) this.#keys.set(name, new Map());
  }

  /** Throws for an index that nobody declared: a typing error would find nothing for ever. */
  keys(name: string, value: string): ReadonlySet<ObjectKey> {
    const values = this.#keys.get(name);
    if (values === undefined) throw new RangeError(`no index is called ${name}`);
    return values.get(value) ?? new Set();
  }

  change(key: ObjectKey, before: T | undefined, after: T | undefined): void {
    for (const [name, valuesOf] of Object.entries(this.#functions)) {
      const values = this.#keys.get(name);
      if (values === undefined) continue;
      if (before !== undefined) remove(values, valuesOf(before), key);
      if (after !== undefined) add(values, valuesOf(after), key);
    }
  }
}

function add(values: Map<string, Set<ObjectKey>>, under: readonly string[], key: ObjectKey): void {
  for (const value of under) {
    const keys = values.get(value);
    if (keys === undefined) values.set(value, new Set([key]));
    else keys.add(key);
  }
}

function remove(values: Map<string, Set<ObjectKey>>, under: readonly string[], key: ObjectKey): void {
  for (const value of under) {
    const keys = values.get(value);
    keys?.delete(key);
    if (keys?.size === 0) values.delete(value);
  }
}
