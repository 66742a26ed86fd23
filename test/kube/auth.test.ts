import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { type KubeAuth, loadKubeConfig } from '../../src/kube/auth.ts';
import { KubeconfigError } from '../../src/kube/kubeconfig.ts';

const TOKEN = 'canary-7f3a9-token';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

type Parts = Readonly<{
  cluster?: object;
  user?: object;
  context?: object;
  name?: string;
  current?: string | null;
}>;

function document({
  cluster = {},
  user = {},
  context = {},
  name = 'one',
  current = name,
}: Parts = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    ...(current !== null && { 'current-context': current }),
    clusters: [{ name, cluster: { server: `https://${name}.example:6443`, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
  };
}

function write(path: string, content: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const config = (path: string, parts?: Parts) => write(path, stringify(document(parts)));
const load = (parts: Parts): KubeAuth => loadKubeConfig({ kubeconfig: config('config', parts) });

function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(KubeconfigError);
    return String(error);
  }
  throw new Error('nothing was thrown');
}

describe('where the kubeconfig comes from', () => {
  it('is the explicit path first, then KUBECONFIG, then the service account, then the home directory', () => {
    const explicit = config('explicit', { name: 'explicit' });
    const listed = config('listed', { name: 'listed' });
    config('home/.kube/config', { name: 'home' });
    write('pod/var/run/secrets/kubernetes.io/serviceaccount/token', TOKEN);
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '443');
    const all = {
      kubeconfig: explicit,
      kubeconfigList: listed,
      inCluster: true,
      serviceAccountRoot: join(root, 'pod'),
      home: join(root, 'home'),
    };
    const { kubeconfig: _, ...second } = all;
    const { kubeconfigList: _list, ...third } = second;
    const fourth = { ...third, inCluster: false };
    const servers = [all, second, third, fourth].map((sources) => loadKubeConfig(sources).server.href);
    expect(servers).toEqual([
      'https://explicit.example:6443/',
      'https://listed.example:6443/',
      'https://10.0.0.1/',
      'https://home.example:6443/',
    ]);
  });

  it('may be nowhere, which is said in one line', () => {
    expect(
      problemOf(() => loadKubeConfig({ home: root, inCluster: true, serviceAccountRoot: root })),
    ).toMatch(/no kubeconfig: give --kubeconfig/);
  });

  it('may be several files: the first entry of a name counts, and one that does not exist is skipped', async () => {
    const first = config('a/first', { name: 'one', user: { token: TOKEN }, current: null });
    const second = config('b/second', { name: 'one', user: { token: 'other' }, current: 'one' });
    const third = config('b/third', { name: 'three' });
    const list = [join(root, 'missing'), first, second, third].join(delimiter);
    const auth = loadKubeConfig({ kubeconfigList: list });
    expect(auth.server.hostname).toBe('one.example');
    expect((await auth.credentials()).headers).toEqual({ authorization: `Bearer ${TOKEN}` });
  });
});

describe('a kubeconfig that cannot be used', () => {
  it.each<[string, string | undefined, RegExp]>([
    ['is missing', undefined, /cannot be read: ENOENT/],
    ['is not YAML', `a: [${TOKEN}`, /is not YAML/],
    ['is something else', 'just words', /is not a kubeconfig/],
    [
      'names a context that it lacks',
      stringify(document({ current: 'two' })),
      /current context "two" has no cluster/,
    ],
    ['has no context', stringify(document({ current: null })), /current context "" has no cluster/],
    ['has an unnamed user', stringify({ ...document(), users: [{ user: {} }] }), /name is missing/],
    ['has no URL', stringify(document({ cluster: { server: 'here' } })), /server is not a URL/],
    [
      'is without TLS',
      stringify(document({ cluster: { server: 'http://a:1' } })),
      /server is http:, not https:/,
    ],
    [
      'has a password in an address that is none',
      stringify(document({ cluster: { 'proxy-url': `http://user:${TOKEN}@[` } })),
      /proxy-url is not a URL/,
    ],
    [
      'has a number where text belongs',
      stringify(document({ context: { namespace: 7 } })),
      /has a context whose namespace is not text/,
    ],
    [
      'wants SOCKS',
      stringify(document({ cluster: { 'proxy-url': 'socks5://a:1' } })),
      /only http and https work/,
    ],
  ])('because it %s is told so without quoting it', (_, content, message) => {
    const file = content === undefined ? join(root, 'none') : write('config', content);
    const problem = problemOf(() => loadKubeConfig({ kubeconfig: file }));
    expect(problem).toMatch(message);
    expect(problem).not.toContain('canary');
  });
});

