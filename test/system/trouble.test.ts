import { describe, expect, it } from 'vitest';
import type { Arrival, FaultAction, Match } from '../support/alm/faults.ts';
import { secretText } from '../support/canary.ts';
import type { GateRequest } from '../support/gate/request.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { conditionOf, hasCondition } from '../support/kubectl/objects.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, isReady, type Place } from './clients.ts';

/** ALM is away, slow, or silent about what it did. Whatever it was, the client ends as declared, and made once. */

const scenario = useScenario();
const { place, declare, created, change, rotate, until, held, settled, claims, get } = clientsOf(scenario);

const requests = ({ clientId }: Place) =>
  scenario().alm.log.filter((request) => request.clientId === clientId);
const writes = (of: Place) => requests(of).filter(({ path }) => path !== '/oauth/token');
const creations = (of: Place) => requests(of).filter(({ wrote }) => wrote === 'created').length;
const about =
  ({ clientId }: Place, method: string): Match =>
  (request: Arrival) =>
    request.clientId === clientId && request.method === method && request.path !== '/oauth/token';

type Step = Readonly<{ step: string; hold: (of: Place) => { reached: Promise<unknown>; release(): void } }>;

const atGate = (step: string, match: Partial<GateRequest>): Step => ({
  step,
  hold: ({ namespace, name }) => {
    const own = match.resource === 'almclientclaims' ? OPERATOR_NAMESPACE : namespace;
    const named = (request: GateRequest) =>
      match.verb === 'create' || request.name === name || request.name.startsWith(`${namespace}-${name}`);
    const fields = Object.entries({ subresource: '', ...match, user: 'operator', namespace: own });
    return scenario().gate.hold(
      (request) => named(request) && fields.every(([field, value]) => request[field as 'verb'] === value),
      'before',
    );
  },
});
const atAlm = (step: string, method: string, when: 'before' | 'after'): Step => ({
  step,
  hold: (of) => scenario().alm.hold(about(of, method), when),
});

const STATUS = { verb: 'update', resource: 'clientcredentials', subresource: 'status' } as const;
const CREATION: readonly Step[] = [
  atGate('secret-read', { verb: 'get', resource: 'secrets' }),
  atGate('finalizer', { verb: 'patch', resource: 'clientcredentials' }),
  atGate('claim', { verb: 'create', resource: 'almclientclaims' }),
  atAlm('post', 'POST', 'before'),
  atAlm('posted', 'POST', 'after'),
  atGate('claim-held', { verb: 'patch', resource: 'almclientclaims' }),
  atGate('status', STATUS),
];
const UPDATE: readonly Step[] = [
  atGate('secret-read', { verb: 'get', resource: 'secrets' }),
  atGate('object-read', { verb: 'get', resource: 'clientcredentials' }),
  atGate('claim-read', { verb: 'get', resource: 'almclientclaims' }),
  atAlm('put', 'PUT', 'before'),
  atAlm('putting', 'PUT', 'after'),
  atGate('status', STATUS),
];

/** Each place is brought to its step and held there; then ALM goes down for all of them at once. */
async function almGoesDown(
  steps: readonly Step[],
  places: readonly Place[],
  provoke: (of: Place) => Promise<void>,
) {
  const holds = [];
  for (const [at, { hold }] of steps.entries()) {
    const where = places[at]!;
    const point = hold(where);
    holds.push(point);
    await provoke(where);
    await point.reached;
  }
  await scenario().alm.down();
  for (const { release } of holds) release();
}

const connectionSays = (status: string, reason: string) =>
  scenario().api.waitFor(
    'AlmConnection',
    OPERATOR_NAMESPACE,
    'default',
    hasCondition('Ready', status, reason),
    {
      what: `the connection to say ${reason}`,
    },
  );

/** What was answered and proved before ALM went down is applied; all the rest waits for the connection. */
async function whileDown(steps: readonly Step[], places: readonly Place[], answered: ReadonlySet<string>) {
  const unreachable = await connectionSays('False', 'AlmUnavailable');
  expect(conditionOf(unreachable, 'Reachable')?.status).toBe('False');
  await Promise.all(
    steps.map(async ({ step }, at) => {
      const where = places[at]!;
      const object = await (answered.has(step) ? settled(where) : held(where, 'ConnectionNotReady'));
      const expected = answered.has(step) ? undefined : 'True';
      expect(conditionOf(object, 'Reconciling')?.status).toBe(expected);
    }),
  );
}

describe('ALM goes down', () => {
  it('at each step of a creation: nothing is Ready before ALM took it, and nothing is created twice', async () => {
    const places = await Promise.all(CREATION.map(({ step }) => place(step)));
    await almGoesDown(CREATION, places, (of) => declare(of, { roles: ['Portal'] }));
    await whileDown(CREATION, places, new Set(['status']));
    await scenario().alm.up();
    for (const of of places) {
      const object = await settled(of);
      expect(object.status).toMatchObject({ origin: 'Created', observedGeneration: 1 });
      expect(await claims(of)).toMatchObject([{ phase: 'Held', origin: 'Created' }]);
      expect(scenario().alm.state.get(of.clientId)).toMatchObject({ roles: ['Portal'] });
      expect(scenario().alm.matches(of.clientId, secretText(of.name))).toBe(true);
      expect(creations(of)).toBe(1);
    }
  });

  it('at each step of an update: the change waits and arrives, and who changes nothing stays Ready', async () => {
    const bystander = await created('bystander');
    const places = await Promise.all(UPDATE.map(({ step }) => created(step)));
    await almGoesDown(UPDATE, places, (of) => change(of, { accessTokenValidity: 60 }));
    await whileDown(UPDATE, places, new Set(['status']));
    expect(isReady(await get(bystander))).toBe(true);
    await Promise.all(places.map((of) => rotate(of, secretText('successor'))));
    await scenario().alm.up();
    for (const of of places) {
      expect((await settled(of)).status).toMatchObject({ observedGeneration: 2 });
      expect(scenario().alm.state.get(of.clientId)).toMatchObject({ accessTokenValidity: 60 });
      expect(scenario().alm.matches(of.clientId, secretText('successor'))).toBe(true);
      expect(creations(of)).toBe(1);
    }
    expect(writes(bystander)).toHaveLength(1);
  });
});

