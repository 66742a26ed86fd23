/**
 * One request and its answer on a dispatcher. undici's own `request` neither lets go of a request that waits
 * for its connection when its signal fires, nor tells whether anything was sent; both matter here.
 */

import type { Dispatcher } from 'undici';
import type { Permit } from '../kube/election.ts';
import type { Answer } from './answer.ts';
import { NO_PERMIT, TIME_LIMIT } from './trouble.ts';

const SIZE_LIMIT_BYTES = 1_048_576;

export type Exchanged = Readonly<{ answer: Answer } | { error: unknown; sent: boolean }>;

type Limits = Readonly<{ timeoutMs: number; permit: Permit; signal: AbortSignal }>;

/** Never rejects. An answer that is too long is cut at the limit: status and form are known by then. */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { timeoutMs, permit, signal }: Limits,
): Promise<Exchanged> {
  return new Promise((resolve) => {
    const permittedMs = permit();
    const handler = new ExchangeHandler(permit, (exchanged) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(exchanged);
    });
    const onAbort = () => handler.stop(signal.reason);
    const timer = setTimeout(() => handler.stop(new TimeLimit()), Math.min(timeoutMs, permittedMs));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (permittedMs <= 0) handler.stop(new NoPermit());
    else dispatcher.dispatch(request, handler);
  });
}

class TimeLimit extends Error {
  override readonly name = TIME_LIMIT;
}

class NoPermit extends Error {
  override readonly name = NO_PERMIT;
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #permit: Permit;
  readonly #settle: (exchanged: Exchanged) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #sent = false;
  #head: Omit<Answer, 'text'> = { status: 0 };
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(permit: Permit, settle: (exchanged: Exchanged) => void) {
    this.#permit = permit;
    this.#settle = settle;
  }

  stop(error: unknown): void {
    this.#end({ error, sent: this.#sent });
    this.#controller?.abort(new TimeLimit());
  }

  /** undici calls this right before it writes the request to a connection that stands. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (!this.#settled && this.#permit() <= 0) this.stop(new NoPermit());
    else if (this.#settled) controller.abort(new TimeLimit());
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
