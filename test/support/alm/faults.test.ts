import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Asker, type Reply } from './asker.ts';
import { FULL, formOf } from './cases/case.ts';
import type { FaultAction, Match } from './faults.ts';
import { type AlmOptions, type AlmSim, startAlm } from './server.ts';
import { until } from './until.ts';

const POST: Match = ({ method, path }) => method === 'POST' && path === '/api/credentials';

let alm: AlmSim;
let ask: Asker;

async function start(options: Partial<AlmOptions> = {}): Promise<void> {
  alm = await startAlm(options);
  ask = new Asker(alm);
  if (options.scheme !== 'http') await ask.login();
}

afterEach(async () => {
  await ask.close();
  await alm.stop();
});

const created = () => alm.state.get('app') !== undefined;

/** The reply, or the code that the request failed with. */
async function told(asked: Promise<Reply>): Promise<string> {
  return asked.then(formOf, (error: NodeJS.ErrnoException) =>
    typeof error.code === 'string' ? error.code : error.name,
  );
}

describe('faults', () => {
  beforeEach(() => start());

  it.each<[string, FaultAction, string, boolean]>([
    ['a status instead of the answer', { kind: 'status', status: 503 }, '503 html', false],
    ['a status although it was applied', { kind: 'status', status: 504, when: 'after' }, '504 html', true],
    ['a reset before it is applied', { kind: 'reset', when: 'before' }, 'ECONNRESET', false],
    ['a reset after it was applied', { kind: 'reset', when: 'after' }, 'ECONNRESET', true],
    ['a delay', { kind: 'delay', ms: 1 }, '201 ok', true],
  ])('meet a request with %s', async (_, action, answer, applied) => {
    alm.faults.add({ match: POST, do: action });
    expect([await told(ask.api('POST', '', FULL)), created()]).toEqual([answer, applied]);
    expect(alm.log.at(-1)).toMatchObject({
      fault: [action.kind, 'when' in action ? action.when : undefined].filter(Boolean).join(' '),
      status: answer === 'ECONNRESET' ? 0 : Number(answer.slice(0, 3)),
      clientId: 'app',
    });
  });

  it('say what they are told to say', async () => {
    alm.faults.add({
      match: POST,
      do: { kind: 'status', status: 429, body: '{"localizedMessage":"slow"}', retryAfter: 7 },
    });
    expect(await ask.api('POST', '', FULL)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '7', 'content-type': 'application/json' },
      json: { localizedMessage: 'slow' },
    });
    alm.faults.clear();
    alm.faults.add({
      match: POST,
      do: { kind: 'status', status: 502, body: 'gone', contentType: 'text/plain' },
    });
    expect(await ask.api('POST', '', FULL)).toMatchObject({
      headers: { 'content-type': 'text/plain' },
      text: 'gone',
    });
  });

  it.each([
    ['before', false],
    ['after', true],
  ] as const)('leave a request hanging %s it is applied', async (when, applied) => {
    alm.faults.add({ match: POST, do: { kind: 'hang', when } });
    const leave = new AbortController();
    const authorization = `Bearer ${await ask.login()}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const asked = told(
      ask.send('POST', '/api/credentials', { headers, body: JSON.stringify(FULL), signal: leave.signal }),
    );
    await until(() => alm.log.at(-1)?.fault !== undefined && created() === applied);
    leave.abort();
    expect([await asked, created()]).toEqual(['AbortError', applied]);
  });

  it('apply a delayed request although its caller has left', async () => {
    alm.faults.add({ match: POST, do: { kind: 'delay', ms: 50 } });
    const leave = new AbortController();
    const authorization = `Bearer ${await ask.login()}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const asked = told(
      ask.send('POST', '/api/credentials', { headers, body: JSON.stringify(FULL), signal: leave.signal }),
    );
    await until(() => alm.log.at(-1)?.fault !== undefined);
    leave.abort();
    expect(await asked).toBe('AbortError');
    await until(created);
  });

  it('are used up, taken away, and go in the order in which they came', async () => {
    alm.faults.add({ match: ({ path }) => path === '/a', times: 2, do: { kind: 'status', status: 500 } });
    const remove = alm.faults.add({ match: () => true, do: { kind: 'status', status: 501 } });
    const statuses = [];
    for (const path of ['/a', '/b', '/a', '/a']) statuses.push((await ask.send('GET', path)).status);
    remove();
    statuses.push((await ask.send('GET', '/a')).status);
    expect(statuses).toEqual([500, 501, 500, 501, 404]);
  });

  it('match by number and by client', async () => {
    const [{ n = 0 } = {}] = alm.log.slice(-1);
    alm.faults.add({ match: (request) => request.n === n + 2, do: { kind: 'status', status: 500 } });
    const about =
      (id: string): Match =>
      ({ clientId }) =>
        clientId === id;
    alm.faults.add({ match: about('LmClient'), do: { kind: 'status', status: 502 } });
    alm.faults.add({ match: about('x'), do: { kind: 'status', status: 503 } });
    const token = await ask.login('NimrodClient');
    const statuses = [
      (await ask.send('GET', '/')).status,
      (await ask.token('LmClient', 'canary-7f3a9')).status,
    ];
    expect([token, ...statuses, (await ask.api('PUT', '/x', FULL)).status]).toEqual([
      undefined,
      500,
      502,
      503,
    ]);
  });

  it('reach plain connections as well', async () => {
    await ask.close();
    await alm.stop();
    await start({ scheme: 'http' });
    alm.faults.add({ match: () => true, times: 1, do: { kind: 'reset', when: 'before' } });
    expect(await told(ask.send('GET', '/management/health'))).toBe('ECONNRESET');
    expect(await told(ask.send('GET', '/management/health'))).toBe('200 ok');
  });
});

