import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { healthRoutes, type OpsServer, type Routes, startServer } from '../../src/ops/server.ts';
import { startServers } from '../../src/ops/servers.ts';
import { recordingLog } from '../kube/support/log.ts';

const HERE = { host: '127.0.0.1', port: 0 };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(routes: Routes): Promise<OpsServer> {
  const server = await startServer(HERE, routes);
  closers.push(server.close);
  return server;
}

const page = (text: string) => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text });

type Asked = Readonly<{ method?: string; path: string }>;

async function ask(address: string, { method = 'GET', path }: Asked) {
  const answer = await fetch(`http://${address}${path}`, { method });
  const { status, headers } = answer;
  return { status, text: await answer.text(), type: headers.get('content-type'), headers };
}

const LARGE = 50_000_000;

/** Resolves when the server has closed the connection of the next request that begins. */
function cutByServer(): Promise<void> {
  return new Promise((resolve) => {
    const begun = (message: unknown) => {
      unsubscribe('http.server.request.start', begun);
      (message as { socket: Socket }).socket.once('close', () => resolve());
    };
    subscribe('http.server.request.start', begun);
  });
}

describe('health', () => {
  it('is alive all the time, and ready once it is', async () => {
    let trouble: string | undefined = 'not synced yet';
    const { address } = await serve(
      healthRoutes({ livez: [], readyz: [{ name: 'caches', trouble: () => trouble }] }),
    );
    expect(await ask(address, { path: '/livez' })).toMatchObject({ status: 200, text: 'ok\n' });
    const wrong = '[-]caches failed: not synced yet\nreadyz check failed\n';
    expect(await ask(address, { path: '/readyz' })).toMatchObject({ status: 503, text: wrong });
    trouble = undefined;
    expect(await ask(address, { path: '/readyz' })).toMatchObject({ status: 200, text: 'ok\n' });
    const verbose = '[+]caches ok\nreadyz check passed\n';
    expect(await ask(address, { path: '/readyz?verbose' })).toMatchObject({ status: 200, text: verbose });
  });
});

describe('a page', () => {
  const routes: Routes = {
    '/metrics': () => ({ status: 200, ...page('ä 1\n') }),
    '/broken': () => Promise.reject(new Error('canary-7f3a9')),
  };

  it.each<[Asked, object]>([
    [{ path: '/metrics' }, { status: 200, text: 'ä 1\n', type: page('').contentType }],
    [{ path: '/metrics?a=b' }, { status: 200, text: 'ä 1\n' }],
    [
      { method: 'HEAD', path: '/metrics' },
      { status: 200, text: '', type: page('').contentType },
    ],
    [{ method: 'POST', path: '/metrics' }, { status: 405 }],
    [{ path: '/' }, { status: 404, text: 'not found\n' }],
    [{ path: '/metrics/' }, { status: 404 }],
    [{ path: '/toString' }, { status: 404 }],
    [{ path: '/broken' }, { status: 500, text: 'the page could not be made\n' }],
  ])('asked for as %j, answers %j', async (asked, answer) => {
    const { address } = await serve(routes);
    expect(await ask(address, asked)).toMatchObject(answer);
  });

  it('tells its length, without its text also, and which methods there are', async () => {
    const { address } = await serve(routes);
    for (const method of ['GET', 'HEAD'])
      expect((await ask(address, { method, path: '/metrics' })).headers.get('content-length')).toBe('5');
    expect((await ask(address, { method: 'PUT', path: '/metrics' })).headers.get('allow')).toBe('GET, HEAD');
  });

  it.each([
    ['says nothing', ''],
    ['does not end its request', 'GET /metrics HTTP/1.1\r\nhost: a\r\n'],
    ['does not read', 'GET /large HTTP/1.1\r\nhost: a\r\n\r\n'],
  ])('waits for no client that %s', async (_, text) => {
    const large = { ...page('x'.repeat(LARGE)), status: 200 };
    const server = await startServer(HERE, { ...routes, '/large': () => large }, 200);
    closers.push(server.close);
    const [host = '', port] = server.address.split(':');
    const cut = text.includes('large') ? cutByServer() : undefined;
    const client = connect(Number(port), host);
    const ended = new Promise<void>((resolve) => {
      client.once('close', () => resolve()).on('error', () => undefined);
    });
    let bytes = 0;
    client.on('data', (chunk) => {
      bytes += chunk.length;
    });
    client.pause();
    client.write(text);
    await cut;
    client.resume();
    await ended;
    expect(bytes).toBeLessThan(LARGE);
  });

  it('does not keep the process from closing', async () => {
    const server = await startServer(HERE, routes);
    await ask(server.address, { path: '/metrics' });
    await server.close();
    await expect(ask(server.address, { path: '/metrics' })).rejects.toThrow();
  });
});

