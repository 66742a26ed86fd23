import { afterEach, describe, expect, it } from 'vitest';
import type { KubeAuth } from '../../src/kube/auth.ts';
import { KubeError } from '../../src/kube/client.ts';
import { TimeLimitError } from '../../src/kube/limit.ts';
import {
  type Call,
  createTransport,
  type Transport,
  type TransportOptions,
} from '../../src/kube/transport.ts';
import { startAlpnWitness } from '../support/alpn.ts';
import { ManualClock } from './support/clock.ts';
import { eventually } from './support/eventually.ts';
import { SECRETS, statusBody, THINGS } from './support/objects.ts';
import { type Handler, type ScriptedServer, startServer } from './support/server.ts';

const never = new AbortController().signal;
const STOPPED = new Error('stopped');
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type More = Partial<TransportOptions> & Readonly<{ protocol?: 'plain' | 'http1' | 'http2' }>;

async function serve(
  handler: Handler,
  { protocol = 'plain', ...more }: More = {},
): Promise<Readonly<{ server: ScriptedServer; transport: Transport }>> {
  const server = await startServer(handler, protocol);
  return { server, transport: open({ auth: server.auth, ...more }, server) };
}

function open(options: Partial<TransportOptions> & { auth: KubeAuth }, server?: ScriptedServer): Transport {
  const transport = createTransport({ userAgent: 'example/1.2', ...options });
  closers.push(async () => {
    await transport.close();
    await server?.close();
  });
  return transport;
}

const get: Call = { verb: 'get', method: 'GET', resource: THINGS, path: '/apis/example.org/v1/things/a' };
const put: Call = { ...get, verb: 'update', method: 'PUT', body: { kind: 'Thing' } };
const watch: Call = { verb: 'watch', method: 'GET', resource: THINGS, path: '/apis/example.org/v1/things' };

async function errorOf(promise: Promise<unknown>): Promise<KubeError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

describe('a request', () => {
  it('carries path prefix, query, headers and body', async () => {
    const server = await startServer((_, reply) => reply.json(201, { made: true }));
    const headers = { authorization: 'Bearer canary-7f3a9' };
    const auth: KubeAuth = {
      server: new URL('/k8s/one/', server.url),
      credentials: async () => ({ connect: {}, headers }),
    };
    const transport = open({ auth }, server);
    const query = { a: 'x y', b: undefined };
    const call: Call = {
      ...get,
      verb: 'patch',
      method: 'PATCH',
      query,
      contentType: 'application/x',
      body: { n: 1 },
    };
    expect(await transport.request(call, never)).toEqual({ made: true });
    const [asked] = server.asked;
    expect(asked).toMatchObject({
      method: 'PATCH',
      path: '/k8s/one/apis/example.org/v1/things/a',
      body: '{"n":1}',
    });
    expect([...(asked?.query ?? [])]).toEqual([['a', 'x y']]);
    expect(asked?.headers).toMatchObject({
      authorization: 'Bearer canary-7f3a9',
      'user-agent': 'example/1.2',
      accept: 'application/json',
      'content-type': 'application/x',
    });
  });

  it('asks for credentials each time, so that a rotated token counts at once', async () => {
    const server = await startServer((_, reply) => reply.json(200, {}));
    let turn = 0;
    const credentials = async () => {
      turn += 1;
      return { connect: {}, headers: { authorization: `Bearer canary-7f3a9-${turn}` } };
    };
    const transport = open({ auth: { server: server.url, credentials } }, server);
    await transport.request(get, never);
    await transport.request(get, never);
    expect(server.asked.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer canary-7f3a9-1',
      'Bearer canary-7f3a9-2',
    ]);
  });

  it.each(['http1', 'http2'] as const)(
    'shares connections with others of its kind (%s)',
    async (protocol) => {
      const { server, transport } = await serve((_, reply) => reply.json(200, {}), { protocol });
      await transport.request(get, never);
      await Promise.all(Array.from({ length: 50 }, () => transport.request(get, never)));
      expect(server.asked).toHaveLength(51);
      expect(server.connections()).toBeLessThanOrEqual(32);
    },
  );

  it('goes over HTTP/1.1 even where HTTP/2 is offered', async () => {
    const { server, transport } = await serve((_, reply) => reply.json(200, {}), { protocol: 'http2' });
    for (const call of [get, put]) await transport.request(call, never);
    expect(server.asked.map(({ httpVersion }) => httpVersion)).toEqual(['1.1', '1.1']);
  });

  it.each(['a request', 'a watch'])(
    'offers the proxy of the kubeconfig HTTP/1.1 alone (%s)',
    async (kind) => {
      await using proxy = await startAlpnWitness();
      const auth: KubeAuth = {
        server: new URL('https://kube.example'),
        proxy: new URL(proxy.origin),
        credentials: async () => ({ connect: {}, headers: {} }),
      };
      const transport = open({ auth });
      await errorOf(kind === 'a request' ? transport.request(put, never) : transport.stream(watch, never));
      expect(proxy.offered).toEqual([['http/1.1']]);
    },
  );

  it('never goes through the proxy of the environment', async () => {
    const { transport } = await serve((_, reply) => reply.json(200, { direct: true }), { protocol: 'http2' });
    const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY'];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = 'http://127.0.0.1:9';
    try {
      expect(await transport.request(get, never)).toEqual({ direct: true });
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
});

describe('a refusal', () => {
  it('is told with status, reason, causes and Retry-After', async () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'no', field: 'spec' }];
    const { transport } = await serve((_, reply) =>
      reply.json(422, statusBody(422, 'Invalid', { details: { causes } }), { 'retry-after': '3' }),
    );
    expect(await errorOf(transport.request(get, never))).toMatchObject({
      status: 422,
      reason: 'Invalid',
      retryAfterMs: 3000,
      causes,
    });
  });

  it('of a Secret holds nothing that the server said', async () => {
    const { transport } = await serve((_, reply) =>
      reply.json(422, statusBody(422, 'Invalid', { message: 'Secret {"data":{"p":"canary-7f3a9"}}' })),
    );
    const error = await errorOf(transport.request({ ...get, resource: SECRETS }, never));
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('canary');
    expect(error.message).toBe('get secrets: 422 Invalid');
  });

  it('of a stream is one too', async () => {
    const { transport } = await serve((_, reply) => reply.json(410, statusBody(410, 'Expired')));
    expect(await errorOf(transport.stream(watch, never))).toMatchObject({ status: 410, reason: 'Expired' });
  });
});

