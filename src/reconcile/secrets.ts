import { z } from 'zod';
import { type LiveSecret, type Password, passwordIn } from '../domain/desired.ts';
import type { SecretVersion } from '../domain/due.ts';
import { fail } from '../domain/reasons.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { Failure } from '../kube/outcome.ts';
import type { LabelMatcher } from '../kube/selector.ts';
import type { KubeObject, Resource } from '../kube/types.ts';

export const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };

const shape = z.object({
  type: z.string().optional(),
  data: z.record(z.string(), z.string()).optional(),
});

export type SecretReader = Readonly<{
  kube: KubeClient;
  /** Undefined: every Secret may be used. */
  allowed: LabelMatcher | undefined;
  /** Secrets here are exempt from the label rule. */
  operatorNamespace: string;
}>;

export type ReadSecret = Readonly<{ version: SecretVersion; password: Password }>;

/**
 * Reads one password live. Nothing of it is kept: versions say which Secret was sent, never a value or a hash.
 * Rejects with KubeError where the API server could not be asked.
 */
export async function readSecret(
  { kube, allowed, operatorNamespace }: SecretReader,
  where: Readonly<{ namespace: string; name: string; key: string }>,
  signal: AbortSignal,
): Promise<ReadSecret | Failure> {
  const { namespace, name, key } = where;
  const object = await getOrAbsent(kube, SECRETS, { namespace, name }, signal);
  if (object === undefined) {
    return fail('SecretNotFound', `Secret ${name} does not exist in namespace ${namespace}; create it`);
  }
  const { uid, resourceVersion, labels } = object.metadata;
  const labelled = allowed === undefined || namespace === operatorNamespace || allowed(labels);
  const password = passwordIn(liveSecret(object, labelled), key);
  if ('reason' in password) return password;
  return { version: { name, key, uid, resourceVersion }, password };
}

export function liveSecret(object: KubeObject, labelled: boolean): LiveSecret {
  const parsed = shape.safeParse(object);
  const { type, data } = parsed.success ? parsed.data : {};
  return { name: object.metadata.name, type, labelled, data: data ?? {} };
}

/** The object, or undefined where the API server says that it does not exist. */
export async function getOrAbsent<T extends KubeObject>(
  kube: KubeClient,
  resource: Resource,
  ref: Readonly<{ namespace: string; name: string }>,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await kube.get<T>(resource, ref, signal);
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}
