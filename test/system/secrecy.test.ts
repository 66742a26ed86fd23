import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCanary, secretText } from '../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { OWN_KINDS } from '../support/kubectl/kinds.ts';
import { conditionOf, hasCondition } from '../support/kubectl/objects.ts';
import type { LogEntry } from '../support/operator.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { clientsOf } from './clients.ts';

/**
 * Passwords go from their Secret to ALM and nowhere else, though kubectl writes them into an annotation and ALM repeats
 * them wherever it can. The operator runs at trace level.
 */

const PATIENCE_MS = 30_000;

let running: Scenario | undefined;
let snapshots = '';
let snapshot = 0;

function scenario(): Scenario {
  if (running === undefined) throw new Error('The scenario has not started');
  return running;
}

const { created, declare, get, patch, place, rotate, settled, until } = clientsOf(scenario);

beforeAll(async () => {
  snapshots = await mkdtemp(join(tmpdir(), 'alm-snapshots-'));
  const loaded = new URL('snapshots.ts', import.meta.url).href;
  running = await startScenario({
    alm: { knobs: { getItem: 'plain', writeBody: 'echo-with-secret', refusalEcho: 'on' } },
    operator: { env: { NODE_OPTIONS: `--import=${loaded}`, SNAPSHOTS: snapshots } },
  });
}, 60_000);

afterAll(async () => {
  await running?.stop();
  await rm(snapshots, { recursive: true, force: true });
}, 60_000);

/** All that the operator has said or written, and what it asked for. */
async function traces(): Promise<readonly (readonly [place: string, content: string | object])[]> {
  const { api, alm, gate } = scenario();
  const health = await scenario().operator().healthAddress();
  const kinds = [...OWN_KINDS, 'Event', 'Lease', 'ConfigMap'];
  const objects = await Promise.all(kinds.map(async (kind) => [kind, await api.list(kind)] as const));
  const answers = ['livez', 'readyz', 'elsewhere'].map(
    async (path) => [`answer of /${path}`, await (await fetch(`http://${health}/${path}`)).text()] as const,
  );
  return [
    ['its output', scenario().operator().lines.join('\n')],
    ['its requests to the API server', gate.log],
    ['its requests to ALM', alm.log],
    ...objects,
    ...(await Promise.all(answers)),
  ];
}

async function leaks(): Promise<readonly string[]> {
  return (await traces()).flatMap(([where, content]) => {
    const found = findCanary(content);
    return found === undefined ? [] : [`${where}: ${found}`];
  });
}

type Echo = readonly [says: string, status: number, body: (secret: string) => string, contentType?: string];

const base64 = (text: string) => Buffer.from(text).toString('base64');
const own = (localizedMessage: string) => JSON.stringify({ url: null, localizedMessage, details: {} });
const boot = (status: number, message: string) =>
  JSON.stringify({ timestamp: 0, status, error: 'Error', message, path: '/' });
const page = (text: string) => `<html><body>${text}</body></html>`;

const ECHOES: readonly Echo[] = [
  ['a refusal', 400, (secret) => own(`Secret ${secret} is too simple`)],
  ['a refusal, encoded for URLs', 400, (secret) => own(`Refused: ${secret.replaceAll('-', '%2D')}`)],
  ['a refusal, in base64', 422, (secret) => own(`Refused: ${base64(`id:${secret}`)}`)],
  ['a refusal whose details have it', 400, (secret) => own('No').replace('{}', `{"body":"${secret}"}`)],
  ['a refusal of Spring Boot', 400, (secret) => boot(400, `JSON parse error at ${secret}`)],
  ['a conflict', 409, (secret) => own(`${secret} exists`)],
  ['a missing login', 401, (secret) => boot(401, secret)],
  ['a missing privilege', 403, (secret) => `{"error":"access_denied","error_description":"${secret}"}`],
  ['a missing client', 404, (secret) => own(`Not found: ${secret}`)],
  ['a request for patience', 429, (secret) => page(secret), 'text/html'],
  ['an error of its own', 500, (secret) => own(`Failed on {"clientSecret":"${secret}"}`)],
  ['the page of an ingress', 502, (secret) => page(secret), 'text/html'],
  ['a page that calls itself a success', 200, (secret) => page(secret), 'text/html'],
  ['a success that is no JSON', 200, (secret) => `{"clientSecret":"${secret}`],
];

type Asked = Readonly<{ method: string; path: string; clientId?: string }>;

/** The request that is answered with the echo, and what comes before it. */
const STEPS = {
  read: ({ method }: Asked) => method === 'GET',
  creation: ({ method, path }: Asked) => method === 'POST' && path !== '/oauth/token',
  login: ({ path }: Asked) => path === '/oauth/token',
  update: ({ method }: Asked) => method === 'PUT',
} as const;

type Step = keyof typeof STEPS;

