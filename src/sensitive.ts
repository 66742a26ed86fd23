import { inspect } from 'node:util';

const MARKER = '[sensitive]';

/**
 * A string that cannot be printed: every way JavaScript has of turning it into text gives a marker. Only `reveal`
 * gives the value, and a test lists the files that may call it. A structured clone of it is an empty object.
 */
export class Sensitive {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toJSON(): string {
    return MARKER;
  }

  toString(): string {
    return MARKER;
  }

  [inspect.custom](): string {
    return MARKER;
  }
}
