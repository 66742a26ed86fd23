import { describe, expect, it } from 'vitest';
import { linesOf, next, ok, PROTOCOLS, quietWatch, useBench, WATCH } from './scripted.ts';
import { errorEvent } from './status.ts';

const bench = useBench();

describe.each(PROTOCOLS)('a fault, to a client of %s', (_name, h2) => {
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

describe.each(PROTOCOLS)('a hold, to a client of %s', (_name, h2) => {
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
