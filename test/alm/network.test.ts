import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { AlmClient } from '../../src/domain/record.ts';
import { makeAuthority } from '../support/certificates.ts';
import { almThat, clientFor, reasonOf, record, rejectionOf, signal, tokenReply } from './support/build.ts';
import { json, type Reply, startServer } from './support/server.ts';

type Verb = 'read' | 'create' | 'update' | 'remove';
const VERBS: readonly Verb[] = ['read', 'create', 'update', 'remove'];

function call(client: AlmClient, verb: Verb, abort: AbortSignal = signal): Promise<unknown> {
  if (verb === 'read' || verb === 'remove') return client[verb](record.clientId, abort);
  return client[verb](record, abort);
}

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Takes connections and does with each what the test says. */
async function tcpServer(
  onConnection: (socket: Socket) => void,
): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('no answer', () => {
  const lost: readonly (readonly [string, Reply])[] = [
    ['a connection reset after the request', 'reset'],
    ['an answer cut off in the body', { status: 200, cutOffAfter: '{"clientId"' }],
    ['a refusal cut off in the body', { status: 400, cutOffAfter: '{"localizedMessage"' }],
  ];

  it.each(lost)('%s leaves the outcome of a write unknown, and of nothing else', async (_name, reply) => {
    await using alm = await almThat(() => reply);
    expect(await reasonOf(alm.client.create(record, signal))).toBe('OutcomeUnknown');
    expect(await reasonOf(alm.client.update(record, signal))).toBe('OutcomeUnknown');
    expect(await reasonOf(alm.client.remove(record.clientId, signal))).toBe('OutcomeUnknown');
    expect(await reasonOf(alm.client.read(record.clientId, signal))).toBe('AlmUnavailable');
    expect(alm.calls().length).toBe(4);
  });

  const slow: readonly (readonly [string, Reply])[] = [
    ['silence', 'silence'],
    ['a body that stops coming', { status: 200, stalledAfter: '{"clientId"' }],
  ];

  it.each(slow)('%s beyond the time limit leaves the outcome of a write unknown', async (_name, reply) => {
    await using alm = await almThat(() => reply, { timeoutMs: 300 });
    const reasons = VERBS.map((verb) => reasonOf(call(alm.client, verb)));
    expect(await Promise.all(reasons)).toEqual([
      'AlmUnavailable',
      'OutcomeUnknown',
      'OutcomeUnknown',
      'OutcomeUnknown',
    ]);
  });

  it('a token request that gets none is no write', async () => {
    await using server = await startServer(() => 'reset');
    const client = clientFor(server.origin);
    expect(await reasonOf(client.create(record, signal))).toBe('AlmUnavailable');
    await client.close();
  });

  it.each(VERBS)('where nobody listens: AlmUnavailable, nothing was sent (%s)', async (verb) => {
    const client = clientFor(`http://127.0.0.1:${await deadPort()}`, { auth: { kind: 'none' } });
    const error = await rejectionOf(call(client, verb));
    expect(error).toMatchObject({
      failure: { reason: 'AlmUnavailable', message: expect.stringMatching(/refused/) },
      cause: { message: expect.stringMatching(/^ECONNREFUSED: connect ECONNREFUSED 127/) },
    });
    await client.close();
  });

  it('from a name that does not resolve: AlmUnavailable, nothing was sent', async () => {
    // A label beyond 63 characters fails in the resolver itself: no name server is asked.
    const client = clientFor(`http://${'x'.repeat(64)}.example`, { auth: { kind: 'none' } });
    const error = await rejectionOf(client.create(record, signal));
    expect(error).toMatchObject({
      failure: { reason: 'AlmUnavailable', message: expect.stringMatching(/resolved/) },
    });
    await client.close();
  });

  it('in the time for the TLS handshake: AlmUnavailable, nothing was sent', async () => {
    await using server = await tcpServer(() => undefined);
    const options = { auth: { kind: 'none' }, timeoutMs: 200 } as const;
    const client = clientFor(`https://127.0.0.1:${server.port}`, options);
    expect(await reasonOf(client.create(record, signal))).toBe('AlmUnavailable');
    await client.close();
  });

  it.each(['http', 'https'] as const)('from what hangs up at once: transient (%s)', async (scheme) => {
    await using server = await tcpServer((socket) => socket.destroy());
    const options = { auth: { kind: 'none' }, timeoutMs: 1_000 } as const;
    const client = clientFor(`${scheme}://127.0.0.1:${server.port}`, options);
    expect(await reasonOf(client.read(record.clientId, signal))).toBe('AlmUnavailable');
    const reason = await reasonOf(client.create(record, signal));
    expect(reason).toBe(scheme === 'https' ? 'AlmUnavailable' : 'OutcomeUnknown');
    await client.close();
  });
});

