import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answerer, type Bench, type BenchOptions, startBench } from './scripted.ts';
import { errorEvent } from './status.ts';

const benches: Bench[] = [];
const bench = async (options: BenchOptions) => {
  const started = await startBench(options);
  benches.push(started);
  return started;
};

afterEach(async () => {
  await Promise.all(benches.splice(0).map((started) => started.close()));
});

const ok: Answerer = (_req, res) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end('{"ok":true}');
};

/** A watch that sends one line and then stays quiet. */
const quietWatch: Answerer = (_req, res) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  res.write('{"type":"ADDED"}\n');
};

const WATCH = '/api/v1/secrets?watch=true';

async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of body) {
    const parts = `${rest}${chunk}`.split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

const next = async (lines: AsyncGenerator<string>) => (await lines.next()).value;

describe.each([
  ['HTTP/2', true],
  ['HTTP/1.1', false],
])('the gate, to a client of %s', (_name, h2) => {
  it('passes status, headers and body through byte for byte', async () => {
    const blob = randomBytes(300_000);
    const { gate, request, open, seen } = await bench({
      h2,
      answer: (_req, res) => {
        res.setHeader('warning', ['299 - "a"', '299 - "b"']);
        res.writeHead(201, { 'content-length': String(blob.length), 'audit-id': 'x' });
        res.end(blob);
      },
    });
    const { statusCode, headers, body } = await open('/a/b?c=%2F&d');
    const got = Buffer.from(await body.arrayBuffer());
    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(digest(got)).toBe(digest(blob));
    expect(statusCode).toBe(201);
    expect(headers).toMatchObject({ 'audit-id': 'x', 'content-length': '300000' });
    expect([headers['warning']].flat().join(', ')).toBe('299 - "a", 299 - "b"');
    await request('/p', {
      method: 'PATCH',
      body: '{"a":1}',
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(seen.map(({ line }) => line)).toEqual(['GET /a/b?c=%2F&d', 'PATCH /p']);
    expect(seen[1]).toMatchObject({
      body: '{"a":1}',
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(gate.log[1]).toMatchObject({
      protocol: h2 ? 'h2' : 'h1',
      contentType: 'application/merge-patch+json',
    });
  });

  it('streams a watch line by line, while it is open', async () => {
    const { promise: further, resolve: sendFurther } = Promise.withResolvers<void>();
    const answer: Answerer = async (_req, res) => {
      res.write('{"n":1}\n');
      await further;
      res.write('{"n":2}\n');
    };
    const { open, gate } = await bench({ h2, answer });
    const lines = linesOf((await open(WATCH)).body);
    expect(await next(lines)).toBe('{"n":1}');
    sendFurther();
    expect(await next(lines)).toBe('{"n":2}');
    expect(gate.log[0]).toMatchObject({ verb: 'watch', status: 200, ended: false });
  });

  it('sends the head of a watch that has no event yet', async () => {
    const { open } = await bench({ h2, answer: (_req, res) => res.flushHeaders() });
    const { statusCode } = await open(WATCH);
    expect(statusCode).toBe(200);
  });

  it('ends the watch upstream when the client goes away', async () => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const answer: Answerer = (req, res) => {
      quietWatch(req, res, '');
      res.once('close', () => resolve());
    };
    const { open, gate } = await bench({ h2, answer });
    const leave = new AbortController();
    const lines = linesOf((await open(WATCH, leave.signal)).body);
    await next(lines);
    leave.abort();
    await expect(next(lines)).rejects.toThrow();
    await ended;
    expect(gate.log[0]).toMatchObject({ status: 200, ended: true, aborted: true });
  });

  it('hands the end of a watch on as an end', async () => {
    const answer: Answerer = (_req, res) => void res.end('{"n":1}\n');
    const { open } = await bench({ h2, answer });
    const { body } = await open(WATCH);
    expect(await body.text()).toBe('{"n":1}\n');
  });

  it('swaps the token of a user it knows and names the user in the log', async () => {
    const users = { 'operator-canary-7f3a9': 'operator' };
    const { request, gate, seen } = await bench({ h2, answer: ok, users });
    const known = { authorization: 'Bearer operator-canary-7f3a9', 'user-agent': 'alm' };
    expect((await request('/api/v1/secrets', { headers: known })).status).toBe(200);
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer upstream-canary-7f3a9',
      'user-agent': 'alm',
    });
    const unknown = await request('/api/v1/secrets', { headers: { authorization: 'Bearer other' } });
    expect(unknown).toMatchObject({ status: 401 });
    expect(JSON.parse(unknown.text)).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 });
    expect(seen).toHaveLength(1);
    expect(gate.log.map(({ user, agent, status }) => [user, agent, status])).toEqual([
      ['operator', 'alm', 200],
      ['', '', 401],
    ]);
    expect(JSON.stringify(gate.log)).not.toContain('canary-7f3a9');
  });

  it('resets the client when the API server cannot be reached', async () => {
    const { request, gate } = await bench({ h2, answer: (req) => void req.socket.destroy() });
    await expect(request('/api/v1/secrets')).rejects.toThrow();
    expect(gate.log[0]).toMatchObject({ status: 0, aborted: true });
    expect(gate.log[0]?.fault).toMatch(/^upstream /);
  });
});

