import { CLIENT_CREDENTIALS } from '../api/clientcredential.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { KubeObject, Resource } from '../kube/types.ts';

export const DEFINITIONS: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
};

/**
 * The deletion of the kind marks every object of it as deleted; nobody asked for that of any of them. A kind that is
 * younger than the object has been deleted and defined anew.
 */
export async function isKindGoing(
  kube: Pick<KubeClient, 'get'>,
  object: KubeObject,
  signal: AbortSignal,
): Promise<boolean> {
  const name = `${CLIENT_CREDENTIALS.plural}.${CLIENT_CREDENTIALS.group}`;
  try {
    const { metadata } = await kube.get<KubeObject>(DEFINITIONS, { name }, signal);
    const isYounger = bornAt(metadata) > bornAt(object.metadata);
    return metadata.deletionTimestamp !== undefined || isYounger;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return true;
    throw error;
  }
}

/** NaN, with which no comparison holds, where it is not known. */
function bornAt({ creationTimestamp = '' }: KubeObject['metadata']): number {
  return Date.parse(creationTimestamp);
}
