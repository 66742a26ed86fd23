/** What of an object that came over the wire is kept. Pure. */

import type { KubeObject, ObjectMeta, OwnerReference } from './types.ts';

/** Gives the object as it is to be kept, or undefined for what must not be. */
export type Decode<T extends KubeObject = KubeObject> = (raw: unknown) => T | undefined;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The whole object without managedFields, which are two thirds of it and nobody reads. */
export function decodeObject(raw: unknown): KubeObject | undefined {
  if (!isRecord(raw) || !isRecord(raw['metadata'])) return undefined;
  const { managedFields: _, ...metadata } = raw['metadata'];
  if (!hasIdentity(metadata)) return undefined;
  const { apiVersion, kind } = raw;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  return { ...raw, apiVersion, kind, metadata };
}

/**
 * A Secret as far as it may be known: annotations go too, for `kubectl apply` writes the values into one of them.
 * Takes the whole object as well as its PartialObjectMetadata.
 */
export function decodeSecretMetadata(raw: unknown): KubeObject | undefined {
  if (!isRecord(raw)) return undefined;
  const { metadata } = raw;
  if (!isRecord(metadata) || !hasIdentity(metadata)) return undefined;
  const { namespace, name, uid, resourceVersion } = metadata;
  const labels = labelsOf(metadata['labels']);
  const ownerReferences = ownersOf(metadata['ownerReferences']);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...(namespace !== undefined && { namespace }),
      name,
      uid,
      resourceVersion,
      ...(labels !== undefined && { labels }),
      ...(ownerReferences !== undefined && { ownerReferences }),
    },
  };
}

/** A Namespace as far as it counts: its labels, and whether it is on its way out. */
export function decodeNamespace(raw: unknown): KubeObject | undefined {
  if (!isRecord(raw)) return undefined;
  const { metadata } = raw;
  if (!isRecord(metadata) || !hasIdentity(metadata)) return undefined;
  const { name, uid, resourceVersion } = metadata;
  const labels = labelsOf(metadata['labels']);
  const end = metadata['deletionTimestamp'];
  const deletion = typeof end === 'string' && { deletionTimestamp: end };
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, uid, resourceVersion, ...(labels !== undefined && { labels }), ...deletion },
  };
}

/** What places an object: enough to remove it. */
export function identityOf(raw: unknown): ObjectMeta | undefined {
  if (!isRecord(raw)) return undefined;
  const { metadata } = raw;
  return isRecord(metadata) && hasIdentity(metadata) ? metadata : undefined;
}

function hasIdentity(metadata: Record<string, unknown>): metadata is Record<string, unknown> & ObjectMeta {
  const { name, namespace, uid, resourceVersion } = metadata;
  return (
    [name, uid, resourceVersion].every((part) => typeof part === 'string' && part !== '') &&
    (namespace === undefined || typeof namespace === 'string')
  );
}

function labelsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value)) return undefined;
  const labels = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(labels);
}

function ownersOf(value: unknown): readonly OwnerReference[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter(isOwner).map(({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }) => ({
    apiVersion,
    kind,
    name,
    uid,
    ...(controller !== undefined && { controller }),
    ...(blockOwnerDeletion !== undefined && { blockOwnerDeletion }),
  }));
}

function isOwner(value: unknown): value is OwnerReference {
  if (!isRecord(value)) return false;
  const { apiVersion, kind, name, uid } = value;
  return [apiVersion, kind, name, uid].every((part) => typeof part === 'string');
}
