/** The way of one request through the gate: the rule that wants it, the API server, the rule again, the client. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from './exchange.ts';
import type { GateRequest } from './request.ts';
import { type Action, isLine, type Rules, type When } from './rules.ts';
import { failure, lineOf, statusAnswer } from './status.ts';
import type { Headers, Upstream } from './upstream.ts';

export type Passage = Readonly<{
  rules: Rules;
  upstream: Upstream;
  headers: Headers;
  /** 401: the client showed no token that the gate knows; 403: its user may not. */
  refused: 401 | 403 | undefined;
}>;

/** Never rejects: what goes wrong on the way ends the exchange as a broken connection would. */
export async function passThrough(exchange: Exchange, passage: Passage): Promise<void> {
  try {
    await pass(exchange, passage);
  } catch (error) {
    if (exchange.signal.aborted) return;
    exchange.request.fault ||= `upstream ${codeOf(error)}`;
    exchange.reset('exchange');
  }
}

async function pass(exchange: Exchange, { rules, upstream, headers, refused }: Passage): Promise<void> {
  const { request, signal } = exchange;
  const body = await exchange.body();
  if (refused !== undefined) {
    const message = refused === 401 ? 'Unauthorized' : forbidden(request);
    const refusal = statusAnswer({ status: refused, body: failure(refused, message) });
    exchange.answer(refused, refusal.headers, refusal.body);
    return;
  }
  const action = rules.take(request);
  request.fault = action === undefined ? '' : nameOf(action);
  if ((await tamper(exchange, action, 'before')) === 'over') return;
  const { method, path, query } = request;
  const url = query === '' ? path : `${path}?${query}`;
  const answer = await upstream.send({ method, url, headers, body, signal });
  // It errs when the exchange ends with nobody reading it any more.
  answer.body.on('error', () => {});
  if ((await tamper(exchange, action, 'after')) === 'over') return;
  const relayed = exchange.relay(answer);
  if (action !== undefined && isLine(action)) {
    const { line, then } = lineOf(action);
    exchange.inject(line, then);
  }
  await relayed;
}

/** In the words of the API server's authoriser. */
function forbidden({ user, verb, resource, group, namespace }: GateRequest): string {
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = `resource "${resource}" in API group "${group}"`;
  return `${resource} is forbidden: User "${user}" cannot ${verb} ${what} ${where}`;
}

async function tamper(exchange: Exchange, action: Action | undefined, when: When): Promise<'go on' | 'over'> {
  switch (action?.kind) {
    case 'hold':
      if (action.held.when !== when) return 'go on';
      if ((await action.held.arrive(exchange.request, exchange.signal)) === 'release') return 'go on';
      exchange.reset('exchange');
      return 'over';
    case 'reset':
      if (action.when !== when) return 'go on';
      exchange.reset(action.scope ?? 'exchange');
      return 'over';
    case 'delay':
      if (when === 'before') await sleep(action.ms, undefined, { signal: exchange.signal });
      return 'go on';
    case 'status': {
      const { headers, body } = statusAnswer(action);
      exchange.answer(action.status, headers, body);
      return 'over';
    }
    default:
      return 'go on';
  }
}

function nameOf(action: Action): string {
  switch (action.kind) {
    case 'hold':
      return `hold ${action.held.when}`;
    case 'reset':
      return `reset ${action.when}`;
    case 'status':
      return `status ${action.status}`;
    default:
      return action.kind;
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'error';
}
