/** The KubeClient of client.ts over the transport. Answers come without managedFields, which nobody reads. */

import type { KubeClient, NewObject, Patch } from './client.ts';
import { decodeObject } from './decode.ts';
import { collectionPath, objectPath } from './path.ts';
import { errorOfAnswer } from './status.ts';
import type { Call, Transport } from './transport.ts';
import type { KubeObject, ObjectMeta, ObjectRef, Resource } from './types.ts';

export function createKubeClient(transport: Transport): KubeClient {
  const ask = async <T extends KubeObject>(call: Call, signal: AbortSignal): Promise<T> => {
    const object = decodeObject(await transport.request(call, signal));
    if (object === undefined) throw errorOfAnswer(call, 'MalformedAnswer', 'the answer is not an object');
    return object as T;
  };
  return {
    get: (resource, ref, signal) =>
      ask({ verb: 'get', method: 'GET', resource, path: objectPath(resource, ref) }, signal),
    create: (resource, object, signal) => ask(createCall(resource, object), signal),
    replace: async (resource, object, signal) => ask(replaceCall(resource, object), signal),
    replaceStatus: async (resource, object, signal) => ask(replaceCall(resource, object, 'status'), signal),
    patch: (resource, ref, patch, signal) => ask(patchCall(resource, ref, patch), signal),
    delete: async (resource, ref, preconditions, signal) => {
      await transport.request(deleteCall(resource, ref, preconditions), signal);
    },
  };
}

function createCall(resource: Resource, object: NewObject): Call {
  const path = collectionPath(resource, object.metadata.namespace);
  return { verb: 'create', method: 'POST', resource, path, body: object };
}

function replaceCall(resource: Resource, object: KubeObject, subresource?: 'status'): Call {
  requirePreconditions(object.metadata);
  const path = objectPath(resource, object.metadata, subresource);
  return { verb: 'update', method: 'PUT', resource, path, body: object };
}

/** An empty version would overwrite a Secret unseen. */
function requirePreconditions({ uid, resourceVersion }: Pick<ObjectMeta, 'uid' | 'resourceVersion'>): void {
  if (uid === '' || resourceVersion === '')
    throw new TypeError('a replaced object needs its uid and its version');
}

function patchCall(resource: Resource, ref: ObjectRef, { type, body }: Patch): Call {
  const contentType = type === 'merge' ? 'application/merge-patch+json' : 'application/json-patch+json';
  return { verb: 'patch', method: 'PATCH', resource, path: objectPath(resource, ref), contentType, body };
}

function deleteCall(resource: Resource, ref: ObjectRef, preconditions: Readonly<{ uid: string }>): Call {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
  return { verb: 'delete', method: 'DELETE', resource, path: objectPath(resource, ref), body };
}
