/** The runtime as an operator puts it together, against the embedded API server. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadKubeConfig } from '../../src/kube/auth.ts';
import { KubeError } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { createController } from '../../src/kube/controller.ts';
import { decodeObject, decodeSecretMetadata } from '../../src/kube/decode.ts';
import { createEventRecorder } from '../../src/kube/events.ts';
import { createKubeReader, type Scope } from '../../src/kube/reads.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { createKubeClient } from '../../src/kube/requests.ts';
import { createStore } from '../../src/kube/store.ts';
import { createTransport } from '../../src/kube/transport.ts';
import type { KubeObject, Resource } from '../../src/kube/types.ts';
import { Workqueue } from '../../src/kube/workqueue.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../support/apiserver/server.ts';
import { findCanary } from '../support/canary.ts';
import { eventually } from './support/eventually.ts';
import { recordingLog } from './support/log.ts';
import { SECRETS } from './support/objects.ts';

const CONFIG_MAPS: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' };
const EVENTS: Resource = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };
const never = new AbortController().signal;

const enders: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of enders.splice(0).reverse()) await end();
});

async function connect(options: ApiServerOptions = {}) {
  let server: ApiServer = await startApiServer(options);
  enders.push(() => server.stop());
  const folder = mkdtempSync(join(tmpdir(), 'runtime-'));
  enders.push(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, server.kubeconfig());
  const transport = createTransport({ auth: loadKubeConfig({ kubeconfig }), userAgent: 'example/1' });
  enders.push(() => transport.close());
  return {
    client: createKubeClient(transport),
    reader: createKubeReader(transport),
    stop: () => server.stop(),
    /** The same server, killed and started again. */
    restart: async () => {
      const { port, storage, authority } = server;
      await server.stop();
      server = await startApiServer({ ...options, port, storage, authority });
      server.compact();
    },
  };
}

type Connected = Awaited<ReturnType<typeof connect>>;

function reflect({ reader }: Connected, scope: Scope, decode = decodeObject) {
  const { log, lines, at } = recordingLog();
  const store = createStore<KubeObject>({ log });
  const reflector = createReflector({ scope, decode, reader, partition: store.partition(), log });
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  enders.push(async () => {
    stop.abort();
    await running;
  });
  return { store, log, lines, at };
}

function configMap(name: string, data: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}

describe('reflector, store, queue and controller', () => {
  it('bring each change of an object to a pass, which reads its own writes', async () => {
    const connected = await connect();
    const { client } = connected;
    const { store, log } = reflect(connected, { resource: CONFIG_MAPS });
    const queue = new Workqueue({ clock: systemClock });
    store.onChange((key) => queue.add(key));
    const seen: string[] = [];
    const controller = createController({
      name: 'configmaps',
      queue,
      reconcile: async (key, signal) => {
        const object = store.get(key) as (KubeObject & { data?: Record<string, string> }) | undefined;
        if (object === undefined) {
          seen.push(`${key} gone`);
          return { then: 'forget' };
        }
        if (object.data?.['done'] === 'yes') return { then: 'settle' };
        const next = { ...object, data: { done: 'yes' } };
        store.upsertIfNewer(await client.replace(CONFIG_MAPS, next, signal));
        expect(store.get(key)).toMatchObject({ data: { done: 'yes' } });
        seen.push(`${key} done`);
        return { then: 'settle' };
      },
      workers: 2,
      passTimeoutMs: 5000,
      synced: store.whenSynced,
      log,
    });
    controller.start();
    enders.push(() => controller.stop());
    await client.create(CONFIG_MAPS, configMap('a'), never);
    await eventually(() => seen.includes('default/a done'));
    const { metadata } = await client.get(CONFIG_MAPS, { namespace: 'default', name: 'a' }, never);
    await client.delete(CONFIG_MAPS, metadata, metadata, never);
    await eventually(() => seen.includes('default/a gone'));
    expect(seen).toEqual(['default/a done', 'default/a gone']);
  });
});

