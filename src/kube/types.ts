/** The few Kubernetes shapes that the runtime relies on. Pure. */

export type OwnerReference = Readonly<{
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}>;

export type ObjectMeta = Readonly<{
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  finalizers?: readonly string[];
  ownerReferences?: readonly OwnerReference[];
}>;

/** Any object of the API server. What lies beyond `metadata` is for its own schema to say. */
export type KubeObject = Readonly<{ apiVersion: string; kind: string; metadata: ObjectMeta }>;

/** A kind as the API server's paths name it. `group` is '' for the core group. */
export type Resource = Readonly<{ group: string; version: string; plural: string; kind: string }>;

/** Where an object lives; `namespace` is absent for cluster-scoped kinds. */
export type ObjectRef = Readonly<{ namespace?: string; name: string }>;

export type Condition = Readonly<{
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  observedGeneration?: number;
  lastTransitionTime: string;
}>;

/** The name of an object in a store and a queue: `namespace/name`, or `name` where there is no namespace. */
export type ObjectKey = string;

export function keyOf({ namespace, name }: ObjectRef): ObjectKey {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function refOf(key: ObjectKey): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