describe('no usable answer', () => {
  it.each<[string, Handler, string]>([
    ['a cut connection', (_, reply) => reply.reset(), 'UND_ERR_SOCKET'],
    ['text instead of JSON', (_, reply) => reply.end('canary-7f3a9'), 'MalformedAnswer'],
    ['nothing at all', (_, reply) => reply.end(), 'MalformedAnswer'],
    ['too much', (_, reply) => reply.json(200, 'canary-7f3a9'.repeat(500)), 'AnswerTooLarge'],
  ])('is status 0 where it is %s', async (_, handler, reason) => {
    const { transport } = await serve(handler, { limits: { objectBytes: 2000 } });
    const error = await errorOf(transport.request(get, never));
    expect(error).toMatchObject({ status: 0, reason });
    expect(error.message).not.toContain('canary');
  });

  it('is ECONNREFUSED where nobody listens', async () => {
    const server = await startServer(() => undefined);
    await server.close();
    const transport = open({ auth: server.auth });
    expect(await errorOf(transport.request(get, never))).toMatchObject({ status: 0, reason: 'ECONNREFUSED' });
  });

  it('is a certificate error where the CA is another', async () => {
    const server = await startServer((_, reply) => reply.json(200, {}), 'http2');
    const transport = open(
      { auth: { server: server.url, credentials: async () => ({ connect: {}, headers: {} }) } },
      server,
    );
    const error = await errorOf(transport.request(get, never));
    expect(error.status).toBe(0);
    expect(error.reason).toMatch(/CERT|SIGNATURE/);
  });

  it('is told where there are no credentials', async () => {
    const server = await startServer((_, reply) => reply.json(200, {}));
    const credentials = () => Promise.reject(new Error('no credentials for the API server: ENOENT'));
    const transport = open({ auth: { server: server.url, credentials } }, server);
    const error = await errorOf(transport.request(get, never));
    expect(error.message).toBe(
      'get things.example.org: ConnectionFailed: no credentials for the API server: ENOENT',
    );
    expect(server.asked).toEqual([]);
  });
});

