/** kubectl as people use it: a folder with files, a namespace, and sessions that read like a terminal. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { normal } from './normal.ts';

const LIMIT_MS = 60_000;

export type Output = Readonly<{ stdout: string; stderr: string; code: number | null }>;

export type TerminalOptions = Readonly<{ kubeconfig: string; namespace: string }>;

export class Terminal {
  readonly #options: TerminalOptions;
  readonly #folder: string;

  private constructor(options: TerminalOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
  }

  /** Nothing of it stays: kubectl keeps its cache in the folder, too. */
  static async open(options: TerminalOptions): Promise<Terminal> {
    return new Terminal(options, await mkdtemp(join(tmpdir(), 'kubectl-')));
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async file(name: string, text: string): Promise<void> {
    await writeFile(join(this.#folder, name), text, { mode: 0o700 });
  }

  /** `line` without the program; single quotes keep blanks together. */
  async run(line: string): Promise<Output> {
    const child = this.#spawn(line);
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const chunks = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        chunks[stream] += text;
      });
    }
    const code = await ended(child);
    clearTimeout(timer);
    return { ...chunks, code };
  }

  /** What `run` prints, where it is asked for a single value. */
  async value(line: string): Promise<string> {
    const { stdout, stderr, code } = await this.run(line);
    if (code !== 0) throw new Error(`kubectl ${line}: ${stderr}`);
    return stdout.trim();
  }

  /** Lines of a command that does not end by itself. */
  follow(line: string): AsyncDisposable & Readonly<{ next(): Promise<string> }> {
    const child = this.#spawn(line);
    const lines = linesOf(child, line);
    return {
      next: async () => normal(await lines(), this.#options.namespace),
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGKILL');
        await ended(child);
      },
    };
  }

  /**
   * Plays every command of a session, which stand behind `$ `, and answers the session as it really went: standard
   * output as it is, what went to standard error behind `! `, an exit code other than 0 in brackets. What differs from
   * run to run is replaced, and so is the namespace.
   */
  async play(session: string): Promise<string> {
    const played: string[] = [];
    for (const line of session.split('\n').filter((one) => one.startsWith('$ '))) {
      const { stdout, stderr, code } = await this.run(line.slice(2));
      played.push(line, ...normal(stdout, this.#options.namespace).split('\n').filter(isText));
      played.push(
        ...normal(stderr, this.#options.namespace)
          .split('\n')
          .filter(isText)
          .map((text) => `! ${text}`),
      );
      if (code !== 0) played.push(`[${code}]`);
    }
    return played.join('\n');
  }

  #spawn(line: string): ChildProcess {
    const { kubeconfig, namespace } = this.#options;
    const env = {
      PATH: process.env['PATH'],
      HOME: this.#folder,
      KUBECONFIG: kubeconfig,
      EDITOR: join(this.#folder, 'editor'),
    };
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    const child = spawn('kubectl', [`--namespace=${namespace}`, ...words], { cwd: this.#folder, env });
    child.on('error', () => undefined);
    child.stdin?.end();
    return child;
  }
}

const isText = (line: string) => line.trim() !== '';

/** The session of a test as `play` writes it: without blank lines, and with blanks as they count. */
export function session(text: string): string {
  return text
    .split('\n')
    .filter(isText)
    .map((line) => (line.startsWith('$ ') ? line : line.replace(/[ \t]+/g, ' ').trim()))
    .join('\n');
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  });
}

/** Rejects after the limit, or when the command has ended. */
function linesOf(child: ChildProcess, line: string): () => Promise<string> {
  const ready: string[] = [];
  let rest = '';
  let wake: (() => void) | undefined;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    ready.push(...parts);
    wake?.();
  });
  child.once('close', () => wake?.());
  return async () => {
    const deadline = Date.now() + LIMIT_MS;
    while (ready.length === 0) {
      const left = deadline - Date.now();
      if (left <= 0 || child.exitCode !== null) throw new Error(`no more lines from kubectl ${line}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return ready.shift() ?? '';
  };
}
