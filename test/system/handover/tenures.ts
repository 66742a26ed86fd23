/** Who held the lease when, by the log of the gate, and who wrote without it. Pure. */

import type { AlmRequest } from '../../support/alm/log.ts';
import { type GateRequest, isWrite } from '../../support/gate/request.ts';

/** From the arrival of the request that won the lease to the arrival of the one with which another won it. */
export type Tenure = Readonly<{ holder: string; from: number; to: number }>;

export function tenuresOf(log: readonly GateRequest[]): readonly Tenure[] {
  const wins = log
    .filter((request) => isLeaseWrite(request) && request.status < 300 && request.status > 0)
    .filter(({ user }, n, all) => all[n - 1]?.user !== user);
  return wins.map(({ user, at }, n) => ({
    holder: user,
    from: at,
    to: wins[n + 1]?.at ?? Number.POSITIVE_INFINITY,
  }));
}

/** What was written to the API server by a process that did not hold the lease, but for attempts to win it. */
export function strayWrites(
  log: readonly GateRequest[],
  replicas: ReadonlySet<string>,
  tenures: readonly Tenure[],
): readonly string[] {
  return log
    .filter((request) => isWrite(request) && !isLeaseWrite(request) && replicas.has(request.user))
    .filter(({ user, at }) => !holds(tenures, user, at))
    .map(({ n, user, at, method, path }) => `${n} ${user} ${method} ${path} at ${at}`);
}

/** Any call to ALM, a login, too, by a process that did not hold the lease. */
export function strayCalls(
  log: readonly AlmRequest[],
  callers: ReadonlyMap<string, ReadonlySet<number>>,
  tenures: readonly Tenure[],
): readonly string[] {
  return log.flatMap(({ n, at, port, method, path }) => {
    // A port is used again, by another one, once it is free.
    const names = [...callers].filter(([, ports]) => ports.has(port)).map(([name]) => name);
    if (names.some((name) => holds(tenures, name, at))) return [];
    return [`${n} ${names.join(' or ') || 'nobody known'} ${method} ${path} at ${at}`];
  });
}

/** The writes of a process that has released the lease, after it did. */
export function writesAfterRelease(log: readonly GateRequest[], user: string): number {
  const writes = log.filter((request) => request.user === user && isWrite(request));
  return writes.length - 1 - writes.findLastIndex(isLeaseWrite);
}

function isLeaseWrite(request: GateRequest): boolean {
  return request.resource === 'leases' && isWrite(request);
}

function holds(tenures: readonly Tenure[], name: string, at: number): boolean {
  return tenures.some(({ holder, from, to }) => holder === name && from <= at && at <= to);
}
