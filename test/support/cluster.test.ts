import { readFile, stat } from 'node:fs/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './cluster.ts';
import { OPERATOR_NAMESPACE } from './install.ts';
import { connectApi } from './kubectl/client.ts';
import { ApiError } from './kubectl/http.ts';
import { type Live, presentable } from './kubectl/objects.ts';
import { credential, secret } from './samples.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ controllers: true });
}, 60_000);

afterAll(() => cluster?.stop(), 60_000);

/** A client of the gate, as the kubeconfig says. */
async function throughGate(user: string) {
  const config = new KubeConfig();
  config.loadFromFile(await cluster.kubeconfigFor(user));
  const { server, caData = '' } = config.getCurrentCluster() ?? { server: '' };
  const headers = { authorization: `Bearer ${config.getCurrentUser()?.token}` };
  return connectApi({ url: server, ca: Buffer.from(caData, 'base64').toString(), headers });
}

const plain = (object: Live, key: string) => Buffer.from(object.data?.[key] ?? '', 'base64').toString();

describe('a cluster', () => {
  it("has this project's kinds and the operator's namespace", async () => {
    const namespace = await cluster.namespace();
    const [made] = await cluster.api.apply(credential(namespace, 'app'));
    expect(made).toMatchObject({ metadata: { generation: 1 }, status: { observedGeneration: -1 } });
    await cluster.api.get('Namespace', '', OPERATOR_NAMESPACE);
    expect(cluster.version).toMatch(/ v1\.\d+\.\d+/);
  });

  it('refuses what a schema refuses', async () => {
    const namespace = await cluster.namespace();
    const refused = cluster.api.apply(credential(namespace, 'app', { authorisedGrantTypes: [] }));
    await expect(refused).rejects.toMatchObject({ status: 422, reason: 'Invalid' });
    const unknown = cluster.api.apply(credential(namespace, 'app', { clientID: 'typo' }));
    await expect(unknown).rejects.toThrow(/unknown field "spec.clientID"/);
  });

  it('logs who came through the gate, and not what the test itself asks', async () => {
    const api = await throughGate('visitor');
    const before = cluster.gate.log.length;
    await api.get('Namespace', '', OPERATOR_NAMESPACE);
    await cluster.api.get('Namespace', '', OPERATOR_NAMESPACE);
    expect(cluster.gate.log.slice(before)).toMatchObject([
      { user: 'visitor', verb: 'get', resource: 'namespaces', name: OPERATOR_NAMESPACE, status: 200 },
    ]);
    await api.close();
  });

  it('gives kubeconfigs that only their owner can read', async () => {
    const path = await cluster.kubeconfigFor('kubectl');
    expect(await readFile(path, 'utf8')).toContain(`server: ${cluster.gate.url}`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

describe("a test's own client", () => {
  it('applies: creates, leaves alone, changes', async () => {
    const namespace = await cluster.namespace();
    const [first] = await cluster.api.apply(
      secret(namespace, 's', { a: 'canary-7f3a9-1', b: 'canary-7f3a9-2' }),
    );
    expect(first?.metadata.annotations).toHaveProperty(['kubectl.kubernetes.io/last-applied-configuration']);
    const config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: 'c' },
      data: { a: '1', b: '2' },
    };
    const [made] = await cluster.api.apply(config);
    const [same] = await cluster.api.apply(config);
    expect(same?.metadata.resourceVersion).toBe(made?.metadata.resourceVersion);
    const [changed] = await cluster.api.apply({ ...config, data: { a: '3' } });
    expect(changed).toMatchObject({ data: { a: '3' } });
    expect(changed?.data).not.toHaveProperty('b');
  });

  it('applies the documents of a text in order', async () => {
    const namespace = await cluster.namespace();
    const text = ['one', 'two'].map(
      (name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\n`,
    );
    const made = await cluster.api.apply(`${text.join('---\n')}---\n`);
    expect(made.map(({ metadata }) => metadata.name)).toEqual(['one', 'two']);
  });

  it('patches, replaces, lists and deletes', async () => {
    const namespace = await cluster.namespace();
    await cluster.api.create(secret(namespace, 's', { a: 'canary-7f3a9-1' }));
    const body = [{ op: 'add', path: '/metadata/labels', value: { team: 'a' } }];
    const patched = await cluster.api.patch('Secret', namespace, 's', { type: 'json', body });
    const b = Buffer.from('canary-7f3a9-b').toString('base64');
    const replaced = await cluster.api.replace({ ...patched, data: { ...patched.data, b } });
    expect([plain(replaced, 'a'), plain(replaced, 'b')]).toEqual(['canary-7f3a9-1', 'canary-7f3a9-b']);
    expect(presentable(replaced)).not.toContain(b);
    await expect(cluster.api.replace(patched)).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    expect(await cluster.api.list('Secret', namespace, 'team=a')).toHaveLength(1);
    expect(await cluster.api.list('Secret', namespace, 'team=b')).toHaveLength(0);
    await cluster.api.delete('Secret', namespace, 's');
    await cluster.api.delete('Secret', namespace, 's');
    const missing = cluster.api.get('Secret', namespace, 's');
    await expect(missing).rejects.toBeInstanceOf(ApiError);
    await expect(missing).rejects.toMatchObject({ status: 404, reason: 'NotFound' });
  });

  it('writes a status apart from its object', async () => {
    const namespace = await cluster.namespace();
    const [made] = await cluster.api.apply(credential(namespace, 'app'));
    const status = { observedGeneration: 1 };
    await cluster.api.replace({ ...(made as Live), status }, 'status');
    expect(await cluster.api.get('ClientCredential', namespace, 'app')).toMatchObject({ status });
  });
});

describe('the controllers of a cluster', () => {
  it('end a namespace with what is in it', async () => {
    const namespace = await cluster.namespace();
    await cluster.api.apply(secret(namespace, 's', {}));
    await cluster.api.delete('Namespace', '', namespace);
    await cluster.api.waitGone('Namespace', '', namespace, { what: 'its end', timeoutMs: 30_000 });
    expect(await cluster.api.list('Secret', namespace)).toEqual([]);
  }, 60_000);

  it('collect what belongs to an object that is gone', async () => {
    const namespace = await cluster.namespace();
    const [owner] = await cluster.api.apply(credential(namespace, 'app'));
    const { apiVersion, kind, metadata } = owner as Live;
    const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }];
    const owned = secret(namespace, 's', {});
    await cluster.api.apply({ ...owned, metadata: { ...owned.metadata, ownerReferences } });
    await cluster.api.delete('ClientCredential', namespace, 'app');
    await cluster.api.waitGone('Secret', namespace, 's', { what: 'its collection', timeoutMs: 30_000 });
  }, 60_000);
});

describe('waiting', () => {
  it('sees an object come, change and go', async () => {
    const namespace = await cluster.namespace();
    const metadata = { namespace, name: 'c' };
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    const come = cluster.api.waitFor('ConfigMap', namespace, 'c', () => true, { what: 'the object' });
    await cluster.api.create({ ...config, data: { a: '1' } });
    expect(await come).toMatchObject({ metadata: { name: 'c' } });
    const changed = cluster.api.waitFor('ConfigMap', namespace, 'c', ({ data }) => data?.['a'] === '2', {
      what: 'a=2',
    });
    await cluster.api.patch('ConfigMap', namespace, 'c', { type: 'merge', body: { data: { a: '2' } } });
    expect(await changed).toMatchObject({ data: { a: '2' } });
    const gone = cluster.api.waitGone('ConfigMap', namespace, 'c');
    await cluster.api.delete('ConfigMap', namespace, 'c');
    await gone;
  });

  it('sees all objects of a namespace together', async () => {
    const namespace = await cluster.namespace();
    const three = cluster.api.waitForAll('Secret', namespace, (found) => found.length === 3, {
      what: 'three',
    });
    for (const name of ['a', 'b', 'c']) await cluster.api.create(secret(namespace, name, {}));
    expect((await three).map(({ metadata }) => metadata.name).sort()).toEqual(['a', 'b', 'c']);
  });

  it('says what it saw last when time is up, without the values of a Secret', async () => {
    const namespace = await cluster.namespace();
    await cluster.api.apply(secret(namespace, 's', { password: 'canary-7f3a9-1' }));
    const patience = { what: 'the impossible', timeoutMs: 50 };
    const waited = cluster.api.waitFor('Secret', namespace, 's', () => false, patience);
    const { message } = (await waited.catch((error: Error) => error)) as Error;
    expect(message).toMatch(/Not seen: the impossible, within 50 ms \(Secret test-\d+\/s\)/);
    expect(message).toContain('"password"');
    expect(message).not.toMatch(/canary|Y2FuYXJ5/);
  });
});

describe('an API server behind the gate', () => {
  it('comes back on the same port with the same objects', async () => {
    const api = await throughGate('patient');
    const namespace = await cluster.namespace();
    await cluster.api.apply(credential(namespace, 'app'));
    await cluster.down();
    await expect(api.get('Namespace', '', namespace)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const waiting = api.waitFor('ClientCredential', namespace, 'app', () => true, {
      what: 'its return',
      timeoutMs: 30_000,
    });
    await cluster.up();
    expect(await waiting).toMatchObject({ metadata: { namespace } });
    await api.close();
  }, 60_000);

  it('has forgotten old versions after a compaction, and cut the watches', async () => {
    const api = await throughGate('watcher');
    const namespace = await cluster.namespace();
    const [made] = await cluster.api.apply(secret(namespace, 's', {}));
    const waiting = api.waitFor('Secret', namespace, 's', ({ metadata }) => metadata.labels !== undefined, {
      what: 'a label',
      timeoutMs: 30_000,
    });
    await cluster.gate.seen({ user: 'watcher', verb: 'watch' });
    await cluster.compact();
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    const resourceVersion = made?.metadata.resourceVersion;
    const exact = cluster.api.raw({
      path,
      query: { resourceVersion, resourceVersionMatch: 'Exact', limit: '5' },
    });
    await expect(exact).rejects.toMatchObject({ status: 410, reason: 'Expired' });
    expect(cluster.gate.log.find(({ user, verb }) => user === 'watcher' && verb === 'watch')).toMatchObject({
      ended: true,
    });
    await cluster.api.patch('Secret', namespace, 's', {
      type: 'merge',
      body: { metadata: { labels: { a: 'b' } } },
    });
    await waiting;
    await api.close();
  }, 60_000);
});
