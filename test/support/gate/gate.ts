/**
 * A proxy in front of an API server, embedded or real, that logs every request and tampers with those it is told to:
 *
 *   client ──▶ front (refuse, freeze, reset) ──▶ TLS, h2 or h1 ──▶ rules (fault, hold) ──▶ API server
 *
 * What no rule wants passes through byte for byte, watches as they come. Request bodies are read whole first, so that a
 * client that dies in between has asked for nothing.
 */

import type { AddressInfo } from 'node:net';
import type { Authority } from '../certificates.ts';
import { type ClientSide, Exchange } from './exchange.ts';
import { startFront } from './front.ts';
import { RequestLog, type Wait } from './log.ts';
import { passThrough } from './pass.ts';
import type { GateRequest, Match } from './request.ts';
import type { Fault, Hold, When } from './rules.ts';
import { headOf, listen, type Standings, type Users, userOf, withoutCredentials } from './server.ts';
import { type HoldOptions, Tampering } from './tampering.ts';
import { openUpstream, type UpstreamOptions } from './upstream.ts';

export type GateOptions = Readonly<{
  upstream: UpstreamOptions;
  authority: Authority;
  /**
   * Bearer tokens and the names they stand for, looked up with each request. With it, a request without one of them
   * gets 401.
   */
  users?: Users;
  /** By the name of a user, looked up with each request; for others everything passes, with the gate's credentials. */
  standings?: Standings;
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

export async function startGate(given: GateOptions): Promise<Gate> {
  const { upstream: options, authority, users, standings = {} } = given;
  const log = new RequestLog();
  const tampering = new Tampering(log);
  const own = openUpstream(options);
  const anonymous = openUpstream({ url: options.url, ca: options.ca });
  const server = await listen(authority);
  const front = await startFront((server.address() as AddressInfo).port);
  const hooks = {
    onAnswer: (request: GateRequest, status: number) => log.answered(request, status),
    onEnd: (exchange: Exchange) => tampering.forget(exchange),
    resetConnection: (port: number) => front.reset(port),
  };
  server.on('request', (req, res) => {
    const user = userOf(req.headers.authorization, users);
    const request = log.open(user ?? '', headOf(req));
    const exchange = new Exchange(request, { req, res } as ClientSide, hooks);
    tampering.watch(exchange);
    const { token, may = () => true } = standings[user ?? ''] ?? {};
    void passThrough(exchange, {
      rules: tampering.rules,
      upstream: token === undefined ? own : anonymous,
      headers: withoutCredentials(req.headers, users, token),
      refused: user === undefined ? 401 : may(request) ? undefined : 403,
    });
  });
  return {
    url: `https://127.0.0.1:${front.port}`,
    port: front.port,
    caPem: authority.caPem,
    log: log.entries,
    count: (match, since) => log.count(match, since),
    seen: (match, wait) => log.seen(match, wait),
    hold: (match, when, holdOptions) => tampering.hold(match, when, holdOptions),
    fault: (match, faultOptions, fault) => tampering.fault(match, faultOptions, fault),
    cut: (match) => (match === undefined ? front.resetAll() : tampering.cut(match)),
    refuse: () => front.refuse(),
    accept: () => front.accept(),
    freeze: () => front.freeze(),
    thaw: () => front.thaw(),
    calm: () => {
      tampering.end();
      front.thaw();
      return front.accept();
    },
    close: async () => {
      await front.close();
      server.close();
      await Promise.all([own.close(), anonymous.close()]);
    },
  };
}
