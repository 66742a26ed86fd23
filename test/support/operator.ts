/**
 * The operator as a child process, as a user would start it: from its sources, or from the bundle that OPERATOR_BUNDLE
 * names. Its environment is empty but for what a test gives.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { OPERATOR_NAMESPACE } from './install.ts';

export type OperatorOptions = Readonly<{
  /** Path of a file. */
  kubeconfig: string;
  /** Come last, so that they win over the ones given here. */
  flags?: readonly string[];
  env?: Readonly<Record<string, string>>;
}>;

export type Exit = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>;
export type LogEntry = Readonly<Record<string, unknown>>;

export type Operator = Readonly<{
  pid: number;
  /** Standard output and standard error, as the lines came. */
  lines: readonly string[];
  /** Resolves when /readyz answers 200; rejects when the process ends before that. */
  ready(timeoutMs?: number): Promise<void>;
  /** The first log entry, past or to come, that the predicate holds for. */
  logged(predicate: (entry: LogEntry) => boolean, timeoutMs?: number): Promise<LogEntry>;
  /** The host and port that it answers health checks on. */
  healthAddress(): Promise<string>;
  /** Its page of metrics; empty where it has ended, or has not said that it serves one. */
  metrics(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  exited: Promise<Exit>;
  /** SIGTERM, and its end; rejects when it takes longer than ten seconds, and kills it then. */
  stop(): Promise<Exit>;
  /** The last lines, for a failing test to show. */
  tail(count?: number): string;
}>;

const SOURCE = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const READY_PAUSE_MS = 25;
const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 10_000;
const TAIL = 60;

export async function startOperator({
  kubeconfig,
  flags = [],
  env = {},
}: OperatorOptions): Promise<Operator> {
  const own = [
    ...['--kubeconfig', kubeconfig],
    ...['--operator-namespace', OPERATOR_NAMESPACE],
    ...['--health-address', '127.0.0.1:0'],
    ...['--metrics-address', '127.0.0.1:0'],
    ...['--log-level', 'trace'],
  ];
  const program = process.env['OPERATOR_BUNDLE'] ?? SOURCE;
  const child = spawn(process.execPath, [program, 'run', ...own, ...flags], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await once(child, 'spawn');
  return new RunningOperator(child);
}

class RunningOperator implements Operator {
  readonly pid: number;
  readonly lines: string[] = [];
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #entries: LogEntry[] = [];
  readonly #listeners = new Set<(entry: LogEntry) => void>();

  constructor(child: ChildProcess & Readonly<{ stdout: Readable; stderr: Readable }>) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
        this.#take(line),
      );
    }
    // A test run that ends early leaves no process behind.
    const killed = () => child.kill('SIGKILL');
    process.once('exit', killed);
    this.exited = once(child, 'close').then(([code, signal]) => {
      process.off('exit', killed);
      return { code, signal };
    });
  }

  #take(line: string): void {
    this.lines.push(line);
    const entry = parsed(line);
    if (entry === undefined) return;
    this.#entries.push(entry);
    for (const listener of [...this.#listeners]) listener(entry);
  }

  async ready(timeoutMs = READY_LIMIT_MS): Promise<void> {
    const limit = AbortSignal.timeout(timeoutMs);
    const url = `http://${await this.healthAddress(timeoutMs)}/readyz`;
    for (;;) {
      if ((await statusOf(url, limit)) === 200) return;
      if (limit.aborted || this.#isOver()) throw this.#trouble('The operator did not become ready');
      await sleep(READY_PAUSE_MS);
    }
  }

  async healthAddress(timeoutMs = READY_LIMIT_MS): Promise<string> {
    const entry = await this.logged(({ msg }) => msg === 'health server listening', timeoutMs);
    return String(entry['address']);
  }

  logged(predicate: (entry: LogEntry) => boolean, timeoutMs = READY_LIMIT_MS): Promise<LogEntry> {
    const before = this.#entries.find(predicate);
    if (before !== undefined) return Promise.resolve(before);
    const { promise, resolve, reject } = Promise.withResolvers<LogEntry>();
    const listener = (entry: LogEntry) => {
      if (predicate(entry)) resolve(entry);
    };
    this.#listeners.add(listener);
    const fail = () => reject(this.#trouble('The operator did not log what the test waits for'));
    const timer = setTimeout(fail, timeoutMs);
    void this.exited.then(fail);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#listeners.delete(listener);
    });
  }

  async metrics(): Promise<string> {
    const entry = this.#entries.find(({ msg }) => msg === 'metrics server listening');
    if (entry === undefined || this.#isOver()) return '';
    return textOf(`http://${String(entry['address'])}/metrics`, AbortSignal.timeout(READY_LIMIT_MS));
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<Exit> {
    this.kill('SIGTERM');
    const limit = new AbortController();
    const late = sleep(STOP_LIMIT_MS, 'late' as const, { signal: limit.signal }).catch(() => 'late' as const);
    const first = await Promise.race([this.exited, late]);
    limit.abort();
    if (first !== 'late') return first;
    this.kill('SIGKILL');
    await this.exited;
    throw this.#trouble(`The operator did not end within ${STOP_LIMIT_MS} ms of SIGTERM`);
  }

  tail(count = TAIL): string {
    return this.lines.slice(-count).join('\n');
  }

  #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #trouble(what: string): Error {
    const { exitCode, signalCode } = this.#child;
    const end = this.#isOver() ? ` (it ended: ${exitCode ?? signalCode})` : '';
    return new Error(`${what}${end}. Its last lines:\n${this.tail()}`);
  }
}

function parsed(line: string): LogEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as LogEntry) : undefined;
  } catch {
    return undefined;
  }
}

/** Empty where nothing answers. */
async function textOf(url: string, signal: AbortSignal): Promise<string> {
  try {
    const { body } = await request(url, { signal });
    return await body.text();
  } catch {
    return '';
  }
}

/** 0 where nothing answers. */
async function statusOf(url: string, signal: AbortSignal): Promise<number> {
  try {
    const { statusCode, body } = await request(url, { signal });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  }
}
