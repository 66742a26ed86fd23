import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { findCanary, secretText } from '../support/canary.ts';
import type { Exit } from '../support/operator.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, type Place } from './clients.ts';
import { type Replica, startReplica } from './handover/replica.ts';
import { strayCalls, strayWrites, tenuresOf, writesAfterRelease } from './handover/tenures.ts';

/**
 * Two processes on one API server and one ALM. The one that holds the lease ends, dies, stands still or loses its
 * network, again and again; the other takes over. Counted from the logs of both servers.
 */

const scenario = useScenario({ launch: false });
const { created, rotate, settled } = clientsOf(scenario);

const ROUNDS_LIMIT_MS = 240_000;
const CLIENTS = 5;

/** A password that was declared, and how many writes of it the hand-over allows. */
type Change = Readonly<{ of: Place; atMs: number; most: number }>;

let holder: Replica;
let follower: Replica;
const replicas: Replica[] = [];
const changes: Change[] = [];
const places: Place[] = [];

async function newReplica(): Promise<Replica> {
  const replica = await startReplica(scenario(), `replica-${replicas.length + 1}`);
  replicas.push(replica);
  return replica;
}

beforeAll(async () => {
  holder = await newReplica();
  await holder.leads();
  for (let n = 0; n < CLIENTS; n += 1) places.push(await created(`client-${n}`));
  follower = await newReplica();
}, 60_000);

afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.clear()));
});

/** A new password for the next client in turn; `most`: how often it may be written. */
async function change(most = 1): Promise<Place> {
  const of = places[changes.length % CLIENTS] as Place;
  changes.push({ of, atMs: Date.now(), most });
  await rotate(of, secretText(`password-${changes.length}`));
  return of;
}

/** The follower leads, does what was declared meanwhile, and gets a follower of its own. */
async function takenOver(...declared: readonly Place[]): Promise<void> {
  await follower.leads();
  for (const of of declared) await settled(of);
  holder = follower;
  follower = await newReplica();
}

type Way = (replica: Replica, round: number) => Promise<void>;

async function stoppedSomewhere({ operator }: Replica): Promise<Place> {
  const of = await change(2);
  operator.kill('SIGSTOP');
  return of;
}

/** What it waits for comes while it stands still: the next thing that it would do is to write to ALM. */
async function stoppedBeforeWrite({ name, operator }: Replica): Promise<Place> {
  const hold = scenario().gate.hold({ user: name, verb: 'get', resource: 'almclientclaims' }, 'after');
  const of = await change();
  await hold.reached;
  operator.kill('SIGSTOP');
  hold.release();
  return of;
}

const LOST: Exit = { code: 1, signal: null };

function expectLost({ operator }: Replica, exit: Exit): void {
  expect(exit).toEqual(LOST);
  const said = operator.lines.filter((line) => line.startsWith('alm-operator: '));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^alm-operator: the lease was lost: /);
  const refused = operator.lines.filter((line) => line.includes('does not hold the lease'));
  expect(refused.length).toBeLessThanOrEqual(1);
}

const WAYS: readonly Readonly<{ how: string; rounds: number; way: Way }>[] = [
  {
    how: 'is told to end',
    rounds: 14,
    way: async (replica, round) => {
      const before = round % 2 === 0 ? [await change()] : [];
      replica.operator.kill('SIGTERM');
      const after = await change();
      expect(await replica.ended()).toEqual({ code: 0, signal: null });
      expect(writesAfterRelease(scenario().gate.log, replica.name)).toBe(0);
      await takenOver(...before, after);
    },
  },
  {
    how: 'is killed',
    rounds: 12,
    way: async (replica) => {
      const before = await change(2);
      replica.operator.kill('SIGKILL');
      const after = await change();
      await replica.ended();
      await takenOver(before, after);
    },
  },
  {
    how: 'stands still, and goes on with changes waiting',
    rounds: 12,
    way: async (replica, round) => {
      const before = round % 2 === 0 ? await stoppedSomewhere(replica) : await stoppedBeforeWrite(replica);
      const after = await change();
      await takenOver(before, after);
      const waiting = await change();
      await settled(waiting);
      replica.operator.kill('SIGCONT');
      expectLost(replica, await replica.ended());
    },
  },
  {
    how: 'hears nothing of the API server any more',
    rounds: 12,
    way: async (replica, round) => {
      const before = round % 2 === 0 ? [await change(2)] : [];
      replica.cut();
      const after = await change();
      await takenOver(...before, after);
      expectLost(replica, await replica.ended());
    },
  },
];

describe.each(WAYS)('when the holder $how', ({ rounds, way }) => {
  it(`the other takes over, ${rounds} times, and nobody else writes`, {
    timeout: ROUNDS_LIMIT_MS,
  }, async () => {
    onTestFailed(() => console.error(replicas.slice(-3).map(tail).join('\n')));
    const wins = tenuresOf(scenario().gate.log).length;
    for (let round = 0; round < rounds; round += 1) await way(holder, round);
    const { gate, alm } = scenario();
    const tenures = tenuresOf(gate.log);
    expect(tenures).toHaveLength(wins + rounds);
    const names = new Set(replicas.map(({ name }) => name));
    const callers = new Map(replicas.map(({ name, ports }) => [name, ports] as const));
    expect(strayWrites(gate.log, names, tenures)).toEqual([]);
    expect(strayCalls(alm.log, callers, tenures)).toEqual([]);
    expect(overwritten()).toEqual([]);
  });
});

describe('all that', () => {
  it('leaves every client with the last password that was declared', () => {
    const { alm } = scenario();
    const last = new Map(changes.map(({ of }, n) => [of.clientId, secretText(`password-${n + 1}`)]));
    expect(last.size).toBe(CLIENTS);
    for (const [clientId, password] of last) expect(alm.matches(clientId, password), clientId).toBe(true);
  });

  it('lets no process say a password', () => {
    expect(replicas.map(({ operator }) => findCanary(operator.lines.join('\n')))).toEqual(
      replicas.map(() => undefined),
    );
  });
});

/** Changes that were written to ALM more often than their hand-over explains, or not at all. */
function overwritten(): readonly string[] {
  return changes.flatMap(({ of, atMs, most }, n) => {
    const next = changes.slice(n + 1).find((later) => later.of === of)?.atMs ?? Number.POSITIVE_INFINITY;
    const writes = scenario().alm.log.filter(
      ({ clientId, wrote, at }) => clientId === of.clientId && wrote !== undefined && at >= atMs && at < next,
    ).length;
    return writes >= 1 && writes <= most ? [] : [`change ${n + 1} of ${of.clientId}: ${writes} writes`];
  });
}

function tail({ name, operator }: Replica): string {
  return `--- ${name}\n${operator.tail(25)}`;
}
