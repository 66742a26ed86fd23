/**
 * How long the embedded API server takes to start, and what 10,000 objects and 20 watches of all of them cost it. The
 * clients are in this process, the server in another.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import type { Bench, Figure } from './figures.ts';

const OBJECTS = 10_000;
const WATCHES = 20;
const AT_ONCE = 32;
const START_LIMIT_MS = 1000;
const MEMORY_LIMIT_MB = 400;
const WAIT_LIMIT_MS = 120_000;

const CREDENTIALS = '/apis/alm-operator.dev/v1beta1/namespaces/default/clientcredentials';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CRDS = new URL('../../crds/', import.meta.url);

type Access = Readonly<{ url: string; caPem: string; token: string }>;

export const bench: Bench = async (tell) => {
  const began = performance.now();
  const child = fork(new URL('./apiserver.process.ts', import.meta.url));
  try {
    const [access] = (await once(child, 'message')) as [Access];
    const client = new Client(access);
    await client.send('GET', '/readyz');
    const startMs = performance.now() - began;
    const figures = await measure(child, client, tell);
    await client.close();
    return [
      { what: 'start, with the process', value: startMs, unit: 'ms', limit: START_LIMIT_MS },
      ...figures,
    ];
  } finally {
    child.kill('SIGKILL');
  }
};

async function measure(
  child: ChildProcess,
  client: Client,
  tell: (line: string) => void,
): Promise<readonly Figure[]> {
  await client.install();
  const empty = await memoryOf(child);
  tell(`creating ${OBJECTS} objects`);
  const creatingMs = await timed(() => client.createAll());
  const filled = await memoryOf(child);
  tell(`opening ${WATCHES} watches of all of them`);
  const watches = await Promise.all(Array.from({ length: WATCHES }, () => client.watch()));
  const watchingMs = await timed(() => Promise.all(watches.map((watch) => watch.saw(OBJECTS))));
  const spreadMs = await timed(async () => {
    await client.touch();
    await Promise.all(watches.map((watch) => watch.saw(OBJECTS + 1)));
  });
  const watched = await memoryOf(child);
  for (const watch of watches) watch.close();
  return [
    { what: 'memory, empty', value: empty.rssMb, unit: 'MB' },
    { what: `${OBJECTS} objects created`, value: creatingMs, unit: 'ms' },
    { what: 'memory with them', value: filled.rssMb, unit: 'MB' },
    { what: `${WATCHES} watches told all of them`, value: watchingMs, unit: 'ms' },
    { what: 'one change told to all watches', value: spreadMs, unit: 'ms' },
    { what: 'memory with objects and watches', value: watched.rssMb, unit: 'MB', limit: MEMORY_LIMIT_MB },
    { what: 'memory at its highest', value: watched.peakMb, unit: 'MB', limit: MEMORY_LIMIT_MB },
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function memoryOf(child: ChildProcess): Promise<Readonly<{ rssMb: number; peakMb: number }>> {
  child.send('memory');
  const [{ rss, peak }] = (await once(child, 'message')) as [{ rss: number; peak: number }];
  return { rssMb: rss / 2 ** 20, peakMb: peak / 2 ** 10 };
}

type Watch = Readonly<{ saw(events: number): Promise<void>; close(): void }>;

class Client {
  readonly #access: Access;
  readonly #agent: Agent;

  constructor(access: Access) {
    this.#access = access;
    this.#agent = new Agent({ connect: { ca: access.caPem }, bodyTimeout: 0 });
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async send(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<number> {
    const { statusCode, body: answer } = await this.#open(method, path, body);
    await answer.dump();
    return statusCode;
  }

  async install(): Promise<void> {
    for (const file of (await readdir(CRDS)).sort()) {
      await this.send('POST', DEFINITIONS, parse(await readFile(new URL(file, CRDS), 'utf8')) as object);
    }
    const deadline = Date.now() + WAIT_LIMIT_MS;
    while ((await this.send('GET', CREDENTIALS)) !== 200) {
      if (Date.now() > deadline) throw new Error('the kinds are not served');
      await sleep(5);
    }
  }

  async createAll(): Promise<void> {
    let next = 0;
    const worker = async () => {
      while (next < OBJECTS) {
        next += 1;
        const status = await this.send('POST', CREDENTIALS, credential(`client-${next}`));
        if (status !== 201) throw new Error(`a creation was answered with ${status}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  async touch(): Promise<void> {
    await this.send('PATCH', `${CREDENTIALS}/client-1`, { metadata: { labels: { touched: 'yes' } } });
  }

  async watch(): Promise<Watch> {
    const { body } = await this.#open('GET', `${CREDENTIALS}?watch=true&resourceVersion=0`);
    let events = 0;
    let wake = () => {};
    body.on('data', (chunk: Buffer) => {
      events += linesIn(chunk);
      wake();
    });
    body.on('error', () => undefined);
    return {
      saw: (wanted) =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error(`${events} of ${wanted} events`)), WAIT_LIMIT_MS);
          wake = () => {
            if (events < wanted) return;
            clearTimeout(timer);
            resolve();
          };
          wake();
        }),
      close: () => void body.destroy(),
    };
  }

  #open(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) {
    return request(`${this.#access.url}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#access.token}`,
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

const NEWLINE = 10;

function linesIn(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

function credential(name: string): object {
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'ClientCredential',
    metadata: { name, labels: { app: name }, annotations: { note: 'one of many' } },
    spec: {
      ...{ clientId: name, clientSecretRef: { name }, authorisedGrantTypes: ['client_credentials'] },
      ...{ roles: ['Portal', 'Viewer'], accessTokenValidity: 1200 },
    },
  };
}