describe('what a kubeconfig gives', () => {
  it('server with its prefix, namespace and proxy', () => {
    const auth = load({
      cluster: { server: 'https://host.example/k8s/one', 'proxy-url': 'http://proxy.example:3128' },
      context: { namespace: 'team-a' },
    });
    expect([auth.server.href, auth.namespace, auth.proxy?.href]).toEqual([
      'https://host.example/k8s/one',
      'team-a',
      'http://proxy.example:3128/',
    ]);
  });

  it('TLS from files that stand beside it, read anew each time', async () => {
    const ca = write('ca.pem', 'first CA');
    write('own.pem', 'certificate');
    write('own.key', 'canary-7f3a9 key');
    const auth = load({
      cluster: { 'certificate-authority': 'ca.pem', 'tls-server-name': 'inner.example' },
      user: { 'client-certificate': 'own.pem', 'client-key': 'own.key' },
    });
    expect((await auth.credentials()).connect).toEqual({
      ca: 'first CA',
      cert: 'certificate',
      key: 'canary-7f3a9 key',
      servername: 'inner.example',
    });
    writeFileSync(ca, 'second CA');
    expect((await auth.credentials()).connect.ca).toBe('second CA');
  });

  it('TLS from data, and none where it is told to skip it', async () => {
    const data = Buffer.from('CA in data').toString('base64');
    expect((await load({ cluster: { 'certificate-authority-data': data } }).credentials()).connect).toEqual({
      ca: 'CA in data',
    });
    const insecure = load({ cluster: { server: 'http://a:1', 'insecure-skip-tls-verify': true } });
    expect((await insecure.credentials()).connect).toEqual({ rejectUnauthorized: false });
  });

  it.each<[string, object, Record<string, string>]>([
    ['a token', { token: TOKEN }, { authorization: `Bearer ${TOKEN}` }],
    ['nothing', {}, {}],
    [
      'a name and a password',
      { username: 'u', password: 'canary-7f3a9' },
      { authorization: 'Basic dTpjYW5hcnktN2YzYTk=' },
    ],
    [
      'somebody else',
      { token: TOKEN, as: 'alice' },
      { authorization: `Bearer ${TOKEN}`, 'impersonate-user': 'alice' },
    ],
  ])('headers for %s', async (_, user, headers) => {
    expect((await load({ user }).credentials()).headers).toEqual(headers);
  });
});

describe('a token file', () => {
  it('relative to its kubeconfig wins over a token, and is read again after a minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const file = write('sub/token', `${TOKEN}-1\n`);
    const auth = loadKubeConfig({
      kubeconfig: config('sub/config', { user: { token: 'old', tokenFile: 'token' } }),
    });
    const authorization = async () => (await auth.credentials()).headers['authorization'];
    expect(await authorization()).toBe(`Bearer ${TOKEN}-1`);
    writeFileSync(file, `${TOKEN}-2\n`);
    vi.setSystemTime(Date.now() + 61_000);
    expect(await authorization()).toBe(`Bearer ${TOKEN}-2`);
  });

  it('of the service account follows rotation, with CA and namespace beside it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.stubEnv('KUBERNETES_SERVICE_HOST', 'fd00::1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '6443');
    const at = 'var/run/secrets/kubernetes.io/serviceaccount';
    const token = write(`${at}/token`, `${TOKEN}-1`);
    write(`${at}/ca.crt`, 'cluster CA');
    write(`${at}/namespace`, 'alm-operator\n');
    const auth = loadKubeConfig({ inCluster: true, serviceAccountRoot: root });
    expect([auth.server.href, auth.namespace]).toEqual(['https://[fd00::1]:6443/', 'alm-operator']);
    const first = await auth.credentials();
    expect(first).toEqual({
      connect: { ca: 'cluster CA', rejectUnauthorized: undefined },
      headers: { authorization: `Bearer ${TOKEN}-1` },
    });
    writeFileSync(token, `${TOKEN}-2`);
    vi.setSystemTime(Date.now() + 61_000);
    expect((await auth.credentials()).headers).toEqual({ authorization: `Bearer ${TOKEN}-2` });
  });

  it('that is missing is told by its code', async () => {
    const auth = load({ user: { tokenFile: 'nowhere' } });
    await expect(auth.credentials()).rejects.toThrow('no credentials for the API server: ENOENT');
  });
});

describe('an exec plugin', () => {
  const plugin = (script: string) => {
    const file = write('plugin', `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', args: ['give'] };
    return load({ user: { exec } });
  };
  const credential = (status: object) => JSON.stringify({ kind: 'ExecCredential', status });

  it('is found beside its kubeconfig, told what it is asked for, and gives token and certificate', async () => {
    const status = { token: TOKEN, clientCertificateData: 'certificate', clientKeyData: 'key' };
    const auth = plugin(
      `test "$1" = give && echo "$KUBERNETES_EXEC_INFO" | grep -q client.authentication.k8s.io/v1 && echo '${credential(status)}'`,
    );
    expect(await auth.credentials()).toEqual({
      connect: { cert: 'certificate', key: 'key' },
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  });

  it('runs again when its credential expired', async () => {
    const status = { token: 'canary-7f3a9-$n', expirationTimestamp: '2026-01-01T00:00:00Z' };
    const count = join(root, 'count');
    const auth = plugin(
      `echo x >> ${count}; n=$(wc -l < ${count}); echo "${credential(status).replaceAll('"', '\\"')}"`,
    );
    const tokens = [await auth.credentials(), await auth.credentials()].map(
      ({ headers }) => headers['authorization'],
    );
    expect(tokens).toEqual(['Bearer canary-7f3a9-1', 'Bearer canary-7f3a9-2']);
  });

  it('that fails is told without its output', async () => {
    const auth = plugin('echo "canary-7f3a9" >&2; exit 3');
    await expect(auth.credentials()).rejects.toThrow(
      /^no credentials for the API server: the exec plugin or token source failed$/,
    );
  });
});
