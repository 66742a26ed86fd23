/**
 * One request and its answer on a dispatcher. undici's own `request` neither lets go of a request that waits
 * for its connection when its signal fires, nor tells whether anything was sent; both matter here.
 */

import type { Dispatcher } from 'undici';
import type { Answer } from './answer.ts';
import { TIME_LIMIT } from './trouble.ts';

const SIZE_LIMIT_BYTES = 1_048_576;

export type Exchanged = Readonly<{ answer: Answer } | { error: unknown; sent: boolean }>;

type Limits = Readonly<{ timeoutMs: number; signal: AbortSignal }>;

/** Never rejects. An answer that is too long is cut at the limit: status and form are known by then. */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { timeoutMs, signal }: Limits,
): Promise<Exchanged> {
  return new Promise((resolve) => {
    const handler = new ExchangeHandler((exchanged) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(exchanged);
    });
    const onAbort = () => handler.stop(signal.reason);
    const timer = setTimeout(() => handler.stop(new TimeLimit()), timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else dispatcher.dispatch(request, handler);
  });
}

class TimeLimit extends Error {
  override readonly name = TIME_LIMIT;
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #settle: (exchanged: Exchanged) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #sent = false;
  #head: Omit<Answer, 'text'> = { status: 0 };
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(settle: (exchanged: Exchanged) => void) {
    this.#settle = settle;
  }

  stop(error: unknown): void {
    this.#end({ error, sent: this.#sent });
    this.#controller?.abort(new TimeLimit());
  }

  /** undici calls this right before it writes the request to a connection that stands. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new TimeLimit());
    else this.#sent = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    const contentType = first(headers['content-type']);
    const retryAfter = first(headers['retry-after']);
    this.#head = {
      status,
      ...(contentType !== undefined && { contentType }),
      ...(retryAfter !== undefined && { retryAfter }),
    };
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= SIZE_LIMIT_BYTES) return;
    this.#end({ answer: this.#answer() });
    controller.abort(new TimeLimit());
  }

  onResponseEnd(): void {
    this.#end({ answer: this.#answer() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end({ error, sent: this.#sent });
  }

  #answer(): Answer {
    const body = Buffer.concat(this.#chunks).subarray(0, SIZE_LIMIT_BYTES);
    return { ...this.#head, text: new TextDecoder().decode(body) };
  }

  #end(exchanged: Exchanged): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#chunks = [];
    this.#settle(exchanged);
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
