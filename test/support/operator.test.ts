import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOperator } from './operator.ts';

let folder: string;
let kubeconfig: string;

/** An API server that nobody runs. */
beforeAll(async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as { port: number };
  closed.close();
  folder = await mkdtemp(join(tmpdir(), 'alm-operator-test-'));
  kubeconfig = join(folder, 'kubeconfig');
  const text = [
    'apiVersion: v1',
    'kind: Config',
    `clusters: [{ name: a, cluster: { server: "https://127.0.0.1:${port}" } }]`,
    'users: [{ name: a, user: { token: canary-7f3a9 } }]',
    'contexts: [{ name: a, context: { cluster: a, user: a } }]',
    'current-context: a',
  ];
  await writeFile(kubeconfig, text.join('\n'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('the operator as a child process', () => {
  it('shows its last lines when it ends before it was ready', async () => {
    const operator = await startOperator({ kubeconfig, flags: ['--concurrency', 'many'] });
    await expect(operator.ready()).rejects.toThrow(/it ended: 2.*\n.*concurrency/);
    expect(await operator.exited).toEqual({ code: 2, signal: null });
  });

  it('is not ready without an API server, and ends when told to', async () => {
    const operator = await startOperator({ kubeconfig });
    await expect(operator.ready(1500)).rejects.toThrow('The operator did not become ready');
    expect(await operator.stop()).toEqual({ code: 0, signal: null });
  });

  it('can be waited for by what it logs', async () => {
    const operator = await startOperator({ kubeconfig });
    expect(await operator.logged(({ msg }) => msg === 'health server listening')).toHaveProperty('address');
    operator.kill('SIGKILL');
    await expect(operator.logged(() => false)).rejects.toThrow('it ended: SIGKILL');
    expect(operator.tail(1).split('\n')).toHaveLength(1);
  });
});
