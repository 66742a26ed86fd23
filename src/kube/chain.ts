/** A linked list: what joins, leaves or is passed over costs the same however long it is. */

export type Link<T> = {
  readonly value: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
};

export class Chain<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  push(value: T): Link<T> {
    const link: Link<T> = { value, before: undefined, after: undefined };
    this.append(link);
    return link;
  }

  /** `link` has to be in no chain. */
  append(link: Link<T>): void {
    link.before = this.#last;
    link.after = undefined;
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
  }

  /** `link` has to be in this chain. */
  remove(link: Link<T>): void {
    const { before, after } = link;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
  }

  *[Symbol.iterator](): Generator<Link<T>> {
    for (let link = this.#first; link !== undefined; link = link.after) yield link;
  }
}
