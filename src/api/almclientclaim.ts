// AlmClientClaim: the operator's own record of one client of ALM that it ever touched: intent before a write,
// ownership after it, and what a deletion owes. Its words carry no enum, so that an older operator reads a newer
// one's.
import { z } from 'zod';
import type { KubeObject, Resource } from '../kube/types.ts';
import { GROUP, VERSION } from './group.ts';
import { AGE, conditionPath, type KindDefinition } from './kind.ts';
import { type DeepReadonly, object, text } from './schema.ts';
import { statusOf, time, word } from './status.ts';

export const ALM_CLIENT_CLAIMS: Resource = {
  group: GROUP,
  version: VERSION,
  plural: 'almclientclaims',
  kind: 'AlmClientClaim',
};

const owner = object('The ClientCredential that the client belongs to, or did when it was deleted.', {
  namespace: text('Its namespace.', { max: 253 }),
  name: text('Its name.', { max: 253 }),
  uid: text('Its uid.', { max: 128 }),
});

const rotation = object('The last replacement of a generated secret.', {
  last: z.exactOptional(time('When it was.')),
  token: z.exactOptional(word('The value of the annotation alm-operator.dev/rotate that it answered.')),
});

export const claimSpec = object('What the operator knows of the client. Written by the operator alone.', {
  connection: text('Name of the AlmConnection.', { max: 253 }),
  endpoint: text('Address of the ALM. At another address the claim counts as Pending.', { max: 1024 }),
  clientId: text('Id of the client in ALM.', { max: 128 }),
  owner,
  origin: z.exactOptional(
    word(
      'Created, where the operator made the client, or Adopted, where it took it over; absent while Pending.',
    ),
  ),
  phase: word(
    'Pending: about to be written for the first time. Held: ours. Retained: given up and left alone. Revoking: to be ' +
      'deleted or made useless in ALM. Revoked: made useless, and proved to be.',
  ),
  rotation: z.exactOptional(rotation),
});

export const claimStatus = statusOf(
  'What is still owed, and why it was not done yet. Empty in the good case.',
  {},
);

export type ClaimSpec = DeepReadonly<z.output<typeof claimSpec>>;
export type ClaimStatus = DeepReadonly<z.output<typeof claimStatus>>;
/** As stored: spec and status are for `parseSpec` and `parseStatus` to read. */
export type AlmClientClaim = KubeObject & Readonly<{ spec?: unknown; status?: unknown }>;

export const almClientClaimKind: KindDefinition = {
  resource: ALM_CLIENT_CLAIMS,
  description:
    'A client of ALM that the operator ever touched. Written by the operator alone; deleting a claim makes the ' +
    'operator forget that the client is its own, and changes nothing in ALM.',
  shortName: 'almclaim',
  columns: [
    { name: 'Connection', type: 'string', jsonPath: '.spec.connection' },
    { name: 'Client ID', type: 'string', jsonPath: '.spec.clientId' },
    { name: 'Owner Namespace', type: 'string', jsonPath: '.spec.owner.namespace' },
    { name: 'Owner', type: 'string', jsonPath: '.spec.owner.name' },
    { name: 'Phase', type: 'string', jsonPath: '.spec.phase' },
    { name: 'Origin', type: 'string', jsonPath: '.spec.origin' },
    { name: 'Orphaned', type: 'string', jsonPath: conditionPath('Orphaned', 'status'), wide: true },
    { name: 'Reason', type: 'string', jsonPath: conditionPath('Revoked', 'reason'), wide: true },
    { name: 'Message', type: 'string', jsonPath: conditionPath('Revoked', 'message'), wide: true },
    AGE,
  ],
  selectable: [
    '.spec.connection',
    '.spec.clientId',
    '.spec.owner.namespace',
    '.spec.owner.name',
    '.spec.phase',
  ],
  spec: claimSpec,
  status: claimStatus,
};
