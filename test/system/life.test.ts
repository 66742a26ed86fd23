import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { conditionOf, hasCondition, type Live } from '../support/kubectl/objects.ts';
import { credential, secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';

/** A client's life from the outside: what a user applies, what ALM holds afterwards, what kubectl shows. */

const scenario = useScenario();

const ready = hasCondition('Ready', 'True');
const writesOf = (clientId: string) =>
  scenario().alm.log.filter((request) => request.clientId === clientId && request.wrote !== undefined);

async function created(name: string, spec: Readonly<Record<string, unknown>> = {}): Promise<Live> {
  const namespace = await scenario().namespace();
  await scenario().api.apply(secret(namespace, name, { clientSecret: secretText(name) }));
  await scenario().api.apply(credential(namespace, name, spec));
  return scenario().api.waitFor('ClientCredential', namespace, name, ready, { what: `${name} to be Ready` });
}

function placeOf({ metadata: { namespace = '', name } }: Live) {
  return { namespace, name, clientId: `${namespace}_${name}` };
}

const untilReady = (object: Live, generation?: number) => {
  const { namespace, name } = placeOf(object);
  const holds = (seen: Live) =>
    ready(seen) && (seen.status?.['observedGeneration'] ?? 0) === (generation ?? seen.metadata.generation);
  return scenario().api.waitFor('ClientCredential', namespace, name, holds, {
    what: 'Ready at this generation',
  });
};

describe('a client', () => {
  it('is created with everything that the spec leaves out resolved', async () => {
    const object = await created('orders', { roles: ['Portal', 'ReadOnly'] });
    const { clientId } = placeOf(object);
    expect(scenario().alm.state.get(clientId)).toMatchObject({
      clientId,
      authorisedGrantTypes: ['client_credentials'],
      accessTokenValidity: 1200,
      refreshTokenValidity: 30600,
      roles: ['Portal', 'ReadOnly'],
    });
    expect(scenario().alm.matches(clientId, secretText('orders'))).toBe(true);
    expect(object.status).toMatchObject({
      observedGeneration: 1,
      origin: 'Created',
      connection: 'default',
      effective: {
        accessTokenValidity: 1200,
        adoptionPolicy: 'Never',
        deletionPolicy: 'Revoke',
        resyncInterval: '30m',
      },
      applied: {
        generation: 1,
        operation: 'Created',
        endpoint: scenario().alm.url,
        secret: { name: 'orders', key: 'clientSecret' },
      },
    });
    expect(conditionOf(object, 'Ready')?.reason).toBe('Applied');
    expect(['Stalled', 'Reconciling'].map((type) => conditionOf(object, type))).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('follows its spec', async () => {
    const object = await created('changing');
    const { namespace, name, clientId } = placeOf(object);
    await scenario().api.apply(credential(namespace, name, { accessTokenValidity: 60, roles: ['Portal'] }));
    const after = await untilReady(object, 2);
    expect(scenario().alm.state.get(clientId)).toMatchObject({ accessTokenValidity: 60, roles: ['Portal'] });
    expect(after.status).toMatchObject({ applied: { operation: 'Updated', generation: 2 } });
  });

  it('is not written for roles in another order, labels, or a new resync interval', async () => {
    const object = await created('quiet', { roles: ['Portal', 'ReadOnly'] });
    const { namespace, name, clientId } = placeOf(object);
    const spec = { roles: ['ReadOnly', 'Portal'], resyncInterval: '0s' };
    await scenario().api.apply(credential(namespace, name, spec));
    await untilReady(object, 2);
    expect(writesOf(clientId)).toHaveLength(1);
  });

  it('follows a rotated Secret', async () => {
    const object = await created('rotating');
    const { namespace, name, clientId } = placeOf(object);
    const before = object.status?.['applied'];
    await scenario().api.apply(secret(namespace, name, { clientSecret: secretText('rotated') }));
    await scenario().api.waitFor<Live>(
      'ClientCredential',
      namespace,
      name,
      (seen) => ready(seen) && JSON.stringify(seen.status?.['applied']) !== JSON.stringify(before),
      { what: 'the new Secret to be applied' },
    );
    expect(scenario().alm.matches(clientId, secretText('rotated'))).toBe(true);
    expect(scenario().alm.matches(clientId, secretText('rotating'))).toBe(false);
  });

  it('waits for its Secret and goes on by itself', async () => {
    const namespace = await scenario().namespace();
    await scenario().api.apply(credential(namespace, 'early'));
    const waiting = await scenario().api.waitFor(
      'ClientCredential',
      namespace,
      'early',
      hasCondition('Ready', 'False', 'SecretNotFound'),
      { what: 'SecretNotFound' },
    );
    expect(conditionOf(waiting, 'Ready')?.message).toBe(
      `Secret early does not exist in namespace ${namespace}; create it`,
    );
    expect(conditionOf(waiting, 'Reconciling')?.status).toBe('True');
    expect(waiting.metadata.finalizers ?? []).toEqual([]);
    await scenario().api.apply(secret(namespace, 'early', { clientSecret: secretText('early') }));
    await scenario().api.waitFor('ClientCredential', namespace, 'early', ready, { what: 'Ready' });
  });

  it('is asserted again when a new token asks for it', async () => {
    const object = await created('asked');
    const { namespace, name, clientId } = placeOf(object);
    const annotations = { 'reconcile.fluxcd.io/requestedAt': 'now-1' };
    await scenario().api.patch('ClientCredential', namespace, name, {
      type: 'merge',
      body: { metadata: { annotations } },
    });
    await scenario().api.waitFor<Live>(
      'ClientCredential',
      namespace,
      name,
      (seen) => seen.status?.['lastHandledReconcileAt'] === 'now-1',
      { what: 'the token in status' },
    );
    expect(writesOf(clientId)).toHaveLength(2);
  });

  it('is left alone while suspended, and says that a change waits', async () => {
    const object = await created('paused');
    const { namespace, name, clientId } = placeOf(object);
    await scenario().api.apply(credential(namespace, name, { suspend: true }));
    const paused = hasCondition('Ready', 'True', 'Suspended');
    await scenario().api.waitFor('ClientCredential', namespace, name, paused, { what: 'Suspended' });
    await scenario().api.apply(credential(namespace, name, { suspend: true, accessTokenValidity: 60 }));
    const pending = hasCondition('Ready', 'False', 'Suspended');
    await scenario().api.waitFor('ClientCredential', namespace, name, pending, { what: 'a waiting change' });
    expect(writesOf(clientId)).toHaveLength(1);
    await scenario().api.apply(credential(namespace, name, { suspend: false, accessTokenValidity: 60 }));
    await untilReady(object, 4);
    expect(scenario().alm.state.get(clientId)).toMatchObject({ accessTokenValidity: 60 });
  });

  it('is overwritten with what nobody knows when its object is deleted, which then goes', async () => {
    const object = await created('leaving', { roles: ['Portal'] });
    const { namespace, name, clientId } = placeOf(object);
    await scenario().api.delete('ClientCredential', namespace, name);
    await scenario().api.waitGone('ClientCredential', namespace, name);
    const claims = await scenario().api.list<Live>('AlmClientClaim', 'alm-operator');
    const claim = claims.find(({ spec }) => spec?.['clientId'] === clientId);
    expect(claim?.spec).toMatchObject({ phase: 'Revoked', origin: 'Created', owner: { namespace, name } });
    expect(scenario().alm.state.get(clientId)).toMatchObject({ roles: [], accessTokenValidity: 1 });
    expect(scenario().alm.matches(clientId, secretText('leaving'))).toBe(false);
  });
});

describe('a client that exists already', () => {
  it('is left alone without consent', async () => {
    const namespace = await scenario().namespace();
    await scenario().api.apply(secret(namespace, 'admin', { clientSecret: secretText('mine') }));
    const taken = { clientId: 'someone-elses', roles: ['SLMAdmin'] };
    scenario().alm.state.set({
      ...taken,
      clientSecret: secretText('theirs'),
      authorisedGrantTypes: ['client_credentials'],
      accessTokenValidity: 1200,
      refreshTokenValidity: 30600,
    });
    await scenario().api.apply(credential(namespace, 'admin', { clientId: taken.clientId }));
    const object = await scenario().api.waitFor(
      'ClientCredential',
      namespace,
      'admin',
      hasCondition('Stalled', 'True', 'AlreadyExists'),
      { what: 'AlreadyExists' },
    );
    expect(conditionOf(object, 'Ready')).toMatchObject({ status: 'False', reason: 'AlreadyExists' });
    expect(scenario().alm.matches(taken.clientId, secretText('theirs'))).toBe(true);
    expect(scenario().alm.state.get(taken.clientId)).toMatchObject({ roles: ['SLMAdmin'] });
    const claims = await scenario().api.list<Live>('AlmClientClaim', 'alm-operator');
    expect(claims.filter(({ spec }) => spec?.['clientId'] === taken.clientId)).toEqual([]);
  });

  it('is adopted with consent: NimrodClient and its timeouts', async () => {
    const object = await created('nimrod', {
      clientId: 'NimrodClient',
      adoptionPolicy: 'Required',
      authorisedGrantTypes: ['password', 'refresh_token'],
      accessTokenValidity: 600,
      refreshTokenValidity: 43200,
    });
    expect(conditionOf(object, 'Ready')?.reason).toBe('Adopted');
    expect(object.status).toMatchObject({ origin: 'Adopted', effective: { deletionPolicy: 'Retain' } });
    expect(scenario().alm.state.get('NimrodClient')).toMatchObject({
      accessTokenValidity: 600,
      refreshTokenValidity: 43200,
      authorisedGrantTypes: ['password', 'refresh_token'],
    });
  });

  it('of ALM itself is refused without a word of consent', async () => {
    const namespace = await scenario().namespace();
    await scenario().api.apply(credential(namespace, 'doki', { clientId: 'DokiClient' }));
    await scenario().api.waitFor(
      'ClientCredential',
      namespace,
      'doki',
      hasCondition('Stalled', 'True', 'ProtectedClientId'),
      { what: 'ProtectedClientId' },
    );
  });

  it('and is the operator’s own login is never touched', async () => {
    const namespace = await scenario().namespace();
    const spec = { clientId: 'Operator-Login', adoptionPolicy: 'Required' };
    await scenario().api.apply(credential(namespace, 'lockout', spec));
    await scenario().api.waitFor(
      'ClientCredential',
      namespace,
      'lockout',
      hasCondition('Stalled', 'True', 'OwnLoginClient'),
      { what: 'OwnLoginClient' },
    );
  });

  it('and is managed by another object is refused, with the name of its owner', async () => {
    const first = await created('owner', { clientId: 'shared-id' });
    const namespace = await scenario().namespace();
    await scenario().api.apply(secret(namespace, 'rival', { clientSecret: secretText('rival') }));
    await scenario().api.apply(credential(namespace, 'rival', { clientId: 'Shared-ID' }));
    const rival = await scenario().api.waitFor(
      'ClientCredential',
      namespace,
      'rival',
      hasCondition('Stalled', 'True', 'ClientIdConflict'),
      { what: 'ClientIdConflict' },
    );
    expect(conditionOf(rival, 'Ready')?.message).toContain(`${first.metadata.namespace}/owner`);
    expect(scenario().alm.matches('shared-id', secretText('owner'))).toBe(true);
  });
});
