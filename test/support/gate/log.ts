/** The gate's record of what passed, and waiting for something to pass. */

import { describeRequest, type GateRequest, type Head, type Match, matches, summary } from './request.ts';

export type Wait = Readonly<{
  /** Entries up to and including this number do not count. */
  since?: number;
  timeoutMs?: number;
}>;

const SHOWN = 25;

export class RequestLog {
  readonly entries: GateRequest[] = [];
  readonly #watchers = new Set<(request: GateRequest) => void>();

  open(user: string, head: Head): GateRequest {
    const request = describeRequest(this.entries.length + 1, user, head);
    this.entries.push(request);
    return request;
  }

  answered(request: GateRequest, status: number): void {
    request.status = status;
    for (const watcher of [...this.#watchers]) watcher(request);
  }

  count(match: Match, since = 0): number {
    return this.entries.filter((request) => request.n > since && matches(match, request)).length;
  }

  /** The first matching request that was answered, already or in time. */
  seen(match: Match, { since = 0, timeoutMs = 15_000 }: Wait = {}): Promise<GateRequest> {
    const hit = (request: GateRequest) =>
      request.n > since && request.status !== 0 && matches(match, request);
    const before = this.entries.find(hit);
    if (before !== undefined) return Promise.resolve(before);
    const { promise, resolve, reject } = Promise.withResolvers<GateRequest>();
    const timer = setTimeout(
      () => reject(this.missed('No matching request was answered', timeoutMs)),
      timeoutMs,
    );
    const watcher = (request: GateRequest) => {
      if (hit(request)) resolve(request);
    };
    this.#watchers.add(watcher);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#watchers.delete(watcher);
    });
  }

  missed(what: string, timeoutMs: number): Error {
    const last = this.entries.slice(-SHOWN).map(summary);
    return new Error([`${what} within ${timeoutMs} ms. The last requests:`, ...last].join('\n  '));
  }
}
