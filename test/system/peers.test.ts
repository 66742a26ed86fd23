import { describe, expect, it } from 'vitest';
import type { AlmSim } from '../support/alm/server.ts';
import { secretText } from '../support/canary.ts';
import { ApiError } from '../support/kubectl/http.ts';
import { conditionOf, type Live } from '../support/kubectl/objects.ts';
import { connectionManifests, credential } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, isReady, type Place } from './clients.ts';

/**
 * Defects of hydra-maester (ory/hydra-maester at 0493362), each under the letter that a review gave it, and shown not to
 * be here; with them what other projects' users say about resyncs.
 */

const scenario = useScenario();
const { place, declare, created, change, rotate, until, held, settled, told, get } = clientsOf(scenario);

const asked = ({ clientId }: Place, alm: AlmSim = scenario().alm) =>
  alm.log.filter((request) => request.clientId === clientId && request.path !== '/oauth/token');
const verbs = (of: Place, alm?: AlmSim) => asked(of, alm).map(({ method }) => method);

function unavailable(of: Place, method: string, times: number) {
  scenario().alm.faults.add({
    match: ({ clientId, method: verb, path }) =>
      clientId === of.clientId && verb === method && path !== '/oauth/token',
    times,
    do: { kind: 'status', status: 503, retryAfter: 1 },
  });
}

const UNTRUE = 'Ready although ALM does not hold it';

/** What Ready said on the way to being True at this generation, each True held against ALM when it was seen. */
async function saidOnTheWay(of: Place, generation: number, holds: () => boolean): Promise<readonly string[]> {
  const said: string[] = [];
  await until(of, `Ready at generation ${generation}`, (object) => {
    if (object.status?.['observedGeneration'] !== generation) return false;
    const isTrue = isReady(object) && holds();
    said.push(isReady(object) && !isTrue ? UNTRUE : (conditionOf(object, 'Ready')?.reason ?? ''));
    return isTrue;
  });
  return said;
}

describe('hydra-maester a', () => {
  it('a failed PUT is never shown as Ready, and is retried until ALM takes it', async () => {
    const of = await created('put');
    unavailable(of, 'PUT', 2);
    const holds = () => scenario().alm.state.get(of.clientId)?.accessTokenValidity === 60;
    const seen = saidOnTheWay(of, 2, holds);
    await change(of, { accessTokenValidity: 60 });
    expect(await seen).toEqual(['AlmUnavailable', 'Applied']);
    expect(verbs(of)).toEqual(['POST', 'PUT', 'PUT', 'PUT']);
  });

  it('a failed POST does not flip Ready back and forth, and its status sets off no further attempts', async () => {
    const of = await place('post');
    unavailable(of, 'POST', 2);
    await declare(of);
    const seen = await saidOnTheWay(of, 1, () => scenario().alm.state.get(of.clientId) !== undefined);
    expect(new Set(seen)).toEqual(new Set(['AlmUnavailable', 'Applied']));
    expect(seen.filter((reason) => reason === 'Applied')).toHaveLength(1);
    expect(verbs(of)).toEqual(['POST', 'POST', 'POST']);
  });
});

it('hydra-maester b: a rotated Secret reaches ALM without any change of the object', async () => {
  const of = await created('rotated');
  await rotate(of, secretText('successor'));
  const object = await settled(of);
  expect(object.metadata.generation).toBe(1);
  expect(scenario().alm.matches(of.clientId, secretText('successor'))).toBe(true);
  expect(scenario().alm.matches(of.clientId, secretText('rotated'))).toBe(false);
});

describe.concurrent('resyncs', () => {
  const connected = async (name: string, getItem: 'omitted' | 'absent-405') => {
    const alm = await scenario().connect(name, { alm: { knobs: { getItem } } });
    await scenario().api.waitFor('AlmConnection', 'alm-operator', name, isReady, { what: 'Ready' });
    const of = await created(name, { connectionRef: { name }, resyncInterval: '5s' });
    return { alm, of };
  };

  it.for([
    { name: 'readable', what: 'that can be read', getItem: 'omitted', repair: ['GET', 'PUT', 'GET'] },
    { name: 'unreadable', what: 'that cannot be read', getItem: 'absent-405', repair: ['PUT'] },
  ] as const)(
    'hydra-maester c: drift at an ALM $what is repaired by itself, although nothing changed here',
    async (row, { expect }) => {
      const { alm, of } = await connected(row.name, row.getItem);
      const record = alm.state.get(of.clientId)!;
      const before = asked(of, alm).length;
      alm.state.set({
        ...record,
        roles: ['SLMAdmin'],
        accessTokenValidity: 1,
        clientSecret: secretText('drift'),
      });
      await expect.poll(() => alm.state.get(of.clientId), { timeout: 15_000 }).toEqual(record);
      expect(alm.matches(of.clientId, secretText(row.name))).toBe(true);
      await expect.poll(() => verbs(of, alm).slice(before)).toEqual(row.repair);
    },
  );

  it('hydra-maester#43: an ALM that lost its clients has them again by itself', async ({ expect }) => {
    const { alm, of } = await connected('forgetful', 'absent-405');
    alm.state.delete(of.clientId);
    await expect
      .poll(() => alm.matches(of.clientId, secretText('forgetful')), { timeout: 15_000 })
      .toBe(true);
    await until(of, 'Recreated', (object) => conditionOf(object, 'Synced')?.reason === 'Recreated');
    await expect.poll(() => told(of)).toEqual(['Created', 'Recreated']);
  });

  it.for([
    { name: 'reading', getItem: 'omitted', verb: 'GET' },
    { name: 'writing', getItem: 'absent-405', verb: 'PUT' },
  ] as const)(
    'external-secrets#5443, #2536: $name to ALM without a difference leaves no trace here',
    async ({ name, getItem, verb }, { expect }) => {
      const { alm, of } = await connected(name, getItem);
      const { metadata } = await get(of);
      const before = verbs(of, alm).length;
      await expect.poll(() => verbs(of, alm).slice(before), { timeout: 15_000 }).toEqual([verb]);
      // A pass for another object ends after the one that would have written.
      await created(`${name}-later`);
      expect((await get(of)).metadata.resourceVersion).toBe(metadata.resourceVersion);
      expect(await told(of)).toEqual(['Created']);
    },
  );
});

