import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Answerer, linesOf, next, ok, PROTOCOLS, quietWatch, useBench, WATCH } from './scripted.ts';

const bench = useBench();

describe.each(PROTOCOLS)('the gate, to a client of %s', (_name, h2) => {
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
