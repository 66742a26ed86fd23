import { afterEach, describe, expect, it } from 'vitest';
import { Asker, type Reply } from './asker.ts';
import { FULL, formOf, SECRET } from './cases/case.ts';
import { type AlmOptions, type AlmSim, startAlm } from './server.ts';
import { AlmState } from './state.ts';

const cleanups: (() => Promise<void>)[] = [];

async function started(options: Partial<AlmOptions> = {}): Promise<AlmSim> {
  const alm = await startAlm(options);
  cleanups.push(() => alm.stop());
  return alm;
}

function asking(alm: AlmSim, tls: ConstructorParameters<typeof Asker>[1] = {}): Asker {
  const ask = new Asker(alm, tls);
  cleanups.push(() => ask.close());
  return ask;
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function told(asked: Promise<Reply>): Promise<string> {
  return asked.then(formOf, (error: NodeJS.ErrnoException) => error.code ?? error.name);
}

describe('startAlm', () => {
  it('speaks TLS on its own address by default', async () => {
    const alm = await started();
    expect(alm.url).toBe(`https://127.0.0.1:${alm.port}`);
    expect(await told(asking(alm).send('GET', '/management/health'))).toBe('200 ok');
  });

  it('has a certificate without names where told so', async () => {
    const alm = await started({ certificate: 'cn-only' });
    expect(await told(asking(alm).send('GET', '/management/health'))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await told(asking(alm, { servername: 'ishtar' }).send('GET', '/management/health'))).toBe(
      '200 ok',
    );
  });

  it('asks for a client certificate where told so', async () => {
    const alm = await started({ clientCertificate: 'required' });
    const { certPem: cert, keyPem: key } = alm.authority.issue({ cn: 'operator', client: true });
    expect(await told(asking(alm).send('GET', '/management/health'))).not.toBe('200 ok');
    expect(await told(asking(alm, { cert, key }).send('GET', '/management/health'))).toBe('200 ok');
  });

  it('lives below a path prefix, and an ingress answers beside it', async () => {
    const alm = await started({ pathPrefix: '/ishtar' });
    const ask = asking(alm);
    expect((await ask.api('POST', '', FULL)).headers['location']).toBe(`${alm.url}/api/credentials/app`);
    expect(alm.url).toBe(`https://127.0.0.1:${alm.port}/ishtar`);
    expect(alm.log.at(-1)?.path).toBe('/api/credentials');
    const beside = asking({ ...alm, url: alm.url.replace('/ishtar', '') });
    expect(await beside.token('LmClient', 'canary-7f3a9-LmClient')).toMatchObject({
      status: 404,
      text: 'default backend - 404',
    });
  });

  it('is the no-security flavour over plain http, unless told otherwise', async () => {
    const open = await started({ scheme: 'http' });
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(FULL);
    expect(open.url).toMatch(/^http:/);
    expect(await told(asking(open).send('POST', '/api/credentials', { headers, body }))).toBe('201 ok');
    const secured = await started({ scheme: 'http', knobs: { authMode: 'oauth' } });
    expect(await told(asking(secured).send('POST', '/api/credentials', { headers, body }))).toBe(
      '401 oauth unauthorized',
    );
    expect((await asking(secured).api('POST', '', FULL)).status).toBe(201);
  });

  it('refuses knobs that do not exist before it listens', async () => {
    await expect(startAlm({ knobs: { replicas: -1 } })).rejects.toThrow('replicas cannot be -1');
  });

  it('has the default clients, each with its secret, and takes others instead', async () => {
    const alm = await started();
    expect(alm.state.list().map(({ clientId }) => clientId)).toEqual([
      'LmClient',
      'Admin',
      'NimrodClient',
      'DokiClient',
      'operator-login',
    ]);
    expect(alm.state.list().every(({ clientId }) => alm.matches(clientId, `canary-7f3a9-${clientId}`))).toBe(
      true,
    );
    const other = await started({ clients: [FULL] });
    expect(other.state.list().map(({ clientId }) => clientId)).toEqual(['app']);
  });
});

describe('a restart', () => {
  it('keeps port, certificate authority, clients, tokens and the count of requests', async () => {
    const first = await started();
    const ask = asking(first);
    const token = await ask.login();
    expect((await ask.api('POST', '', FULL, token)).status).toBe(201);
    await first.stop();
    const second = await started({ port: first.port, state: first.state });
    expect([second.url, second.caPem]).toEqual([first.url, first.caPem]);
    expect((await asking(second).api('PUT', '/app', FULL, token)).status).toBe(200);
    expect(second.log).toMatchObject([{ n: 3, method: 'PUT' }]);
  });

  it('comes back from a dump as from the state itself, signed tokens included', async () => {
    const first = await started({ knobs: { tokenFormat: 'jwt' } });
    const ask = asking(first);
    const token = await ask.login();
    expect((await ask.api('POST', '', FULL, token)).status).toBe(201);
    await first.stop();
    const state = new AlmState(JSON.parse(JSON.stringify(first.state.dump())));
    const second = await started({ port: first.port, state });
    expect([second.url, second.caPem]).toEqual([first.url, first.caPem]);
    expect(second.matches('app', SECRET)).toBe(true);
    expect(second.state.list()).toEqual(first.state.list());
    expect((await asking(second).api('PUT', '/app', FULL, token)).status).toBe(200);
    expect(second.log).toMatchObject([{ n: 3, method: 'PUT' }]);
    const user = { username: 'slm-admin', password: 'canary-7f3a9-slm-admin', grant_type: 'password' };
    const { status } = await asking(second).token('NimrodClient', 'canary-7f3a9-NimrodClient', user);
    expect(status).toBe(200);
  });
});

describe('state', () => {
  it('is the newest record, without its secret, and may be changed under way', async () => {
    const alm = await started();
    const ask = asking(alm);
    await ask.api('POST', '', FULL);
    const { clientSecret, ...record } = FULL;
    expect(alm.state.get('app')).toEqual(record);
    alm.state.set({ ...record, accessTokenValidity: 9 });
    expect([alm.state.get('app')?.accessTokenValidity, alm.matches('app', SECRET)]).toEqual([9, true]);
    expect([alm.state.delete('app'), alm.state.delete('app'), alm.matches('app', SECRET)]).toEqual([
      true,
      false,
      false,
    ]);
    expect((await ask.api('PUT', '/app', FULL)).status).toBe(404);
    expect(() => alm.state.set(record)).toThrow('app is new and needs a clientSecret.');
  });

  it('reaches all replicas and caches at once', async () => {
    const alm = await started({ knobs: { replicas: 3, replicaLag: 50, clientCache: 50 } });
    const ask = asking(alm);
    for (let i = 0; i < 3; i += 1) await ask.login('LmClient');
    alm.state.set({ ...alm.state.get('LmClient')!, clientSecret: SECRET });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await ask.token('LmClient', SECRET)).status);
    expect(statuses).toEqual([200, 200, 200]);
  });
});

