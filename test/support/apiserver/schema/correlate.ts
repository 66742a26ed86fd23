/**
 * Old and new values side by side. What did not change is not judged again (ratcheting), so a schema may become
 * stricter under objects that already exist. List items are correlated by their keys, in lists of type map only.
 */
import { deepEqual, isObject, type Json, own } from './json.ts';
import type { SchemaNode } from './node.ts';
import { schemaOf } from './prune.ts';

/** The old item with the same map keys as `item`, for a list of type map. */
export function oldItem(node: SchemaNode, item: Json, old: Json | undefined): Json | undefined {
  const keys = node['x-kubernetes-list-map-keys'] ?? [];
  if (node['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old) || !isObject(item)) return undefined;
  return old.find(
    (candidate) => isObject(candidate) && keys.every((k) => deepEqual(own(candidate, k), own(item, k))),
  );
}

export class Correlation {
  readonly #node: SchemaNode;
  readonly #value: Json;
  readonly #old: Json;
  #equal: boolean | undefined;

  constructor(node: SchemaNode, value: Json, old: Json) {
    this.#node = node;
    this.#value = value;
    this.#old = old;
  }

  /** Whether nothing changed here; lists of type map may have been reordered. Computed once. */
  get unchanged(): boolean {
    this.#equal ??= this.#compare();
    return this.#equal;
  }

  key(name: string): Correlation | undefined {
    const [value, old] = [this.#value, this.#old].map((v) => (isObject(v) ? own(v, name) : undefined));
    const schema = schemaOf(this.#node, name);
    if (value === undefined || old === undefined || typeof schema !== 'object') return undefined;
    return new Correlation(schema, value, old);
  }

  index(i: number): Correlation | undefined {
    const item = Array.isArray(this.#value) ? this.#value[i] : undefined;
    const { items } = this.#node;
    const old = item === undefined ? undefined : oldItem(this.#node, item, this.#old);
    if (item === undefined || old === undefined || items === undefined) return undefined;
    return new Correlation(items, item, old);
  }

  #compare(): boolean {
    if (!Array.isArray(this.#value) || this.#node['x-kubernetes-list-type'] !== 'map') {
      return deepEqual(this.#value, this.#old);
    }
    const sameLength = Array.isArray(this.#old) && this.#old.length === this.#value.length;
    return sameLength && this.#value.every((_item, i) => this.index(i)?.unchanged === true);
  }
}
