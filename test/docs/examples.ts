/** One object of each kind, for its page. */

import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { claimSpec } from '../../src/api/almclientclaim.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { claimName } from '../../src/domain/ownership.ts';

/** `introduction` is one line above the object. */
export type Example = Readonly<{ introduction: string; yaml: string }>;

export function exampleOf(kind: string): Example {
  switch (kind) {
    case 'ClientCredential':
      return sample('deploy/samples/orders.yaml');
    case 'AlmConnection':
      return sample('deploy/samples/connection.yaml');
    case 'AlmClientClaim':
      return { introduction: 'What the operator writes for the example of ClientCredential:', yaml: claim() };
    default:
      throw new Error(`There is no example of ${kind}`);
  }
}

function sample(path: string): Example {
  const yaml = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  return { introduction: `[${path}](../../${path}):`, yaml };
}

/** Nobody applies a claim, so there is none among the samples. */
function claim(): string {
  const [connection, clientId] = ['default', 'team-orders_orders'];
  const owner = { namespace: 'team-orders', name: 'orders', uid: '5b1f8f6e-6f0a-4d0c-9a6e-2f3f7c1d8a90' };
  const endpoint = 'https://app.lm:32443';
  return stringify({
    apiVersion: API_VERSION,
    kind: 'AlmClientClaim',
    metadata: { name: claimName(connection, clientId), namespace: 'alm-operator' },
    spec: claimSpec.parse({ connection, endpoint, clientId, owner, origin: 'Created', phase: 'Held' }),
  });
}