async function echoed(step: Step, echo: Echo): Promise<void> {
  const [says, status, body, contentType = 'application/json'] = echo;
  const { alm } = scenario();
  const client = await place(`echo-${step}`);
  const password = secretText(`${step} of ${says}`.replaceAll(/[ ,]+/g, '-'));
  const isAbout = ({ clientId }: Asked) => clientId === client.clientId;
  if (step === 'update') {
    await declare(client, {}, secretText('before'));
    await settled(client);
  }
  if (step === 'login') {
    const match = (asked: Asked) => isAbout(asked) && STEPS.creation(asked);
    alm.faults.add({ match, times: 1, do: { kind: 'reset', when: 'after' } });
  }
  const match = (asked: Asked) => isAbout(asked) && STEPS[step](asked);
  alm.faults.add({ match, times: 1, do: { kind: 'status', status, body: body(password), contentType } });
  const met = alm.hold(match, 'before');
  // With consent, a login that tells nothing ends well too.
  await declare(client, { adoptionPolicy: 'IfExists' }, password);
  await met.reached;
  met.release();
  await until(client, 'a word about it', (object) => conditionOf(object, 'Ready') !== undefined);
  await patch(client, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'again' } });
  await settled(client, PATIENCE_MS);
}

describe('a password', () => {
  it('is found by the search where it may be: in a Secret, and in the annotation of kubectl', async () => {
    const client = await created('control');
    const { data, metadata } = await scenario().api.get('Secret', client.namespace, client.name);
    expect(findCanary({ data })).toMatch(/^base64/);
    expect(findCanary({ ...metadata.annotations })).toMatch(/^raw/);
    const [line = ''] = scenario().operator().lines;
    expect(findCanary([line, `${line}${secretText('planted')}`].join('\n'))).toMatch(/^raw/);
    expect(await leaks()).toEqual([]);
  });

  it('is repeated nowhere, in whatever answer ALM repeats it', async () => {
    const steps = Object.keys(STEPS) as readonly Step[];
    await Promise.all(ECHOES.flatMap((echo) => steps.map((step) => echoed(step, echo))));
    expect(await leaks()).toEqual([]);
  }, 90_000);

  it('of the operator itself is repeated nowhere either', async () => {
    const secret = secretText('operator-login');
    const alm = await scenario().connect('mirror');
    const error_description = `Bad credentials: ${secret}, ${base64(`operator-login:${secret}`)}`;
    const body = JSON.stringify({ error: 'invalid_client', error_description });
    const login = ({ path }: Readonly<{ path: string }>) => path === '/oauth/token';
    alm.faults.add({ match: login, do: { kind: 'status', status: 401, body } });
    const metadata = { annotations: { changed: 'now' } };
    await scenario().api.patch('AlmConnection', OPERATOR_NAMESPACE, 'mirror', {
      type: 'merge',
      body: { metadata, spec: { limits: { timeout: '3s' } } },
    });
    const refused = hasCondition('Ready', 'False', 'Unauthorised');
    const patience = { what: 'Unauthorised', timeoutMs: PATIENCE_MS };
    await scenario().api.waitFor('AlmConnection', OPERATOR_NAMESPACE, 'mirror', refused, patience);
    expect(await leaks()).toEqual([]);
    alm.faults.clear();
  });

  it('is not told by answers of the API server that make no sense', async () => {
    const { gate, api } = scenario();
    const client = await created('broken');
    const whole = await api.get('Secret', client.namespace, client.name);
    const at = { namespace: client.namespace, resource: 'secrets' };
    const text = JSON.stringify(whole);
    gate.fault(
      { ...at, verb: 'get' },
      { times: 1 },
      { kind: 'status', status: 200, body: text.slice(0, -9) },
    );
    gate.fault({ ...at, verb: 'get' }, { times: 1 }, { kind: 'status', status: 500, body: text });
    await rotate(client, secretText('after-broken'));
    await settled(client, PATIENCE_MS);
    expect(gate.count({ ...at, verb: 'get' })).toBeGreaterThanOrEqual(3);
    // A server that sends the whole Secret although only its metadata was asked for.
    const event = { type: 'MODIFIED', object: await api.get('Secret', client.namespace, client.name) };
    gate.fault({ resource: 'secrets', verb: 'watch' }, { times: 1 }, { kind: 'event', line: event });
    await rotate(client, secretText('after-whole'));
    await settled(client, PATIENCE_MS);
    expect(await leaks()).toEqual([]);
  });

  it('is forgotten by the process when it was sent', async () => {
    await created('remembered');
    // What a pass has in its hands at the moment of one look is gone at the next; what is kept is there at all of them.
    const looks = [await remembered(), await remembered(), await remembered()];
    expect(looks).toContain(undefined);
    expect((await get(await created('alive'))).status).toBeDefined();
  }, 60_000);
});

/** A password among all strings of the heap. */
async function remembered(): Promise<string | undefined> {
  const operator = scenario().operator();
  snapshot += 1;
  operator.kill('SIGUSR2');
  const isIt = ({ msg, count }: LogEntry) => msg === 'heap snapshot written' && count === snapshot;
  const { file } = await operator.logged(isIt, PATIENCE_MS);
  const heap = await readFile(String(file), 'latin1');
  // The one secret that it has to know all the time: its own token for the API server.
  const token = new RegExp(`${secretText('token-operator')}-[0-9a-f]{24}`, 'g');
  expect(heap).toMatch(token);
  return findCanary(heap.replaceAll(token, ''));
}