type Loss = Readonly<{
  name: string;
  action: FaultAction;
  says: string;
  spec?: Readonly<Record<string, unknown>>;
}>;
const LOSSES: readonly Loss[] = [
  { name: 'reset-after', action: { kind: 'reset', when: 'after' }, says: 'OutcomeUnknown' },
  { name: 'reset-before', action: { kind: 'reset', when: 'before' }, says: 'OutcomeUnknown' },
  { name: 'hang-after', action: { kind: 'hang', when: 'after' }, says: 'OutcomeUnknown' },
  { name: 'hang-before', action: { kind: 'hang', when: 'before' }, says: 'OutcomeUnknown' },
  { name: 'gateway-after', action: { kind: 'status', status: 504, when: 'after' }, says: 'AlmUnavailable' },
  {
    name: 'only-hinted',
    action: { kind: 'reset', when: 'after' },
    says: 'OutcomeUnknown',
    spec: { authorisedGrantTypes: ['password'] },
  },
];

const limitCallsTo = (timeout: string) =>
  scenario().api.patch('AlmConnection', OPERATOR_NAMESPACE, 'default', {
    type: 'merge',
    body: { spec: { limits: { timeout } } },
  });

describe('an answer that is lost', () => {
  it('to a POST (reset, time limit, gateway) is found out by logging in, and the client stays the operator’s own', async () => {
    await limitCallsTo('1s');
    // One after the other: two that fail together would hold the others back.
    for (const { name, action, says, spec = {} } of LOSSES) {
      const of = await place(name);
      scenario().alm.faults.add({ match: about(of, 'POST'), times: 1, do: action });
      await declare(of, spec);
      const open = await held(of, says);
      expect(conditionOf(open, 'Synced')?.status).not.toBe('True');
      const object = await settled(of);
      expect(object.status).toMatchObject({ origin: 'Created' });
      expect(await claims(of)).toMatchObject([{ phase: 'Held', origin: 'Created' }]);
      expect(scenario().alm.matches(of.clientId, secretText(name))).toBe(true);
      expect(creations(of)).toBe(1);
    }
  }, 60_000);

  it('to a PUT leaves Ready False until ALM has taken the change by its own word', async () => {
    for (const { name, action, says, spec = {} } of LOSSES) {
      const of = await created(name, spec);
      scenario().alm.faults.add({ match: about(of, 'PUT'), times: 1, do: action });
      await rotate(of, secretText('successor'));
      await held(of, says);
      await settled(of);
      expect(scenario().alm.matches(of.clientId, secretText('successor'))).toBe(true);
      expect(creations(of)).toBe(1);
    }
  }, 60_000);
});

describe('an ALM that restarts behind its ingress', () => {
  it('is asked again when Retry-After says so, and not once more', async () => {
    const statuses = [502, 503, 429].map((status) => ({
      status,
      says: status === 429 ? 'RateLimited' : 'AlmUnavailable',
    }));
    await Promise.all(
      statuses.map(async ({ status, says }) => {
        const of = await place(`window-${status}`);
        scenario().alm.faults.add({
          match: about(of, 'POST'),
          times: 2,
          do: { kind: 'status', status, retryAfter: 1 },
        });
        await declare(of);
        await held(of, says);
        await settled(of);
        expect(writes(of).map((request) => request.status)).toEqual([status, status, 201]);
      }),
    );
  });

  it('is met by no object while it lets nobody log in', async () => {
    const before = await created('before');
    scenario().alm.faults.add({ match: () => true, do: { kind: 'status', status: 503, retryAfter: 1 } });
    const during = await place('during');
    await declare(during);
    await connectionSays('False', 'AlmUnavailable');
    await held(during, 'ConnectionNotReady');
    const asked = requests(during).length;
    const later = await place('later');
    await declare(later);
    await held(later, 'ConnectionNotReady');
    expect(requests(later)).toEqual([]);
    expect(requests(during)).toHaveLength(asked);
    expect(isReady(await get(before))).toBe(true);
    scenario().alm.faults.clear();
    await Promise.all([settled(during), settled(later)]);
  });

  it('that hangs costs one time limit, is called unavailable, and is found again', async () => {
    await limitCallsTo('1s');
    scenario().alm.faults.add({ match: () => true, do: { kind: 'hang', when: 'before' } });
    const of = await place('hanging');
    await declare(of);
    const slow = await connectionSays('False', 'AlmUnavailable');
    expect(conditionOf(slow, 'Ready')?.message).toContain('did not answer within the time limit');
    scenario().alm.faults.clear();
    await settled(of);
  });
});

it('an ALM that lost the client gets it anew', async () => {
  const of = await created('vanished');
  scenario().alm.state.delete(of.clientId);
  await rotate(of, secretText('successor'));
  await settled(of);
  expect(scenario().alm.matches(of.clientId, secretText('successor'))).toBe(true);
  await until(of, 'Recreated', (object) => conditionOf(object, 'Synced')?.reason === 'Recreated');
});
