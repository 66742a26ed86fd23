import { afterAll, describe, expect, it } from 'vitest';
import { OPERATOR_LOGIN } from '../support/alm/defaults.ts';
import { type AlmOptions, type AlmSim, startAlm } from '../support/alm/server.ts';
import { secretText } from '../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { conditionOf, hasCondition, type Live, type Manifest } from '../support/kubectl/objects.ts';
import { connectionManifests, secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, type Place } from './clients.ts';

/** The ways to an ALM: addresses, certificates, logins and their tokens. */

const PATIENCE_MS = 25_000;

const scenario = useScenario();
const { created, change, place, declare, settled, held, get, patch, until } = clientsOf(scenario);

function connection(name: string, predicate: (seen: Live) => boolean): Promise<Live> {
  const patience = { what: 'the connection to say so', timeoutMs: PATIENCE_MS };
  return scenario().api.waitFor<Live>('AlmConnection', OPERATOR_NAMESPACE, name, predicate, patience);
}

const connected = (name: string) => connection(name, hasCondition('Ready', 'True', 'Connected'));
const refused = (name: string, reason: string) => connection(name, hasCondition('Ready', 'False', reason));
const readable = (name: string) =>
  connection(name, ({ status }) => JSON.stringify(status?.['capabilities']) === '{"read":true}');

async function connect(name: string, alm: Pick<AlmSim, 'url' | 'caPem'>, spec = {}): Promise<void> {
  for (const manifest of connectionManifests(name, alm, spec)) await scenario().api.apply(manifest);
}

const through = (name: string) => ({ connectionRef: { name } });
const logins = ({ log }: AlmSim, since = 0) =>
  log.slice(since).filter(({ path, clientId }) => path === '/oauth/token' && clientId === 'operator-login');

/** A client made through this connection is at this ALM. */
async function works(name: string, alm: AlmSim): Promise<Live> {
  const object = await connected(name);
  const client = await created(name, through(name));
  expect(alm.matches(client.clientId, secretText(name))).toBe(true);
  expect((await get(client)).status).toMatchObject({ applied: { endpoint: alm.url } });
  return object;
}

/** ALMs that tests stop and start again, and that the scenario knows nothing of. */
const own: AlmSim[] = [];

async function started(options: Partial<AlmOptions> = {}): Promise<AlmSim> {
  const alm = await startAlm(options);
  own.push(alm);
  return alm;
}

afterAll(async () => {
  await Promise.all(own.map((alm) => alm.stop()));
});

describe('an address', () => {
  it('may have a path prefix', async () => {
    const alm = await scenario().connect('prefixed', { alm: { pathPrefix: '/cp4na/ishtar' } });
    expect(alm.url).toMatch(/\/cp4na\/ishtar$/);
    await works('prefixed', alm);
  });

  it('without its path prefix says that something else answers there', async () => {
    const alm = await started({ pathPrefix: '/ishtar' });
    await connect('unprefixed', { ...alm, url: alm.url.replace(/\/ishtar$/, '') });
    await refused('unprefixed', 'EndpointNotFound');
    await connect('unprefixed', alm);
    await works('unprefixed', alm);
  });

  it('may be http where that is allowed, and the danger is said', async () => {
    const alm = await scenario().connect('plain', {
      alm: { scheme: 'http', knobs: { getItem: 'omitted' } },
      spec: { tls: undefined, auth: { none: {} }, insecure: { allowHttp: true } },
    });
    const before = await connected('plain');
    expect(conditionOf(before, 'InsecureTransport')).toMatchObject({ status: 'True', reason: 'PlainHttp' });
    expect(conditionOf(before, 'Authorised')?.status).toBe('Unknown');
    expect(before.status?.['capabilities']).toBeUndefined();

    await works('plain', alm);
    const after = await readable('plain');
    expect(conditionOf(after, 'Authorised')?.status).toBe('True');
  });
});

