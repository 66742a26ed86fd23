/** The kinds that tests touch, by their name: enough to build a path without asking for discovery. */

import type { Resource } from '../../../src/kube/types.ts';

export type Kind = Resource & Readonly<{ namespaced: boolean }>;

const OWN = { group: 'alm-operator.dev', version: 'v1beta1', namespaced: true };
const CORE = { group: '', version: 'v1', namespaced: true };
const ADMISSION = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false };
const MONITORING = { group: 'monitoring.coreos.com', version: 'v1', namespaced: true };
const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' };

const KINDS: readonly Kind[] = [
  { ...OWN, kind: 'ClientCredential', plural: 'clientcredentials' },
  { ...OWN, kind: 'AlmConnection', plural: 'almconnections' },
  { ...OWN, kind: 'AlmClientClaim', plural: 'almclientclaims' },
  { ...CORE, kind: 'Secret', plural: 'secrets' },
  { ...CORE, kind: 'ConfigMap', plural: 'configmaps' },
  { ...CORE, kind: 'ServiceAccount', plural: 'serviceaccounts' },
  { ...CORE, kind: 'Service', plural: 'services' },
  { ...CORE, kind: 'Pod', plural: 'pods' },
  { ...CORE, kind: 'Namespace', plural: 'namespaces', namespaced: false },
  { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', namespaced: true },
  { ...RBAC, kind: 'Role', plural: 'roles', namespaced: true },
  { ...RBAC, kind: 'RoleBinding', plural: 'rolebindings', namespaced: true },
  { ...RBAC, kind: 'ClusterRole', plural: 'clusterroles', namespaced: false },
  { ...RBAC, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false },
  { ...ADMISSION, kind: 'ValidatingAdmissionPolicy', plural: 'validatingadmissionpolicies' },
  { ...ADMISSION, kind: 'ValidatingAdmissionPolicyBinding', plural: 'validatingadmissionpolicybindings' },
  { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  {
    ...{ group: 'policy', version: 'v1', namespaced: true },
    ...{ kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets' },
  },
  {
    ...{ group: 'networking.k8s.io', version: 'v1', namespaced: true },
    ...{ kind: 'NetworkPolicy', plural: 'networkpolicies' },
  },
  { ...MONITORING, kind: 'ServiceMonitor', plural: 'servicemonitors' },
  { ...MONITORING, kind: 'PrometheusRule', plural: 'prometheusrules' },
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
];

export const OWN_KINDS: readonly string[] = ['ClientCredential', 'AlmConnection', 'AlmClientClaim'];

/** A kind by its name; another one is given as it is. */
export function kindOf(kind: string | Kind): Kind {
  if (typeof kind !== 'string') return kind;
  const known = KINDS.find((candidate) => candidate.kind === kind);
  if (known === undefined) throw new Error(`${kind} is not among the kinds of test/support/kubectl/kinds.ts`);
  return known;
}

export type Place = Readonly<{
  namespace?: string | undefined;
  name?: string | undefined;
  subresource?: string;
}>;

export function pathOf(kind: Kind, { namespace, name, subresource }: Place): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const scope = kind.namespaced && namespace !== undefined ? ['namespaces', namespace] : [];
  const rest = [...scope, kind.plural, name, subresource].filter((part) => part !== undefined);
  return [root, ...rest.map(encodeURIComponent)].join('/');
}
