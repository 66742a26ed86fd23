/** A request on its way through the simulator, and the world that it meets. */

import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, bootError } from './answers.ts';
import type { Moment, StoredClient } from './clients.ts';
import type { RoleTable } from './defaults.ts';
import type { KnobName, Knobs } from './knobs.ts';
import type { LogEntry } from './log.ts';
import type { AlmState } from './state.ts';

export type World = Readonly<{
  state: AlmState;
  knobs: Knobs;
  roles: RoleTable;
  /** ALM's own clock in milliseconds, skew included. */
  now: () => number;
}>;

export type Call = Readonly<{
  world: World;
  method: string;
  /** Below the path prefix, still percent-encoded. */
  path: string;
  /** The whole URL without its query, as ALM repeats it in errors. */
  url: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
  entry: LogEntry;
}>;

/** The position of a knob that decides something; the log notes it. */
export function turn<K extends KnobName>({ world, entry }: Call, name: K): Knobs[K] {
  const value = world.knobs[name];
  const note = `${name}=${value}`;
  if (!entry.knobs.includes(note)) entry.knobs.push(note);
  return value;
}

/** The client as the replica that took this request sees it, for want of news up to `cache` requests old. */
export function clientAt(call: Call, clientId: string, cache = 0): StoredClient | undefined {
  const { clients } = call.world.state;
  const moment = momentOf(call);
  const seen = cache > 0 ? clients.readCachedAt(moment, clientId, cache) : clients.readAt(moment, clientId);
  if (moment.lag > 0 && seen !== clients.newest(seen?.clientId ?? clientId)) turn(call, 'replicaLag');
  return seen;
}

/** Requests go to the replicas in turn; time counts in requests that arrived. */
export function momentOf(call: Call): Moment {
  const { state, knobs } = call.world;
  const several = knobs.replicas > 1;
  if (several) turn(call, 'replicas');
  return {
    tick: state.tick,
    replica: several ? (call.entry.n - 1) % knobs.replicas : 0,
    lag: several ? knobs.replicaLag : 0,
    foldCase: knobs.clientIdCase === 'insensitive',
  };
}

/** An error that ALM's own code did not make. */
export function bootAnswer(
  call: Call,
  status: number,
  message: string,
  headers?: Record<string, string>,
): Answer {
  return bootError(status, { path: call.path, time: call.world.now() }, message, headers);
}
