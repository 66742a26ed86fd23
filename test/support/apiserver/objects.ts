/** The shapes that every room passes around. A stored object is never changed, only replaced. */

export type Json = Readonly<Record<string, unknown>>;

export type OwnerReference = Readonly<{
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}>;

/** Metadata as a client may send it. */
export type DraftMeta = Readonly<{
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  ownerReferences?: readonly OwnerReference[];
  finalizers?: readonly string[];
  managedFields?: readonly Json[];
}>;

export type Meta = DraftMeta &
  Readonly<{ name: string; uid: string; resourceVersion: string; creationTimestamp: string }>;

/** What a client wants stored, decoded and checked for its kind. */
export type Draft = Readonly<{
  apiVersion: string;
  kind: string;
  metadata: DraftMeta;
  [field: string]: unknown;
}>;

export type ApiObject = Readonly<{
  apiVersion: string;
  kind: string;
  metadata: Meta;
  [field: string]: unknown;
}>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value under nested keys, or undefined where the way ends early. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

export function withMeta(object: ApiObject, changes: Partial<Meta>): ApiObject {
  return { ...object, metadata: { ...object.metadata, ...changes } };
}

/** Sorts as etcd does: `namespace/name`, or `name` for what belongs to no namespace. */
export function storedKey(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** A time as metadata carries it: whole seconds. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
