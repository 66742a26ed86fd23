/** Terminals as a reader of a guide has them: one shell each, in one folder. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export type Place = Readonly<{ folder: string; env: Readonly<Record<string, string>> }>;

export class Terminal {
  readonly #shell: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #listeners = new Set<() => void>();
  #output = '';
  #blocks = 0;

  constructor({ folder, env }: Place) {
    // A group of its own: Ctrl-C goes to all that runs in it.
    this.#shell = spawn('bash', ['--norc', '--noprofile'], { cwd: folder, env, detached: true });
    this.#exited = once(this.#shell, 'close').then(() => this.#tell());
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output += chunk;
        this.#tell();
      });
    }
  }

  /** Everything that was shown since the last block began. */
  get output(): string {
    return this.#output;
  }

  get isOpen(): boolean {
    return this.#shell.exitCode === null && this.#shell.signalCode === null;
  }

  /** Types a block in, and returns its output once it has come to an end; rejects when that takes too long. */
  async run(commands: string, limitMs: number): Promise<string> {
    this.#blocks += 1;
    const end = `end-of-block-${this.#blocks}`;
    this.type(`${commands}\necho ${end} 1>&2`);
    await this.until((output) => output.includes(end), limitMs);
    return this.#output.replace(`${end}\n`, '');
  }

  /** Types a block in and leaves it running. */
  type(commands: string): void {
    this.#output = '';
    // What runs must not read the blocks that come after it.
    this.#shell.stdin?.write(`{ ${commands}\n} </dev/null 2>&1\n`);
  }

  async until(holds: (output: string) => boolean, limitMs: number): Promise<void> {
    const limit = AbortSignal.timeout(limitMs);
    while (!holds(this.#output)) {
      if (limit.aborted || !this.isOpen) throw new Error(`This is all that came:\n${this.#output}`);
      await this.#news(limit);
    }
  }

  /** Ctrl-C, and the end of the shell. Kills what does not go by itself in time, and says so by false. */
  async close(limitMs: number): Promise<boolean> {
    this.#signal('SIGINT');
    this.#shell.stdin?.end();
    const limit = new AbortController();
    const late = sleep(limitMs, false, { signal: limit.signal }).catch(() => false);
    const inTime = await Promise.race([this.#exited.then(() => true), late]);
    limit.abort();
    if (!inTime) this.#signal('SIGKILL');
    await this.#exited;
    return inTime;
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#shell;
    if (pid === undefined || !this.isOpen) return;
    process.kill(-pid, signal);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #news(limit: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#listeners.add(resolve);
    limit.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    this.#listeners.delete(resolve);
  }
}
