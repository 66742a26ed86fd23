/**
 * Kinds that come with the installation of a program. They are stored as they are sent, nothing acts on them, and nobody
 * gets or loses a right by them: whoever has a token may do everything here.
 */

import { AGE, NAME, textColumn } from '../table/column.ts';
import { builtIn } from './builtin.ts';
import type { Kind } from './kind.ts';
import { BINDING, BUDGET, CLUSTER_ROLE, NETWORK_POLICY, ROLE } from './schemas/installations.ts';
import { DEPLOYMENT } from './schemas/workloads.ts';

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1', unconditionalUpdate: true } as const;
const ROLE_COLUMNS = [NAME, textColumn('Role', 'The role that it gives.', 'roleRef', 'name'), AGE];

const roles = builtIn({
  ...RBAC,
  kind: 'Role',
  plural: 'roles',
  description: 'Rights in a namespace.',
  properties: ROLE,
});

const clusterRoles = builtIn({
  ...RBAC,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
  description: 'Rights in the whole cluster, or in whichever namespace it is bound.',
  properties: CLUSTER_ROLE,
});

const roleBindings = builtIn({
  ...RBAC,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  columns: ROLE_COLUMNS,
  description: 'Who has which rights in a namespace.',
  required: ['roleRef'],
  properties: BINDING,
});

const clusterRoleBindings = builtIn({
  ...RBAC,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
  columns: ROLE_COLUMNS,
  description: 'Who has which rights in the whole cluster.',
  required: ['roleRef'],
  properties: BINDING,
});

const deployments = builtIn({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  unconditionalUpdate: true,
  status: true,
  generation: true,
  description: 'Programs that run in several pods; none runs here.',
  properties: DEPLOYMENT,
});

const budgets = builtIn({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  status: true,
  generation: true,
  description: 'How many pods may be taken away at the same time.',
  properties: BUDGET,
});

const networkPolicies = builtIn({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  unconditionalUpdate: true,
  generation: true,
  description: 'Which traffic pods may have.',
  properties: NETWORK_POLICY,
});

export const installations: readonly Kind[] = [
  ...[roles, clusterRoles, roleBindings, clusterRoleBindings],
  ...[deployments, budgets, networkPolicies],
];
