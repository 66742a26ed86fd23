/** What roles and their bindings let a service account do, by the rules of the RBAC authoriser. Pure. */

import type { Target, Verb } from '../gate/request.ts';
import type { Manifest } from '../kubectl/objects.ts';

export type Account = Readonly<{ namespace: string; name: string }>;
export type Ask = Target & Readonly<{ verb: Verb; path?: string }>;

/** One verb on one resource. */
export type Grant = Readonly<{
  verb: string;
  group: string;
  /** With a subresource as in `pods/status`. */
  resource: string;
  /** Of the one object that it is about; '' for any. */
  name: string;
  /** '' for everywhere. */
  namespace: string;
}>;

type Rule = Readonly<{
  apiGroups: readonly string[];
  resources: readonly string[];
  resourceNames?: readonly string[];
  verbs: readonly string[];
}>;
type Binding = Readonly<{
  kind: string;
  metadata: Manifest['metadata'];
  roleRef: Readonly<{ kind: string; name: string }>;
  subjects: readonly Readonly<{ kind: string; name: string; namespace?: string }>[];
}>;

export function grantsOf(manifests: readonly Manifest[], account: Account): readonly Grant[] {
  const bindings = manifests.filter(({ kind }) => /^(Cluster)?RoleBinding$/.test(kind));
  const own = (bindings as readonly unknown[] as readonly Binding[]).filter(({ subjects }) =>
    subjects.some(
      ({ kind, name, namespace }) =>
        kind === 'ServiceAccount' && name === account.name && namespace === account.namespace,
    ),
  );
  return own.flatMap((binding) => {
    const namespace = binding.kind === 'ClusterRoleBinding' ? '' : (binding.metadata.namespace ?? '');
    return rulesOf(manifests, binding).flatMap((rule) => grantsOfRule(rule, namespace));
  });
}

function rulesOf(manifests: readonly Manifest[], { roleRef, metadata }: Binding): readonly Rule[] {
  const role = manifests.find(
    ({ kind, metadata: { name, namespace } }) =>
      kind === roleRef.kind &&
      name === roleRef.name &&
      (kind === 'ClusterRole' || namespace === metadata.namespace),
  );
  if (role === undefined) throw new Error(`${metadata.name} binds ${roleRef.name}, which is not there`);
  return role['rules'] as readonly Rule[];
}

function grantsOfRule(rule: Rule, namespace: string): readonly Grant[] {
  const { apiGroups, resources, resourceNames = [''], verbs } = rule;
  if ([...apiGroups, ...resources, ...verbs].some((word) => word.includes('*'))) {
    throw new Error(`A rule of this operator names what it is about: ${JSON.stringify(rule)}`);
  }
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      resourceNames.flatMap((name) => verbs.map((verb) => ({ verb, group, resource, name, namespace }))),
    ),
  );
}

/** Of something that a role can be about; everybody may GET what discovery is made of. */
export function covers(grant: Grant, ask: Ask): boolean {
  return (
    grant.verb === ask.verb &&
    grant.group === ask.group &&
    grant.resource === resourceOf(ask) &&
    (grant.name === '' || grant.name === ask.name) &&
    (grant.namespace === '' || grant.namespace === ask.namespace)
  );
}

export function resourceOf({ resource, subresource }: Ask): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

/** Such as `get secrets in team-a`. */
export function wordsOf({ verb, group, resource, name, namespace }: Grant): string {
  const what = group === '' ? resource : `${resource}.${group}`;
  const which = name === '' ? '' : ` ${name}`;
  return `${verb} ${what}${which} ${namespace === '' ? 'everywhere' : `in ${namespace}`}`;
}
