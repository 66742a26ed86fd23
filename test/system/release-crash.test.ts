import { beforeEach, describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { clientsOf, isIn } from './clients.ts';
import { alm, cuts, kubernetes, type Step, useKilling } from './killing.ts';

/** The process is killed between any two steps of a revocation or a take-over; the next one brings it to the same end. */

const { scenario, killed } = useKilling();
const { place, declare, created, settled, remove, gone, claims, untilClaims, revoked, told } =
  clientsOf(scenario);

const OWED: readonly Step[] = [
  kubernetes('the claim is read', 'get', 'almclientclaims'),
  kubernetes('the kind is looked at', 'get', 'customresourcedefinitions'),
  kubernetes('the claim turns Revoking', 'patch', 'almclientclaims'),
];
const LET_GO = kubernetes('the finalizer is taken away', 'patch', 'clientcredentials');

const OVERWRITE: readonly Step[] = [
  ...OWED,
  kubernetes('the object says that ALM is asked', 'update', 'clientcredentials', { subresource: 'status' }),
  alm('ALM is asked to overwrite', 'PUT', '/api/credentials/'),
  alm('the overwrite is proved', 'POST', '/oauth/token'),
  kubernetes('the claim turns Revoked', 'patch', 'almclientclaims', { skip: 1 }),
  LET_GO,
];

const REMOVAL: readonly Step[] = [
  alm('ALM is asked to delete', 'DELETE', '/api/credentials/'),
  kubernetes('the claim is removed', 'delete', 'almclientclaims'),
  LET_GO,
];

describe.each(cuts(OVERWRITE))('killed %s %s', (when, _name, step) => {
  it('a revocation by overwriting ends like any other', async () => {
    const of = await created('leaving', { roles: ['Portal'] });
    await killed(step, when, of, () => remove(of));
    await gone(of);
    await revoked(of);
    const writes = scenario().alm.log.filter(
      ({ clientId, wrote }) => clientId === of.clientId && wrote !== undefined,
    );
    expect(new Set(writes.map(({ wrote }) => wrote))).toEqual(new Set(['created', 'updated']));
    expect((await told(of)).filter((reason) => reason === 'Recreated')).toEqual([]);
  });
});

describe('where ALM deletes', () => {
  beforeEach(() => {
    scenario().alm.knobs.delete = 'present';
  });

  it.each(cuts(REMOVAL))('killed %s %s, a revocation ends like any other', async (when, _name, step) => {
    const { api } = scenario();
    await api.patch('AlmConnection', 'alm-operator', 'default', {
      type: 'merge',
      body: { spec: { api: { delete: 'Enabled' } } },
    });
    const of = await created('removed');
    await killed(step, when, of, () => remove(of));
    await gone(of);
    await untilClaims(of, 'gone', (found) => found.length === 0);
    expect(scenario().alm.state.get(of.clientId)).toBeUndefined();
  });
});

const TAKE_OVER: readonly Step[] = [
  kubernetes('the Secret is read', 'get', 'secrets'),
  kubernetes('the finalizer is set', 'patch', 'clientcredentials'),
  kubernetes('the claim is read', 'get', 'almclientclaims'),
  kubernetes('the claim changes hands', 'patch', 'almclientclaims'),
  alm('ALM is asked to update', 'PUT', '/api/credentials/'),
  kubernetes('the status is written', 'update', 'clientcredentials', { subresource: 'status' }),
];

describe.each(cuts(TAKE_OVER))('killed %s %s', (when, _name, step) => {
  it('taking over what another object of this name left ends like any other', async () => {
    const of = await place('heir');
    await declare(of, { deletionPolicy: 'Retain' });
    await settled(of);
    await remove(of);
    await gone(of);
    await untilClaims(of, 'Retained', isIn('Retained'));
    const successor = secretText('successor');
    await killed(step, when, of, () => declare(of, {}, successor));
    const object = await settled(of);
    expect(object.status).toMatchObject({ origin: 'Created' });
    expect(await claims(of)).toMatchObject([
      { phase: 'Held', origin: 'Created', owner: { uid: object.metadata.uid } },
    ]);
    expect(scenario().alm.matches(of.clientId, successor)).toBe(true);
    const writes = scenario().alm.log.filter(
      ({ clientId, wrote }) => clientId === of.clientId && wrote === 'created',
    );
    expect(writes).toHaveLength(1);
  });
});
