import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { isWrite } from '../support/gate/request.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import type { Live } from '../support/kubectl/objects.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, type Place } from './clients.ts';
import { LEASE_FLAGS, type Replica, startReplica } from './handover/replica.ts';

/** How a process that works, or waits for its turn, comes to its end. */

const scenario = useScenario({ launch: false });
const { created, rotate, settled } = clientsOf(scenario);

const replicas: Replica[] = [];

afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.clear()));
});

let born = 0;
async function start(flags: readonly string[] = LEASE_FLAGS): Promise<Replica> {
  born += 1;
  const replica = await startReplica(scenario(), `one-${born}`, flags);
  replicas.push(replica);
  return replica;
}

async function leader(): Promise<Replica> {
  const replica = await start();
  await replica.leads();
  return replica;
}

async function lease(): Promise<Live> {
  return scenario().api.get<Live>('Lease', OPERATOR_NAMESPACE, 'alm-operator');
}

/** A new password is on its way to ALM, which keeps its answer back. */
async function underWay(of: Place, when: 'before' | 'after', password: string) {
  const { alm } = scenario();
  const hold = alm.hold(({ method, clientId }) => method === 'PUT' && clientId === of.clientId, when);
  await rotate(of, password);
  await hold.reached;
  return hold;
}

function writesOf({ clientId }: Place): number {
  return scenario().alm.log.filter((call) => call.clientId === clientId && call.wrote !== undefined).length;
}

const COMPLAINT = /^alm-operator: /;
const complaints = ({ operator }: Replica) => operator.lines.filter((line) => COMPLAINT.test(line));

describe('SIGTERM', () => {
  it('lets the pass that writes to ALM come to its end, then gives the lease back', async () => {
    const holder = await leader();
    const of = await created('graceful');
    const hold = await underWay(of, 'before', secretText('graceful-2'));
    holder.operator.kill('SIGTERM');
    await holder.operator.logged(({ msg }) => msg === 'operator stopping');
    expect(await lease()).toMatchObject({
      spec: { holderIdentity: expect.stringMatching(/^.+_[a-z0-9]{12}$/) },
    });
    hold.release();
    expect(await holder.ended()).toEqual({ code: 0, signal: null });
    await settled(of);
    expect(await lease()).toMatchObject({ spec: { holderIdentity: '', leaseDurationSeconds: 1 } });
    expect([writesOf(of), complaints(holder)]).toEqual([2, []]);
  });

  it('of a follower ends it without a word to the lease, ALM or any object', async () => {
    const holder = await leader();
    const of = await created('watched');
    const follower = await start();
    const { statusCode, body } = await request(`http://${await follower.operator.healthAddress()}/readyz`);
    await body.dump();
    expect(statusCode).toBe(200);
    await rotate(of, secretText('watched-2'));
    await settled(of);
    follower.operator.kill('SIGTERM');
    expect(await follower.ended()).toEqual({ code: 0, signal: null });
    const { gate } = scenario();
    expect(gate.log.filter((call) => call.user === follower.name && isWrite(call))).toEqual([]);
    expect(follower.ports.size).toBe(0);
    expect(gate.count({ user: follower.name, resource: 'leases' })).toBeGreaterThan(0);
    expect(await holder.operator.stop()).toEqual({ code: 0, signal: null });
  });

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGTERM'],
  ] as const)('and another signal ends it at once: %s, %s', async (first, second) => {
    const holder = await leader();
    const of = await created('hasty');
    const hold = await underWay(of, 'before', secretText('hasty-2'));
    holder.operator.kill(first);
    await holder.operator.logged(({ msg }) => msg === 'operator stopping');
    holder.operator.kill(second);
    expect(await holder.ended()).toEqual({ code: 1, signal: null });
    expect(complaints(holder)).toEqual([
      `alm-operator: a second signal (${second}) ended it before it was done`,
    ]);
    hold.drop();
  });
});

describe('a lease that is lost while ALM has a write', () => {
  it('ends the process, and the next holder finds out what became of the write', async () => {
    const holder = await leader();
    const of = await created('halfway');
    const hold = await underWay(of, 'after', secretText('halfway-2'));
    const next = await start();
    holder.cut();
    expect(await holder.ended()).toEqual({ code: 1, signal: null });
    expect(complaints(holder)).toEqual(['alm-operator: the lease was lost: it could not be renewed in time']);
    hold.drop();
    await next.leads();
    await settled(of);
    expect(scenario().alm.matches(of.clientId, secretText('halfway-2'))).toBe(true);
    // The creation, the one that was under way, and the one that made sure.
    expect(writesOf(of)).toBe(3);
  });

  it('because somebody else wrote his name into it ends the process, too', async () => {
    const holder = await leader();
    const { metadata } = await lease();
    const body = { spec: { holderIdentity: 'somebody', renewTime: null } };
    await scenario().api.patch('Lease', OPERATOR_NAMESPACE, metadata.name, { type: 'merge', body });
    expect(await holder.ended()).toEqual({ code: 1, signal: null });
    expect(complaints(holder)).toEqual(['alm-operator: the lease was lost: somebody holds it']);
    await scenario().api.delete('Lease', OPERATOR_NAMESPACE, metadata.name);
  });
});

it('without --leader-elect nobody asks for a lease', async () => {
  const only = await start([]);
  await created('alone');
  expect(await only.operator.stop()).toEqual({ code: 0, signal: null });
  expect(scenario().gate.count({ user: only.name, resource: 'leases' })).toBe(0);
});
