import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARY } from '../support/canary.ts';
import { type Operator, startOperator } from '../support/operator.ts';

/** Where the metrics are served, and where not. An API server is not needed for that. */

let folder = '';
let kubeconfig = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metrics-address-'));
  kubeconfig = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    users: [{ name: 'u', user: { token: CANARY } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(kubeconfig, JSON.stringify(config));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const hasStarted = (operator: Operator) => operator.logged(({ msg }) => msg === 'operator starting');
const servers = ({ lines }: Operator) => lines.filter((line) => line.includes('metrics server'));

/** A port on which somebody listens until `free` is called. */
async function takenPort(): Promise<Readonly<{ address: string; free(): Promise<void> }>> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const free = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return { address: `127.0.0.1:${port}`, free };
}

describe('--metrics-address', () => {
  it.each(['0', ''])('%j: nowhere', async (address) => {
    const operator = await startOperator({ kubeconfig, flags: ['--metrics-address', address] });
    await hasStarted(operator);
    expect(servers(operator)).toEqual([]);
    expect((await fetch(`http://${await operator.healthAddress()}/metrics`)).status).toBe(404);
    expect(await operator.stop()).toEqual({ code: 0, signal: null });
  });

  it('may be the one for health; both are there before the API server is', async () => {
    const { address, free } = await takenPort();
    await free();
    const flags = ['--metrics-address', address, '--health-address', address];
    const operator = await startOperator({ kubeconfig, flags });
    await hasStarted(operator);
    expect((await fetch(`http://${address}/livez`)).status).toBe(200);
    expect(await operator.metrics()).toContain('alm_operator_build_info{version=');
    expect(await operator.stop()).toEqual({ code: 0, signal: null });
  });

  it('where somebody else listens ends the process with 1 and one line', async () => {
    const { address, free } = await takenPort();
    const operator = await startOperator({ kubeconfig, flags: ['--metrics-address', address] });
    expect(await operator.exited).toEqual({ code: 1, signal: null });
    expect(operator.tail(1)).toMatch(
      /^alm-operator: the metrics server cannot listen: .*; see --metrics-address$/,
    );
    await free();
  });
});
