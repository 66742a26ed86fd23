import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { conditionOf, hasCondition, type Live } from '../support/kubectl/objects.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, isIn, type Place } from './clients.ts';

/**
 * What becomes of clients whose objects go, in whatever order and whoever takes part. Tests that carry the number of an
 * issue show that what users of another operator met is not here.
 */

const scenario = useScenario({ operator: { flags: ['--resync-interval', '1000h'] } });
const clients = clientsOf(scenario);
const { place, declare, created, settled, change, get, remove, gone, claims, untilClaims, revoked, until } =
  clients;

const FINALIZER = 'alm-operator.dev/release';
const isOrphaned = ([claim]: readonly Live[]) =>
  claim !== undefined && hasCondition('Orphaned', 'True', 'OwnerNotFound')(claim);
const writes = ({ clientId }: Place) =>
  scenario().alm.log.filter((request) => request.clientId === clientId && request.wrote !== undefined).length;

const strip = (of: Place) => clients.patch(of, { finalizers: null });

it('epam/edp-keycloak-operator#62: the Secret may go before its object', async () => {
  const of = await created('orphan');
  await scenario().api.delete('Secret', of.namespace, of.name);
  await clients.held(of, 'SecretNotFound');
  await remove(of);
  await gone(of);
  await revoked(of);
});

it('epam/edp-keycloak-operator#173: a client that is gone from ALM already does not hold its object back', async () => {
  const of = await created('lost');
  scenario().alm.state.delete(of.clientId);
  await remove(of);
  await gone(of);
  await untilClaims(of, 'gone', (found) => found.length === 0);
  expect(scenario().alm.state.get(of.clientId)).toBeUndefined();
});

it('hydra-maester g: a client without anything optional is revoked like any other', async () => {
  const of = await created('bare', { authorisedGrantTypes: ['client_credentials'] });
  await remove(of);
  await gone(of);
  await revoked(of);
});

it('a client that was never created leaves nothing behind, and its object goes', async () => {
  const of = await place('unborn');
  await change(of, {});
  await clients.held(of, 'SecretNotFound');
  await remove(of);
  await gone(of);
  expect(await claims(of)).toEqual([]);
  expect(writes(of)).toBe(0);
});

it('crossplane/crossplane#3037: a creation that was never answered is settled by a login, and revoked', async () => {
  const { faults } = scenario().alm;
  const of = await place('uncertain');
  const about = (path: string) => (request: Readonly<{ clientId?: string; path: string }>) =>
    request.clientId === of.clientId && request.path.startsWith(path);
  faults.add({ match: about('/api/credentials'), do: { kind: 'reset', when: 'after' } });
  faults.add({ match: about('/oauth/token'), do: { kind: 'status', status: 503 } });
  await declare(of);
  await untilClaims(of, 'Pending', isIn('Pending'));
  await until(of, 'an attempt', () => scenario().alm.state.get(of.clientId) !== undefined);
  await remove(of);
  await untilClaims(of, 'Revoking', isIn('Revoking'));
  faults.clear();
  await gone(of);
  await revoked(of);
});

describe('external-secrets/external-secrets#3609', () => {
  it.each([
    { from: 'Revoke', to: 'Retain', name: 'kept' },
    { from: 'Retain', to: 'Revoke', name: 'dropped' },
  ])(
    'a policy that was $from and is $to holds at the end, and the finalizer goes',
    async ({ from, to, name }) => {
      const of = await created(name, { deletionPolicy: from });
      await change(of, { deletionPolicy: to });
      await until(of, to, ({ status }) => (status?.['effective'] as Live['spec'])?.['deletionPolicy'] === to);
      await remove(of);
      await gone(of);
      if (to === 'Revoke') return revoked(of);
      await untilClaims(of, 'Retained', isIn('Retained'));
      expect(writes(of)).toBe(1);
      expect(scenario().alm.matches(of.clientId, secretText(of.name))).toBe(true);
    },
  );
});

it('a rule that requires revocation overrides Retain, and the status says so beforehand', async () => {
  const rule = { namespaces: { all: true }, clientIds: ['*'], requireRevoke: true };
  const alm = await scenario().connect('strict', { spec: { access: [rule] } });
  const of = await created('strict', { connectionRef: { name: 'strict' }, deletionPolicy: 'Retain' });
  expect((await get(of)).status).toMatchObject({ effective: { deletionPolicy: 'Revoke' } });
  await remove(of);
  await gone(of);
  expect(await claims(of)).toMatchObject([{ phase: 'Revoked' }]);
  expect(alm.matches(of.clientId, secretText(of.name))).toBe(false);
});

