/**
 * What rotations cost those who use a secret: credentials rotate again and again, with faults on, while each has a user
 * who reads the published Secret and logs in with it, all the time. A secret is replaced in place, so that the one that
 * is published fails from ALM's switch to the publication of the next; no login may fail at any other time.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { AlmSim } from '../support/alm/server.ts';
import type { Live } from '../support/kubectl/objects.ts';
import { credential } from '../support/samples.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import type { Bench, Figure } from './figures.ts';

const CREDENTIALS = 50;
const ROTATIONS = 20;
const WAIT_LIMIT_MS = 120_000;
const PAUSE_MS = 50;
/** Of ALM's answers to writes so many per cent are lost, and so many are 503. */
const LOST = 3;
const UNAVAILABLE = 5;

type Client = Readonly<{ namespace: string; name: string; clientId: string }>;
type Failed = Readonly<{ clientId: string; from: number; to: number }>;
/** From ALM's switch to the publication; milliseconds of one clock. */
type Window = Readonly<{ clientId: string; from: number; to: number }>;

export const bench: Bench = async (tell) => {
  const flags = ['--generated-secrets', 'true', '--resync-interval', '1000h', '--log-level', 'info'];
  const scenario = await startScenario({ operator: { flags } });
  try {
    return await measure(scenario, tell);
  } finally {
    await scenario.stop();
  }
};

async function measure(scenario: Scenario, tell: (line: string) => void): Promise<readonly Figure[]> {
  const clients = await declareAll(scenario);
  tell(`${clients.length} credentials have their first secret`);
  addFaults(scenario.alm);
  const watcher = new Watcher(scenario);
  const users = clients.map((client) => watcher.use(client));
  const began = performance.now();
  await Promise.all(clients.map((client) => rotateAll(scenario, client)));
  const tookMs = performance.now() - began;
  tell('all rotations are over');
  scenario.alm.faults.clear();
  watcher.stop();
  await Promise.all(users);
  await watcher.close();
  return figuresOf(watcher, windowsOf(scenario, watcher.published), tookMs);
}

async function declareAll({ api, namespace }: Scenario): Promise<readonly Client[]> {
  const home = await namespace('rotation');
  const clients = Array.from({ length: CREDENTIALS }, (_, at) => {
    const name = `client-${at}`;
    return { namespace: home, name, clientId: `${home}_${name}` };
  });
  for (const { name } of clients) {
    const manifest = credential(home, name);
    const { clientSecretRef: _, ...spec } = manifest['spec'] as Readonly<Record<string, unknown>>;
    await api.create({ ...manifest, spec: { ...spec, generatedSecret: { name } } });
  }
  const all = (secrets: readonly Live[]) => secrets.length === CREDENTIALS;
  await api.waitForAll('Secret', home, all, { what: 'all first secrets', timeoutMs: WAIT_LIMIT_MS });
  return clients;
}

/** The same each time, so that two runs can be compared. */
function addFaults({ faults }: AlmSim): void {
  const isWrite = (method: string) => method === 'PUT';
  const every = (percent: number, offset: number) => (arrival: Readonly<{ n: number; method: string }>) =>
    isWrite(arrival.method) && (arrival.n * 37 + offset) % 100 < percent;
  faults.add({ match: every(LOST, 0), do: { kind: 'reset', when: 'after' } });
  faults.add({ match: every(UNAVAILABLE, 50), do: { kind: 'status', status: 503 } });
}

async function rotateAll({ api }: Scenario, { namespace, name }: Client): Promise<void> {
  for (let round = 1; round <= ROTATIONS; round += 1) {
    const token = `round-${round}`;
    const metadata = { annotations: { 'alm-operator.dev/rotate': token } };
    await api.patch('ClientCredential', namespace, name, { type: 'merge', body: { metadata } });
    const isOver = ({ status }: Live) => status?.['lastHandledRotateAt'] === token;
    const patience = { what: `${name}, ${token}`, timeoutMs: WAIT_LIMIT_MS };
    await api.waitFor<Live>('ClientCredential', namespace, name, isOver, patience);
  }
}

/** The users of all clients. Each reads the Secret anew for each login, as one who mounts it would. */
class Watcher {
  readonly failed: Failed[] = [];
  /** When a user first saw another version of the Secret: no earlier than it was published. */
  readonly published: Readonly<{ clientId: string; at: number }>[] = [];
  logins = 0;
  #isOver = false;
  readonly #scenario: Scenario;
  readonly #agent: Agent;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#agent = new Agent({ connect: { ca: scenario.alm.caPem } });
  }

  stop(): void {
    this.#isOver = true;
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async use(client: Client): Promise<void> {
    const { api } = this.#scenario;
    let version = '';
    while (!this.#isOver) {
      const from = Date.now();
      const { metadata, data } = await api.get<Live>('Secret', client.namespace, client.name);
      const read = Date.now();
      if (version !== '' && version !== metadata.resourceVersion)
        this.published.push({ clientId: client.clientId, at: read });
      version = metadata.resourceVersion;
      const password = Buffer.from(data?.['clientSecret'] ?? '', 'base64').toString();
      const status = await this.#logIn(client.clientId, password);
      this.logins += 1;
      if (status === 401) this.failed.push({ clientId: client.clientId, from, to: Date.now() });
      await sleep(PAUSE_MS);
    }
  }

  async #logIn(clientId: string, password: string): Promise<number> {
    const basic = Buffer.from(`${clientId}:${password}`).toString('base64');
    const { statusCode, body } = await request(`${this.#scenario.alm.url}/oauth/token`, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    await body.dump();
    return statusCode;
  }
}

/** Each write that ALM took opens one, and the next sight of another Secret closes it. */
function windowsOf({ alm }: Scenario, published: Watcher['published']): readonly Window[] {
  return alm.log.flatMap(({ clientId = '', wrote, at }) => {
    if (wrote !== 'updated') return [];
    const seen = published.find((one) => one.clientId === clientId && one.at >= at);
    return [{ clientId, from: at, to: seen?.at ?? Number.POSITIVE_INFINITY }];
  });
}

function figuresOf(watcher: Watcher, windows: readonly Window[], tookMs: number): readonly Figure[] {
  const { failed, logins } = watcher;
  const isExplained = ({ clientId, from, to }: Failed) =>
    windows.some((window) => window.clientId === clientId && from <= window.to && to >= window.from);
  const astray = failed.filter((one) => !isExplained(one));
  const rotations = CREDENTIALS * ROTATIONS;
  return [
    { what: 'rotations', value: rotations, unit: '' },
    { what: 'all of them', value: tookMs / 1000, unit: 's' },
    { what: 'logins of users', value: logins, unit: '' },
    { what: 'of them refused', value: failed.length, unit: '' },
    { what: 'refused outside of a rotation', value: astray.length, unit: '', limit: 1 },
    { what: 'longest time in which one was refused', value: longestGap(failed), unit: 'ms' },
  ];
}

/** From the first refusal of a row to its last; a row ends where a second passes without one. */
function longestGap(failed: readonly Failed[]): number {
  const rows = new Map<string, Readonly<{ from: number; to: number }>>();
  let longest = 0;
  for (const { clientId, from, to } of failed.toSorted((a, b) => a.from - b.from)) {
    const row = rows.get(clientId);
    const isSame = row !== undefined && from - row.to < 1000;
    const next = { from: isSame ? row.from : from, to };
    rows.set(clientId, next);
    longest = Math.max(longest, next.to - next.from);
  }
  return longest;
}
