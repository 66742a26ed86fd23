import { describe, expect, it } from 'vitest';
import { findCanary, secretText } from '../support/canary.ts';
import { isWrite } from '../support/gate/request.ts';
import { LAST_APPLIED } from '../support/kubectl/apply.ts';
import { conditionOf, hasCondition, type Live } from '../support/kubectl/objects.ts';
import { credential } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, type Place } from './clients.ts';

/** What users of other operators complain about (issues of those projects are named), and does not happen here. */

const scenario = useScenario();
const { place, declare, created, change, rotate, patch, until, held, settled, told, claims, get } =
  clientsOf(scenario);

const asked = ({ clientId }: Place, alm = scenario().alm) =>
  alm.log.filter((request) => request.clientId === clientId && request.path !== '/oauth/token');
const verbs = (of: Place, alm = scenario().alm) => asked(of, alm).map(({ method }) => method);
const seed = (clientId: string) => ({
  clientId,
  clientSecret: secretText('theirs'),
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 60,
  refreshTokenValidity: 60,
  roles: [],
});
const ofOperator = () => scenario().gate.log.filter(({ user }) => user === 'operator');

describe('existence', () => {
  it('provider-http#176, crossplane#3037: an uncertain creation ends Ready and not stuck', async () => {
    const of = await place('uncertain');
    const match = (request: { clientId?: string; method: string; path: string }) =>
      request.clientId === of.clientId && request.path === '/api/credentials';
    scenario().alm.faults.add({ match, times: 1, do: { kind: 'reset', when: 'after' } });
    await declare(of);
    await settled(of);
    expect(asked(of).filter(({ wrote }) => wrote === 'created')).toHaveLength(1);
  });

  it('hydra-maester#66, #155: an object made anew manages the same client under the same id', async () => {
    const of = await created('again', { deletionPolicy: 'Retain' });
    await scenario().api.delete('ClientCredential', of.namespace, of.name);
    await scenario().api.waitGone('ClientCredential', of.namespace, of.name);
    await declare(of, { deletionPolicy: 'Retain' });
    expect((await settled(of)).status).toMatchObject({ origin: 'Created' });
    expect(verbs(of)).toEqual(['POST', 'PUT']);
  });

  it('hydra-maester#34: one id at two ALMs is two clients, which do not fight', async () => {
    const other = await scenario().connect('second');
    const here = await created('twin', { clientId: 'one-id', roles: ['Portal'] });
    const there = await created('twin', { clientId: 'one-id', connectionRef: { name: 'second' } });
    expect([verbs(here), verbs(there, other)]).toEqual([['POST'], ['POST']]);
    expect(scenario().alm.state.get('one-id')?.roles).toEqual(['Portal']);
    expect(other.state.get('one-id')?.roles).toEqual([]);
  });

  it('cloud-native-ref#1953, strimzi#8552: two objects with one id do not take turns', async () => {
    const first = await created('first', { clientId: 'contested' });
    const second = { ...(await place('second')), clientId: 'contested' };
    await declare(second);
    await held(second, 'ClientIdConflict');
    await rotate(second, secretText('rival'));
    await rotate(first, secretText('owner'));
    await settled(first);
    expect(scenario().alm.matches('contested', secretText('owner'))).toBe(true);
    expect(await claims(first)).toMatchObject([{ owner: { namespace: first.namespace } }]);
  });

  it('grafana-operator#1677: a status that somebody wrote is no proof of ownership', async () => {
    const { status } = await get(await created('model'));
    const of = { ...(await place('forger')), clientId: 'theirs' };
    scenario().alm.state.set(seed('theirs'));
    await declare(of, { suspend: true });
    await until(of, 'Suspended', hasCondition('Ready', 'False', 'Suspended'));
    const { uid, resourceVersion } = (await scenario().api.get<Live>('Secret', of.namespace, of.name))
      .metadata;
    const secret = { name: of.name, key: 'clientSecret', uid, resourceVersion };
    const forged = {
      ...status,
      effective: { ...(status?.['effective'] as object), clientId: 'theirs' },
      applied: { ...(status?.['applied'] as object), secret },
    };
    const patch = { type: 'merge', body: { status: forged } } as const;
    await scenario().api.patch('ClientCredential', of.namespace, of.name, patch, 'status');
    await change(of, { suspend: false });
    await held(of, 'AlreadyExists');
    expect(scenario().alm.matches('theirs', secretText('theirs'))).toBe(true);
    expect(await claims(of)).toEqual([]);
  });

  it('a claim that is deleted by hand forgets ownership, and touches nothing at ALM', async () => {
    const of = await created('forgotten');
    const all = await scenario().api.list<Live>('AlmClientClaim');
    const claim = all.find(({ spec }) => spec?.['clientId'] === of.clientId);
    await scenario().api.delete('AlmClientClaim', 'alm-operator', claim?.metadata.name ?? '');
    await patch(of, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } });
    await until(of, 'AlreadyExists', (object) => conditionOf(object, 'Ready')?.reason === 'AlreadyExists');
    expect(asked(of).filter(({ wrote }) => wrote !== undefined)).toHaveLength(1);
  });
});

