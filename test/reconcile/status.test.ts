import { describe, expect, it } from 'vitest';
import { CLIENT_CREDENTIALS } from '../../src/api/clientcredential.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { writeStatus } from '../../src/reconcile/status.ts';
import { Cluster, conflict, unavailable } from './cluster.ts';

const signal = new AbortController().signal;
const ref = { namespace: 'team-a', name: 'orders' };
const old = { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'False' }] };
const status = { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }] };

function scene() {
  const cluster = new Cluster();
  const edit = (labels: Record<string, string> = {}, spec: object = {}) =>
    cluster.put('clientcredentials', { apiVersion: 'g/v1', kind: 'K', metadata: { ...ref, labels }, spec });
  const put = edit();
  cluster.objects.set('clientcredentials/team-a/orders', { ...put, status: old });
  const object = structuredClone(cluster.one('clientcredentials', 'orders')!);
  const stored: KubeObject[] = [];
  const write = (wanted: unknown = status) =>
    writeStatus(
      cluster.client(),
      CLIENT_CREDENTIALS,
      object,
      wanted,
      { upsertIfNewer: (seen) => stored.push(seen) },
      signal,
    );
  const live = () => cluster.one('clientcredentials', 'orders');
  return { cluster, edit, object, stored, write, live };
}

describe('writeStatus', () => {
  it('writes what differs, in one request, and remembers the answer', async () => {
    const { cluster, stored, write, live } = scene();
    expect(await write()).toBe(true);
    expect(cluster.steps).toEqual(['status']);
    expect(live()?.status).toEqual(status);
    expect(stored).toEqual([live()]);
  });

  it.each<[string, unknown]>([
    ['what is there already', old],
    ['members in another order', { conditions: old.conditions, observedGeneration: 1 }],
    ['members that are undefined', { ...old, origin: undefined }],
  ])('does not write %s', async (_, wanted) => {
    const { cluster, write } = scene();
    expect(await write(wanted)).toBe(false);
    expect(cluster.steps).toEqual([]);
  });

  it('writes conditions in another order, for their order is part of them', async () => {
    const { write } = scene();
    expect(await write({ ...old, conditions: [...old.conditions, { type: 'Synced' }] })).toBe(true);
  });

  it('puts the status on the newer version where a label changed meanwhile', async () => {
    const { cluster, edit, write, live } = scene();
    cluster.meanwhile.set('status', () => edit({ team: 'a' }));
    expect(await write()).toBe(true);
    expect(cluster.steps).toEqual(['status', 'read object', 'status']);
    expect(live()).toMatchObject({ metadata: { labels: { team: 'a' } }, status });
  });

  it('writes nothing where somebody wrote the same meanwhile', async () => {
    const { cluster, write, live } = scene();
    cluster.meanwhile.set('status', () => {
      const seen = live()!;
      const metadata = { ...seen.metadata, resourceVersion: '999' };
      cluster.objects.set('clientcredentials/team-a/orders', { ...seen, metadata, status });
    });
    expect(await write()).toBe(false);
    expect(cluster.steps).toEqual(['status', 'read object']);
  });

  it('has nothing to say where the object is gone', async () => {
    const { cluster, write } = scene();
    cluster.meanwhile.set('status', () => cluster.objects.clear());
    expect(await write()).toBe(false);
    expect(cluster.steps).toEqual(['status', 'read object']);
  });

  it('has nothing to say where another object has the name', async () => {
    const { cluster, edit, write, live } = scene();
    cluster.meanwhile.set('status', () => {
      cluster.objects.clear();
      edit();
    });
    expect(await write()).toBe(false);
    expect(live()?.status).toBeUndefined();
  });

  it('gives up after four conflicts, and leaves the rest to the next pass', async () => {
    const { cluster, write } = scene();
    for (let n = 0; n < 5; n += 1) cluster.breaks.push({ at: 'status', when: 'before', error: conflict() });
    await expect(write()).rejects.toMatchObject({ status: 409 });
    expect(cluster.steps.filter((step) => step === 'status')).toHaveLength(4);
  });

  it('tries nothing again that is no conflict', async () => {
    const { cluster, write } = scene();
    cluster.breaks.push({ at: 'status', when: 'before', error: unavailable() });
    await expect(write()).rejects.toMatchObject({ status: 503 });
    expect(cluster.steps).toEqual(['status']);
  });

  it('rejects where the newer version cannot be read', async () => {
    const { cluster, write } = scene();
    cluster.breaks.push({ at: 'status', when: 'before', error: conflict() });
    cluster.breaks.push({ at: 'read object', when: 'before', error: unavailable() });
    await expect(write()).rejects.toMatchObject({ status: 503 });
  });
});
