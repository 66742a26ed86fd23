import { expect, it } from 'vitest';
import { type KubeAuth, loadKubeConfig } from '../../src/kube/auth.ts';
import type { Clock } from '../../src/kube/clock.ts';
import { decodeObject, decodeSecretMetadata } from '../../src/kube/decode.ts';
import { createPresence } from '../../src/kube/presence.ts';
import { createKubeReader } from '../../src/kube/reads.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { createStore } from '../../src/kube/store.ts';
import { createTransport } from '../../src/kube/transport.ts';
import type { KubeObject, Resource } from '../../src/kube/types.ts';
import { recordingLog } from '../kube/support/log.ts';
import { secretText } from '../support/canary.ts';
import type { Live } from '../support/kubectl/objects.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf } from './clients.ts';

/** An API server that answers nothing while its connections stay: a process that is stopped, or a dead network. */

const scenario = useScenario();
const { created, rotate, settled } = clientsOf(scenario);

const CONFIG_MAPS: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' };
const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };

/** So much faster than the time of others do the watchers live, so that they miss bookmarks that are not due yet. */
const HASTE = 40;
const PATIENCE = { timeout: 20_000 };

const hasty: Clock = {
  now: () => performance.now() * HASTE,
  wallMs: () => Date.now(),
  random: () => Math.random(),
  setTimer: (ms, run) => {
    const timer = setTimeout(run, ms / HASTE);
    return () => clearTimeout(timer);
  },
};

function watchers(auth: KubeAuth, namespace: string) {
  const clock = hasty;
  const presence = createPresence(clock);
  const transport = createTransport({
    ...{ auth, userAgent: 'watcher/1', clock, presence, limits: { connectMs: 500 } },
  });
  const { log, lines } = recordingLog();
  const reader = createKubeReader(transport);
  const stop = new AbortController();
  const stores = [CONFIG_MAPS, SECRETS].map((resource) => {
    const store = createStore<KubeObject>({ log });
    const scope = { resource, namespace, ...(resource === SECRETS && { metadataOnly: true }) };
    const decode = resource === SECRETS ? decodeSecretMetadata : decodeObject;
    const partition = store.partition();
    return { store, ...createReflector({ scope, decode, reader, partition, log, clock, presence }) };
  });
  const running = Promise.all(stores.map(({ run }) => run(stop.signal)));
  const failures = () => lines.filter(({ fields }) => fields['end'] === 'failed').length;
  return {
    stores,
    lines,
    failures,
    stop: async () => {
      stop.abort();
      await running;
      await transport.close();
    },
  };
}

const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;

const versions = (objects: readonly Live[]) =>
  objects.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).toSorted();

const put = (namespace: string, kind: 'ConfigMap' | 'Secret', name: string, value: string) =>
  scenario().api.apply({
    ...{ apiVersion: 'v1', kind, metadata: { namespace, name } },
    ...(kind === 'Secret' ? { stringData: { value: secretText(value) } } : { data: { value } }),
  });

/** Past the gate, a real server is met as it is; the embedded one is part of this process and cannot be stopped. */
async function authOf(way: string): Promise<KubeAuth> {
  const { cluster } = scenario();
  if (way === 'a proxy') return loadKubeConfig({ kubeconfig: await cluster.kubeconfigFor('watcher') });
  const { url, headers = {}, ...connect } = cluster.access();
  return { server: new URL(url), credentials: async () => ({ connect, headers: headers as never }) };
}

const WAYS = process.env['KUBEBUILDER_ASSETS'] ? ['a proxy', 'its own port'] : ['a proxy'];

it.each(WAYS)(
  'watches through %s miss nothing over a long freeze',
  async (way) => {
    const { cluster, api } = scenario();
    const namespace = await scenario().namespace('frozen');
    await Promise.all(['kept', 'changed', 'deleted'].map((name) => put(namespace, 'ConfigMap', name, 'old')));
    const { stores, failures, lines, stop } = watchers(await authOf(way), namespace);
    const same = (at: number, objects: readonly Live[]) =>
      expect
        .poll(() => versions((stores[at]?.store.list() ?? []) as unknown as Live[]), PATIENCE)
        .toEqual(versions(objects));
    try {
      await expect.poll(() => stores.every(({ store }) => store.synced()), PATIENCE).toBe(true);
      const before = sockets();
      cluster.freeze();
      // By then silence was noticed, and watches were asked for again in vain, several times each.
      await expect.poll(failures, { timeout: 40_000 }).toBeGreaterThan(6);
      expect(lines.some(({ fields }) => fields['end'] === 'silent')).toBe(true);
      // On its way behind a frozen network, or after the thaw of a stopped server.
      const changing = [
        put(namespace, 'ConfigMap', 'changed', 'new'),
        put(namespace, 'Secret', 'made', 'new'),
        api.delete('ConfigMap', namespace, 'deleted'),
      ];
      cluster.thaw();
      await Promise.all(changing);
      await put(namespace, 'ConfigMap', 'afterwards', 'new');
      await same(0, await api.list<Live>('ConfigMap', namespace));
      await same(1, await api.list<Live>('Secret', namespace));
      expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
      await expect.poll(sockets, PATIENCE).toBeLessThanOrEqual(before + 4);
    } finally {
      cluster.thaw();
      await stop();
    }
  },
  90_000,
);

it('the operator stays alive and ready meanwhile, and goes on afterwards', async () => {
  const { cluster } = scenario();
  const of = await created('lasting');
  const address = await scenario().operator().healthAddress();
  cluster.freeze();
  const answers = ['livez', 'readyz'].map(async (path) => {
    const answer = await fetch(`http://${address}/${path}?verbose`);
    return [answer.status, await answer.text()] as const;
  });
  expect(await Promise.all(answers)).toEqual([
    [200, '[+]event-loop ok\n[+]watches ok\n[+]passes ok\nlivez check passed\n'],
    [200, '[+]caches ok\nreadyz check passed\n'],
  ]);
  cluster.thaw();
  await rotate(of, secretText('thawed'));
  await settled(of);
});
