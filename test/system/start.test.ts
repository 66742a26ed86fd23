import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARY } from '../support/canary.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf } from './clients.ts';

/** How the process begins: with wrong words, a wrong kubeconfig, and without an API server. */

type Ended = Readonly<{ code: number; stdout: string; problems: readonly string[] }>;

const PROGRAM =
  process.env['OPERATOR_BUNDLE'] ?? fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const TIME_LIMIT_MS = 20_000;

/** Runs it to its end; its standard error, line by line. */
function run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env, timeout: TIME_LIMIT_MS };
    execFile(process.execPath, [PROGRAM, ...words], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? Number.NaN);
      resolve({ code, stdout, problems: stderr.split('\n').filter((line) => line !== '') });
    });
  });
}

describe('wrong words', () => {
  it('are all told at once on standard error, and nothing runs', async () => {
    const flags = [
      ...['--concurrency', '0', '--resync-interval', '1s', '--log-level', 'loud'],
      ...['--leader-elect', 'maybe', '--leader-elect-renew-deadline', '15s'],
      ...['--operator-namespace', 'No', '--secret-label-selector', 'a in', '--helath-address', 'x'],
    ];
    const ended = await run(['run', ...flags], { ALM_OPERATOR_METRICS_ADDRESS: 'nowhere' });
    expect(ended.code).toBe(2);
    expect(ended.stdout).toBe('');
    expect(ended.problems.toSorted()).toEqual(
      [
        '--helath-address is not known; alm-operator run --help lists the flags',
        'x is not known; alm-operator run --help lists the flags',
        '--concurrency (ALM_OPERATOR_CONCURRENCY) must be a whole number from 1 to 999',
        '--resync-interval (ALM_OPERATOR_RESYNC_INTERVAL) must be 0s (on change only) or a duration of at least 5s, such as 30m',
        '--log-level (ALM_OPERATOR_LOG_LEVEL) must be one of trace, debug, info, warn, error',
        '--leader-elect (ALM_OPERATOR_LEADER_ELECT) must be true or false',
        '--leader-elect-renew-deadline (ALM_OPERATOR_LEADER_ELECT_RENEW_DEADLINE) must be shorter than the lease duration',
        '--operator-namespace (ALM_OPERATOR_OPERATOR_NAMESPACE) must be the name of a namespace',
        '--secret-label-selector (ALM_OPERATOR_SECRET_LABEL_SELECTOR) must be a label selector, such as team=a,tier in (x,y)',
        '--metrics-address (ALM_OPERATOR_METRICS_ADDRESS) must be host:port, such as 0.0.0.0:8081',
      ]
        .map((problem) => `alm-operator: ${problem}`)
        .toSorted(),
    );
  });

  it.each([[['walk']], [['crds', '--in', 'x']]])(
    'of other commands end with 2 and one line: %j',
    async (words) => {
      const ended = await run(words);
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.problems).toHaveLength(1);
      expect(ended.problems[0]).toMatch(/^alm-operator: /);
    },
  );
});

describe('a kubeconfig', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const user = { name: 'u', user: { token: CANARY } };
  const cluster = { name: 'c', cluster: { server: 'https://127.0.0.1:1' } };
  const context = { name: 'x', context: { cluster: 'c', user: 'u' } };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    users: [user],
    clusters: [cluster],
    contexts: [context],
  };

  it.each([
    { name: 'that is missing', content: undefined },
    { name: 'that is empty', content: '' },
    { name: 'that is not YAML', content: `users: [${CANARY}` },
    { name: 'that is something else', content: `- ${CANARY}` },
    { name: 'without a current context', content: JSON.stringify(config) },
    { name: 'with an unknown context', content: JSON.stringify({ ...config, 'current-context': 'y' }) },
    {
      name: 'without its cluster',
      content: JSON.stringify({ ...config, clusters: [], 'current-context': 'x' }),
    },
  ])('$name ends the process with 1 and one line that names it', async ({ name, content }) => {
    const file = join(folder, name.replaceAll(' ', '-'));
    if (content !== undefined) await writeFile(file, content);
    const ended = await run(['run', '--kubeconfig', file, '--operator-namespace', 'alm-operator']);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.problems).toHaveLength(1);
    expect(ended.problems[0]).toMatch(/^alm-operator: .*kubeconfig/);
    expect(ended.problems[0]).not.toContain(CANARY);
  });

  it('is not enough: outside a cluster the namespace has to be told', async () => {
    const file = join(folder, 'good');
    await writeFile(file, JSON.stringify({ ...config, 'current-context': 'x' }));
    expect(await run(['run', '--kubeconfig', file])).toEqual({
      code: 1,
      stdout: '',
      problems: ['alm-operator: outside a cluster --operator-namespace has to be given'],
    });
  });
});

describe('without an API server', () => {
  const scenario = useScenario({ launch: false });
  const { created } = clientsOf(scenario);
  const TROUBLE = 'reading from the API server failed, and is tried again';

  it.each([
    {
      how: 'refuses connections',
      away: () => scenario().gate.refuse(),
      back: () => scenario().gate.accept(),
    },
    {
      how: 'does not know this user',
      away: async () => void refusing(401),
      back: async () => scenario().gate.calm(),
    },
    {
      how: 'has no such kinds yet',
      away: async () => void refusing(404),
      back: async () => scenario().gate.calm(),
    },
  ])('that $how the process stays, says so, is not ready, and works once it can', async ({ away, back }) => {
    const before = latest();
    await away();
    const launching = scenario().launch();
    // Where the test fails first, nobody else waits for it.
    launching.catch(() => undefined);
    await expect.poll(latest).not.toBe(before);
    const operator = scenario().operator();
    await operator.logged(
      ({ msg, level, failures }) => msg === TROUBLE && level === 'warn' && Number(failures) > 1,
    );
    const ready = await fetch(`http://${await operator.healthAddress()}/readyz`);
    expect(ready.status).toBe(503);
    await back();
    await launching;
    await created('late');
    expect((await operator.stop()).code).toBe(0);
  });

  const refusing = (status: number) =>
    scenario().gate.fault(
      ({ user }) => user === 'operator',
      { times: Number.POSITIVE_INFINITY },
      { kind: 'status', status },
    );
  /** The operator launched last, if any was. */
  const latest = () => {
    try {
      return scenario().operator();
    } catch {
      return undefined;
    }
  };
});
