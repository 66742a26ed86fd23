import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import type { GateRequest } from '../support/gate/request.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { conditionOf } from '../support/kubectl/objects.ts';
import type { LogEntry } from '../support/operator.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, isReady, type Place } from './clients.ts';

/** The API server is away, cuts watches, forgets versions, or somebody writes in between. The operator runs on. */

const scenario = useScenario();
const { place, declare, created, change, rotate, patch, get, settled, until, claims } = clientsOf(scenario);

const writes = (of: Place) =>
  scenario().alm.log.filter(({ clientId, path }) => clientId === of.clientId && path !== '/oauth/token');
const ofOperator = (match: Partial<GateRequest>) => (request: GateRequest) =>
  request.user === 'operator' &&
  Object.entries(match).every(([field, value]) => request[field as keyof GateRequest] === value);

const creationHeld = (of: Place, when: 'before' | 'after') =>
  scenario().alm.hold(({ clientId, method }) => clientId === of.clientId && method === 'POST', when);

/** Waits for what the operator says from now on. */
function saying(message: string): () => Promise<LogEntry> {
  const from = Date.now();
  return () =>
    scenario()
      .operator()
      .logged(({ msg, time }) => msg === message && Date.parse(String(time)) >= from);
}

const TROUBLE = 'reading from the API server failed, and is tried again';

async function holdsExactlyOne(of: Place, password: string) {
  // The test's own connections may be old: the first question is one that is asked again where it fails.
  await until(of, 'Ready', isReady);
  const object = await settled(of);
  expect(scenario().alm.matches(of.clientId, secretText(password))).toBe(true);
  expect(await claims(of)).toMatchObject([
    { phase: 'Held', origin: 'Created', owner: { uid: object.metadata.uid } },
  ]);
  expect(writes(of).filter(({ wrote }) => wrote === 'created')).toHaveLength(1);
  return object;
}

describe('the API server', () => {
  it('restarts while ALM creates a client: the same process goes on and creates nothing twice', async () => {
    const { pid } = scenario().operator();
    const of = await place('restart');
    const hold = creationHeld(of, 'after');
    await declare(of);
    await hold.reached;
    await scenario().cluster.down();
    hold.release();
    await scenario().cluster.up();
    await holdsExactlyOne(of, 'restart');
    await holdsExactlyOne(await created('afterwards'), 'afterwards');
    expect(scenario().operator().pid).toBe(pid);
  });

  it('is down for a while: said in the log, answered by /livez, and made up for afterwards', async () => {
    const [old, leaving] = [await created('old'), await created('leaving')];
    const said = saying(TROUBLE);
    await scenario().gate.refuse();
    await rotate(old, secretText('rotated'));
    await scenario().api.delete('ClientCredential', leaving.namespace, leaving.name);
    const fresh = await place('fresh');
    await declare(fresh);
    expect(await said()).toMatchObject({ end: 'failed' });
    const health = await fetch(`http://${await scenario().operator().healthAddress()}/livez`);
    expect(health.ok).toBe(true);
    expect(writes(fresh)).toEqual([]);
    await scenario().gate.accept();
    await holdsExactlyOne(old, 'rotated');
    await holdsExactlyOne(fresh, 'fresh');
    await scenario().api.waitGone('ClientCredential', leaving.namespace, leaving.name);
  });
});

/** No watch is open and none opens until `end`, which waits until each kind was refused at least twice. */
function withoutWatches() {
  const { gate } = scenario();
  const since = gate.log.length;
  const refusing = gate.fault(
    ofOperator({ verb: 'watch' }),
    { times: Number.POSITIVE_INFINITY },
    {
      kind: 'status',
      status: 503,
    },
  );
  gate.cut(ofOperator({ verb: 'watch' }));
  const refused = (resource: string) =>
    gate.log.filter(
      (request) => request.n > since && request.resource === resource && request.verb === 'watch',
    );
  return {
    refusedTwice: () =>
      expect
        .poll(() => ['clientcredentials', 'secrets'].map((kind) => refused(kind).length), { timeout: 15_000 })
        .toSatisfy((counts: readonly number[]) => Math.min(...counts) >= 2),
    end: () => refusing.end(),
  };
}

describe('watches', () => {
  it('that stay cut hide nothing for good: created, rotated and deleted meanwhile', async () => {
    const [old, leaving] = [await created('kept'), await created('gone')];
    const cut = withoutWatches();
    await rotate(old, secretText('rotated'));
    await scenario().api.delete('ClientCredential', leaving.namespace, leaving.name);
    const fresh = await place('meanwhile');
    await declare(fresh);
    await cut.refusedTwice();
    expect(writes(fresh)).toEqual([]);
    cut.end();
    await holdsExactlyOne(old, 'rotated');
    await holdsExactlyOne(fresh, 'meanwhile');
    await scenario().api.waitGone('ClientCredential', leaving.namespace, leaving.name);
  });

  it('whose version is compacted away list anew, and miss neither the new nor the deleted', async () => {
    const [old, leaving] = [await created('compacted'), await created('unseen')];
    const listed = saying('listing anew');
    const cut = withoutWatches();
    await rotate(old, secretText('rotated'));
    await scenario().api.delete('ClientCredential', leaving.namespace, leaving.name);
    const fresh = await place('later');
    await declare(fresh);
    await scenario().cluster.compact();
    cut.end();
    await holdsExactlyOne(old, 'rotated');
    await holdsExactlyOne(fresh, 'later');
    await scenario().api.waitGone('ClientCredential', leaving.namespace, leaving.name);
    expect(await listed()).toMatchObject({ end: 'expired' });
  });

  it('that show rubbish list anew', async () => {
    const listed = saying('the API server sent what cannot be understood');
    scenario().gate.fault(
      ofOperator({ verb: 'watch', resource: 'clientcredentials' }),
      {},
      { kind: 'garbage' },
    );
    expect(await listed()).toMatchObject({ end: 'malformed' });
    await created('after-rubbish');
  });

  it('over connections that go silent carry on where they were', async () => {
    const of = await place('silent');
    const hold = creationHeld(of, 'after');
    await declare(of);
    await hold.reached;
    scenario().gate.freeze();
    hold.release();
    await rotate(of, secretText('thawed'));
    const frozen = await get(of);
    expect(conditionOf(frozen, 'Ready')?.status).not.toBe('True');
    scenario().gate.thaw();
    await holdsExactlyOne(of, 'thawed');
  });
});