describe('restarts', () => {
  it('provider-keycloak#181, #259: a restart, or a restore without status, meets no conflict', async () => {
    const of = await created('restored');
    await scenario().operator().stop();
    const object = await get(of);
    await scenario().api.replace({ ...object, status: {} }, 'status');
    await scenario().launch();
    expect((await settled(of)).status).toMatchObject({ origin: 'Created' });
    expect(verbs(of)).toEqual(['POST', 'PUT']);
  });

  it('provider-keycloak#65: many clients cost one login', async () => {
    const alm = await scenario().connect('frugal');
    const names = Array.from({ length: 8 }, (_, at) => `frugal-${at}`);
    await Promise.all(names.map((name) => created(name, { connectionRef: { name: 'frugal' } })));
    const logins = alm.log.filter(({ path }) => path === '/oauth/token').map(({ clientId }) => clientId);
    expect(logins.filter((id) => id === 'operator-login')).toHaveLength(1);
    // The others are the proofs, one for each client.
    expect(new Set(logins).size).toBe(logins.length);
  });

  it('javascript#364, #596: a watch that was cut still hears of the next change', async () => {
    const of = await created('heard');
    scenario().gate.cut({ verb: 'watch' });
    await rotate(of, secretText('after'));
    await settled(of);
    expect(scenario().alm.matches(of.clientId, secretText('after'))).toBe(true);
  });
});

describe('haste', () => {
  it('grafana-operator#2100: behind a connection that is not ready, no object makes calls', async () => {
    const spec = {
      auth: { clientCredentials: { clientId: 'Admin', clientSecretRef: { name: 'operator-login' } } },
    };
    const alm = await scenario().connect('locked', { spec });
    const refused = hasCondition('Ready', 'False', 'Unauthorised');
    await scenario().api.waitFor('AlmConnection', 'alm-operator', 'locked', refused, {
      what: 'Unauthorised',
    });
    const places = await Promise.all(Array.from({ length: 5 }, () => place('locked')));
    await Promise.all(places.map((of) => declare(of, { connectionRef: { name: 'locked' } })));
    await Promise.all(places.map((of) => held(of, 'ConnectionNotReady')));
    expect(alm.log.filter(({ path }) => path !== '/oauth/token')).toEqual([]);
    const about = (of: Place) => ofOperator().filter(({ namespace }) => namespace === of.namespace);
    const written = places.map((of) =>
      about(of).filter((request) => isWrite(request) && request.resource !== 'events'),
    );
    expect(written.map((requests) => requests.length)).toEqual(places.map(() => 1));
  });

  it('external-secrets#6728, gravitee#8301: what ALM refuses for good is Stalled, and not asked again', async () => {
    const of = await place('refused');
    scenario().alm.knobs.unknownRole = '400';
    await declare(of, { roles: ['Unheard'] });
    const object = await held(of, 'RejectedByAlm');
    expect(conditionOf(object, 'Stalled')?.status).toBe('True');
    expect(conditionOf(object, 'Reconciling')).toBeUndefined();
    await created('meanwhile');
    expect(verbs(of)).toEqual(['POST']);
  });

  it('external-secrets#2975: “refresh now” needs no polling', async () => {
    const of = await created('refreshed', { resyncInterval: '0s' });
    await patch(of, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } });
    await until(of, 'the token handled', ({ status }) => status?.['lastHandledReconcileAt'] === 'now');
    expect(verbs(of)).toEqual(['POST', 'PUT']);
  });
});