it('hydra-maester d: losing the Secret deletes no client, and its return makes no other one', async () => {
  const of = await created('lost');
  await scenario().api.delete('Secret', of.namespace, of.name);
  await held(of, 'SecretNotFound');
  expect(scenario().alm.matches(of.clientId, secretText('lost'))).toBe(true);
  await rotate(of, secretText('lost'));
  await settled(of);
  expect(verbs(of)).toEqual(['POST', 'PUT']);
  expect(scenario().alm.log.filter(({ method }) => method === 'DELETE')).toEqual([]);
});

it('hydra-maester e: a missing Secret is waited for, and nobody generates one', async () => {
  const of = await place('expected');
  await change(of, {});
  await held(of, 'SecretNotFound');
  expect(await scenario().api.list('Secret', of.namespace)).toEqual([]);
  expect(asked(of)).toEqual([]);
  await rotate(of, secretText('mine'));
  await settled(of);
  expect(scenario().alm.matches(of.clientId, secretText('mine'))).toBe(true);
});

it.each(['before', 'after'] as const)(
  'crossplane-contrib/provider-http#176: a creation cut %s ALM applied it is not stuck, and not made twice',
  async (when) => {
    const of = await place(`cut-${when}`);
    scenario().alm.faults.add({
      match: ({ clientId, method, path }) =>
        clientId === of.clientId && method === 'POST' && path !== '/oauth/token',
      times: 1,
      do: { kind: 'reset', when },
    });
    await declare(of);
    const { status } = await settled(of);
    expect(status).toMatchObject({ origin: 'Created' });
    expect(asked(of).filter(({ wrote }) => wrote === 'created')).toHaveLength(1);
    expect(scenario().alm.matches(of.clientId, secretText(of.name))).toBe(true);
  },
);

describe('hydra-maester k', () => {
  it('no field of a client aims the operator at an address', async () => {
    const of = await place('aimed');
    const aim = { endpoint: 'https://127.0.0.1:1', hydraAdmin: { url: 'https://127.0.0.1:1' } };
    const error = await scenario()
      .api.apply(credential(of.namespace, of.name, aim))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).message).toMatch(
      /unknown field "spec.endpoint".*unknown field "spec.hydraAdmin"/,
    );
  });

  it('a connection in the namespace of its user is not honoured, and its address never called', async () => {
    const elsewhere = await scenario().connect('elsewhere', { spec: { auth: { none: {} } } });
    const of = await place('tenant');
    await scenario().api.delete('AlmConnection', 'alm-operator', 'elsewhere');
    await held(await declaredThrough(of, 'elsewhere'), 'ConnectionNotFound');
    const calls = elsewhere.log.length;
    for (const { metadata, ...manifest } of connectionManifests('elsewhere', elsewhere)) {
      await scenario().api.apply({ ...manifest, metadata: { ...metadata, namespace: of.namespace } });
    }
    // Once a later change of the same namespace has been heard of, so has the connection.
    await rotate(of, secretText('again'));
    const other = { ...of, name: 'other', clientId: `${of.namespace}_other` };
    await declare(other);
    await settled(other);
    expect(conditionOf(await get(of), 'Ready')?.reason).toBe('ConnectionNotFound');
    expect(elsewhere.log).toHaveLength(calls);
    const [foreign] = await scenario().api.list<Live>('AlmConnection', of.namespace);
    expect(conditionOf(foreign!, 'Ready')).toBeUndefined();
  });

  async function declaredThrough(of: Place, name: string) {
    await declare(of, { connectionRef: { name } });
    return of;
  }
});

describe('hydra-maester l', () => {
  it.each([
    { how: 'refuses the connection', away: () => scenario().alm.down(), back: () => scenario().alm.up() },
    {
      how: 'answers 500 to all',
      away: async () =>
        void scenario().alm.faults.add({ match: () => true, do: { kind: 'status', status: 500 } }),
      back: async () => scenario().alm.faults.clear(),
    },
  ])('an ALM that $how is asked again by itself, without any resync', async ({ away, back }) => {
    const of = await place('retried');
    await away();
    await declare(of, { resyncInterval: '0s' });
    await held(of, 'ConnectionNotReady');
    await back();
    expect((await settled(of)).metadata.generation).toBe(1);
  });
});
