/** The objects that a binding hands to its policy. */

import type { Kind } from '../kinds/kind.ts';
import { type ApiObject, storedKey } from '../objects.ts';
import type { World } from '../world.ts';
import { selects } from './match.ts';
import type { Binding, Policy } from './policies.ts';

export type Params = Readonly<{ found: readonly (ApiObject | null)[] }> | Readonly<{ error: string }>;

const NONE_FOUND =
  'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction';
const NEEDS_NO_NAMESPACE =
  'failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`';

/** `null` stands for no parameter; without any in the list nothing is to be judged. */
export function paramsOf(
  world: World,
  { paramKind }: Policy,
  { paramRef }: Binding,
  namespace: string | undefined,
): Params {
  if (paramKind === undefined || paramRef === undefined) return { found: [null] };
  const kind = world.registry.named(paramKind.apiVersion, paramKind.kind);
  if (kind === undefined) return { error: noSuchKind(paramKind) };
  if (!kind.namespaced && paramRef.namespace !== undefined) return { error: NEEDS_NO_NAMESPACE };
  const where = kind.namespaced ? (paramRef.namespace ?? namespace) : undefined;
  const found = lookUp(world, kind, where, paramRef);
  if (found.length === 0 && paramRef.parameterNotFoundAction === 'Deny') return { error: NONE_FOUND };
  return { found: found.map((object) => kind.show(kind.complete(object))) };
}

export function noSuchKind({ apiVersion, kind }: Readonly<{ apiVersion: string; kind: string }>): string {
  return `failed to configure policy: failed to find resource referenced by paramKind: '${apiVersion}, Kind=${kind}'`;
}

function lookUp(
  { storage }: World,
  kind: Kind,
  namespace: string | undefined,
  { name, selector }: NonNullable<Binding['paramRef']>,
): readonly ApiObject[] {
  if (name !== undefined) {
    const object = storage.get(kind.bucket, storedKey(namespace, name));
    return object === undefined ? [] : [object];
  }
  return storage
    .values(kind.bucket)
    .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
    .filter(({ metadata }) => selects(selector, metadata.labels, false));
}