describe('a certificate', () => {
  it('with a common name only needs tls.serverName', async () => {
    const alm = await scenario().connect('named', { alm: { certificate: 'cn-only' } });
    const { status } = await refused('named', 'TlsError');
    expect(JSON.stringify(status)).toContain('spec.tls.serverName');
    await connect('named', alm, { tls: { caBundle: alm.caPem, serverName: 'ishtar' } });
    await works('named', alm);
  });

  it('of an unknown authority is refused, unless it is not to be checked, which is said', async () => {
    const alm = await scenario().connect('unchecked', { spec: { tls: {} } });
    await refused('unchecked', 'TlsError');
    expect(alm.log).toEqual([]);
    await connect('unchecked', alm, { tls: { insecureSkipVerify: true } });
    const object = await works('unchecked', alm);
    const reason = 'VerificationDisabled';
    expect(conditionOf(object, 'InsecureTransport')).toMatchObject({ status: 'True', reason });
  });

  it.each(['ConfigMap', 'Secret'] as const)(
    'is trusted by what a %s holds, once that exists',
    async (kind) => {
      const name = `ca-of-${kind.toLowerCase()}`;
      const alm = await scenario().connect(name, { spec: { tls: { caRef: { kind, name } } } });
      await refused(name, 'SecretNotFound');
      const data = { 'ca.crt': alm.caPem };
      const metadata = { namespace: OPERATOR_NAMESPACE, name };
      const config: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
      await scenario().api.apply(kind === 'ConfigMap' ? config : secret(OPERATOR_NAMESPACE, name, data));
      const object = await works(name, alm);
      expect(conditionOf(object, 'InsecureTransport')).toBeUndefined();
    },
  );

  it('of the operator’s own is shown where ALM asks for one', async () => {
    const alm = await scenario().connect('mutual', { alm: { clientCertificate: 'required' } });
    const { status } = await refused('mutual', 'TlsError');
    expect(JSON.stringify(status)).toContain('spec.tls.clientCertificateRef');
    await connect('mutual', alm, { tls: { caBundle: alm.caPem, clientCertificateRef: { name: 'mutual' } } });
    await refused('mutual', 'SecretNotFound');
    const { certPem, keyPem } = alm.authority.issue({ cn: 'alm-operator', client: true });
    const pair = secret(OPERATOR_NAMESPACE, 'mutual', { 'tls.crt': certPem, 'tls.key': keyPem });
    await scenario().api.apply({ ...pair, type: 'kubernetes.io/tls' });
    await works('mutual', alm);
  });
});

describe('what an ALM offers', () => {
  it.each([
    ['Enabled', true],
    ['Disabled', false],
  ] as const)('is as the connection says with api.read %s, without a question', async (read, capability) => {
    const name = `read-${read.toLowerCase()}`;
    const alm = await scenario().connect(name, {
      alm: { knobs: { getItem: 'hash' } },
      spec: { api: { read } },
    });
    const object = await works(name, alm);
    expect(object.status).toMatchObject({ capabilities: { read: capability } });
    const reads = alm.log.filter(({ method }) => method === 'GET');
    expect(reads.map(({ clientId }) => clientId)).not.toContain('operator-login');
    expect(reads.length > 0).toBe(capability);
  });

  it('is looked at anew when the connection changes', async () => {
    const alm = await scenario().connect('growing');
    const before = await connected('growing');
    expect(before.status).toMatchObject({ capabilities: { read: false } });
    alm.knobs.getItem = 'blank';
    await connect('growing', alm, { limits: { timeout: '5s' } });
    await readable('growing');
  });
});

/** Asks for one reconciliation after the other until the condition holds; each of them succeeds. */
async function live(client: Place, enough: () => boolean): Promise<void> {
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  for (let asked = 1; !enough(); asked += 1) {
    deadline.throwIfAborted();
    const token = `ask-${asked}`;
    await patch(client, { annotations: { 'reconcile.fluxcd.io/requestedAt': token } });
    const handled = ({ status }: Live) => status?.['lastHandledReconcileAt'] === token;
    const object = await until(client, 'the request to be handled', handled);
    expect(conditionOf(object, 'Synced')?.status).toBe('True');
  }
}

