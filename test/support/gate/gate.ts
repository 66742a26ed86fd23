/**
 * A proxy in front of an API server, embedded or real, that logs every request and tampers with those it is told to:
 *
 *   client ──▶ front (refuse, freeze, reset) ──▶ TLS, h2 or h1 ──▶ rules (fault, hold) ──▶ API server
 *
 * What no rule wants passes through byte for byte, watches as they come. Request bodies are read whole first, so that a
 * client that dies in between has asked for nothing.
 */

import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Authority } from '../certificates.ts';
import { type ClientSide, Exchange } from './exchange.ts';
import { startFront } from './front.ts';
import { makeHold } from './hold.ts';
import { RequestLog, type Wait } from './log.ts';
import { passThrough } from './pass.ts';
import { type GateRequest, type Match, matches } from './request.ts';
import { type Fault, type Hold, isLine, type Rule, Rules, type When } from './rules.ts';
import { lineOf } from './status.ts';
import { openUpstream, type UpstreamOptions } from './upstream.ts';

export type GateOptions = Readonly<{
  upstream: UpstreamOptions;
  authority: Authority;
  /** Bearer tokens and the names they stand for. With it, a request without one of them gets 401. */
  users?: Readonly<Record<string, string>>;
}>;

export type HoldOptions = Readonly<{
  /** Lets so many matching requests pass first. */
  skip?: number;
  /** How long `reached` waits. */
  timeoutMs?: number;
}>;

export type Gate = Readonly<{
  url: string;
  port: number;
  caPem: string;
  /** In the order of arrival; entries are filled in while their requests are under way. */
  log: readonly GateRequest[];
  /** Matching requests after entry number `since`. */
  count(match: Match, since?: number): number;
  /** The first matching request that was answered, past or to come; rejects with the last requests when time is up. */
  seen(match: Match, wait?: Wait): Promise<GateRequest>;
  /** Stops the next matching request. */
  hold(match: Match, when: When, options?: HoldOptions): Hold;
  /** Tampers with the next `times` (1) matching requests, after `skip` (0) of them; `end` before that. */
  fault(match: Match, options: Readonly<{ times?: number; skip?: number }>, fault: Fault): { end(): void };
  /** Resets what is under way and matches; without a match every connection. */
  cut(match?: Match): void;
  /** The port refuses connections, as that of a stopped server. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  /** Half-open: nothing is read, nothing answered, connections stay. */
  freeze(): void;
  thaw(): void;
  /** Back to a plain relay: faults and holds end, held requests go on, the port is open and nothing is frozen. */
  calm(): Promise<void>;
  close(): Promise<void>;
}>;

const HOLD_TIMEOUT_MS = 15_000;

export async function startGate(options: GateOptions): Promise<Gate> {
  const { authority, users } = options;
  const log = new RequestLog();
  const rules = new Rules();
  const open = new Set<Exchange>();
  const holds = new Set<Hold>();
  const upstream = openUpstream(options.upstream);
  const server = await listen(authority);
  const front = await startFront((server.address() as AddressInfo).port);
  const hooks = {
    onAnswer: (request: GateRequest, status: number) => log.answered(request, status),
    onEnd: (exchange: Exchange) => open.delete(exchange),
    resetConnection: (port: number) => front.reset(port),
  };
  server.on('request', (req, res) => {
    const user = userOf(req.headers.authorization, users);
    const exchange = new Exchange(log.open(user ?? '', headOf(req)), { req, res } as ClientSide, hooks);
    open.add(exchange);
    const headers = withoutCredentials(req.headers, users);
    void passThrough(exchange, { rules, upstream, headers, refused: user === undefined });
  });
  const addRule = (rule: Rule) => {
    rules.add(rule);
    for (const exchange of open) injectInto(exchange, rule, rules);
    return rule;
  };
  return {
    url: `https://127.0.0.1:${front.port}`,
    port: front.port,
    caPem: authority.caPem,
    log: log.entries,
    count: (match, since) => log.count(match, since),
    seen: (match, wait) => log.seen(match, wait),
    hold: (match, when, { skip = 0, timeoutMs = HOLD_TIMEOUT_MS } = {}) => {
      const missed = () => log.missed('No request reached the hold', timeoutMs);
      const { hold, held } = makeHold(when, timeoutMs, missed, () => rules.remove(rule));
      const rule = addRule({ match, action: { kind: 'hold', held }, skip, left: 1 });
      holds.add(hold);
      return hold;
    },
    fault: (match, { times = 1, skip = 0 }, fault) => {
      const rule = addRule({ match, action: fault, skip, left: times });
      return { end: () => rules.remove(rule) };
    },
    cut: (match) => {
      if (match === undefined) front.resetAll();
      for (const exchange of [...open]) {
        if (match !== undefined && matches(match, exchange.request)) exchange.reset('exchange');
      }
    },
    refuse: () => front.refuse(),
    accept: () => front.accept(),
    freeze: () => front.freeze(),
    thaw: () => front.thaw(),
    calm: async () => {
      rules.clear();
      for (const hold of holds) hold.release();
      holds.clear();
      front.thaw();
      await front.accept();
    },
    close: async () => {
      await front.close();
      server.close();
      await upstream.close();
    },
  };
}

async function listen(authority: Authority): Promise<Http2SecureServer> {
  const { certPem, keyPem } = authority.issue({ cn: 'gate', sans: ['127.0.0.1', 'localhost'] });
  const server = createSecureServer({ allowHTTP1: true, cert: certPem, key: keyPem });
  // A connection that a fault tears down ends in an error here; the exchanges on it have been told already.
  for (const event of ['sessionError', 'tlsClientError', 'clientError']) server.on(event, () => {});
  // Else a small answer of two writes waits for the client's delayed acknowledgement.
  server.on('secureConnection', (socket) => socket.setNoDelay());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function headOf({ method, url, httpVersionMajor, headers }: ClientSide['req']) {
  return { method, url, protocol: httpVersionMajor === 2 ? 'h2' : 'h1', headers } as const;
}

function userOf(authorization: string | undefined, users: GateOptions['users']): string | undefined {
  if (users === undefined) return '';
  return users[authorization?.replace(/^Bearer /, '') ?? ''];
}

function withoutCredentials(headers: ClientSide['req']['headers'], users: GateOptions['users']) {
  const { authorization, ...rest } = headers;
  return users === undefined && authorization !== undefined ? { ...rest, authorization } : rest;
}

function injectInto(exchange: Exchange, rule: Rule, rules: Rules): void {
  const { action, match } = rule;
  if (!isLine(action) || rule.left <= 0) return;
  if (!exchange.isOpenWatch() || !matches(match, exchange.request)) return;
  rules.use(rule);
  const { line, then } = lineOf(action);
  exchange.request.fault = action.kind;
  exchange.inject(line, then);
}
