import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type KubeAuth, loadKubeConfig } from '../../src/kube/auth.ts';
import { secretText } from '../support/canary.ts';
import { attempted, expectNoSecret, holds, LIMIT } from './runs.ts';
import { anyJson, anyText, bytesOf, damaged, damagedOpenly, open, textOf } from './shapes.ts';

/** Whatever is in the files of a kubeconfig, and whatever a plugin says. */

let folder = '';
const warnings: string[] = [];
const warned = (warning: Error) => warnings.push(warning.message);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'alm-fuzz-'));
  process.on('warning', warned);
});
afterAll(() => {
  process.off('warning', warned);
  rmSync(folder, { recursive: true });
});

const config = (user: unknown, cluster: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    {
      name: 'c',
      cluster: {
        server: 'https://127.0.0.1:1/x',
        'tls-server-name': 'x',
        'certificate-authority': 'ca.crt',
        'proxy-url': `http://user:${secretText('proxy')}@127.0.0.1:1`,
        ...cluster,
      },
    },
  ],
  users: [{ name: 'u', user }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'n' } }],
  'current-context': 'x',
});

const USERS = [
  { token: secretText('token') },
  { username: 'jane', password: secretText('password') },
  { tokenFile: 'token' },
  { 'client-certificate': 'crt', 'client-key': 'key' },
  { 'client-certificate-data': 'AAAA', 'client-key-data': 'not base64!' },
  { 'auth-provider': { name: 'oidc', config: { 'id-token': secretText('id') } } },
];

const document: fc.Arbitrary<unknown> = fc.oneof(
  ...USERS.map((user) => damagedOpenly(config(user))),
  damagedOpenly(config(USERS[0]), 8),
  open(anyJson),
);

const SNIPPETS = [
  `&a [*a, ${secretText('cycle')}]`,
  `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]`,
  'clusters: &c [*c]\nusers: *c\ncontexts: *c\ncurrent-context: x',
  `users:\n- name: u\n  user: &u\n    token: ${secretText('merged')}\n    self: *u`,
  `token: !secret ${secretText('tagged')}`,
  `token: !!binary ${secretText('binary')}`,
  `- !!js/function '${secretText('function')}'`,
  `%YAML 9.9\n---\n${secretText('directive')}`,
  `a: 1\na: ${secretText('twice')}`,
  `<<: *none\ntoken: ${secretText('alias')}`,
  `"${secretText('unclosed')}`,
  `? [${secretText('key')}]\n: x`,
  `one: 1\n---\ntwo: ${secretText('second')}`,
  `${'['.repeat(3000)}`,
  `${'- '.repeat(3000)}x`,
  `{ __proto__: { polluted: true }, constructor: { prototype: { polluted: true } } }`,
  '!!set {a, b}',
  '!!omap [a: 1]',
  '2026-01-01',
  '\t',
];

const yaml: fc.Arbitrary<string> = fc.oneof(
  document.map((some) => stringify(some)),
  textOf(document),
  fc.constantFrom(...SNIPPETS),
  fc
    .tuple(fc.constantFrom(...USERS), fc.constantFrom(...SNIPPETS))
    .map(([user, more]) => `${stringify(config(user))}\nextensions:\n  ${more.replaceAll('\n', '\n  ')}\n`),
  anyText,
);

async function tried(auth: KubeAuth | undefined): Promise<void> {
  if (auth === undefined) return;
  const { server, namespace, proxy } = auth;
  expect(server).toBeInstanceOf(URL);
  expect(typeof (namespace ?? '')).toBe('string');
  expect(proxy === undefined || proxy instanceof URL).toBe(true);
  // The transport makes a KubeError of whatever this rejects with, in the same words.
  const { headers } = await auth.credentials().catch((error: unknown) => {
    expect(error).toBeInstanceOf(Error);
    expectNoSecret(error);
    return { headers: {} };
  });
  expect(Object.values(headers).every((value) => typeof value === 'string')).toBe(true);
}

/** A plugin that may hang or harm is none that a test starts. */
function startsNothing(text: string): boolean {
  return !/exec|cmd-path/.test(text);
}

describe('any kubeconfig', () => {
  it('gives the way to an API server, or is refused in one clear line', LIMIT, async () => {
    const drawn = fc
      .tuple(bytesOf(yaml), fc.option(bytesOf(yaml)))
      .filter((files) => files.every((bytes) => startsNothing(String(bytes))));
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    await holds(200, drawn, async ([one, two]) => {
      warnings.length = 0;
      writeFileSync(first, one);
      if (two !== null) writeFileSync(second, two);
      const list = two === null ? `${first}:${folder}/none` : `${first}:${second}`;
      await tried(await attempted(() => loadKubeConfig({ kubeconfigList: list })));
      await tried(await attempted(() => loadKubeConfig({ kubeconfig: first })));
      await new Promise((resolve) => setImmediate(resolve));
      expectNoSecret(warnings);
    });
  });

  it('may be anywhere, and nowhere', LIMIT, async () => {
    // A path is no secret, and named where it leads nowhere.
    const path = fc.oneof(open(anyText), fc.constantFrom(folder, '/dev/null', '.', ':', '::'));
    const sources = fc.record({ kubeconfig: path, kubeconfigList: path, home: path }, { requiredKeys: [] });
    await holds(150, sources, async (some) => {
      await attempted(() => loadKubeConfig(some));
    });
  });
});

const CREDENTIAL = {
  apiVersion: 'client.authentication.k8s.io/v1',
  kind: 'ExecCredential',
  status: {
    token: secretText('plugin'),
    expirationTimestamp: '2999-01-01T00:00:00Z',
    clientCertificateData: 'x',
    clientKeyData: secretText('key'),
  },
};

describe('any answer of an exec plugin', () => {
  it('is a credential, or a failure that repeats nothing of it', LIMIT, async () => {
    const drawn = fc.record({
      output: bytesOf(textOf(damaged(CREDENTIAL))),
      complaint: fc.constantFrom('', secretText('complaint')),
      code: fc.constantFrom(0, 0, 0, 1, 127),
      apiVersion: fc.constantFrom<unknown>('client.authentication.k8s.io/v1', 'v1beta1', null, 7),
    });
    const [file, said, script] = [join(folder, 'exec'), join(folder, 'said'), join(folder, 'plugin')];
    await holds(15, drawn, async ({ output, complaint, code, apiVersion }) => {
      writeFileSync(said, output);
      writeFileSync(script, `#!/bin/sh\ncat ${said}\necho "${complaint}" >&2\nexit ${code}\n`, {
        mode: 0o700,
      });
      const exec = { apiVersion, command: script, args: [], env: null };
      writeFileSync(file, stringify(config({ exec })));
      await tried(await attempted(() => loadKubeConfig({ kubeconfig: file })));
    });
  });
});
