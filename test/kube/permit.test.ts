import { afterEach, describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import { type Call, createTransport, type Transport } from '../../src/kube/transport.ts';
import { ManualClock } from './support/clock.ts';
import { eventually } from './support/eventually.ts';
import { THINGS } from './support/objects.ts';
import { type Handler, type ScriptedServer, startServer } from './support/server.ts';

/** Writes to the API server by a replica that may not write, or not for long any more. */

const never = new AbortController().signal;
const path = '/apis/example.org/v1/things/a';
const WRITES: readonly Call[] = [
  { verb: 'create', method: 'POST', resource: THINGS, path, body: {} },
  { verb: 'update', method: 'PUT', resource: THINGS, path, body: {} },
  { verb: 'patch', method: 'PATCH', resource: THINGS, path, body: {} },
  { verb: 'delete', method: 'DELETE', resource: THINGS, path, body: {} },
];
const [WRITE] = WRITES as [Call];
const READS: readonly Call[] = [
  { verb: 'get', method: 'GET', resource: THINGS, path },
  { verb: 'list', method: 'GET', resource: THINGS, path },
];

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Options = Readonly<{
  permit: () => number;
  protocol?: 'plain' | 'http1' | 'http2';
  handler?: Handler;
  clock?: ManualClock;
}>;

async function serve({
  permit,
  protocol = 'http2',
  handler = (_, reply) => reply.json(200, {}),
  clock,
}: Options): Promise<Readonly<{ server: ScriptedServer; transport: Transport }>> {
  const server = await startServer(handler, protocol);
  const transport = createTransport({
    auth: server.auth,
    userAgent: 'example/1.2',
    permit,
    ...(clock && { clock }),
  });
  closers.push(async () => {
    await transport.close();
    await server.close();
  });
  return { server, transport };
}

async function errorOf(promise: Promise<unknown>): Promise<KubeError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

const REFUSED = {
  status: 0,
  reason: 'LeaseLost',
  message: expect.stringContaining('not sent, because this replica does not hold the lease'),
};

describe('without a permit', () => {
  it.each(WRITES)('$verb is refused and not sent', async (call) => {
    const { server, transport } = await serve({ permit: () => 0 });
    expect(await errorOf(transport.request(call, never))).toMatchObject(REFUSED);
    expect(server.asked).toEqual([]);
    expect(server.connections()).toBe(0);
  });

  it.each(READS)('$verb is answered', async (call) => {
    const { transport } = await serve({ permit: () => 0 });
    expect(await transport.request(call, never)).toEqual({});
  });

  it('a watch goes on', async () => {
    const { transport } = await serve({ permit: () => 0, handler: (_, reply) => reply.end('{}\n') });
    const call: Call = { verb: 'watch', method: 'GET', resource: THINGS, path };
    const chunks: Buffer[] = [];
    for await (const chunk of await transport.stream(call, never)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('{}\n');
  });
});

describe('a permit that ends', () => {
  it.each(['plain', 'http1', 'http2'] as const)(
    'while the connection is made (%s) keeps the write from being sent',
    async (protocol) => {
      let asked = 0;
      // Granted when the call begins, gone when the connection stands.
      const permit = () => {
        asked += 1;
        return asked === 1 ? 5000 : 0;
      };
      const { server, transport } = await serve({ permit, protocol });
      expect(await errorOf(transport.request(WRITE, never))).toMatchObject(REFUSED);
      expect(asked).toBe(2);
      await transport.request({ verb: 'get', method: 'GET', resource: THINGS, path }, never);
      expect(server.asked.map(({ method }) => method)).toEqual(['GET']);
    },
  );

  it('leaves writes that come after it is back unharmed', async () => {
    let left = 5000;
    const { server, transport } = await serve({ permit: () => left });
    await transport.request(WRITE, never);
    left = 0;
    await errorOf(transport.request(WRITE, never));
    left = 5000;
    await transport.request(WRITE, never);
    expect(server.asked).toHaveLength(2);
  });

  it('limits the time of a write that is under way, and not that of a read', async () => {
    const clock = new ManualClock();
    const { server, transport } = await serve({ permit: () => 4000, handler: () => undefined, clock });
    const write = errorOf(transport.request(WRITE, never));
    let isReading = true;
    const read = transport
      .request({ verb: 'get', method: 'GET', resource: THINGS, path }, never)
      .catch(() => undefined)
      .finally(() => {
        isReading = false;
      });
    await eventually(() => server.asked.length === 2);
    await clock.advance(4000);
    expect(await write).toMatchObject({ status: 0, reason: 'Timeout' });
    expect(isReading).toBe(true);
    await clock.advance(11_000);
    await read;
  });
});

it('a permit without end changes no limit', async () => {
  const clock = new ManualClock();
  const permit = () => Number.POSITIVE_INFINITY;
  const { server, transport } = await serve({ permit, handler: () => undefined, clock });
  let isOver = false;
  const write = errorOf(transport.request(WRITE, never)).finally(() => {
    isOver = true;
  });
  await eventually(() => server.asked.length === 1);
  await clock.advance(29_999);
  expect(isOver).toBe(false);
  await clock.advance(1);
  expect(await write).toMatchObject({ reason: 'Timeout' });
});