describe('what kubectl and GitOps see', () => {
  it('tuist#12867, tofu-controller#825, source-controller#362: generations speak of what was really looked at', async () => {
    const namespace = await scenario().namespace('generations');
    const fresh = await scenario().api.create<Live>(credential(namespace, 'fresh'));
    expect(fresh.status?.['observedGeneration']).toBe(-1);
    const of = { namespace, name: 'fresh', clientId: `${namespace}_fresh` };
    await rotate(of, secretText('fresh'));
    await settled(of);
    scenario().alm.faults.add({
      match: ({ method }) => method === 'PUT',
      times: 1,
      do: { kind: 'status', status: 503 },
    });
    await change(of, { accessTokenValidity: 60 });
    const failing = await held(of, 'AlmUnavailable');
    expect(conditionOf(failing, 'Reconciling')).toMatchObject({ status: 'True', observedGeneration: 2 });
    const { conditions = [] } = (await settled(of)).status ?? {};
    expect(new Set(conditions.map((condition) => condition.observedGeneration))).toEqual(new Set([2]));
  });

  it('external-secrets#6398, provider-keycloak’s Argo page: spec and annotations stay as they were applied', async () => {
    const of = await created('mine', { roles: ['ReadOnly', 'Portal'] });
    const { spec, metadata } = await get(of);
    expect(spec).toEqual(
      credential(of.namespace, of.name, { clientId: of.clientId, roles: ['ReadOnly', 'Portal'] })['spec'],
    );
    expect(Object.keys(metadata.annotations ?? {})).toEqual([LAST_APPLIED]);
    expect(metadata.labels).toBeUndefined();
  });

  it('grafana-operator#2079: finalizers of others stay where they are', async () => {
    const of = await place('shared');
    const manifest = credential(of.namespace, of.name);
    const metadata = { ...manifest.metadata, finalizers: ['example.com/a', 'example.com/b'] };
    await scenario().api.create({ ...manifest, metadata });
    await rotate(of, secretText('shared'));
    const object = await settled(of);
    expect(object.metadata.finalizers).toEqual([
      'example.com/a',
      'example.com/b',
      'alm-operator.dev/release',
    ]);
  });

  it('edp-keycloak-operator#2: each change at ALM, and each trouble, is one event', async () => {
    const of = await created('told');
    await change(of, { accessTokenValidity: 60 });
    await settled(of);
    await scenario().api.delete('Secret', of.namespace, of.name);
    await held(of, 'SecretNotFound');
    await expect.poll(() => told(of)).toEqual(['Created', 'SecretNotFound', 'Updated']);
  });
});

describe('Secrets', () => {
  it('hydra-maester#18: are watched as metadata, read one by one where they are referred to, and never written', async () => {
    await created('read');
    const requests = ofOperator().filter(({ resource }) => resource === 'secrets');
    const standing = requests.filter(({ verb }) => verb === 'list' || verb === 'watch');
    expect(standing.length).toBeGreaterThan(0);
    expect(standing.filter(({ accept }) => !accept.includes('PartialObjectMetadata'))).toEqual([]);
    expect(requests.filter((request) => isWrite(request))).toEqual([]);
    const unasked = await place('unasked');
    await rotate(unasked, secretText('unasked'));
    await created('next');
    expect(ofOperator().filter(({ namespace }) => namespace === unasked.namespace)).toEqual([]);
  });

  it('provider-http#39, external-secrets#2401, keycloak#22080: are in no status, event, claim or log', async () => {
    scenario().alm.knobs.refusalEcho = 'on';
    scenario().alm.knobs.writeBody = 'echo-with-secret';
    scenario().alm.knobs.unknownRole = '400';
    const of = await place('echoed');
    await declare(of, { roles: ['Unheard'] });
    await held(of, 'RejectedByAlm');
    await created('echoing');
    const kinds = ['ClientCredential', 'AlmConnection', 'AlmClientClaim', 'Event'];
    const objects = await Promise.all(kinds.map((kind) => scenario().api.list(kind)));
    expect(findCanary({ objects })).toBeUndefined();
    expect(findCanary(scenario().operator().lines.join('\n'))).toBeUndefined();
  });

  it('keycloak#50491: with a label selector, no object makes the operator read a Secret that is not meant for it', async () => {
    await scenario().operator().stop();
    await scenario().launch({ flags: ['--secret-label-selector', 'alm=yes'] });
    const of = await place('private');
    await declare(of);
    expect(conditionOf(await held(of, 'SecretNotAllowed'), 'Stalled')?.status).toBe('True');
    expect(asked(of)).toEqual([]);
    const labels = { type: 'merge', body: { metadata: { labels: { alm: 'yes' } } } } as const;
    await scenario().api.patch('Secret', of.namespace, of.name, labels);
    await settled(of);
    expect(scenario().alm.matches(of.clientId, secretText('private'))).toBe(true);
  });
});
