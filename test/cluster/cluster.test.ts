import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Api, connectApi } from '../support/kubectl/client.ts';
import type { Live } from '../support/kubectl/objects.ts';
import { credential } from '../support/samples.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const START_LIMIT_MS = 20_000;

let folder: string;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-test-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  rmSync(folder, { recursive: true, force: true });
});

function launch(words: readonly string[]) {
  const env = { PATH: process.env['PATH'], INIT_CWD: folder, TMPDIR: folder };
  const child = spawn(process.execPath, [MAIN, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  cleanups.push(() => child.kill('SIGKILL'));
  return {
    child,
    exited: once(child, 'exit').then(([code]) => code as number | null),
    err: text(child.stderr),
  };
}

/** Runs to its end, which comes by itself. */
async function failing(...words: readonly string[]) {
  const { child, exited, err } = launch(words);
  const out = await text(child.stdout);
  return { code: await exited, out, err: await err };
}

async function running(...words: readonly string[]) {
  const { child, exited, err } = launch(words);
  const said = await greetingOf(child).catch(async (error) => {
    throw new Error(`${error}: ${await err}`);
  });
  const find = (pattern: RegExp) => pattern.exec(said)?.[1] ?? '';
  const kubeconfig = find(/export KUBECONFIG=(\S+)/);
  const api = apiOf(kubeconfig);
  cleanups.push(() => api.close());
  return {
    said,
    kubeconfig,
    api,
    apiUrl: find(/API server +(\S+)/),
    alm: find(/ALM +(\S+)/),
    control: find(/Control +(\S+)/),
    /** Nobody reads its output any more. */
    hangUp: () => child.stdout?.destroy(),
    end: async (signal: NodeJS.Signals = 'SIGINT') => {
      child.kill(signal);
      return { code: await exited, err: await err };
    },
  };
}

async function greetingOf(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('no output');
  const late = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  let said = '';
  try {
    for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
      said += chunk;
      if (said.includes('Ctrl-C ends it')) return said;
    }
  } finally {
    clearTimeout(late);
  }
  throw new Error(`ended after saying: ${said}`);
}

function apiOf(kubeconfig: string): Api {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8'));
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const headers = { authorization: `Bearer ${users[0].user.token}` };
  return connectApi({ url: server, ca: Buffer.from(ca, 'base64').toString(), headers });
}

async function control(method: 'GET' | 'PUT', url: string, body?: string): Promise<unknown> {
  const answer = await request(url, { method, body: body ?? null, signal: AbortSignal.timeout(10_000) });
  return answer.body.json();
}

describe('npm run cluster', () => {
  it('holds the kinds, the operator namespace and a connection to its ALM, and ends on Ctrl-C', async () => {
    const cluster = await running();
    const { api } = cluster;
    const [connection] = await api.list<Live>('AlmConnection');
    expect(connection).toMatchObject({
      metadata: { namespace: 'alm-operator', name: 'default' },
      spec: {
        endpoint: cluster.alm,
        tls: { caRef: { kind: 'ConfigMap', name: 'alm-ca' } },
        auth: { clientCredentials: { clientId: 'operator-login', clientSecretRef: { name: 'alm-login' } } },
      },
    });
    const login = await api.get('Secret', 'alm-operator', 'alm-login');
    const password = Buffer.from(login.data?.['clientSecret'] ?? '', 'base64').toString();
    const asked = await request(`${cluster.control}/clients/operator-login/login`, {
      method: 'POST',
      body: password,
    });
    expect(await asked.body.json()).toEqual({ accepted: true });
    const { data } = await api.get('ConfigMap', 'alm-operator', 'alm-ca');
    expect(data?.['ca.crt']).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(await api.list('ClientCredential')).toEqual([]);
    expect(await cluster.end()).toEqual({ code: 0, err: '' });
    expect(existsSync(cluster.kubeconfig)).toBe(false);
    await expect(request(cluster.control)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('writes files where it was called, and takes knobs and faults from its flags', async () => {
    const cluster = await running(
      ...['--kubeconfig', 'mine', '--alm-knob', 'getItem=omitted'],
      ...['--alm-fault', '{"do": {"kind": "status", "status": 503}, "times": 1}'],
    );
    expect(cluster.kubeconfig).toBe(join(folder, 'mine'));
    expect(await control('GET', `${cluster.control}/knobs/getItem`)).toMatchObject({ value: 'omitted' });
    expect(await control('GET', `${cluster.control}/faults`)).toMatchObject([{ times: 1, met: 0 }]);
    expect(await cluster.end('SIGTERM')).toEqual({ code: 0, err: '' });
    expect(existsSync(cluster.kubeconfig)).toBe(true);
  });

  it('goes on from a state file as if it had never ended', async () => {
    const words = ['--state', 'kept', '--kubeconfig', 'mine'];
    const first = await running(...words);
    await first.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
    const made = await first.api.create(credential('team', 'orders'));
    const changed = await control(
      'PUT',
      `${first.control}/clients/NimrodClient`,
      '{"accessTokenValidity": 7}',
    );
    await first.api.delete('Secret', 'alm-operator', 'alm-login');
    const text = readFileSync(first.kubeconfig, 'utf8');
    expect(await first.end()).toEqual({ code: 0, err: '' });

    const second = await running(...words);
    expect([second.apiUrl, second.alm, second.control]).toEqual([first.apiUrl, first.alm, first.control]);
    expect(readFileSync(second.kubeconfig, 'utf8')).toBe(text);
    expect(await second.api.get('ClientCredential', 'team', 'orders')).toEqual(made);
    expect(await control('GET', `${second.control}/clients/NimrodClient`)).toEqual(changed);
    await expect(second.api.get('Secret', 'alm-operator', 'alm-login')).rejects.toMatchObject({
      status: 404,
    });
    expect(await second.end()).toEqual({ code: 0, err: '' });
  });

  it('keeps its state although its terminal was closed', async () => {
    const first = await running('--state', 'kept');
    await first.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
    first.hangUp();
    expect(await first.end('SIGHUP')).toEqual({ code: 0, err: '' });
    const second = await running('--state', 'kept');
    expect(await second.api.get('Namespace', '', 'team')).toMatchObject({ metadata: { name: 'team' } });
    await second.end();
  });

  it('lets the connections follow an ALM that was given another port, and those to others alone', async () => {
    const first = await running('--state', 'kept');
    const [own] = await first.api.list<Live>('AlmConnection');
    const other = { ...own?.spec, endpoint: 'https://app.lm:32443' };
    const metadata = { namespace: 'alm-operator', name: 'other' };
    await first.api.create({
      apiVersion: 'alm-operator.dev/v1beta1',
      kind: 'AlmConnection',
      metadata,
      spec: other,
    });
    await first.end();
    const port = await freePort();
    const second = await running('--state', 'kept', '--alm-port', String(port));
    const connections = await second.api.list<Live>('AlmConnection');
    expect(second.alm).toBe(`https://127.0.0.1:${port}`);
    expect(connections.map(({ spec }) => spec?.['endpoint'])).toEqual([second.alm, 'https://app.lm:32443']);
    await second.end();
  });

  it('tells wrong usage a line each, with exit code 2, and starts nothing', async () => {
    const { code, out, err } = await failing('--api-port', 'x', '--alm-knob', 'getItem=x', '--verbose');
    expect([code, out]).toEqual([2, '']);
    expect(err.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^cluster: --verbose is not known/),
      expect.stringMatching(/^cluster: --api-port: x is not a port/),
      expect.stringMatching(/^cluster: --alm-knob: getItem cannot be x\./),
    ]);
  });

  it.each(['api', 'alm', 'control'])(
    'says in one line that the %s port is taken, with exit code 1',
    async (name) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      cleanups.push(() => taken.close());
      const { port } = taken.address() as { port: number };
      const { code, out, err } = await failing(`--${name}-port`, String(port));
      expect([code, out]).toEqual([1, '']);
      expect(err).toBe(`cluster: port ${port} is in use; --${name}-port chooses another\n`);
    },
  );

  it('refuses a file that it cannot use, in one line, and leaves it as it was', async () => {
    const path = join(folder, 'notes');
    writeFileSync(path, 'mine');
    for (const flag of ['--state', '--kubeconfig']) {
      const { code, err } = await failing(flag, 'notes');
      expect([code, err]).toEqual([1, expect.stringMatching(/^cluster: \S+notes .*\n$/)]);
      expect(readFileSync(path, 'utf8')).toBe('mine');
    }
  });

  it('shows its flags when asked', async () => {
    const { code, out, err } = await failing('--help');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Usage: npm run cluster -- \[flags\]\n/);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
