import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProxyOptions } from '../../src/alm/options.ts';
import { startAlpnWitness } from '../support/alpn.ts';
import { makeAuthority } from '../support/certificates.ts';
import { clientFor, reasonOf, record, rejectionOf, signal } from './support/build.ts';
import { startServer } from './support/server.ts';

const authority = makeAuthority();
const { certPem: cert, keyPem: key } = authority.issue({ cn: 'ishtar', sans: ['alm.example'] });
const tls = { ca: authority.caPem, serverName: 'alm.example' };
const DONE = { status: 204 };

type Proxy = AsyncDisposable & Readonly<{ port: number; seen: readonly string[] }>;

/**
 * Tunnels CONNECT and forwards the rest; with `authorization`, only for those who send it; 'silence' answers
 * nobody.
 */
async function startProxy(authorization?: string): Promise<Proxy> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const refused = (headers: Readonly<Record<string, unknown>>) =>
    authorization !== undefined && headers['proxy-authorization'] !== authorization;
  const server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    if (refused(incoming.headers)) {
      outgoing.writeHead(407).end();
      return;
    }
    const { method, headers, url = '' } = incoming;
    const onward = httpRequest(url, { method: method ?? 'GET', headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('connect', ({ url = '', headers }, socket: Socket) => {
    seen.push(`CONNECT ${url}`);
    if (authorization === 'silence') return;
    if (refused(headers)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [host = '', port = ''] = url.split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One write to a TLS server through these proxy options. */
async function write(origin: string, proxy: ProxyOptions): Promise<string> {
  const client = clientFor(origin, { auth: { kind: 'none' }, tls, proxy, timeoutMs: 2_000 });
  try {
    return (await client.update(record, signal)).answer;
  } finally {
    await client.close();
  }
}

describe('a proxy', () => {
  const untouched = { ...process.env };
  afterEach(() => {
    process.env = { ...untouched };
  });

  it('tunnels https, with trust and server name of the connection', async () => {
    await using server = await startServer(() => DONE, { cert, key, h2: true });
    await using proxy = await startProxy();
    expect(await write(server.origin, { httpsProxy: `http://127.0.0.1:${proxy.port}` })).toBe('accepted');
    expect(proxy.seen).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
    expect(server.asked).toMatchObject([{ path: '/api/credentials/orders_api', protocol: '1.1' }]);
  });

  it('forwards http', async () => {
    await using server = await startServer(() => DONE);
    await using proxy = await startProxy();
    expect(await write(server.origin, { httpProxy: `http://127.0.0.1:${proxy.port}` })).toBe('accepted');
    expect(proxy.seen).toEqual([`PUT ${server.origin}/api/credentials/orders_api`]);
  });

  it('is offered HTTP/1.1 alone, like ALM', async () => {
    await using proxy = await startAlpnWitness();
    const failed = write('https://alm.example', { httpsProxy: proxy.origin });
    expect(await reasonOf(failed)).toBe('TlsError');
    expect(proxy.offered).toEqual([['http/1.1']]);
  });

  it('is named for one scheme and not used for the other', async () => {
    await using plain = await startServer(() => DONE);
    await using secure = await startServer(() => DONE, { cert, key });
    await using proxy = await startProxy();
    const uri = `http://127.0.0.1:${proxy.port}`;
    expect(await write(plain.origin, { httpsProxy: uri })).toBe('accepted');
    expect(await write(secure.origin, { httpProxy: uri })).toBe('accepted');
    expect(proxy.seen).toEqual([]);
  });

  it.each(['127.0.0.1', 'other.example, 127.0.0.1', '*', '10.0.0.0/8,127.0.0.0/8', '127.0.0.1/32'])(
    'is passed by with NO_PROXY %s',
    async (noProxy) => {
      await using server = await startServer(() => DONE, { cert, key });
      await using proxy = await startProxy();
      await write(server.origin, { httpsProxy: `http://127.0.0.1:${proxy.port}`, noProxy });
      expect([proxy.seen.length, server.asked.length]).toEqual([0, 1]);
    },
  );

  it.each(['10.0.0.0/8', '127.0.0.0/33', 'example.com', 'fd00::/8', '127.0.0.0/x'])(
    'is used with NO_PROXY %s',
    async (noProxy) => {
      await using server = await startServer(() => DONE, { cert, key });
      await using proxy = await startProxy();
      await write(server.origin, { httpsProxy: `http://127.0.0.1:${proxy.port}`, noProxy });
      expect([proxy.seen.length, server.asked.length]).toEqual([1, 1]);
    },
  );

  it('comes from the options alone, never from the environment', async () => {
    await using server = await startServer(() => DONE, { cert, key });
    await using proxy = await startProxy();
    const uri = `http://127.0.0.1:${proxy.port}`;
    process.env = { ...untouched, HTTPS_PROXY: uri, https_proxy: uri, NO_PROXY: '*', no_proxy: '*' };
    expect(await write(server.origin, {})).toBe('accepted');
    expect(proxy.seen).toEqual([]);
    expect(await write(server.origin, { httpsProxy: uri })).toBe('accepted');
    expect(proxy.seen.length).toBe(1);
  });

  const basic = `Basic ${Buffer.from('jane:canary-7f3a9').toString('base64')}`;

  it('gets the credentials in its address', async () => {
    await using server = await startServer(() => DONE, { cert, key });
    await using proxy = await startProxy(basic);
    const uri = `http://jane:canary-7f3a9@127.0.0.1:${proxy.port}`;
    expect(await write(server.origin, { httpsProxy: uri })).toBe('accepted');
  });

  it.each([
    ['https', { cert, key }],
    ['http', undefined],
  ] as const)('that asks for others is named as the cause (%s)', async (_scheme, serverTls) => {
    await using server = await startServer(() => DONE, serverTls);
    await using proxy = await startProxy(basic);
    const uri = `http://jane:wrong-canary-7f3a9@127.0.0.1:${proxy.port}`;
    const error = await rejectionOf(write(server.origin, { httpsProxy: uri, httpProxy: uri }));
    expect(error).toMatchObject({
      failure: { reason: 'AlmUnavailable', message: expect.stringMatching(/^The proxy .*credentials/) },
    });
    expect(server.asked.length).toBe(0);
  });

  it('that is down leaves nothing sent', async () => {
    await using server = await startServer(() => DONE, { cert, key });
    const proxy = await startProxy();
    await proxy[Symbol.asyncDispose]();
    const uri = `http://127.0.0.1:${proxy.port}`;
    expect(await reasonOf(write(server.origin, { httpsProxy: uri }))).toBe('AlmUnavailable');
  });

  it('that never answers holds up neither the call nor its end', async () => {
    await using proxy = await startProxy('silence');
    const proxyOptions = { httpsProxy: `http://127.0.0.1:${proxy.port}` };
    const options = { auth: { kind: 'none' }, proxy: proxyOptions, timeoutMs: 300 } as const;
    const client = clientFor('https://alm.example', options);
    expect(await reasonOf(client.update(record, signal))).toBe('AlmUnavailable');
    await client.close();
    expect(proxy.seen).toEqual(['CONNECT alm.example:443']);
  });

  it('whose address is none is refused at once', () => {
    const proxy = { httpsProxy: 'jane:canary-7f3a9@[' };
    expect(() => clientFor('https://alm.example', { proxy })).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ reason: 'AlmUnavailable' }) }),
    );
  });
});