describe('the log', () => {
  it('tells what was asked, by whom, about which client, and what decided', async () => {
    const alm = await started({ now: () => 1_700_000_000_000, knobs: { putMissing: 'create-201' } });
    const ask = asking(alm);
    await ask.api('PUT', '/app%2Dx?secret=canary-7f3a9', { ...FULL, clientId: 'app-x' });
    expect(alm.log).toEqual([
      {
        n: 1,
        at: 1_700_000_000_000,
        port: expect.any(Number),
        method: 'POST',
        path: '/oauth/token',
        status: 200,
        clientId: 'operator-login',
        knobs: ['authMode=oauth', 'refreshForClients=no', 'tokenFormat=opaque', 'jsonCharset=on'],
      },
      {
        n: 2,
        at: 1_700_000_000_000,
        port: expect.any(Number),
        method: 'PUT',
        path: '/api/credentials/app%2Dx',
        status: 201,
        clientId: 'app-x',
        caller: 'operator-login',
        wrote: 'created',
        knobs: expect.arrayContaining(['putMissing=create-201', 'location=on', 'writeBody=echo']),
      },
    ]);
  });

  it('never holds a secret or a token, and neither does what is stored hashed', async () => {
    const alm = await started({ knobs: { refusalEcho: 'on', writeBody: 'echo-with-secret' } });
    const ask = asking(alm);
    const token = await ask.login();
    await ask.api('POST', '', FULL);
    await ask.api('POST', '', FULL);
    await ask.token('app', 'canary-7f3a9-wrong');
    await ask.api('POST', '', `${JSON.stringify(FULL)},`);
    expect(alm.log).toHaveLength(6);
    const { log, state } = alm;
    expect(JSON.stringify([log, state.clients.all()])).not.toMatch(/canary-7f3a9/);
    expect(JSON.stringify(log)).not.toContain(token);
  });
});
