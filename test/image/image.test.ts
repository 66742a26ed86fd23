import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { crdFiles } from '../../src/cli/crds.ts';
import { RELEASE } from '../../src/release.ts';
import { findCanary } from '../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf } from '../system/clients.ts';
import { buildImage, type Image, workdirOf } from './build.ts';
import { fingerprint, furnish, missingToConfine, type Started, start } from './confined.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LIMIT_MS = 300_000;
const SERVICE_ACCOUNT = 'var/run/secrets/kubernetes.io/serviceaccount';

/** Dependencies come from the registry where this is 1, else from this checkout. */
const FROM_REGISTRY = process.env['IMAGE_FROM_REGISTRY'] === '1';

const missing = missingToConfine();
if (missing !== undefined)
  console.warn(`SKIPPED: the image is not started confined, for want of ${missing}.`);

const folder = mkdtempSync(join(tmpdir(), 'image-'));
let image: Image;

beforeAll(async () => {
  const linked = async (command: string, cwd: string) => {
    if (FROM_REGISTRY || command !== 'npm ci --ignore-scripts') return false;
    await symlink(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
    return true;
  };
  image = await buildImage({ context: ROOT, folder, env: buildEnvironment(), instead: linked });
  await chmod(folder, 0o755);
}, LIMIT_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What npm needs to find the registry, and nothing of the npm that runs this test. */
function buildEnvironment(): Readonly<Record<string, string>> {
  const own = Object.entries(process.env).filter(([name]) =>
    /^(HOME|npm_config_(registry|cache|userconfig))$/i.test(name),
  );
  return { ...Object.fromEntries(own), PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
}

const read = (file: string) => readFileSync(join(workdirOf(image), file), 'utf8');

describe('the image', () => {
  it('holds the bundle, the licences, and nothing else', () => {
    expect(readdirSync(workdirOf(image)).sort()).toEqual([
      'LICENSE',
      'THIRD-PARTY-LICENSES',
      'alm-operator.js',
      'alm-operator.js.LEGAL.txt',
    ]);
    expect(readdirSync(image.root)).toEqual(['app']);
  });

  it('has nothing that is made for one architecture', () => {
    const [bundle] = [read('alm-operator.js')];
    expect(bundle.startsWith('import ')).toBe(true);
    expect(bundle).not.toContain('\0');
    expect(bundle).not.toMatch(/require\([^)]*\.node["']\)/);
  });

  it('passes on the licence of every package whose code it holds', () => {
    const inCode = [
      ...read('alm-operator.js').matchAll(/^ *\/\/ (\S*node_modules\/(?:@[^/]+\/)?[^/]+)\//gm),
    ].map(([, path = '']) => path.split('node_modules/').at(-1) ?? '');
    const licences = read('THIRD-PARTY-LICENSES');
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Readonly<Record<string, string>>;
    };
    expect(inCode).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    for (const name of new Set(inCode)) {
      const section = licences.split(`\n${'-'.repeat(80)}\n\n`).find((one) => one.startsWith(`${name} `));
      expect(section, name).toMatch(/^\S+ \d+\.\d+\.\d+ \([\w. -]+\)\n\n/);
      expect(section, name).toMatch(/permission|licen[cs]ed? |public domain/i);
    }
    for (const [name, version] of Object.entries(dependencies))
      expect(licences).toContain(`\n${name} ${version} (`);
  });
});

describe.skipIf(missing !== undefined)('the image, confined', () => {
  const scenario = useScenario({ launch: false });
  const { created, remove, gone } = clientsOf(scenario);
  let before: readonly string[] = [];
  let running: Started | undefined;

  beforeAll(async () => {
    const { users, clusters } = parse(
      readFileSync(await scenario().cluster.kubeconfigFor('image'), 'utf8'),
    ) as {
      users: [{ user: { token: string } }];
      clusters: [{ cluster: { 'certificate-authority-data': string } }];
    };
    const account = join(image.root, SERVICE_ACCOUNT);
    await mkdir(account, { recursive: true });
    await writeFile(join(account, 'token'), users[0].user.token);
    await writeFile(
      join(account, 'ca.crt'),
      Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64'),
    );
    await writeFile(join(account, 'namespace'), OPERATOR_NAMESPACE);
    await furnish(image);
    before = fingerprint(image);
  });

  afterAll(async () => {
    running?.kill('SIGKILL');
    await running?.ended;
  });

  it('knows its version', async () => {
    expect(await start(image, ['--version']).ended).toEqual({ code: 0, output: `${RELEASE}\n` });
  });

  it('prints its definitions', async () => {
    const { code, output } = await start(image, ['crds']).ended;
    expect(code).toBe(0);
    expect(output).toBe(
      crdFiles()
        .map(({ text }) => text)
        .join('---\n'),
    );
  });

  it('says in one line what it lacks where there is no cluster', async () => {
    expect(await start(image, ['run', '--operator-namespace', 'x']).ended).toEqual({
      code: 1,
      output:
        'alm-operator: no kubeconfig: give --kubeconfig, set KUBECONFIG, or run in a pod with a service account\n',
    });
  });

  it('works in a pod: finds its service account, makes a client, and ends when it is told to', async () => {
    running = start(image, ['run'], {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(scenario().gate.port),
      ALM_OPERATOR_HEALTH_ADDRESS: '127.0.0.1:0',
      ALM_OPERATOR_METRICS_ADDRESS: '127.0.0.1:0',
    });
    const orders = await created('confined').catch((error: Error) => {
      throw new Error(`${error.message}\n${running?.output()}`);
    });
    expect(scenario().alm.log.map(({ method }) => method)).toContain('POST');
    await remove(orders);
    await gone(orders);
    running.kill('SIGTERM');
    const { code, output } = await running.ended;
    expect(output).toContain('"operator stopped"');
    expect(code).toBe(0);
    expect(findCanary(output)).toBeUndefined();
  });

  it('has written nothing', () => {
    expect(fingerprint(image)).toEqual(before);
    expect(statSync(workdirOf(image)).mode & 0o222).toBe(0);
  });
});
