/** What a test can do to requests: answer them otherwise, cut them, or hold them before or after they are applied. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './answers.ts';
import { page } from './answers.ts';

/** What a request is matched by: `n` counts all requests, from 1. */
export type Arrival = Readonly<{ n: number; method: string; path: string; clientId?: string }>;

export type Match = (request: Arrival) => boolean;

/** Before or after the request was applied. */
export type When = 'before' | 'after';

export type FaultAction = Readonly<
  | {
      kind: 'status';
      status: number;
      body?: string;
      contentType?: string;
      /** Seconds or an HTTP date. */
      retryAfter?: number | string;
      /** `after`: applied, yet answered so. Else not applied. */
      when?: When;
    }
  | { kind: 'reset'; when: When }
  | { kind: 'hang'; when: When }
  /** Applied after the delay, even if the caller has gone by then. */
  | { kind: 'delay'; ms: number }
>;

/** The first fault that matches a request and has `times` left (absent: no end) meets it. */
export type Fault = Readonly<{ match: Match; times?: number; do: FaultAction }>;

/** A request stopped on its way. Whoever releases lets it go on, also when its caller has gone by then. */
export type Hold = Readonly<{
  /** Resolves when the request has come to this point; rejects when the simulator stops before that. */
  reached: Promise<Arrival>;
  release(): void;
  /** Cuts its connection: held before, it is never applied; held after, its answer is lost. */
  drop(): void;
}>;

/** How a point on the way is left. */
export type Passage = 'go' | 'reset' | 'hang' | Answer;

type Rule = { readonly fault: Fault; left: number };
type Armed = Readonly<{
  match: Match;
  when: When;
  meet: (arrival: Arrival) => Promise<'go' | 'reset'>;
  end: () => void;
}>;

export type Plan = Readonly<{ arrival: Arrival; action: FaultAction | undefined; hold: Armed | undefined }>;

export class FaultDesk {
  #rules: readonly Rule[] = [];
  #holds: readonly Armed[] = [];
  #cut = new AbortController();

  /** Gives back what removes the fault again. */
  add(fault: Fault): () => void {
    const rule: Rule = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#rules = [...this.#rules, rule];
    return () => {
      this.#rules = this.#rules.filter((other) => other !== rule);
    };
  }

  clear(): void {
    this.#rules = [];
  }

  /** Holds the next request that matches, and only that. */
  hold(match: Match, when: When): Hold {
    const reached = Promise.withResolvers<Arrival>();
    const left = Promise.withResolvers<'go' | 'reset'>();
    reached.promise.catch(() => undefined);
    const armed: Armed = {
      match,
      when,
      meet: (arrival) => {
        reached.resolve(arrival);
        this.#cut.signal.addEventListener('abort', () => left.resolve('reset'), { once: true });
        return left.promise;
      },
      end: () => reached.reject(new Error('The simulator stopped before such a request came.')),
    };
    this.#holds = [...this.#holds, armed];
    return { reached: reached.promise, release: () => left.resolve('go'), drop: () => left.resolve('reset') };
  }

  /** What awaits this request; uses up the hold and one time of the fault. */
  plan(arrival: Arrival): Plan {
    const hold = this.#holds.find(({ match }) => match(arrival));
    this.#holds = this.#holds.filter((other) => other !== hold);
    const rule = this.#rules.find(({ fault, left }) => left > 0 && fault.match(arrival));
    if (rule !== undefined) rule.left -= 1;
    return { arrival, hold, action: rule?.fault.do };
  }

  async pass({ arrival, hold, action }: Plan, when: When): Promise<Passage> {
    if (hold?.when === when && (await hold.meet(arrival)) === 'reset') return 'reset';
    if (action?.kind === 'delay') return when === 'before' ? this.wait(action.ms) : 'go';
    if (action === undefined || (action.when ?? 'before') !== when) return 'go';
    return action.kind === 'status' ? answerOf(action) : action.kind;
  }

  /** Waits on behalf of a request; `reset` when all requests are cut meanwhile. */
  async wait(ms: number): Promise<'go' | 'reset'> {
    return sleep(ms, 'go' as const, { signal: this.#cut.signal, ref: false }).catch(() => 'reset' as const);
  }

  /** Ends every delay and every hold that was reached, as a crash would: what was not applied never is. */
  cutAll(): void {
    this.#cut.abort();
    this.#cut = new AbortController();
  }

  /** Tells those who wait for a request that none will come. */
  end(): void {
    for (const hold of this.#holds) hold.end();
    this.#holds = [];
  }
}

/** For the log. */
export function nameOf({ action, hold }: Plan): string | undefined {
  const names = [
    hold === undefined ? [] : [`hold ${hold.when}`],
    action === undefined
      ? []
      : [[action.kind, 'when' in action ? action.when : undefined].filter(Boolean).join(' ')],
  ].flat();
  return names.length === 0 ? undefined : names.join(', ');
}

function answerOf(action: Extract<FaultAction, { kind: 'status' }>): Answer {
  const { status, body, contentType = 'application/json', retryAfter } = action;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (body === undefined) return page(status, headers);
  return { status, headers, body: { type: 'text', contentType, text: body } };
}
