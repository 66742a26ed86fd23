import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { hasCondition, type Live } from '../support/kubectl/objects.ts';
import { credential, secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';

/** The process is killed between any two steps; the next one brings every object to the same end. */

const scenario = useScenario({ launch: false });
const ready = hasCondition('Ready', 'True');

type Step = Readonly<{
  name: string;
  at: 'kubernetes' | 'alm';
  verb: string;
  resource: string;
  subresource?: string;
}>;

const CREATION: readonly Step[] = [
  { name: 'the Secret is read', at: 'kubernetes', verb: 'get', resource: 'secrets' },
  { name: 'the finalizer is set', at: 'kubernetes', verb: 'patch', resource: 'clientcredentials' },
  { name: 'the claim is written', at: 'kubernetes', verb: 'create', resource: 'almclientclaims' },
  { name: 'ALM is asked to create', at: 'alm', verb: 'POST', resource: '/api/credentials' },
  { name: 'the claim is held', at: 'kubernetes', verb: 'patch', resource: 'almclientclaims' },
  {
    name: 'the status is written',
    at: 'kubernetes',
    verb: 'update',
    resource: 'clientcredentials',
    subresource: 'status',
  },
];

const UPDATE: readonly Step[] = [
  { name: 'the Secret is read', at: 'kubernetes', verb: 'get', resource: 'secrets' },
  { name: 'the object is read', at: 'kubernetes', verb: 'get', resource: 'clientcredentials' },
  { name: 'the claim is read', at: 'kubernetes', verb: 'get', resource: 'almclientclaims' },
  { name: 'ALM is asked to update', at: 'alm', verb: 'PUT', resource: '/api/credentials/' },
  {
    name: 'the status is written',
    at: 'kubernetes',
    verb: 'update',
    resource: 'clientcredentials',
    subresource: 'status',
  },
];

function holdAt({ at, verb, resource, subresource = '' }: Step, when: 'before' | 'after', namespace: string) {
  const { gate, alm } = scenario();
  if (at === 'alm') return alm.hold(({ method, path }) => method === verb && path.startsWith(resource), when);
  const here = (request: { namespace: string }) =>
    request.namespace === namespace || request.namespace === 'alm-operator';
  return gate.hold(
    (request) =>
      request.verb === verb &&
      request.resource === resource &&
      request.subresource === subresource &&
      here(request) &&
      request.user === 'operator' &&
      request.name !== 'operator-login',
    when,
  );
}

async function killedAt(
  step: Step,
  when: 'before' | 'after',
  namespace: string,
  provoke: () => Promise<unknown>,
) {
  const hold = holdAt(step, when, namespace);
  await provoke();
  await hold.reached;
  const operator = scenario().operator();
  operator.kill('SIGKILL');
  await operator.exited;
  hold.drop();
}

async function endState(namespace: string) {
  const { api, alm } = scenario();
  const clientId = `${namespace}_victim`;
  const object = await api.waitFor<Live>('ClientCredential', namespace, 'victim', ready, { what: 'Ready' });
  const claims = (await api.list<Live>('AlmClientClaim', 'alm-operator')).filter(
    ({ spec }) => spec?.['clientId'] === clientId,
  );
  return {
    object,
    claims: claims.map(({ spec }) => spec),
    record: alm.state.get(clientId),
    creations: alm.log.filter((request) => request.clientId === clientId && request.wrote === 'created')
      .length,
  };
}

const whens = ['before', 'after'] as const;

describe.each(CREATION)('killed while $name', (step) => {
  it.each(whens)('(%s it is done) a creation ends like any other', async (when) => {
    const { api, alm } = scenario();
    const namespace = await scenario().namespace('crash');
    await scenario().launch();
    await killedAt(step, when, namespace, async () => {
      await api.apply(secret(namespace, 'victim', { clientSecret: secretText('victim') }));
      await api.apply(credential(namespace, 'victim', { roles: ['Portal'] }));
    });
    await scenario().launch();
    const { object, claims, record, creations } = await endState(namespace);
    expect(object.status).toMatchObject({
      origin: 'Created',
      applied: { operation: 'Created', generation: 1 },
    });
    expect(claims).toMatchObject([{ phase: 'Held', origin: 'Created', owner: { uid: object.metadata.uid } }]);
    expect(record).toMatchObject({ roles: ['Portal'], accessTokenValidity: 1200 });
    expect(alm.matches(`${namespace}_victim`, secretText('victim'))).toBe(true);
    expect(creations).toBe(1);
    await scenario().operator().stop();
  });
});

describe.each(UPDATE)('killed while $name', (step) => {
  it.each(whens)('(%s it is done) an update ends like any other', async (when) => {
    const { api, alm } = scenario();
    const namespace = await scenario().namespace('crash');
    await scenario().launch();
    await api.apply(secret(namespace, 'victim', { clientSecret: secretText('victim') }));
    await api.apply(credential(namespace, 'victim'));
    await endState(namespace);
    await killedAt(step, when, namespace, async () => {
      await api.apply(secret(namespace, 'victim', { clientSecret: secretText('successor') }));
    });
    await scenario().launch();
    const version = (await api.get('Secret', namespace, 'victim')).metadata.resourceVersion;
    await api.waitFor<Live>(
      'ClientCredential',
      namespace,
      'victim',
      (seen) =>
        ready(seen) && JSON.stringify(seen.status?.['applied']).includes(`"resourceVersion":"${version}"`),
      { what: 'the new Secret to be applied' },
    );
    const { claims, creations } = await endState(namespace);
    expect(claims).toMatchObject([{ phase: 'Held', origin: 'Created' }]);
    expect(alm.matches(`${namespace}_victim`, secretText('successor'))).toBe(true);
    expect(creations).toBe(1);
    await scenario().operator().stop();
  });
});

describe.each(CREATION)('killed while $name', (step) => {
  it('an adoption stays an adoption', async () => {
    if (step.verb === 'POST') return;
    const { api, alm } = scenario();
    const namespace = await scenario().namespace('adopt');
    const clientId = `${namespace}_victim`;
    alm.state.set({
      clientId,
      clientSecret: secretText('victim'),
      authorisedGrantTypes: ['client_credentials'],
      accessTokenValidity: 60,
      refreshTokenValidity: 60,
      roles: [],
    });
    await scenario().launch();
    await killedAt(step, 'after', namespace, async () => {
      await api.apply(secret(namespace, 'victim', { clientSecret: secretText('victim') }));
      await api.apply(credential(namespace, 'victim', { adoptionPolicy: 'IfExists' }));
    });
    await scenario().launch();
    const { object, claims, record } = await endState(namespace);
    expect(object.status).toMatchObject({ origin: 'Adopted' });
    expect(claims).toMatchObject([{ phase: 'Held', origin: 'Adopted' }]);
    expect(record).toMatchObject({ accessTokenValidity: 1200 });
    await scenario().operator().stop();
  });
});