describe('answers that are none', () => {
  it.each([
    ['no HTTP', 'SSH-2.0-canary-7f3a9\r\n'],
    ['a broken header', 'HTTP/1.1 200 OK\r\nbad header canary-7f3a9\r\n\r\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\nx: ${'canary-7f3a9'.repeat(4_000)}\r\n\r\n`],
  ])('%s is malformed', async (_name, raw) => {
    await using alm = await almThat(() => ({ raw }), { auth: { kind: 'none' } });
    expect(await reasonOf(alm.client.create(record, signal))).toBe('MalformedAnswer');
  });

  const huge = 'x'.repeat(3 << 20);

  it('that are too long are cut: their status counts, their content does not', async () => {
    await using alm = await almThat(({ method }) => ({ status: method === 'PUT' ? 400 : 200, body: huge }));
    expect(await alm.client.create(record, signal)).toEqual({ answer: 'accepted' });
    expect(await reasonOf(alm.client.update(record, signal))).toBe('MalformedAnswer');
    expect(await reasonOf(alm.client.read(record.clientId, signal))).toBe('MalformedAnswer');
  });

  it('that never end are cut, too', async () => {
    await using server = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        const more = () => {
          while (!socket.destroyed && socket.write(`10000\r\n${'y'.repeat(0x10000)}\r\n`));
        };
        socket.on('drain', more);
        more();
      });
    });
    const client = clientFor(`http://127.0.0.1:${server.port}`, { auth: { kind: 'none' } });
    expect(await client.update(record, signal)).toEqual({ answer: 'accepted' });
    await client.close();
  });

  it('with a byte order mark or broken UTF-8 are read as far as they go', async () => {
    const body = Buffer.concat([
      Buffer.from('\ufeff{"localizedMessage":"caf'),
      Buffer.from([0xe9]),
      Buffer.from('"}'),
    ]);
    const reply = { status: 400, headers: { 'content-type': 'application/json' }, body };
    await using alm = await almThat(() => reply);
    expect(await alm.client.update(record, signal)).toMatchObject({ answer: 'refused', quote: 'caf\ufffd' });
  });
});

it('a connection that does not come about holds up no call but its own', async () => {
  const authority = makeAuthority();
  const { certPem: cert, keyPem: key } = authority.issue({ cn: 'ishtar', sans: ['127.0.0.1'] });
  await using alm = await startServer(() => json(200, {}), { cert, key, h2: true });
  const sockets: Socket[] = [];
  await using front = await tcpServer((socket) => {
    sockets.push(socket);
    if (sockets.length > 1) socket.pipe(connect(alm.port, '127.0.0.1')).pipe(socket);
  });
  const options = { auth: { kind: 'none' }, tls: { ca: authority.caPem } } as const;
  const client = clientFor(`https://127.0.0.1:${front.port}`, options);
  const abort = new AbortController();
  const stuck = rejectionOf(client.update(record, abort.signal));
  expect(await client.update(record, signal)).toEqual({ answer: 'accepted' });
  abort.abort(new Error('over'));
  expect(await stuck).toBe(abort.signal.reason);
  for (const socket of sockets) socket.destroy();
  await client.close();
});

