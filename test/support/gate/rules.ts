/** Which requests are tampered with, and how: faults and holds in the order they were asked for. */

import { type GateRequest, type Match, matches } from './request.ts';

export type When = 'before' | 'after';

/**
 * `before` means that the API server never sees the request, `after` that it has answered and the client has not been
 * told. A reset hits the one exchange (on HTTP/2 its stream), with `scope: 'connection'` all that share its connection.
 * `garbage` and `event` put a line into watches, open ones first; an event of type ERROR ends the watch, as the API
 * server does.
 */
export type Fault =
  | Readonly<{ kind: 'status'; status: number; body?: string | object; retryAfter?: number }>
  | Readonly<{ kind: 'reset'; when: When; scope?: 'exchange' | 'connection' }>
  | Readonly<{ kind: 'delay'; ms: number }>
  | Readonly<{ kind: 'garbage' }>
  | Readonly<{ kind: 'event'; line: object }>;

export type Hold = Readonly<{
  /** Rejects when no request came in time, or when the hold was given up first. */
  reached: Promise<GateRequest>;
  release(): void;
  /** Resets the exchange that is held. */
  drop(): void;
}>;

export type HeldRequest = Readonly<{
  when: When;
  /** Settles when the test has decided, or the signal says that the client is gone. */
  arrive(request: GateRequest, signal: AbortSignal): Promise<'release' | 'drop'>;
}>;

export type Action = Fault | Readonly<{ kind: 'hold'; held: HeldRequest }>;

export type Rule = { readonly match: Match; readonly action: Action; skip: number; left: number };

export class Rules {
  readonly #rules = new Set<Rule>();

  add(rule: Rule): void {
    this.#rules.add(rule);
  }

  remove(rule: Rule): void {
    this.#rules.delete(rule);
  }

  clear(): void {
    this.#rules.clear();
  }

  /** The first rule that wants this request, used up by one. */
  take(request: GateRequest): Action | undefined {
    for (const rule of this.#rules) {
      if (wants(rule, request) && !skips(rule)) return this.use(rule);
    }
    return undefined;
  }

  use(rule: Rule): Action {
    rule.left -= 1;
    if (rule.left <= 0) this.#rules.delete(rule);
    return rule.action;
  }
}

export function isLine(action: Action): action is Extract<Fault, { kind: 'garbage' | 'event' }> {
  return action.kind === 'garbage' || action.kind === 'event';
}

function wants({ match, action }: Rule, request: GateRequest): boolean {
  if (isLine(action) && request.verb !== 'watch') return false;
  return matches(match, request);
}

function skips(rule: Rule): boolean {
  if (rule.skip === 0) return false;
  rule.skip -= 1;
  return true;
}
