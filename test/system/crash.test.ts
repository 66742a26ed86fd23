import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { clientsOf, type Place } from './clients.ts';
import { alm, cuts, kubernetes, type Step, useKilling } from './killing.ts';

/** The process is killed between any two steps; the next one brings every object to the same end. */

const { scenario, killed } = useKilling();
const { place, declare, rotate, created, settled, claims } = clientsOf(scenario);

const SECRET = kubernetes('the Secret is read', 'get', 'secrets');
const STATUS = kubernetes('the status is written', 'update', 'clientcredentials', { subresource: 'status' });
const POST = alm('ALM is asked to create', 'POST', '/api/credentials');
const PUT = alm('ALM is asked to update', 'PUT', '/api/credentials/');

const CREATION: readonly Step[] = [
  SECRET,
  kubernetes('the finalizer is set', 'patch', 'clientcredentials'),
  kubernetes('the claim is written', 'create', 'almclientclaims'),
  POST,
  kubernetes('the claim is held', 'patch', 'almclientclaims'),
  STATUS,
];

const UPDATE: readonly Step[] = [
  SECRET,
  kubernetes('the object is read', 'get', 'clientcredentials'),
  kubernetes('the claim is read', 'get', 'almclientclaims'),
  PUT,
  STATUS,
];

const ADOPTION: readonly Step[] = [...CREATION.slice(0, 4), PUT, ...CREATION.slice(4)];

function creations({ clientId }: Place): number {
  return scenario().alm.log.filter((request) => request.clientId === clientId && request.wrote === 'created')
    .length;
}

describe.each(cuts(CREATION))('killed %s %s', (when, _name, step) => {
  it('a creation ends like any other', async () => {
    const of = await place('victim');
    await killed(step, when, of, () => declare(of, { roles: ['Portal'] }));
    const object = await settled(of);
    expect(object.status).toMatchObject({
      origin: 'Created',
      applied: { operation: 'Created', generation: 1 },
    });
    expect(await claims(of)).toMatchObject([
      { phase: 'Held', origin: 'Created', owner: { uid: object.metadata.uid } },
    ]);
    const { state } = scenario().alm;
    expect(state.get(of.clientId)).toMatchObject({ roles: ['Portal'], accessTokenValidity: 1200 });
    expect(scenario().alm.matches(of.clientId, secretText(of.name))).toBe(true);
    expect(creations(of)).toBe(1);
  });
});

describe.each(cuts(UPDATE))('killed %s %s', (when, _name, step) => {
  it('an update ends like any other', async () => {
    const of = await created('victim');
    await killed(step, when, of, () => rotate(of, secretText('successor')));
    await settled(of);
    expect(await claims(of)).toMatchObject([{ phase: 'Held', origin: 'Created' }]);
    expect(scenario().alm.matches(of.clientId, secretText('successor'))).toBe(true);
    expect(creations(of)).toBe(1);
  });
});

describe.each(cuts(ADOPTION))('killed %s %s', (when, _name, step) => {
  it('an adoption stays an adoption', async () => {
    const of = await place('found');
    scenario().alm.state.set({
      clientId: of.clientId,
      clientSecret: secretText('theirs'),
      authorisedGrantTypes: ['client_credentials'],
      accessTokenValidity: 60,
      refreshTokenValidity: 60,
      roles: [],
    });
    await killed(step, when, of, () => declare(of, { adoptionPolicy: 'IfExists' }));
    const object = await settled(of);
    expect(object.status).toMatchObject({ origin: 'Adopted' });
    expect(await claims(of)).toMatchObject([{ phase: 'Held', origin: 'Adopted' }]);
    expect(scenario().alm.state.get(of.clientId)).toMatchObject({ accessTokenValidity: 1200 });
    expect(scenario().alm.matches(of.clientId, secretText(of.name))).toBe(true);
    expect(creations(of)).toBe(0);
  });
});
