/** A binary heap: the least first, and of equals the one that came first. */
export class Heap<T> {
  readonly #items: { value: T; order: number; turn: number }[] = [];
  #turn = 0;

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0]?.value;
  }

  push(value: T, order: number): void {
    this.#turn += 1;
    this.#items.push({ value, order, turn: this.#turn });
    let at = this.#items.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#less(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (first === undefined || last === undefined || this.#items.length === 0) return first?.value;
    this.#items[0] = last;
    let at = 0;
    for (let child = this.#leastChild(at); child !== undefined; child = this.#leastChild(at)) {
      if (!this.#less(child, at)) break;
      this.#swap(at, child);
      at = child;
    }
    return first.value;
  }

  #leastChild(at: number): number | undefined {
    const left = 2 * at + 1;
    if (left >= this.#items.length) return undefined;
    const right = left + 1;
    return right < this.#items.length && this.#less(right, left) ? right : left;
  }

  #less(a: number, b: number): boolean {
    const [left, right] = [this.#items[a], this.#items[b]];
    if (left === undefined || right === undefined) return false;
    return left.order === right.order ? left.turn < right.turn : left.order < right.order;
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#items[a], this.#items[b]];
    if (left === undefined || right === undefined) return;
    this.#items[a] = right;
    this.#items[b] = left;
  }
}
