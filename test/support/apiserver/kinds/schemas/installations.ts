/** What an installation brings besides its workload: rights, budgets, network policies. */

import { atomic, fields, needing, type Schema, text } from './fields.ts';
import { anything, LABEL_SELECTOR } from './workloads.ts';

type Properties = Readonly<Record<string, Schema>>;

const words = (description: string) => atomic(description, { type: 'string' });

const POLICY_RULE = needing(
  ['verbs'],
  fields('What may be done to what.', {
    apiGroups: words('Groups of the resources.'),
    nonResourceURLs: words('Paths that are no resources.'),
    resourceNames: words('Names of the objects; all of them when absent.'),
    resources: words('The resources.'),
    verbs: words('What may be done.'),
  }),
);

export const ROLE: Properties = { rules: atomic('What it gives.', POLICY_RULE) };

export const CLUSTER_ROLE: Properties = {
  ...ROLE,
  aggregationRule: fields('Other roles whose rules it takes over.', {
    clusterRoleSelectors: atomic('Which roles those are.', LABEL_SELECTOR),
  }),
};

export const BINDING: Properties = {
  roleRef: needing(
    ['apiGroup', 'kind', 'name'],
    fields('The role.', {
      apiGroup: text('Group of the role.'),
      kind: text('Role or ClusterRole.'),
      name: text('Name of the role.'),
    }),
  ),
  subjects: atomic(
    'Who has it.',
    needing(
      ['kind', 'name'],
      fields('A user, a group or a service account.', {
        apiGroup: text('Group of its kind.'),
        kind: text('User, Group or ServiceAccount.'),
        name: text('Its name.'),
        namespace: text('Namespace of a service account.'),
      }),
    ),
  ),
};

export const BUDGET: Properties = {
  spec: fields('How many pods may be away.', {
    maxUnavailable: anything('How many may be away, as a number or per cent.'),
    minAvailable: anything('How many must stay, as a number or per cent.'),
    selector: LABEL_SELECTOR,
    unhealthyPodEvictionPolicy: text('Whether pods that are not ready may go in any case.'),
  }),
  status: { type: 'object', ...anything('What came of it.') },
};

const PORTS = atomic(
  'The ports; all of them when absent.',
  fields('A port.', {
    endPort: anything('The last one of a range.'),
    port: anything('Its number or name.'),
    protocol: text('TCP, UDP or SCTP.'),
  }),
);

const PEERS = atomic(
  'Who is at the other end; anybody when absent.',
  fields('Pods, or addresses.', {
    ipBlock: needing(
      ['cidr'],
      fields('Addresses.', { cidr: text('A block.'), except: words('What of it is not meant.') }),
    ),
    namespaceSelector: LABEL_SELECTOR,
    podSelector: LABEL_SELECTOR,
  }),
);

export const NETWORK_POLICY: Properties = {
  spec: needing(
    ['podSelector'],
    fields('Which traffic there may be.', {
      egress: atomic('What may go out.', fields('A rule.', { ports: PORTS, to: PEERS })),
      ingress: atomic('What may come in.', fields('A rule.', { ports: PORTS, from: PEERS })),
      podSelector: LABEL_SELECTOR,
      policyTypes: words('Ingress, Egress or both.'),
    }),
  ),
};