describe('hold', () => {
  beforeEach(() => start());

  it.each([
    ['before', false],
    ['after', true],
  ] as const)('stops a request %s it is applied until released', async (when, applied) => {
    const held = alm.hold(POST, when);
    const asked = ask.api('POST', '', FULL);
    expect(await held.reached).toMatchObject({ method: 'POST', path: '/api/credentials', clientId: 'app' });
    expect([created(), alm.log.at(-1)]).toMatchObject([applied, { status: 0, fault: `hold ${when}` }]);
    held.release();
    expect([formOf(await asked), created()]).toEqual(['201 ok', true]);
  });

  it.each([
    ['before', false],
    ['after', true],
  ] as const)('drops a request %s it is applied', async (when, applied) => {
    const held = alm.hold(POST, when);
    const asked = told(ask.api('POST', '', FULL));
    await held.reached;
    held.drop();
    expect([await asked, created()]).toEqual(['ECONNRESET', applied]);
  });

  it('lets a released request go on although its caller is dead', async () => {
    const held = alm.hold(POST, 'before');
    const asked = told(ask.api('POST', '', FULL));
    await held.reached;
    await ask.close();
    expect(await asked).not.toBe('201 ok');
    expect(created()).toBe(false);
    held.release();
    await until(created);
    expect(alm.log.at(-1)).toMatchObject({ status: 201, wrote: 'created' });
  });

  it('holds one request, and others pass by it', async () => {
    const held = alm.hold(POST, 'before');
    const first = ask.api('POST', '', FULL);
    await held.reached;
    expect((await ask.api('POST', '', { ...FULL, clientId: 'second' })).status).toBe(201);
    held.release();
    expect((await first).status).toBe(201);
  });

  it('tells whoever waits for it when the simulator stops', async () => {
    const held = alm.hold(POST, 'before');
    await alm.stop();
    await expect(held.reached).rejects.toThrow('The simulator stopped');
  });
});

describe('down and up', () => {
  beforeEach(() => start());

  it('refuse connections and take them again on the same port', async () => {
    await alm.down();
    const after = new Asker(alm);
    expect(await told(after.api('POST', '', FULL))).toBe('ECONNREFUSED');
    await alm.up();
    expect(await told(after.api('POST', '', FULL))).toBe('201 ok');
    await after.close();
  });

  it('cut what is under way, and never apply it afterwards', async () => {
    alm.faults.add({
      match: ({ path }) => path === '/management/health',
      do: { kind: 'hang', when: 'before' },
    });
    const held = alm.hold(POST, 'before');
    const asked = [told(ask.api('POST', '', FULL)), told(ask.send('GET', '/management/health'))];
    await held.reached;
    await until(() => alm.log.some(({ path }) => path === '/management/health'));
    await alm.down();
    expect(await Promise.all(asked)).not.toContain('201 ok');
    await alm.up();
    held.release();
    const after = new Asker(alm);
    expect((await after.api('PUT', '/app', FULL)).status).toBe(404);
    await after.close();
  });

  it('may be called twice', async () => {
    await alm.down();
    await alm.down();
    await alm.up();
    await alm.up();
    const after = new Asker(alm);
    expect(await told(after.send('GET', '/management/health'))).toBe('200 ok');
    await after.close();
    await alm.stop();
    await alm.stop();
  });
});
