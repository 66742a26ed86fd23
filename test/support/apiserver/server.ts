/** Starts and stops the embedded API server. README.md says what it does and does not do. */

import { type Authority, makeAuthority } from '../certificates.ts';
import { runCollector } from './controllers/collector.ts';
import { runDefinitions } from './controllers/definitions.ts';
import { Later } from './controllers/later.ts';
import { runNamespaces } from './controllers/namespaces.ts';
import { handle } from './http/handle.ts';
import { listen } from './http/listener.ts';
import { requestOf, send } from './http/message.ts';
import { namespaces } from './kinds/namespaces.ts';
import { Registry } from './kinds/registry.ts';
import { Documents } from './openapi/documents.ts';
import { History } from './storage/history.ts';
import { Storage } from './storage/storage.ts';
import { Hub } from './watch/hub.ts';
import type { World } from './world.ts';
import { create } from './write/create.ts';
import type { WriteOptions } from './write/options.ts';

export type ApiServerOptions = Readonly<{
  /** 0, the default, takes a free one. */
  port?: number;
  /** Of a former server: the same objects, versions and administrator's token. */
  storage?: Storage;
  /** Of a former server, so that its clients go on trusting this one. */
  authority?: Authority;
  /** Further bearer tokens and the names of their users. */
  tokens?: Readonly<Record<string, string>>;
  /** False: a watch that asks for the initial state is refused with 422, as with the feature gate off. */
  watchList?: boolean;
  /** Between two bookmarks of a watch; 60 s. */
  bookmarkMs?: number;
  /** What a watch may leave unread before it is ended; 64 MiB. */
  watchBufferBytes?: number;
  /** Changes of each kind that a watch may resume over; 10 000. */
  historySize?: number;
  /** How long a read waits for a version of the future before it is refused; 3 s. */
  futureWaitMs?: number;
  /** How long a new definition is not served yet; 10 ms. */
  establishMs?: number;
  /** How long the content of a deleted namespace stays untouched; 5 s. */
  namespaceSweepMs?: number;
  now?: () => number;
}>;

export type ApiServer = Readonly<{
  url: string;
  port: number;
  caPem: string;
  /** The administrator's. */
  token: string;
  storage: Storage;
  authority: Authority;
  /** A kubeconfig for the administrator, the CA inline. */
  kubeconfig(): string;
  /** From now on no version handed out before may be resumed from: 410. Running watches go on. */
  compact(): void;
  /** Resets every connection, as a killed server does. */
  stop(): Promise<void>;
}>;

const SEEDING: WriteOptions = {
  ...{ fieldValidation: 'Ignore', dryRun: false, strictErrors: [] },
  ...{ manager: 'kube-apiserver', force: false },
};
const FIRST_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const authority = options.authority ?? makeAuthority('embedded-api-server');
  const storage = options.storage ?? new Storage();
  const world = worldOf(storage, options);
  const later = new Later();
  const detach = run(world, later, options);
  const tokens = new Map([[storage.adminToken, 'admin'], ...Object.entries(options.tokens ?? {})]);
  const certificate = authority.issue({ cn: 'kube-apiserver', sans: ['127.0.0.1', 'localhost'] });
  const listener = await listen(options.port ?? 0, certificate, (incoming, outgoing) => {
    // Whoever has gone does not need the answer.
    incoming.on('error', () => undefined);
    outgoing.on('error', () => undefined);
    void handle(world, tokens, requestOf(incoming, outgoing)).then((answer) => send(answer, outgoing));
  });
  const url = `https://127.0.0.1:${listener.port}`;
  return {
    url,
    port: listener.port,
    caPem: authority.caPem,
    token: storage.adminToken,
    storage,
    authority,
    kubeconfig: () => kubeconfig(url, authority.caPem, storage.adminToken),
    compact: () => {
      storage.nextVersion();
      world.history.compact();
    },
    stop: async () => {
      later.stop();
      detach();
      await listener.close();
    },
  };
}

function worldOf(storage: Storage, options: ApiServerOptions): World {
  const registry = new Registry();
  return {
    storage,
    history: new History(storage, options.historySize ?? 10_000),
    hub: new Hub(),
    registry,
    openApi: new Documents(registry),
    now: options.now ?? Date.now,
    watchList: options.watchList ?? true,
    bookmarkMs: options.bookmarkMs ?? 60_000,
    watchBufferBytes: options.watchBufferBytes ?? 64 * 1024 * 1024,
    futureWaitMs: options.futureWaitMs ?? 3_000,
  };
}

/** Watches hear of a change before any controller does. */
function run(
  world: World,
  later: Later,
  { establishMs = 10, namespaceSweepMs = 5_000 }: ApiServerOptions,
): () => void {
  const detachments = [
    world.storage.subscribe((change) => {
      world.history.record(change);
      world.hub.publish(change);
    }),
    runDefinitions(world, later, establishMs),
    runNamespaces(world, later, namespaceSweepMs),
    runCollector(world, later),
  ];
  for (const name of FIRST_NAMESPACES) {
    if (world.storage.get(namespaces.bucket, name) !== undefined) continue;
    create(world, namespaces, {}, { metadata: { name } }, SEEDING);
  }
  return () => {
    for (const detach of detachments) detach();
  };
}

function kubeconfig(server: string, caPem: string, token: string): string {
  const name = 'embedded';
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    `- name: ${name}`,
    '  cluster:',
    `    server: ${server}`,
    `    certificate-authority-data: ${Buffer.from(caPem).toString('base64')}`,
    'users:',
    '- name: admin',
    '  user:',
    `    token: ${token}`,
    'contexts:',
    `- name: ${name}`,
    `  context: {cluster: ${name}, user: admin}`,
    `current-context: ${name}`,
    '',
  ].join('\n');
}
