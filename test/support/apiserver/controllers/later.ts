/** What controllers do a little after the write that called for it; nothing of it outlives the server. */

export class Later {
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  run(ms: number, task: () => void): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, ms);
    this.#timers.add(timer);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