describe('health and metrics', () => {
  const { log, lines } = recordingLog();
  const common = { health: healthRoutes({ livez: [], readyz: [] }), metrics: async () => page('a 1\n'), log };

  async function start(metricsAddress: typeof HERE | undefined, healthAddress = HERE) {
    lines.length = 0;
    const servers = await startServers({ ...common, healthAddress, metricsAddress });
    if (typeof servers !== 'string') closers.push(servers.close);
    const at = (what: string) =>
      String(lines.find(({ message }) => message === `${what} server listening`)?.fields['address']);
    return { servers, health: at('health'), metrics: at('metrics') };
  }

  it('have a server each, which knows nothing of the other', async () => {
    const { health, metrics } = await start(HERE);
    expect(health).not.toBe(metrics);
    expect(await ask(metrics, { path: '/metrics' })).toMatchObject({ status: 200, text: 'a 1\n' });
    expect((await ask(metrics, { path: '/livez' })).status).toBe(404);
    expect((await ask(health, { path: '/metrics' })).status).toBe(404);
    expect((await ask(health, { path: '/livez' })).status).toBe(200);
  });

  it('share one where they have one address', async () => {
    const free = await startServer(HERE, {});
    await free.close();
    const one = { host: '127.0.0.1', port: Number(free.address.split(':')[1]) };
    const { health, metrics } = await start(one, one);
    expect(health).toBe(metrics);
    expect((await ask(health, { path: '/metrics' })).status).toBe(200);
    expect((await ask(health, { path: '/readyz' })).status).toBe(200);
  });

  it('are without metrics where those are turned off', async () => {
    const { health } = await start(undefined);
    expect((await ask(health, { path: '/livez' })).status).toBe(200);
    expect((await ask(health, { path: '/metrics' })).status).toBe(404);
    expect(lines.map(({ message }) => message)).toEqual(['health server listening']);
  });

  it('say which of them cannot listen, and leave nothing behind', async () => {
    const taken = await serve({});
    const busy = { host: '127.0.0.1', port: Number(taken.address.split(':')[1]) };
    expect((await start(HERE, busy)).servers).toMatch(
      /^the health server cannot listen: .*EADDRINUSE.*; see --health-address$/,
    );
    const { servers, health } = await start(busy);
    expect(servers).toMatch(/^the metrics server cannot listen: .*EADDRINUSE.*; see --metrics-address$/);
    await expect(ask(health, { path: '/livez' })).rejects.toThrow();
  });

  it('make one page for scrapes that come together, and another for the next', async () => {
    const gate = Promise.withResolvers<void>();
    let made = 0;
    const metrics = async () => {
      made += 1;
      await gate.promise;
      return page(`a ${made}\n`);
    };
    const servers = await startServers({ ...common, healthAddress: HERE, metricsAddress: HERE, metrics });
    if (typeof servers !== 'string') closers.push(servers.close);
    const address = String(lines.findLast(({ message }) => message.startsWith('metrics'))?.fields['address']);
    const both = [ask(address, { path: '/metrics' }), ask(address, { path: '/metrics' })];
    // A third answer on the same server comes after both questions have arrived.
    await ask(address, { path: '/' });
    gate.resolve();
    const texts = (await Promise.all(both)).map(({ text }) => text);
    expect(new Set(texts).size).toBe(1);
    expect((await ask(address, { path: '/metrics' })).text).toBe(`a ${made}\n`);
    expect(made).toBe(2);
  });
});