describe('a caller that leaves', () => {
  it.each(VERBS)('gets its own reason while ALM is silent (%s)', async (verb) => {
    const seen = Promise.withResolvers<void>();
    await using alm = await almThat(() => {
      seen.resolve();
      return 'silence';
    });
    const abort = new AbortController();
    const left = rejectionOf(call(alm.client, verb, abort.signal));
    await seen.promise;
    abort.abort(new Error('shutdown'));
    expect(await left).toBe(abort.signal.reason);
  });

  it('gets it while the connection is not there yet, and nothing is sent later', async () => {
    const sockets: Socket[] = [];
    await using server = await tcpServer((socket) => sockets.push(socket));
    const options = { auth: { kind: 'none' }, timeoutMs: 500 } as const;
    const client = clientFor(`https://127.0.0.1:${server.port}`, options);
    const abort = new AbortController();
    const left = rejectionOf(client.create(record, abort.signal));
    await expect.poll(() => sockets.length).toBe(1);
    abort.abort(new Error('shutdown'));
    expect(await left).toBe(abort.signal.reason);
    await client.close();
  });

  it('gets it before anything is sent when its signal has fired already', async () => {
    await using alm = await almThat(() => ({ status: 204 }), { auth: { kind: 'none' } });
    const gone = AbortSignal.abort(new Error('shutdown'));
    expect(await rejectionOf(alm.client.create(record, gone))).toBe(gone.reason);
    expect(alm.server.asked.length).toBe(0);
  });

  it('does not take the login of the others along', async () => {
    const hold = Promise.withResolvers<void>();
    await using server = await startServer(async ({ path }) => {
      if (!path.endsWith('/token')) return { status: 204 };
      await hold.promise;
      return tokenReply(1);
    });
    const client = clientFor(server.origin);
    const abort = new AbortController();
    const left = rejectionOf(client.update(record, abort.signal));
    const stays = client.update(record, signal);
    await expect.poll(() => server.asked.length).toBe(1);
    abort.abort(new Error('shutdown'));
    expect(await left).toBe(abort.signal.reason);
    hold.resolve();
    expect(await stays).toEqual({ answer: 'accepted' });
    expect(server.asked.map(({ path }) => path)).toEqual(['/oauth/token', '/api/credentials/orders_api']);
    await client.close();
  });
});

describe('a connection', () => {
  it('never carries what its caller gave up while it waited', async () => {
    const hold = Promise.withResolvers<void>();
    const script = async () => {
      await hold.promise;
      return { status: 204 };
    };
    await using alm = await almThat(script, { auth: { kind: 'none' }, concurrency: 1 });
    const first = alm.client.update(record, signal);
    await expect.poll(() => alm.calls().length).toBe(1);
    const abort = new AbortController();
    const waiting = rejectionOf(alm.client.create(record, abort.signal));
    abort.abort(new Error('shutdown'));
    expect(await waiting).toBe(abort.signal.reason);
    hold.resolve();
    await first;
    await alm.client.update(record, signal);
    expect(alm.calls().map(({ method }) => method)).toEqual(['PUT', 'PUT']);
  });

  it('may say something before the answer', async () => {
    const raw =
      'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 409 Conflict\r\ncontent-length: 0\r\n\r\n';
    await using alm = await almThat(() => ({ raw }), { auth: { kind: 'none' } });
    expect(await alm.client.create(record, signal)).toEqual({ answer: 'exists' });
  });

  it('that broke is made anew for the next call', async () => {
    const answers: Reply[] = ['reset', json(200, {}), json(200, {})];
    await using alm = await almThat(() => answers.shift() ?? 'silence', { auth: { kind: 'none' } });
    expect(await reasonOf(alm.client.update(record, signal))).toBe('OutcomeUnknown');
    expect(await alm.client.update(record, signal)).toEqual({ answer: 'accepted' });
    expect(await alm.client.update(record, signal)).toEqual({ answer: 'accepted' });
    expect(alm.calls().length).toBe(3);
  });
});
