/** What a test does to requests, on their way and under way. */

import type { Exchange } from './exchange.ts';
import { makeHold } from './hold.ts';
import type { RequestLog } from './log.ts';
import { type Match, matches } from './request.ts';
import { type Fault, type Hold, isLine, type Rule, Rules, type When } from './rules.ts';
import { lineOf } from './status.ts';

export type HoldOptions = Readonly<{
  /** Lets so many matching requests pass first. */
  skip?: number;
  /** How long `reached` waits. */
  timeoutMs?: number;
}>;

const HOLD_TIMEOUT_MS = 15_000;

export class Tampering {
  readonly rules = new Rules();
  readonly #log: RequestLog;
  readonly #open = new Set<Exchange>();
  readonly #holds = new Set<Hold>();

  constructor(log: RequestLog) {
    this.#log = log;
  }

  watch(exchange: Exchange): void {
    this.#open.add(exchange);
  }

  forget(exchange: Exchange): void {
    this.#open.delete(exchange);
  }

  hold(match: Match, when: When, { skip = 0, timeoutMs = HOLD_TIMEOUT_MS }: HoldOptions = {}): Hold {
    const missed = () => this.#log.missed('No request reached the hold', timeoutMs);
    const { hold, held } = makeHold(when, timeoutMs, missed, () => this.rules.remove(rule));
    const rule: Rule = { match, action: { kind: 'hold', held }, skip, left: 1 };
    this.rules.add(rule);
    this.#holds.add(hold);
    return hold;
  }

  fault(match: Match, { times = 1, skip = 0 }: Readonly<{ times?: number; skip?: number }>, fault: Fault) {
    const rule: Rule = { match, action: fault, skip, left: times };
    this.rules.add(rule);
    for (const exchange of this.#open) this.#inject(exchange, rule);
    return { end: () => this.rules.remove(rule) };
  }

  cut(match: Match): void {
    for (const exchange of [...this.#open]) {
      if (matches(match, exchange.request)) exchange.reset('exchange');
    }
  }

  end(): void {
    this.rules.clear();
    for (const hold of this.#holds) hold.release();
    this.#holds.clear();
  }

  /** Puts the line of a rule into a watch that is open already. */
  #inject(exchange: Exchange, rule: Rule): void {
    const { action, match } = rule;
    if (!isLine(action) || rule.left <= 0) return;
    if (!exchange.isOpenWatch() || !matches(match, exchange.request)) return;
    this.rules.use(rule);
    const { line, then } = lineOf(action);
    exchange.request.fault = action.kind;
    exchange.inject(line, then);
  }
}