describe('time limits', () => {
  it.each([
    ['get', 15_000],
    ['list', 60_000],
    ['create', 30_000],
  ] as const)('end a %s that gets no answer after %i ms', async (verb, ms) => {
    const clock = new ManualClock();
    const { server, transport } = await serve(() => undefined, { clock });
    const failed = errorOf(transport.request({ ...get, verb }, never));
    await eventually(() => server.asked.length === 1);
    await clock.advance(ms - 1);
    expect(clock.timers).toBe(1);
    await clock.advance(1);
    expect(await failed).toMatchObject({ status: 0, reason: 'Timeout' });
    expect(clock.timers).toBe(0);
  });

  it('end an answer that stops half-way', async () => {
    const clock = new ManualClock();
    const { server, transport } = await serve(
      (_, reply) => {
        reply.head(200);
        reply.write('{"half":');
      },
      { clock },
    );
    const failed = errorOf(transport.request(get, never));
    await eventually(() => server.asked.length === 1);
    await clock.advance(15_000);
    expect(await failed).toMatchObject({ reason: 'Timeout' });
  });

  it('make the next request use a new connection, for all older ones may be dead', async () => {
    const clock = new ManualClock();
    const { server, transport } = await serve(
      (_, reply) => {
        if (server.asked.length !== 3) reply.json(200, { alive: true });
      },
      { clock, protocol: 'http2' },
    );
    await Promise.all([transport.request(get, never), transport.request(get, never)]);
    expect(server.connections()).toBe(2);
    const failed = errorOf(transport.request(get, never));
    await eventually(() => server.asked.length === 3);
    await clock.advance(15_000);
    await failed;
    expect(await transport.request(get, never)).toEqual({ alive: true });
    expect(server.connections()).toBe(3);
  });

  it('of a stream end with its headers', async () => {
    const clock = new ManualClock();
    const { transport } = await serve(
      (_, reply) => {
        reply.head(200);
        reply.write('a');
        void clock.advance(1_000_000).then(() => reply.end('b'));
      },
      { clock },
    );
    const chunks: string[] = [];
    for await (const chunk of await transport.stream(watch, never)) chunks.push(chunk.toString());
    expect(chunks.join('')).toBe('ab');
  });

  it('of a stream count until its headers', async () => {
    const clock = new ManualClock();
    const { server, transport } = await serve(() => undefined, { clock });
    const failed = errorOf(transport.stream(watch, never));
    await eventually(() => server.asked.length === 1);
    await clock.advance(30_000);
    expect(await failed).toMatchObject({ status: 0, reason: 'Timeout' });
  });
});

describe('a stream that its reader gives up', () => {
  it.each([
    ['for want of time is not followed by another over the same connection', new TimeLimitError('silent'), 2],
    ['for another reason leaves the connection to the next', STOPPED, 1],
  ])('%s', async (_, reason, connections) => {
    const { server, transport } = await serve(
      (_asked, reply) => {
        reply.head(200);
        reply.write('first');
      },
      { protocol: 'http2' },
    );
    const first = async () => {
      const stop = new AbortController();
      for await (const _chunk of await transport.stream(watch, stop.signal)) stop.abort(reason);
    };
    await expect(first()).rejects.toBe(reason);
    for await (const _chunk of await transport.stream(watch, never)) break;
    expect(server.connections()).toBe(connections);
  });
});

describe('whether the server is there', () => {
  const noted: number[] = [];
  const presence = { note: (status: number) => void noted.push(status) };

  it('is told by each answer, be it a refusal, and by none', async () => {
    noted.length = 0;
    const { server, transport } = await serve(
      (_, reply) => {
        const turn = server.asked.length;
        if (turn === 1) reply.json(200, {});
        else if (turn === 2) reply.json(503, statusBody(503, 'ServiceUnavailable'));
        else if (turn === 3) reply.reset();
        else reply.head(200);
      },
      { presence },
    );
    await transport.request(get, never);
    await errorOf(transport.request(get, never));
    await errorOf(transport.request(get, never));
    await transport.stream(watch, never);
    expect(noted).toEqual([200, 503, 0, 200]);
  });

  it('is not told by an answer that stops half-way, nor by a call that its caller gave up', async () => {
    noted.length = 0;
    const clock = new ManualClock();
    const { server, transport } = await serve(
      (_, reply) => {
        reply.head(200);
        reply.write('{"half":');
      },
      { clock, presence },
    );
    const late = errorOf(transport.request(get, never));
    await eventually(() => server.asked.length === 1);
    await clock.advance(15_000);
    await late;
    const stop = new AbortController();
    const failed = transport.request(get, stop.signal);
    await eventually(() => server.asked.length === 2);
    stop.abort(STOPPED);
    await expect(failed).rejects.toBe(STOPPED);
    expect(noted).toEqual([0]);
  });

  it('is not told where there are no credentials to ask with', async () => {
    noted.length = 0;
    const credentials = () => Promise.reject(new Error('no token'));
    const transport = open({ auth: { server: new URL('https://127.0.0.1:9'), credentials }, presence });
    await errorOf(transport.request(get, never));
    expect(noted).toEqual([]);
  });
});

