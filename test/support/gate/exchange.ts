/** One request and its answer on the side of the client, on HTTP/2 or HTTP/1.1. */

import { once } from 'node:events';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Dispatcher } from 'undici';
import { LineSplicer } from './lines.ts';
import type { GateRequest } from './request.ts';
import { endToEnd, type Headers } from './upstream.ts';

/** An HTTP/1.1 client brings the classes of node:http, which share what is used here but have no stream. */
export type ClientSide = Readonly<{
  req: Http2ServerRequest;
  /** Node's own types lack flushHeaders, which both classes have. */
  res: Http2ServerResponse & { flushHeaders(): void };
}>;

export type ExchangeHooks = Readonly<{
  onAnswer(request: GateRequest, status: number): void;
  onEnd(exchange: Exchange): void;
  /** Resets the connection, known by the port of its near end. */
  resetConnection(port: number): void;
}>;

export class Exchange {
  readonly request: GateRequest;
  /** Aborts when the exchange is over, however it ended. */
  readonly signal: AbortSignal;
  readonly #client: ClientSide;
  readonly #port: number;
  readonly #hooks: ExchangeHooks;
  readonly #over = new AbortController();
  #lines: LineSplicer | undefined;
  #finished = false;

  constructor(request: GateRequest, client: ClientSide, hooks: ExchangeHooks) {
    this.request = request;
    this.#client = client;
    this.#port = client.req.socket.remotePort ?? 0;
    this.#hooks = hooks;
    this.signal = this.#over.signal;
    client.req.on('error', () => {});
    client.res.on('error', () => {});
    // On HTTP/2 a stream that the client gave up finishes too.
    client.res.once('finish', () => {
      this.#finished = client.res.writableEnded;
    });
    client.res.once('close', () => this.#end(!this.#finished));
  }

  /** Rejects when the client goes away before its body is complete. */
  async body(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.#client.req) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  answer(status: number, headers: Headers, body: string): void {
    this.#head(status, headers);
    this.#client.res.end(body);
  }

  /** Hands an answer on, byte for byte and as it comes. */
  async relay({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<void> {
    const { res } = this.#client;
    this.#head(statusCode, headers);
    res.flushHeaders();
    const lines = new LineSplicer(
      (chunk) => res.write(chunk),
      () => res.end(),
    );
    if (this.request.verb === 'watch' && statusCode === 200) this.#lines = lines;
    for await (const chunk of body) {
      if (res.writableEnded) return;
      if (!lines.write(chunk)) await once(res, 'drain', { signal: this.signal });
    }
    res.end();
  }

  /** Puts a line into a watch that has been answered. */
  inject(line: string, then: 'go on' | 'end'): void {
    this.#lines?.inject(line, then);
  }

  isOpenWatch(): boolean {
    return this.#lines !== undefined && !this.request.ended;
  }

  reset(scope: 'exchange' | 'connection'): void {
    this.#end(true);
    const { stream } = this.#client.res;
    if (scope === 'exchange' && stream !== undefined) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else this.#hooks.resetConnection(this.#port);
  }

  #end(aborted: boolean): void {
    if (this.request.ended) return;
    this.request.ended = true;
    this.request.aborted = aborted;
    this.#over.abort();
    this.#hooks.onEnd(this);
  }

  #head(status: number, headers: Headers): void {
    const { res } = this.#client;
    res.sendDate = false;
    res.writeHead(status, endToEnd(headers, 'content-length'));
    this.#hooks.onAnswer(this.request, status);
  }
}
