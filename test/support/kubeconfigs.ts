/** Kubeconfig files whose users the gate knows by their tokens. */

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { secretText } from './canary.ts';
import type { Gate } from './gate/gate.ts';

export class Kubeconfigs {
  readonly #folder: string;
  readonly #gate: Pick<Gate, 'url' | 'caPem'>;
  readonly #users: Record<string, string>;

  private constructor(folder: string, gate: Pick<Gate, 'url' | 'caPem'>, users: Record<string, string>) {
    this.#folder = folder;
    this.#gate = gate;
    this.#users = users;
  }

  /** `users` is what the gate looks tokens up in; each file adds one. */
  static async in(parent: string, gate: Gate, users: Record<string, string>): Promise<Kubeconfigs> {
    return new Kubeconfigs(await mkdtemp(join(parent, 'alm-kubeconfigs-')), gate, users);
  }

  async make(user: string): Promise<string> {
    const token = `${secretText(`token-${user}`)}-${randomBytes(12).toString('hex')}`;
    this.#users[token] = user;
    const path = join(this.#folder, `${user}-${Object.keys(this.#users).length}.kubeconfig`);
    await writeFile(path, kubeconfig(this.#gate, token), { mode: 0o600 });
    return path;
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function kubeconfig({ url, caPem }: Pick<Gate, 'url' | 'caPem'>, token: string): string {
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}