describe('a login', () => {
  async function connectAsUser(name: string, seconds: number): Promise<AlmSim> {
    const nimrod = {
      ...OPERATOR_LOGIN,
      clientId: 'NimrodClient',
      clientSecret: secretText('NimrodClient'),
      authorisedGrantTypes: ['password', 'refresh_token'],
      accessTokenValidity: seconds,
      roles: [],
    };
    const ref = { name: 'nimrod-login' };
    const values = { clientSecret: nimrod.clientSecret, password: secretText('root-sec-admin') };
    await scenario().api.apply(secret(OPERATOR_NAMESPACE, ref.name, values));
    const user = { username: 'root-sec-admin', passwordRef: ref };
    const password = { clientId: nimrod.clientId, clientSecretRef: ref, ...user };
    return scenario().connect(name, { alm: { clients: [nimrod] }, spec: { auth: { password } } });
  }

  it('may be that of a user', async () => {
    const alm = await connectAsUser('user', 1200);
    await works('user', alm);
    expect(new Set(alm.log.flatMap(({ caller }) => caller ?? []))).toEqual(new Set(['root-sec-admin']));
  });

  it('of a user is renewed without the password', async () => {
    const alm = await connectAsUser('renewed', 2);
    const client = await created('renewed', through('renewed'));
    const user = alm.state.users.get('root-sec-admin');
    if (user === undefined) throw new Error('There is no such user');
    alm.state.users.set(user.username, { ...user, password: secretText('changed') });
    await live(client, () => alm.log.filter(({ path }) => path === '/oauth/token').length >= 4);
    expect(alm.log.filter(({ status }) => status >= 400 && status !== 405)).toEqual([]);
  });

  it('without SECADMIN is said to lack it, and works once it has it', async () => {
    const powerless = { ...OPERATOR_LOGIN, roles: ['Portal'] };
    const options = { clients: [powerless], knobs: { tokenFormat: 'jwt' } } as const;
    const alm = await scenario().connect('powerless', { alm: options });
    const client = await place('powerless');
    await declare(client, through('powerless'));
    await held(client, 'PrivilegeMissing');
    const object = await refused('powerless', 'PrivilegeMissing');
    expect(conditionOf(object, 'Authenticated')?.status).toBe('True');
    alm.state.set(OPERATOR_LOGIN);
    await settled(client);
    await connected('powerless');
  });
});

describe('a token', () => {
  const NAMES = ['one', 'two', 'three', 'four', 'five'];

  function createFive(name: string): Promise<readonly Place[]> {
    return Promise.all(NAMES.map((client) => created(client, through(name))));
  }

  async function changeAll(clients: readonly Place[], name: string, alm: AlmSim): Promise<void> {
    const spec = { ...through(name), accessTokenValidity: 77 };
    await Promise.all(clients.map((client) => change(client, spec)));
    await Promise.all(clients.map((client) => settled(client)));
    const validities = clients.map(({ clientId }) => alm.state.get(clientId)?.accessTokenValidity);
    expect(validities).toEqual(NAMES.map(() => 77));
  }

  it('that ALM calls expired costs one login, however many were about to write', async () => {
    const alm = await scenario().connect('expiring');
    const clients = await createFive('expiring');
    const since = alm.log.length;
    alm.knobs.clockSkewSeconds = 3600;
    await changeAll(clients, 'expiring', alm);
    expect(alm.log.slice(since).filter(({ status }) => status === 401).length).toBeGreaterThan(0);
    expect(logins(alm, since)).toHaveLength(1);
  });

  it('that a restart of ALM has lost costs one login, and what the restart undid is done again', async () => {
    const first = await started();
    await connect('restarting', first);
    const clients = await createFive('restarting');
    const adoption = { clientId: 'DokiClient', adoptionPolicy: 'Required', accessTokenValidity: 600 };
    const doki = await created('doki', { ...through('restarting'), ...adoption });
    await first.stop();
    const knobs = { tokensOnRestart: 'lost', bootstrapOnRestart: 'yes' } as const;
    const again = await started({ port: first.port, state: first.state, knobs });
    expect(again.state.get('DokiClient')?.accessTokenValidity).toBe(1200);
    await changeAll(clients, 'restarting', again);
    await live(doki, () => again.state.get('DokiClient')?.accessTokenValidity === 600);
    expect(again.matches('DokiClient', secretText('doki'))).toBe(true);
    expect(logins(again)).toHaveLength(1);
  });

  it('is renewed before it ends, so that no call is refused', async () => {
    const login = { ...OPERATOR_LOGIN, accessTokenValidity: 2 };
    const alm = await scenario().connect('brief', { alm: { clients: [login] } });
    const client = await created('brief', through('brief'));
    await live(client, () => logins(alm).length >= 4);
    expect(alm.log.map(({ status }) => status)).not.toContain(401);
  });
});
