import type { Clock } from './clock.ts';

/** What is under way and should have ended long ago: it does not heed its signal, and nothing but a restart ends it. */
export class Overdue {
  readonly #clock: Clock;
  readonly #running = new Set<Readonly<{ name: string; dueAt: number }>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same function, each of whose calls is overdue under this name once it has run for `ms`. */
  watching<A extends readonly unknown[], R>(
    name: string,
    ms: number,
    run: (...given: A) => Promise<R>,
  ): (...given: A) => Promise<R> {
    return async (...given) => {
      const one = { name, dueAt: this.#clock.now() + ms };
      this.#running.add(one);
      try {
        return await run(...given);
      } finally {
        this.#running.delete(one);
      }
    };
  }

  /** Each name once. */
  names(): readonly string[] {
    const now = this.#clock.now();
    return [...new Set([...this.#running].filter(({ dueAt }) => dueAt < now).map(({ name }) => name))];
  }
}