describe('the signal', () => {
  it('ends a request with its reason', async () => {
    const { server, transport } = await serve(() => undefined);
    const stop = new AbortController();
    const failed = transport.request(get, stop.signal);
    await eventually(() => server.asked.length === 1);
    stop.abort(STOPPED);
    await expect(failed).rejects.toBe(STOPPED);
    await expect(transport.request(get, stop.signal)).rejects.toBe(STOPPED);
    expect(server.asked).toHaveLength(1);
  });

  it('ends a wait for credentials', async () => {
    const server = await startServer(() => undefined);
    const credentials = () => new Promise<never>(() => undefined);
    const transport = open({ auth: { server: server.url, credentials } }, server);
    const stop = new AbortController();
    const failed = transport.request(get, stop.signal);
    stop.abort(STOPPED);
    await expect(failed).rejects.toBe(STOPPED);
  });

  it.each(['plain', 'http2'] as const)('ends a running stream over %s with its reason', async (protocol) => {
    const { transport } = await serve(
      (_, reply) => {
        reply.head(200);
        reply.write('first');
      },
      { protocol },
    );
    const stop = new AbortController();
    const read = async () => {
      for await (const _ of await transport.stream(watch, stop.signal)) stop.abort(STOPPED);
    };
    await expect(read()).rejects.toBe(STOPPED);
  });
});

describe('streams', () => {
  it.each([
    ['http1', '1.1', 3],
    ['http2', '2.0', 1],
  ] as const)('over %s', async (protocol, version, connections) => {
    const { server, transport } = await serve((_, reply) => reply.head(200), { protocol });
    for (const _ of [1, 2, 3]) await transport.stream(watch, never);
    expect(server.asked.map(({ httpVersion }) => httpVersion)).toEqual([version, version, version]);
    expect(server.connections()).toBe(connections);
  });

  it.each(['plain', 'http2'] as const)('that are cut over %s fail with status 0', async (protocol) => {
    const { transport } = await serve(
      (_, reply) => {
        reply.head(200);
        reply.write('first');
        setImmediate(() => reply.reset());
      },
      { protocol },
    );
    const read = async () => {
      for await (const _ of await transport.stream(watch, never));
    };
    expect((await errorOf(read())).status).toBe(0);
  });

  it('leave requests their own connection', async () => {
    const { server, transport } = await serve(
      ({ path }, reply) => {
        if (path === get.path) reply.json(200, {});
        else reply.head(200);
      },
      { protocol: 'http2' },
    );
    await transport.stream(watch, never);
    await transport.request(get, never);
    expect(server.connections()).toBe(2);
  });
});

describe('TLS material', () => {
  it('that changed is used from the next call on, while running streams go on', async () => {
    let ending: (() => void) | undefined;
    const server = await startServer(({ path, query }, reply) => {
      if (path === get.path) return reply.json(200, {});
      reply.head(200);
      reply.write('a');
      if (query.has('second')) reply.end();
      else ending = () => reply.end('b');
    }, 'http2');
    let servername = 'one.example';
    const { connect } = await server.auth.credentials();
    const tls = () => ({ ...connect, servername, rejectUnauthorized: false });
    const transport = open(
      { auth: { server: server.url, credentials: async () => ({ connect: tls(), headers: {} }) } },
      server,
    );
    const running = await transport.stream(watch, never);
    await transport.request(get, never);
    servername = 'two.example';
    await transport.request(get, never);
    await transport.stream({ ...watch, query: { second: 'yes' } }, never);
    expect(server.connections()).toBe(4);
    ending?.();
    let text = '';
    for await (const chunk of running) text += chunk.toString();
    expect(text).toBe('ab');
  });
});

describe('an observer', () => {
  it('is told of each call with its verb and status', async () => {
    const seen: string[] = [];
    const { transport } = await serve(
      ({ method }, reply) =>
        method === 'GET' ? reply.json(200, {}) : reply.json(409, statusBody(409, 'Conflict')),
      { observe: ({ verb, resource, status }) => seen.push(`${verb} ${resource.plural} ${status}`) },
    );
    await transport.request(get, never);
    await errorOf(transport.request({ ...get, verb: 'update', method: 'PUT', body: {} }, never));
    expect(seen).toEqual(['get things 200', 'update things 409']);
  });
});

describe('closing', () => {
  it('cuts what runs', async () => {
    const { server, transport } = await serve(() => undefined);
    const failed = errorOf(transport.request(get, never));
    await eventually(() => server.asked.length === 1);
    await transport.close();
    const { status, reason } = await failed;
    expect(status).toBe(0);
    expect(reason).not.toBe('Timeout');
  });
});
