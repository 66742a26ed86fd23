/** What is seen when all is over: in the logs of both servers, in the output of every process, and in ALM. */

import { findCanary } from '../support/canary.ts';
import type { Scenario } from '../support/scenario.ts';
import { strayCalls, strayWrites, tenuresOf } from '../system/handover/tenures.ts';
import type { Crew } from './crew.ts';
import { SLOTS } from './slots.ts';
import type { Tenants } from './tenants.ts';
import type { Storm } from './weather.ts';

export type World = Readonly<{
  scenario: Scenario;
  crew: Crew;
  tenants: Tenants;
  storm: Storm;
  tell: (line: string) => void;
}>;

/** Clients that nobody declared. */
export function others(
  { scenario: { alm } }: World,
  before: ReturnType<Scenario['alm']['state']['list']>,
): readonly string[] {
  const ids = new Set(SLOTS.map(({ clientId }) => clientId));
  const text = (records: typeof before) =>
    JSON.stringify(
      records
        .filter(({ clientId }) => !ids.has(clientId))
        .toSorted((a, b) => a.clientId.localeCompare(b.clientId)),
    );
  const written = alm.log.filter(({ wrote, clientId = '' }) => wrote !== undefined && !ids.has(clientId));
  return [
    ...(text(alm.state.list()) === text(before)
      ? []
      : ['ALM has other clients than before besides the declared ones']),
    ...written.map(({ method, path }) => `nobody declared what ${method} ${path} wrote`),
  ];
}

/** Passwords in what the processes said: those of the tests by their common text, generated ones by themselves. */
export function leaks({ tenants }: Pick<World, 'tenants'>, texts: readonly string[]): readonly string[] {
  const passwords = [...tenants.memories.values()].flatMap((memory) => [...memory.passwords]);
  return texts.flatMap((text) => {
    const found = findCanary(text) ?? passwords.find((password) => text.includes(password));
    return found === undefined ? [] : [`a secret is in what a process said, ${found}`];
  });
}

/** What the logs tell when all is over: who wrote without the lease, and whether a secret got out. */
export function aftermath({ scenario: { gate, alm }, crew, tenants, storm }: World): readonly string[] {
  const { replicas } = crew;
  const tenures = tenuresOf(gate.log);
  const callers = new Map(replicas.map(({ name, ports }) => [name, ports] as const));
  const writes = strayWrites(gate.log, new Set(callers.keys()), tenures);
  return [
    ...writes.map((what) => `written without the lease: ${what}`),
    ...strayCalls(alm.log, callers, tenures).map((what) => `asked of ALM without the lease: ${what}`),
    ...leaks(
      { tenants },
      replicas.map(({ operator }) => operator.lines.join('\n')),
    ),
    ...crew.problems,
    ...tenants.problems,
    ...storm.problems,
  ];
}

export function tally({ scenario: { gate, alm }, crew, tenants, storm }: World): string {
  const wrote = alm.log.filter(({ wrote }) => wrote !== undefined).length;
  return [
    `${tenants.done} changes by tenants, ${storm.done} blows`,
    `${crew.replicas.length} processes, ${tenuresOf(gate.log).length} times the lease changed hands`,
    `${gate.log.length} requests to the API server, ${alm.log.length} to ALM, of which ${wrote} wrote`,
  ].join('; ');
}

export function lastWords({ crew, scenario }: World): string {
  const tails = crew.replicas.slice(-3).map(({ name, operator }) => `--- ${name}\n${operator.tail(30)}`);
  return [...tails, ...scenario.report().split('\n').slice(0, 60)].join('\n');
}
