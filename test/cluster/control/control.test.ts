import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Asker } from '../../support/alm/asker.ts';
import { FULL, SECRET } from '../../support/alm/cases/case.ts';
import { type AlmSim, startAlm } from '../../support/alm/server.ts';
import { Controls } from './controls.ts';
import { ROUTES } from './routes.ts';
import { type ControlServer, startControl } from './server.ts';

let alm: AlmSim;
let ask: Asker;
let control: ControlServer;
let compactions: number;

beforeEach(async () => {
  compactions = 0;
  const compact = () => {
    compactions += 1;
  };
  alm = await startAlm({ knobs: { putMissing: 'create-201' } });
  ask = new Asker(alm);
  control = await startControl(new Controls(alm, { compact }), 0);
});
afterEach(async () => {
  await control.close();
  await ask.close();
  await alm.stop();
});

/** `GET /knobs` with what it takes; answers status and body, JSON parsed. */
async function send(what: string, body?: string | object) {
  const [method = '', path = ''] = what.split(' ');
  const answer = await request(`${control.url}${path}`, {
    method,
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.body.text();
  const isJson = answer.headers['content-type'] === 'application/json';
  return [answer.statusCode, isJson ? JSON.parse(text) : text] as const;
}

describe('the control address', () => {
  it('lists every route on its front page, each with what it is about', async () => {
    const [status, page] = await send('GET /');
    expect(status).toBe(200);
    expect(ROUTES.length).toBeGreaterThan(10);
    for (const { method, path, about } of ROUTES) {
      expect(page).toMatch(new RegExp(`^ +${method} +${path} +${about.replace(/[?.]/g, '\\$&')}$`, 'm'));
    }
    expect(page).toContain(`curl -X POST ${control.url}/down`);
  });

  it('has examples on its front page that work', async () => {
    const [, page] = await send('GET /');
    const examples = [...String(page).matchAll(/^ {2}curl (.*)$/gm)].map(([, words = '']) => {
      const [, verb, path] = /(?:-X (\w+) )?'?http:\/\/[^/]+(\/[^ ']*)/.exec(words) ?? [];
      const data = / -d (?:'([^']+)'|(\S+))/.exec(words);
      return { method: verb ?? (data ? 'POST' : 'GET'), path, body: data?.[1] ?? data?.[2] };
    });
    expect(examples.length).toBeGreaterThan(4);
    for (const { method, path, body } of examples) {
      const [status, answer] = await send(`${method} ${path}`, body);
      expect([200, 201], `${path}: ${answer}`).toContain(status);
    }
  });

  it('turns knobs, from the next request on', async () => {
    expect(await send('PUT /knobs/postStatus', '204\n')).toMatchObject([
      200,
      { name: 'postStatus', value: '204' },
    ]);
    expect((await ask.api('POST', '', FULL)).status).toBe(204);
    expect(await send('PUT /knobs/latencyMs', '1')).toMatchObject([200, { value: 1, default: 0 }]);
    expect(alm.knobs.latencyMs).toBe(1);
    expect(await send('GET /knobs')).toMatchObject([
      200,
      { postStatus: '204', latencyMs: 1, getItem: 'absent-405' },
    ]);
    expect(await send('GET /knobs/delete')).toMatchObject([
      200,
      { value: 'absent-405', values: 'absent-405, absent-404, present', basis: 'unknown' },
    ]);
  });

  it('puts knobs back to where they were at the start', async () => {
    await send('PUT /knobs/putMissing', '404');
    await send('PUT /knobs/getItem', 'plain');
    expect(await send('DELETE /knobs')).toEqual([200, 'done\n']);
    expect([alm.knobs.putMissing, alm.knobs.getItem]).toEqual(['create-201', 'absent-405']);
  });

  it('makes faults, says how often they were met, and takes them away', async () => {
    const fault = { match: { path: '/oauth/*' }, times: 2, do: { kind: 'status', status: 503 } };
    expect(await send('POST /faults', fault)).toEqual([201, [{ ...fault, met: 0 }]]);
    const lasting = { match: { method: 'GET' }, do: { kind: 'status', status: 418 } };
    await send('POST /faults', lasting);
    expect((await ask.token('LmClient', 'canary-7f3a9-LmClient')).status).toBe(503);
    expect(await send('GET /faults')).toEqual([
      200,
      [
        { ...fault, met: 1 },
        { ...lasting, met: 0 },
      ],
    ]);
    expect((await ask.token('LmClient', 'canary-7f3a9-LmClient')).status).toBe(503);
    expect((await ask.token('LmClient', 'canary-7f3a9-LmClient')).status).toBe(200);
    expect(await send('GET /faults')).toEqual([200, [{ ...lasting, met: 0 }]]);
    expect((await ask.send('GET', '/management/health')).status).toBe(418);
    await send('DELETE /faults');
    expect(await send('GET /faults')).toEqual([200, []]);
    expect((await ask.send('GET', '/management/health')).status).toBe(200);
  });

  it('takes ALM down and up again, as often as it is told', async () => {
    for (const what of ['POST /down', 'POST /down']) expect(await send(what)).toEqual([200, 'done\n']);
    await expect(ask.send('GET', '/management/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    for (const what of ['POST /up', 'POST /up']) expect(await send(what)).toEqual([200, 'done\n']);
    expect((await ask.send('GET', '/management/health')).status).toBe(200);
  });

  it("shows, changes, makes and deletes clients behind everybody's back", async () => {
    const { clientSecret, ...record } = FULL;
    const { clientId: _id, ...change } = FULL;
    expect(await send('PUT /clients/app', change)).toEqual([200, record]);
    expect(await send('PUT /clients/app', { roles: [] })).toEqual([200, { ...record, roles: [] }]);
    expect(await send('GET /clients/app')).toEqual([200, { ...record, roles: [] }]);
    expect(await send('POST /clients/app/login', SECRET)).toEqual([200, { accepted: true }]);
    expect(await send('POST /clients/app/login', `${SECRET}\n`)).toEqual([200, { accepted: false }]);
    const [, all] = await send('GET /clients');
    expect(all.map(({ clientId }: { clientId: string }) => clientId)).toContain('app');
    expect(JSON.stringify(all)).not.toContain('canary-7f3a9');
    expect(await send('DELETE /clients/app')).toEqual([200, 'done\n']);
    expect(await send('DELETE /clients/app')).toEqual([404, 'ALM has no client app.\n']);
    expect(await send('POST /clients/app/login', SECRET)).toEqual([200, { accepted: false }]);
  });

  it('gives a new client what ALM gives one of which nothing is said', async () => {
    expect(await send('PUT /clients/plain', { clientSecret: SECRET })).toEqual([
      200,
      {
        clientId: 'plain',
        authorisedGrantTypes: ['client_credentials'],
        accessTokenValidity: 1200,
        refreshTokenValidity: 30_600,
        roles: [],
      },
    ]);
  });

  it('shows the log of ALM, one request a line, the last ones where told so', async () => {
    await ask.login();
    await ask.api('POST', '', FULL);
    const [, text] = await send('GET /log');
    const lines = String(text).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(alm.log);
    expect(lines.length).toBeGreaterThan(1);
    expect(await send('GET /log?last=1')).toEqual([200, `${JSON.stringify(alm.log.at(-1))}\n`]);
    expect(await send('GET /log?last=0')).toEqual([200, '']);
  });

  it('makes the API server forget its history', async () => {
    expect(await send('POST /compact')).toEqual([200, 'done\n']);
    expect(compactions).toBe(1);
  });

  it.each([
    ['GET /nowhere', undefined, 404, '/nowhere is not here; GET / shows what is.'],
    ['POST /', undefined, 404, '/ is not here; GET / shows what is.'],
    ['PATCH /clients', undefined, 405, '/clients takes GET.'],
    ['POST /knobs/getItem', undefined, 405, '/knobs/getItem takes GET, PUT.'],
    ['GET /knobs/nope', undefined, 404, 'No knob is called nope.'],
    ['PUT /knobs/location', 'maybe', 400, 'location cannot be maybe. It can be: on, off.'],
    ['PUT /clients/new', {}, 400, 'new is new and needs a clientSecret.'],
    ['PUT /clients/app', 'roles=x', 400, 'body: not JSON, such as {"roles": ["SLMAdmin"]}'],
    ['GET /clients/%zz', undefined, 400, 'URI malformed'],
    ['GET /clients/none', undefined, 404, 'ALM has no client none.'],
    ['GET /log?last=all', undefined, 400, 'last cannot be all. It can be: whole number ≥ 0.'],
    ['POST /faults', 'x'.repeat(65_537), 400, 'The body is longer than 65536 bytes.'],
  ])('answers %s with one line that says what is wrong', async (what, body, status, line) => {
    expect(await send(what, body)).toEqual([status, `${line}\n`]);
  });

  it.each([
    [{ clientId: 'other' }, /clientId/],
    [{ roles: 'SLMAdmin' }, /^roles: /],
    [{ accessTokenValidity: 1.5 }, /^accessTokenValidity: /],
  ])('refuses to change a client by %j', async (body, problem) => {
    const [status, line] = await send('PUT /clients/NimrodClient', body);
    expect([status, line]).toEqual([400, expect.stringMatching(problem)]);
    expect(alm.state.get('NimrodClient')).toMatchObject({ accessTokenValidity: 1200, roles: [] });
  });
});
