import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

type Step = Readonly<{
  name?: string;
  uses?: string;
  run?: string;
  with?: Readonly<Record<string, unknown>>;
}>;
type Job = Readonly<{
  uses?: string;
  permissions?: Readonly<Record<string, string>>;
  'timeout-minutes'?: number;
  steps?: readonly Step[];
}>;
type Workflow = Readonly<{
  on: Readonly<Record<string, unknown>>;
  permissions: object;
  env?: Readonly<Record<string, string>>;
  jobs: Readonly<Record<string, Job>>;
}>;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, '.github/workflows');
const LIMIT_MS = 60_000;

const workflows = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return { file, text, workflow: parse(text) as Workflow };
});
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ at: `${file} ${name}`, job })),
);
const steps = jobs.flatMap(({ at, job }) => (job.steps ?? []).map((step) => ({ at, step })));

describe('the workflows', () => {
  it('take every action by commit, say which version that is, and agree on it', () => {
    const lines = workflows.flatMap(({ text }) => text.match(/^.*\buses: .*$/gm) ?? []);
    const remote = lines
      .filter((line) => !/uses: \.\//.test(line))
      .map((line) => line.trim().replace(/^- /, ''));
    expect(remote.length).toBeGreaterThan(10);
    for (const line of remote) expect(line).toMatch(/^uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const names = [...new Set(remote)].map((line) => line.replace(/@.*/, ''));
    expect(names).toEqual([...new Set(names)]);
  });

  it('begin without any right, and give each job only what it needs, and a limit of time', () => {
    for (const { workflow } of workflows) expect(workflow.permissions).toEqual({});
    for (const { at, job } of jobs) {
      if (job.uses === undefined) expect(job['timeout-minutes'], at).toBeLessThanOrEqual(60);
    }
    const writes = jobs.flatMap(({ at, job }) => {
      const rights = Object.entries(job.permissions ?? { all: 'write' });
      return rights.flatMap(([right, access]) => (access === 'write' ? [`${at}: ${right}`] : []));
    });
    expect(writes).toEqual([
      'release.yaml image: packages',
      'release.yaml image: id-token',
      'release.yaml image: attestations',
      'release.yaml chart: packages',
      'release.yaml chart: id-token',
      'release.yaml release: contents',
      'release.yaml release: id-token',
      'release.yaml release: attestations',
    ]);
  });

  it('know no secret but the token that each run is given, and leave none behind', () => {
    for (const { text, workflow } of workflows) {
      const secrets = [...text.matchAll(/\bsecrets\.(\w+)/g)].map(([, name]) => name);
      expect(secrets.filter((name) => name !== 'GITHUB_TOKEN')).toEqual([]);
      expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
    }
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThan(3);
    for (const { at, step } of checkouts) expect(step.with?.['persist-credentials'], at).toBe(false);
  });

  it('let nothing from outside become part of a command', () => {
    const filled = steps.filter(({ step }) => step.run?.includes('${{'));
    expect(filled.map(({ at }) => at)).toEqual([]);
  });
});

describe('the release', () => {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const release = workflows.find(({ file }) => file === 'release.yaml')?.workflow;
  const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

  /** A step as the runner would do it, in a copy of what it touches. */
  function play(name: string, { ref = `v${version}`, first = Number.POSITIVE_INFINITY } = {}): string {
    const copy = mkdtempSync(join(folder, 'copy-'));
    for (const path of ['CHANGELOG.md', 'crds', 'deploy', 'package-lock.json', 'package.json'])
      cpSync(join(ROOT, path), join(copy, path), { recursive: true });
    const { step } = steps.find((one) => one.step.name === name) ?? {};
    const lines = (step?.run ?? 'false').split('\n').slice(0, first);
    writeFileSync(join(copy, 'step.sh'), lines.join('\n'));
    const fixed = Object.entries(release?.env ?? {}).map(
      ([key, value]) => [key, value.replace(/\$\{\{.*?\}\}/g, 'owner')] as const,
    );
    execFileSync('bash', ['-eo', 'pipefail', 'step.sh'], {
      cwd: copy,
      env: {
        ...Object.fromEntries(fixed),
        PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
        HOME: folder,
        DIGEST,
        GITHUB_REF_NAME: ref,
        GITHUB_ENV: join(copy, 'env'),
      },
      stdio: 'pipe',
      timeout: LIMIT_MS,
    });
    return copy;
  }

  it('takes no tag but that of the version which all files say', () => {
    const name = 'Compare the tag with the version that the project says it is';
    expect(readFileSync(join(play(name), 'env'), 'utf8')).toBe(`VERSION=${version}\n`);
    expect(() => play(name, { ref: 'v99.0.0' })).toThrow();
  });

  it('lets the chart name the image by its digest', () => {
    const copy = play('Push and sign the chart, which names the image by its digest', { first: 2 });
    const values = parse(
      readFileSync(join(copy, 'deploy/helm/alm-credential-operator/values.yaml'), 'utf8'),
    ) as { image: { digest: string } };
    expect(values.image.digest).toBe(DIGEST);
  });

  it('gathers manifests with the digest, definitions, a bill of materials, checksums that hold, and notes', () => {
    const copy = play('Gather what is released');
    const dist = (file: string) => readFileSync(join(copy, 'dist', file), 'utf8');
    const files = ['crds.yaml', 'install.yaml', 'sbom.cdx.json'];
    expect(readdirSync(join(copy, 'dist')).sort()).toEqual(['checksums.txt', ...files]);
    expect([...dist('checksums.txt').matchAll(/^\S+ +(\S+)$/gm)].map(([, file]) => file).sort()).toEqual(
      files,
    );
    expect(dist('install.yaml')).toContain(`/alm-operator:${version}@${DIGEST}\n`);
    expect(dist('crds.yaml').match(/^kind: CustomResourceDefinition$/gm)).toHaveLength(3);
    const bill = JSON.parse(dist('sbom.cdx.json')) as { components: readonly { name: string }[] };
    expect(bill.components.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['undici', 'zod', 'pino']),
    );
    execFileSync('sha256sum', ['--check', '--strict', 'checksums.txt'], { cwd: join(copy, 'dist') });
    const notes = readFileSync(join(copy, 'notes.md'), 'utf8');
    expect(notes).toContain(DIGEST);
    expect(notes.split('\n').filter((line) => line.startsWith('- ')).length).toBeGreaterThan(3);
    expect(notes).not.toMatch(/^## /m);
  });
});

describe('the files of this project', () => {
  /** What credentials of widely used services look like. */
  const CREDENTIALS: readonly RegExp[] = [
    /\bgh[pousr]_[A-Za-z0-9]{36}/,
    /\bgithub_pat_\w{22}/,
    /\bnpm_[A-Za-z0-9]{36}/,
    /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
    /\bxox[abpr]-\w{10}/,
    /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\r?\n[A-Za-z0-9+/=]{40}/,
    /\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/,
  ];

  it('hold nothing that looks like a credential', () => {
    const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
      .split('\0')
      .filter((file) => file !== '');
    expect(files.length).toBeGreaterThan(100);
    const found = files.filter((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      return CREDENTIALS.some((pattern) => pattern.test(text));
    });
    expect(found).toEqual([]);
  });

  it.each([
    `ghp_${'a1'.repeat(18)}`,
    `-----BEGIN EC PRIVATE KEY-----\n${'Mh'.repeat(32)}\n`,
    `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(20)}`,
  ])('would be found out: %s', (text) => {
    expect(CREDENTIALS.some((pattern) => pattern.test(text))).toBe(true);
  });
});
