import { type KubeClient, KubeError } from '../../src/kube/client.ts';
import type { Resource } from '../../src/kube/types.ts';
import { keyOf } from '../../src/kube/types.ts';
import type { Cluster, Stored } from './cluster.ts';
import type { Fate, Pass, Requests } from './requests.ts';

/** The cluster as one process reaches it: every call is a request under way. */
export function kubeClient(cluster: Cluster, requests: Requests, isAlive: () => boolean): KubeClient {
  const send = <T>(verb: string, { plural }: Resource, effect: (by: Pass) => unknown, signal: AbortSignal) =>
    requests.send<T>(
      isAlive,
      {
        server: 'cluster',
        what: `${verb} ${plural}`,
        effect: (_fate, pass) => structuredClone(effect(pass ?? NOBODY)) as T,
        fault: faultOf,
      },
      signal,
    );
  return {
    get: (resource, ref, signal) =>
      send('get', resource, () => cluster.existing(resource.plural, ref), signal),
    create: (resource, object, signal) =>
      send('create', resource, (by) => cluster.create(resource.plural, object, by), signal),
    replace: () => Promise.reject(new Error('nothing is ever replaced whole')),
    replaceStatus: (resource, object, signal) =>
      send('status', resource, (by) => cluster.replaceStatus(resource.plural, object as Stored, by), signal),
    patch: (resource, ref, patch, signal) =>
      send('patch', resource, (by) => cluster.patch(resource.plural, ref, patch, by), signal),
    delete: (resource, ref, preconditions, signal) =>
      send(
        'delete',
        resource,
        (by) => {
          cluster.existing(resource.plural, ref, preconditions);
          cluster.remove(resource.plural, keyOf(ref), by);
        },
        signal,
      ),
  };
}

const NOBODY: Pass = { controller: 'connection', key: '', revision: 0, known: {}, moment: 0 };

function faultOf(fate: Fate): KubeError {
  return fate === 'refused'
    ? new KubeError({ status: 503, reason: 'ServiceUnavailable', message: 'starting up' })
    : new KubeError({ status: 0, reason: 'ECONNRESET', message: 'no answer came' });
}