type Write = Readonly<{
  name: string;
  verb: 'get' | 'patch' | 'create' | 'update';
  resource: string;
  subresource: string;
}>;
const WRITES: readonly Write[] = [
  { name: 'finalizer', verb: 'patch', resource: 'clientcredentials', subresource: '' },
  { name: 'claim', verb: 'create', resource: 'almclientclaims', subresource: '' },
  { name: 'claim-held', verb: 'patch', resource: 'almclientclaims', subresource: '' },
  { name: 'status', verb: 'update', resource: 'clientcredentials', subresource: 'status' },
];

describe('a write of the operator', () => {
  it.each([
    { fault: { kind: 'reset', when: 'after' } as const, how: 'whose answer is lost' },
    { fault: { kind: 'status', status: 500 } as const, how: 'that the API server fails' },
    { fault: { kind: 'status', status: 429, retryAfter: 1 } as const, how: 'that has to wait its turn' },
  ])('$how is made good, at each step of a creation', async ({ fault }) => {
    const places = await Promise.all(WRITES.map(({ name }) => place(name)));
    await Promise.all(
      WRITES.map(async ({ name, ...match }, at) => {
        const of = places[at]!;
        const namespace = match.resource === 'almclientclaims' ? OPERATOR_NAMESPACE : of.namespace;
        scenario().gate.fault(ofOperator({ ...match, namespace }), {}, fault);
        await declare(of);
        await holdsExactlyOne(of, name);
      }),
    );
  });
});

const CONFLICTS: readonly Write[] = WRITES.filter(({ resource }) => resource === 'clientcredentials');

describe('somebody who writes in between', () => {
  const holdAt = (of: Place, { verb, resource, subresource }: Write) =>
    scenario().gate.hold(ofOperator({ verb, resource, subresource, namespace: of.namespace }), 'before');

  it.each(CONFLICTS)('labels and finalizers set before the write of the $name stay', async (write) => {
    const of = await place(write.name);
    const hold = holdAt(of, write);
    await declare(of);
    await hold.reached;
    const theirs = 'example.com/theirs';
    const { finalizers = [] } = (await get(of)).metadata;
    await patch(of, { labels: { team: 'payments' }, finalizers: [...finalizers, theirs] });
    hold.release();
    const object = await holdsExactlyOne(of, write.name);
    expect(object.metadata.labels).toEqual({ team: 'payments' });
    expect(object.metadata.finalizers?.toSorted()).toEqual(['alm-operator.dev/release', theirs]);
  });

  it.each(CONFLICTS)('a spec changed before the write of the $name is what ALM ends with', async (write) => {
    const of = await place(`${write.name}-spec`);
    const hold = holdAt(of, write);
    await declare(of);
    await hold.reached;
    await change(of, { accessTokenValidity: 60, roles: ['Portal'] });
    hold.release();
    const object = await holdsExactlyOne(of, of.name);
    expect(object.status).toMatchObject({ observedGeneration: 2, effective: { accessTokenValidity: 60 } });
    expect(scenario().alm.state.get(of.clientId)).toMatchObject({
      accessTokenValidity: 60,
      roles: ['Portal'],
    });
  });

  it.each([
    {
      what: 'the spec',
      act: (of: Place) => change(of, { accessTokenValidity: 60 }),
      password: 'busy',
      access: 60,
    },
    { what: 'the Secret', act: (of: Place) => rotate(of, secretText('new')), password: 'new', access: 1200 },
  ])('changes $what while ALM is asked: Ready speaks of the change only once ALM has it', async (row) => {
    const of = await place('busy');
    const hold = creationHeld(of, 'before');
    await declare(of);
    await hold.reached;
    await row.act(of);
    hold.release();
    await holdsExactlyOne(of, row.password);
    expect(scenario().alm.state.get(of.clientId)).toMatchObject({ accessTokenValidity: row.access });
  });

  it('deletes the object while ALM is asked: it goes once the client is revoked', async () => {
    const of = await place('deleted');
    const hold = creationHeld(of, 'before');
    await declare(of);
    await hold.reached;
    await scenario().api.delete('ClientCredential', of.namespace, of.name);
    hold.release();
    await scenario().api.waitGone('ClientCredential', of.namespace, of.name);
    expect(await claims(of)).toMatchObject([{ phase: 'Revoked' }]);
  });

  it('changes the spec while the object is read again: ALM is told the new one and nothing else', async () => {
    const of = await created('overtaken');
    const read = holdAt(of, { name: '', verb: 'get', resource: 'clientcredentials', subresource: '' });
    const put = scenario().alm.hold(
      ({ clientId, method }) => clientId === of.clientId && method === 'PUT',
      'after',
    );
    await rotate(of, secretText('rotated'));
    await read.reached;
    await change(of, { accessTokenValidity: 60 });
    read.release();
    await put.reached;
    expect(scenario().alm.state.get(of.clientId)).toMatchObject({ accessTokenValidity: 60 });
    put.release();
    await holdsExactlyOne(of, 'rotated');
  });
});
