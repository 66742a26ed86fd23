import { describe, expect, it } from 'vitest';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { conditionOf, hasCondition, type Live } from '../support/kubectl/objects.ts';
import { secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf } from './clients.ts';
import { type Bench, RIGHT, WRONG, type Wrong } from './misconnected.ts';

/** What wrong connections get: a reason of their own, no calls for anybody's client, and recovery once mended. */

const scenario = useScenario();
const { place, declare, created, held, settled } = clientsOf(scenario);

const connection = (name: string, reason: string, status = 'False') =>
  scenario().api.waitFor<Live>(
    'AlmConnection',
    OPERATOR_NAMESPACE,
    name,
    hasCondition('Ready', status, reason),
    { what: `connection ${name} to say ${reason}`, timeoutMs: 20_000 },
  );

/** A connection whose login has a Secret of its own, which comes last: nobody has logged in before. */
async function set(row: Wrong): Promise<Bench> {
  const login = `login-${row.name}`;
  const auth = { clientCredentials: { clientId: 'operator-login', clientSecretRef: { name: login } } };
  const http = row.alm?.scheme === 'http' && { insecure: { allowHttp: true } };
  const alm = await scenario().connect(row.name, {
    ...(row.alm && { alm: row.alm }),
    spec: { auth, ...http },
  });
  const { api } = scenario();
  const bench: Bench = {
    alm,
    login,
    spec: (spec) =>
      api.patch('AlmConnection', OPERATOR_NAMESPACE, row.name, { type: 'merge', body: { spec } }),
    secret: (name, data) => api.apply(secret(OPERATOR_NAMESPACE, name, data)),
    configMap: (name, data) =>
      api.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: OPERATOR_NAMESPACE, name },
        data,
      }),
  };
  if (row.spec !== undefined) await bench.spec({ ...replaced(row.spec(alm, login)) });
  row.spoil?.(bench);
  const data = row.data === undefined ? { clientSecret: RIGHT } : row.data;
  if (data !== null) await bench.secret(login, data);
  return bench;
}

/** A merge patch leaves members of the former value behind, unless it names them. */
function replaced(spec: Readonly<Record<string, unknown>>) {
  const { tls, auth } = spec;
  return {
    ...spec,
    ...(typeof tls === 'object' && { tls: { caBundle: null, ...tls } }),
    ...(typeof auth === 'object' && { auth: { clientCredentials: null, ...auth } }),
  };
}

describe('a wrong connection', () => {
  it('says what is wrong with it, holds its clients back, and recovers by itself once mended', async () => {
    const benches = await Promise.all(
      WRONG.map(async (row) => {
        const bench = await set(row);
        const of = await place(row.name);
        await declare(of, { connectionRef: { name: row.name } });
        const object = await connection(row.name, row.reason);
        expect(conditionOf(object, 'Ready')?.message, row.name).toContain(row.says);
        const { reachable, authenticated } = row;
        const known = ['Reachable', 'Authenticated'].map((type) => conditionOf(object, type)?.status);
        expect(known, row.name).toEqual([reachable, authenticated]);
        const waiting = await held(of, row.credential ?? 'ConnectionNotReady');
        expect(conditionOf(waiting, 'Stalled'), row.name).toBeUndefined();
        expect(bench.alm.log.filter(({ wrote }) => wrote !== undefined)).toEqual([]);
        if (row.credential === undefined) {
          expect(
            bench.alm.log.filter(({ clientId }) => clientId === of.clientId),
            row.name,
          ).toEqual([]);
        }
        return { row, bench, of };
      }),
    );
    await created('elsewhere');
    await Promise.all(
      benches.map(async ({ row, bench, of }) => {
        await row.mend(bench);
        await settled(of);
        await connection(row.name, 'Connected', 'True');
      }),
    );
  }, 60_000);

  it('that is not there is named, and waited for', async () => {
    const of = await place('nowhere');
    await declare(of, { connectionRef: { name: 'nowhere' } });
    expect(conditionOf(await held(of, 'ConnectionNotFound'), 'Ready')?.message).toBe(
      'AlmConnection nowhere does not exist in namespace alm-operator; create it or name another in spec.connectionRef',
    );
    await scenario().connect('nowhere');
    await settled(of);
  });

  it('without a login, where ALM wants one, is what the client names', async () => {
    await scenario().connect('open', { spec: { auth: { none: {} } } });
    const of = await place('open');
    await declare(of, { connectionRef: { name: 'open' } });
    expect(conditionOf(await held(of, 'Unauthorised'), 'Synced')?.message).toBe(
      'ALM asks for a login, and the AlmConnection has none; set spec.auth.clientCredentials or spec.auth.password',
    );
    const auth = {
      none: null,
      clientCredentials: { clientId: 'operator-login', clientSecretRef: { name: 'operator-login' } },
    };
    await scenario().api.patch('AlmConnection', OPERATOR_NAMESPACE, 'open', {
      type: 'merge',
      body: { spec: { auth } },
    });
    await settled(of);
  });

  it('that anybody can listen to says so, and works', async () => {
    const rows = [
      {
        name: 'listened',
        alm: { scheme: 'http' },
        spec: { insecure: { allowHttp: true }, tls: undefined, auth: { none: {} } },
        says: 'PlainHttp',
      },
      { name: 'unverified', spec: { tls: { insecureSkipVerify: true } }, says: 'VerificationDisabled' },
    ] as const;
    for (const { name, says, ...options } of rows) {
      await scenario().connect(name, options);
      await created(name, { connectionRef: { name } });
      const object = await connection(name, 'Connected', 'True');
      expect(conditionOf(object, 'InsecureTransport')).toMatchObject({ status: 'True', reason: says });
    }
    expect(
      conditionOf(await connection('default', 'Connected', 'True'), 'InsecureTransport'),
    ).toBeUndefined();
  });
});

const PAGE = { contentType: 'text/html', body: '<html></html>' };
const FOREIGN: readonly Readonly<{
  name: string;
  answer: { status: number; contentType?: string; body?: string };
  says: string;
}>[] = [
  { name: 'page', answer: { status: 200, ...PAGE }, says: 'MalformedAnswer' },
  { name: 'moved', answer: { status: 302, ...PAGE }, says: 'MalformedAnswer' },
  { name: 'bad-request-page', answer: { status: 400, ...PAGE }, says: 'MalformedAnswer' },
  { name: 'missing-page', answer: { status: 404, ...PAGE }, says: 'EndpointNotFound' },
  {
    name: 'forbidden',
    answer: { status: 403, contentType: 'application/json', body: '{"error":"access_denied"}' },
    says: 'PrivilegeMissing',
  },
];

describe('an answer that only one client gets', () => {
  it('is that client’s alone: said there, tried again, and the connection serves everybody else', async () => {
    await created('first');
    await Promise.all(
      FOREIGN.map(async ({ name, answer, says }) => {
        const of = await place(name);
        const match = ({ clientId, path }: { clientId?: string; path: string }) =>
          clientId === of.clientId && path !== '/oauth/token';
        scenario().alm.faults.add({ match, times: 1, do: { kind: 'status', ...answer } });
        await declare(of);
        const object = await held(of, says);
        expect(conditionOf(object, 'Reconciling'), name).toMatchObject({ status: 'True', reason: says });
        await created(`beside-${name}`);
        expect((await settled(of)).status, name).toMatchObject({ origin: 'Created' });
      }),
    );
    expect(conditionOf(await connection('default', 'Connected', 'True'), 'Authorised')?.status).toBe('True');
  });
});