describe.each([
  ['HTTP/2', true],
  ['HTTP/1.1', false],
])('a fault, to a client of %s', (_name, h2) => {
  it('answers in the stead of the API server, as often as asked', async () => {
    const { request, gate, seen } = await bench({ h2, answer: ok });
    gate.fault({ resource: 'secrets' }, { times: 2 }, { kind: 'status', status: 429, retryAfter: 3 });
    await request('/api/v1/configmaps');
    const refused = await request('/api/v1/secrets');
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '3', 'content-type': 'application/json' },
    });
    expect(JSON.parse(refused.text)).toMatchObject({
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 3 },
    });
    await request('/api/v1/secrets');
    expect((await request('/api/v1/secrets')).status).toBe(200);
    expect(seen.map(({ line }) => line)).toEqual(['GET /api/v1/configmaps', 'GET /api/v1/secrets']);
    expect(gate.log.map(({ fault }) => fault)).toEqual(['', 'status 429', 'status 429', '']);
  });

  it('lets the first ones pass when told to skip, and stops when it is ended', async () => {
    const { request, gate } = await bench({ h2, answer: ok });
    const fault = gate.fault(
      {},
      { times: Number.POSITIVE_INFINITY, skip: 1 },
      { kind: 'status', status: 500, body: 'no' },
    );
    const statuses = [];
    for (const _ of [1, 2, 3]) statuses.push((await request('/a')).status);
    fault.end();
    statuses.push((await request('/a')).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('resets %s the API server has answered', async (when, reaching) => {
    const { request, gate, seen } = await bench({ h2, answer: ok });
    gate.fault({ verb: 'create' }, {}, { kind: 'reset', when });
    await expect(request('/api/v1/namespaces/a/secrets', { method: 'POST', body: '{}' })).rejects.toThrow();
    expect(seen).toHaveLength(reaching);
    expect(gate.log[0]).toMatchObject({ status: 0, aborted: true, fault: `reset ${when}` });
    expect((await request('/api/v1/secrets')).status).toBe(200);
  });

  it('delays and then goes on', async () => {
    const { request, gate } = await bench({ h2, answer: ok });
    gate.fault({}, {}, { kind: 'delay', ms: 5 });
    expect((await request('/a')).status).toBe(200);
    expect(gate.log[0]).toMatchObject({ fault: 'delay', aborted: false });
  });

  it('forwards nothing of a client that leaves during the delay', async () => {
    const { request, gate, seen } = await bench({ h2, answer: ok });
    gate.fault({ path: '/a' }, {}, { kind: 'delay', ms: 60_000 });
    const gone = expect(request('/a')).rejects.toThrow();
    await request('/b');
    gate.cut();
    await gone;
    await request('/c');
    expect(seen.map(({ line }) => line)).toEqual(['GET /b', 'GET /c']);
  });

  it('puts a malformed line into an open watch', async () => {
    const { open, gate } = await bench({ h2, answer: quietWatch });
    const lines = linesOf((await open(WATCH)).body);
    await next(lines);
    gate.fault({ verb: 'watch' }, {}, { kind: 'garbage' });
    const line = String(await next(lines));
    expect(() => JSON.parse(line)).toThrow();
    expect(gate.log[0]).toMatchObject({ fault: 'garbage', ended: false });
  });

  it('puts an ERROR event into the next watch, and ends it', async () => {
    const { open, gate } = await bench({ h2, answer: quietWatch });
    gate.fault({}, {}, { kind: 'event', line: errorEvent(410) });
    const { body } = await open(WATCH);
    const text = await body.text();
    expect(text).toContain('"reason":"Expired"');
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toContain('ERROR');
    expect(gate.log[0]).toMatchObject({ status: 200, fault: 'event' });
  });
});

describe.each([
  ['HTTP/2', true],
  ['HTTP/1.1', false],
])('a hold, to a client of %s', (_name, h2) => {
  const create = { method: 'POST', body: '{}' } as const;
  const PATH = '/api/v1/namespaces/a/secrets';

  it('keeps the n-th request from the API server until it is released', async () => {
    const { request, gate, seen } = await bench({ h2, answer: ok });
    const hold = gate.hold({ verb: 'create' }, 'before', { skip: 1 });
    await request(PATH, create);
    const second = request(PATH, create);
    expect(await hold.reached).toMatchObject({ n: 2, verb: 'create', status: 0 });
    expect(seen).toHaveLength(1);
    hold.release();
    expect((await second).status).toBe(200);
    expect((await request(PATH, create)).status).toBe(200);
    expect(seen).toHaveLength(3);
  });

  it('keeps the answer from the client once the API server has given it', async () => {
    const { request, gate, seen } = await bench({ h2, answer: ok });
    const hold = gate.hold({ verb: 'create' }, 'after');
    const pending = request(PATH, create);
    const failed = expect(pending).rejects.toThrow();
    await hold.reached;
    expect(seen).toHaveLength(1);
    hold.drop();
    await failed;
    expect(gate.log[0]).toMatchObject({ status: 0, aborted: true, fault: 'hold after' });
  });

  it('lets other requests of the same client pass meanwhile', async () => {
    const { request, gate } = await bench({ h2, answer: ok });
    const hold = gate.hold({ verb: 'create' }, 'before');
    const held = request(PATH, create);
    await hold.reached;
    expect((await request('/api/v1/secrets')).status).toBe(200);
    hold.release();
    await held;
  });

  it('never forwards the request of a client that died while it was held', async () => {
    const { request, gate, seen } = await bench({ h2, answer: ok });
    const hold = gate.hold({ verb: 'create' }, 'before');
    const dead = expect(request(PATH, create)).rejects.toThrow();
    await hold.reached;
    gate.cut();
    await dead;
    hold.release();
    await request('/api/v1/secrets');
    expect(seen.map(({ line }) => line)).toEqual(['GET /api/v1/secrets']);
  });

  it('says what came instead when no request reaches it', async () => {
    const { request, gate } = await bench({ h2, answer: ok });
    await request('/api/v1/secrets');
    const hold = gate.hold({ verb: 'create' }, 'before', { timeoutMs: 20 });
    await expect(hold.reached).rejects.toThrow(/GET \/api\/v1\/secrets → 200/);
    expect((await request(PATH, create)).status).toBe(200);
  });
});

describe.each([
  ['HTTP/2', true],
  ['HTTP/1.1', false],
])('the network of the gate, to a client of %s', (_name, h2) => {
  const openWatch = async (started: Bench, path = WATCH) => {
    const lines = linesOf((await started.open(path)).body);
    await next(lines);
    return lines;
  };

  it('cuts the watches that match and no other', async () => {
    const started = await bench({ h2, answer: quietWatch });
    const secrets = await openWatch(started);
    const claims = await openWatch(started, '/apis/alm-operator.dev/v1beta1/almclientclaims?watch=1');
    started.gate.cut({ resource: 'secrets' });
    await expect(next(secrets)).rejects.toThrow();
    started.gate.fault({ resource: 'almclientclaims' }, {}, { kind: 'event', line: { type: 'BOOKMARK' } });
    expect(await next(claims)).toBe('{"type":"BOOKMARK"}');
  });

  it('cuts every connection', async () => {
    const started = await bench({ h2, answer: quietWatch });
    const watches = [await openWatch(started), await openWatch(started)];
    started.gate.cut();
    await Promise.all(watches.map((watch) => expect(next(watch)).rejects.toThrow()));
    await openWatch(started);
  });

  it('refuses connections and takes them again on the same port', async () => {
    const started = await bench({ h2, answer: quietWatch });
    const watch = await openWatch(started);
    const lost = expect(next(watch)).rejects.toThrow();
    await started.gate.refuse();
    await lost;
    await expect(started.open('/a')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await started.gate.accept();
    await openWatch(started);
    expect(started.gate.log.filter(({ path }) => path === '/a')).toEqual([]);
  });

  it('freezes: connections stay, nothing is answered, and all goes on after the thaw', async () => {
    const started = await bench({ h2, answer: quietWatch });
    const watch = await openWatch(started);
    started.gate.freeze();
    started.gate.fault({ verb: 'watch' }, {}, { kind: 'event', line: { type: 'BOOKMARK' } });
    const quiet = Symbol('quiet');
    const event = next(watch);
    const requests = started.gate.log.length;
    const frozen = started.open(WATCH);
    const first = await Promise.race([
      event,
      frozen,
      once(AbortSignal.timeout(60), 'abort').then(() => quiet),
    ]);
    expect(first).toBe(quiet);
    expect(started.gate.log).toHaveLength(requests);
    started.gate.thaw();
    expect(await event).toBe('{"type":"BOOKMARK"}');
    expect((await frozen).statusCode).toBe(200);
  });

  it('is a plain relay again once calmed', async () => {
    const { request, gate } = await bench({ h2, answer: ok });
    gate.fault({}, { times: 5, skip: 1 }, { kind: 'status', status: 500 });
    const hold = gate.hold({ path: '/held' }, 'before');
    const unreached = gate.hold({ path: '/b' }, 'before');
    const held = request('/held');
    await hold.reached;
    gate.freeze();
    await gate.calm();
    expect((await held).status).toBe(200);
    await gate.refuse();
    await expect(request('/refused')).rejects.toThrow();
    await gate.calm();
    expect((await request('/b')).status).toBe(200);
    await expect(unreached.reached).rejects.toThrow();
  });

  it('waits for a request that is yet to come', async () => {
    const { request, gate } = await bench({ h2, answer: ok });
    await request('/a');
    const coming = gate.seen({ path: '/a' }, { since: gate.log.length });
    await request('/b');
    await request('/a');
    expect(await coming).toMatchObject({ n: 3 });
    expect(gate.count({ path: '/a' })).toBe(2);
    expect(gate.count({ path: '/a' }, 1)).toBe(1);
  });
});