describe('grafana/grafana-operator#2079', () => {
  const [first, last] = ['example.com/first', 'example.com/last'];

  it('other finalizers stay, also where they change under the operator’s hand', async () => {
    const of = await created('shared');
    await clients.patch(of, { finalizers: [first, FINALIZER, last] });
    const removal = scenario().gate.hold(
      ({ verb, resource, namespace }) =>
        verb === 'patch' && resource === 'clientcredentials' && namespace === of.namespace,
      'before',
    );
    await remove(of);
    await removal.reached;
    await clients.patch(of, { finalizers: [FINALIZER, last] });
    removal.release();
    const left = await until(of, 'ours to go', ({ metadata }) => !metadata.finalizers?.includes(FINALIZER));
    expect(left.metadata.finalizers).toEqual([last]);
    await revoked(of);
    await strip(of);
    await gone(of);
  });

  it('one that came while ours was set stays beside it', async () => {
    const of = await place('added');
    const addition = scenario().gate.hold(
      ({ verb, resource, namespace }) =>
        verb === 'patch' && resource === 'clientcredentials' && namespace === of.namespace,
      'before',
    );
    await declare(of);
    await addition.reached;
    await clients.patch(of, { finalizers: [first] });
    addition.release();
    const { metadata } = await settled(of);
    expect(metadata.finalizers?.toSorted()).toEqual([FINALIZER, first]);
    await clients.patch(of, { finalizers: [FINALIZER] });
    await remove(of);
    await gone(of);
  });
});

describe('a finalizer that somebody strips', () => {
  it('makes no difference where the end of the object was seen: its client is revoked', async () => {
    const of = await created('stripped');
    // The operator hears of both at once, when there is nothing left to hold.
    scenario().gate.freeze();
    await strip(of);
    await remove(of);
    await gone(of);
    scenario().gate.thaw();
    await revoked(of);
  });

  it('comes back where the object stays', async () => {
    const of = await created('mended');
    await strip(of);
    await clients.patch(of, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } });
    await until(of, 'its finalizer', ({ metadata }) => metadata.finalizers?.includes(FINALIZER) === true);
  });

  it('and whose end nobody saw, leaves an orphan that works, until its object is applied again', async () => {
    const of = await created('unseen');
    const before = writes(of);
    await scenario().operator().stop();
    await strip(of);
    await remove(of);
    await gone(of);
    await scenario().launch();
    const [claim] = await untilClaims(of, 'Orphaned', isOrphaned);
    expect(claim?.spec).toMatchObject({ phase: 'Held', origin: 'Created' });
    expect(conditionOf(claim!, 'Orphaned')?.message).toContain(`${of.namespace}/${of.name}`);
    expect(writes(of)).toBe(before);
    expect(scenario().alm.matches(of.clientId, secretText(of.name))).toBe(true);
    await declare(of);
    const { metadata, status } = await settled(of);
    expect(status).toMatchObject({ origin: 'Created' });
    const [taken] = await untilClaims(of, 'an owner', (found) => !isOrphaned(found));
    expect(taken?.spec).toMatchObject({ phase: 'Held', owner: { uid: metadata.uid } });
  });
});

describe('an end that nobody saw', () => {
  it('since the watch was cut and its version is gone, revokes nothing: a list cannot tell', async () => {
    const of = await created('unlisted');
    const before = writes(of);
    await scenario().gate.refuse();
    scenario().gate.cut({ verb: 'watch' });
    await strip(of);
    await remove(of);
    await gone(of);
    await scenario().cluster.compact();
    await scenario().gate.accept();
    await untilClaims(of, 'Orphaned', isOrphaned);
    expect(await claims(of)).toMatchObject([{ phase: 'Held' }]);
    expect(writes(of)).toBe(before);
  });
});

const ROUNDS = 50;

it('one that is deleted and applied again fifty times in a row ends Ready, with the last secret alone', async () => {
  const of = await place('again');
  for (let round = 1; round <= ROUNDS; round += 1) {
    await declare(of, {}, secretText(`again-${round}`));
    // Every other one goes before anybody knows what became of it.
    if (round % 2 === 0) await settled(of);
    await remove(of);
    await gone(of, 60_000);
  }
  await declare(of, {}, secretText('last'));
  const { metadata, status } = await settled(of, 60_000);
  expect(status).toMatchObject({ origin: 'Created' });
  expect(await claims(of)).toMatchObject([
    { phase: 'Held', origin: 'Created', owner: { uid: metadata.uid } },
  ]);
  const { alm } = scenario();
  expect(alm.matches(of.clientId, secretText('last'))).toBe(true);
  expect(
    Array.from({ length: ROUNDS }, (_, at) => alm.matches(of.clientId, secretText(`again-${at + 1}`))),
  ).toEqual(Array.from({ length: ROUNDS }, () => false));
}, 180_000);
