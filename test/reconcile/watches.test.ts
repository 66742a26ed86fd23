import { afterEach, describe, expect, it } from 'vitest';
import type { KubeReader, Scope, WatchEvent } from '../../src/kube/reads.ts';
import { createStores, type Stores, type StoresOptions } from '../../src/reconcile/stores.ts';
import { recordingLog } from '../kube/support/log.ts';
import { NAMESPACE } from './manifests.ts';

/** What is watched under which settings, and what of it is kept. */

/** Streams one object of each kind, named after it, and stays open. */
class Server {
  readonly scopes: Scope[] = [];
  /** Streams of these kinds wait for it. */
  held: Readonly<{ plural: string; until: Promise<void> }> | undefined;

  reader(): KubeReader {
    const watch = (scope: Scope, _: unknown, signal: AbortSignal) => this.#watch(scope, signal);
    return { watch, pages: () => this.#nothing() };
  }

  async *#watch(scope: Scope, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    this.scopes.push(scope);
    if (scope.resource.plural === this.held?.plural) await this.held.until;
    const { resource, namespace } = scope;
    const { plural, kind } = resource;
    const place = plural === 'namespaces' ? {} : { namespace: namespace ?? 'team-a' };
    const metadata = {
      ...place,
      name: plural,
      uid: `u-${plural}`,
      resourceVersion: '7',
      labels: { tier: 'gold' },
    };
    yield { type: 'ADDED', object: { apiVersion: 'v1', kind, metadata, status: { phase: 'Active' } } };
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    yield { type: 'BOOKMARK', object: { kind, metadata: { resourceVersion: '8', annotations } } };
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }

  async *#nothing(): AsyncGenerator<never> {}
}

let end = async (): Promise<void> => undefined;
afterEach(() => end());

function start(server: Server, options: Partial<StoresOptions> = {}): Stores {
  const stores = createStores({
    namespace: NAMESPACE,
    defaultConnection: 'default',
    watchNamespaces: undefined,
    secretLabelSelector: undefined,
    reader: server.reader(),
    log: recordingLog().log,
    ...options,
  });
  const stop = new AbortController();
  const running = Promise.all(stores.reflectors.map((reflector) => reflector.run(stop.signal)));
  end = async () => {
    stop.abort();
    await running;
  };
  return stores;
}

const SOON_MS = 10_000;

async function started(options: Partial<StoresOptions>): Promise<{ stores: Stores; watched: string[] }> {
  const server = new Server();
  const stores = start(server, options);
  await stores.whenSynced(AbortSignal.timeout(SOON_MS));
  const watched = server.scopes.map(({ resource, namespace = '*', labelSelector, metadataOnly }) =>
    [resource.plural, namespace, labelSelector, metadataOnly && 'metadata'].filter(Boolean).join(' '),
  );
  return { stores, watched: watched.toSorted() };
}

const OWN = [`almclientclaims ${NAMESPACE}`, `almconnections ${NAMESPACE}`];

describe('what is watched', () => {
  it.each<[string, Partial<StoresOptions>, string[]]>([
    [
      'everywhere, namespaces included',
      {},
      ['clientcredentials *', 'namespaces * metadata', 'secrets * metadata'],
    ],
    [
      'everywhere with a label on Secrets, but for those of the operator',
      { secretLabelSelector: 'alm=yes' },
      [
        'clientcredentials *',
        'namespaces * metadata',
        `secrets ${NAMESPACE} metadata`,
        'secrets * alm=yes metadata',
      ],
    ],
    [
      'in named namespaces and the own one: nothing of the namespaces themselves',
      { watchNamespaces: ['team-a', NAMESPACE] },
      [
        `clientcredentials ${NAMESPACE}`,
        'clientcredentials team-a',
        `secrets ${NAMESPACE} metadata`,
        'secrets team-a metadata',
      ],
    ],
    [
      'in named namespaces with a label on Secrets',
      { watchNamespaces: ['team-a'], secretLabelSelector: 'alm=yes' },
      [
        `clientcredentials ${NAMESPACE}`,
        'clientcredentials team-a',
        `secrets ${NAMESPACE} metadata`,
        'secrets team-a alm=yes metadata',
      ],
    ],
  ])('%s', async (_, options, expected) => {
    const { watched } = await started(options);
    expect(watched).toEqual([...OWN, ...expected].toSorted());
  });

  it('is kept, and of namespaces their labels alone', async () => {
    const { stores } = await started({});
    expect(stores.namespaces?.get('namespaces')).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'namespaces', uid: 'u-namespaces', resourceVersion: '7', labels: { tier: 'gold' } },
    });
    expect(stores.credentials.byIndex('connection', 'default')).toHaveLength(1);
    expect(stores.secrets.get('team-a/secrets')).not.toHaveProperty('status');
  });

  it('leaves namespaces unknown where named ones are watched', async () => {
    const { stores } = await started({ watchNamespaces: ['team-a'] });
    expect(stores.namespaces).toBeUndefined();
    expect(stores.synced()).toBe(true);
  });

  it.each(['namespaces', 'secrets', 'clientcredentials', 'almconnections', 'almclientclaims'])(
    'is not known before its %s are',
    async (plural) => {
      const server = new Server();
      const { promise: until, resolve: release } = Promise.withResolvers<void>();
      server.held = { plural, until };
      const stores = start(server);
      const { credentials, connections, claims, secrets, namespaces } = stores;
      const all = {
        clientcredentials: credentials,
        almconnections: connections,
        almclientclaims: claims,
        secrets,
        namespaces,
      };
      const others = Object.entries(all).filter(([name]) => name !== plural);
      await Promise.all(others.map(([, store]) => store?.whenSynced(AbortSignal.timeout(SOON_MS))));
      expect(stores.synced()).toBe(false);
      release();
      await stores.whenSynced(AbortSignal.timeout(SOON_MS));
      expect(stores.synced()).toBe(true);
    },
  );
});