describe('a reflector', () => {
  it.each([true, false])('comes through a restart that forgot the past (WatchList %s)', async (watchList) => {
    const connected = await connect({ watchList });
    const { client } = connected;
    const gone = await client.create(CONFIG_MAPS, configMap('gone'), never);
    const { store, lines } = reflect(connected, { resource: CONFIG_MAPS });
    await eventually(() => store.get('default/gone') !== undefined);
    await connected.restart();
    // The first request may still meet the old connection, and nothing below the queue tries again.
    await client.get(CONFIG_MAPS, gone.metadata, never).catch(() => undefined);
    await client.delete(CONFIG_MAPS, gone.metadata, gone.metadata, never);
    await client.create(CONFIG_MAPS, configMap('new'), never);
    await eventually(() => store.get('default/new') !== undefined);
    await eventually(() => store.get('default/gone') === undefined);
    const means = lines.filter(({ message }) => message === 'listed').map(({ fields }) => fields['by']);
    expect(means).toEqual(Array(2).fill(watchList ? 'stream' : 'pages'));
  });

  it.each([true, false])('lists more than a page of objects (WatchList %s)', async (watchList) => {
    const connected = await connect({ watchList });
    const names = Array.from({ length: 1100 }, (_, index) => `map-${index}`);
    await Promise.all(names.map((name) => connected.client.create(CONFIG_MAPS, configMap(name), never)));
    const { store } = reflect(connected, { resource: CONFIG_MAPS, namespace: 'default' });
    await store.whenSynced(AbortSignal.timeout(10_000));
    expect(names.filter((name) => store.get(`default/${name}`) === undefined)).toEqual([]);
  });

  it('says that there is no API server, and syncs once there is one', async () => {
    const connected = await connect();
    await connected.stop();
    const { store, at } = reflect(connected, { resource: CONFIG_MAPS });
    await eventually(() => at('warn').length > 0);
    expect(store.synced()).toBe(false);
    await connected.restart();
    await store.whenSynced(AbortSignal.timeout(10_000));
  });

  it('never holds a value of a Secret, nor does an error about one', async () => {
    const connected = await connect();
    const { client } = connected;
    const values = { stringData: { p: 'canary-7f3a9' } };
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(values) };
    const metadata = { name: 's', namespace: 'default', annotations, labels: { alm: 'yes' } };
    await client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, ...values }, never);
    const { store, lines } = reflect(
      connected,
      { resource: SECRETS, metadataOnly: true },
      decodeSecretMetadata,
    );
    await store.whenSynced(AbortSignal.timeout(10_000));
    expect(store.get('default/s')?.metadata.labels).toEqual({ alm: 'yes' });
    const refused = await client
      .patch(SECRETS, metadata, { type: 'merge', body: { data: { p: 'not base64, canary-7f3a9' } } }, never)
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(KubeError);
    const error = refused as KubeError;
    const told = [store.list(), lines, error.message, error.causes, String(error.stack)];
    expect(findCanary(JSON.stringify(told))).toBeUndefined();
  });
});

describe('an event recorder', () => {
  it('writes what the API server admits', async () => {
    const connected = await connect();
    const { log, lines } = recordingLog();
    const recorder = createEventRecorder({
      client: connected.client,
      operatorNamespace: 'default',
      reportingController: 'example.org/operator',
      reportingInstance: 'pod-1',
      correlationAnnotation: 'example.org/correlation-id',
      log,
    });
    const made = await connected.client.create(CONFIG_MAPS, configMap('a'), never);
    const { name, namespace, uid } = made.metadata;
    const regarding = { apiVersion: 'v1', kind: 'ConfigMap', name, namespace, uid };
    const event = { regarding, type: 'Normal', reason: 'Created', action: 'Write', note: 'created' } as const;
    recorder.emit({ ...event, note: 'a series that begins as one' });
    for (let turn = 0; turn < 3; turn += 1) recorder.emit(event);
    recorder.emit({ ...event, related: { ...regarding, name: 'b', uid: 'uid-b' } });
    await recorder.stop();
    expect(lines).toEqual([]);
    const { store } = reflect(connected, { resource: EVENTS });
    await store.whenSynced(AbortSignal.timeout(10_000));
    const lastObservedTime = expect.stringMatching(/\.\d{6}Z$/);
    const told = store.list() as unknown as readonly Readonly<{ note: string; related?: unknown }>[];
    const order = ({ note, related }: (typeof told)[number]) => `${note} ${related !== undefined}`;
    expect(told.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))).toMatchObject([
      { note: 'a series that begins as one' },
      {
        regarding: { uid },
        note: 'created',
        reportingInstance: 'pod-1',
        series: { count: 3, lastObservedTime },
      },
      { note: 'created', related: { name: 'b' } },
    ]);
  });
});
