/** Claims as the operator leaves them: most of them without a word. */

import type { Finding } from '../../../../src/kube/conditions.ts';
import { type Change, DELETED, object, observed, type Situation } from './situation.ts';

const claim = (phase: string, change: Change = {}) =>
  object('AlmClientClaim', { status: { observedGeneration: -1 }, ...change, spec: { phase } });
const owes = (reason: string, truth: Finding['status'] = 'False') =>
  observed([{ type: 'Revoked', status: truth, reason, message: `owed: ${reason}` }]);

/** kstatus reads no phases: as long as nobody had anything to say of a claim, it takes it for one that nobody saw. */
export const CLAIMS: readonly Situation[] = [
  { name: 'about to be written', object: claim('Pending'), health: 'Progressing' },
  { name: 'held', object: claim('Held'), health: 'Healthy', apart: 'InProgress' },
  { name: 'held, after some trouble', object: claim('Held', { status: observed([]) }), health: 'Healthy' },
  { name: 'retained', object: claim('Retained'), health: 'Healthy', apart: 'InProgress' },
  { name: 'revoking', object: claim('Revoking'), health: 'Progressing', message: 'being revoked' },
  ...['ConnectionNotReady', 'Verifying', 'TokenRefused', 'ConnectionNotFound', 'AlmUnavailable'].map(
    (reason): Situation => ({
      name: `revoking, and waiting: ${reason}`,
      object: claim('Revoking', { status: owes(reason) }),
      health: 'Progressing',
      message: `owed: ${reason}`,
      apart: 'Current',
    }),
  ),
  ...['ConnectionMoved', 'RejectedByAlm', 'Unprovable', 'OutcomeUnknown'].map(
    (reason): Situation => ({
      name: `revoking, and somebody has to act: ${reason}`,
      object: claim('Revoking', { status: owes(reason) }),
      health: 'Degraded',
      message: `owed: ${reason}`,
      apart: 'Current',
    }),
  ),
  { name: 'revoked', object: claim('Revoked', { status: owes('Revoked', 'True') }), health: 'Healthy' },
  {
    name: 'orphaned',
    object: claim('Held', {
      status: observed([{ type: 'Orphaned', status: 'True', reason: 'OwnerNotFound', message: 'nobody' }]),
    }),
    health: 'Degraded',
    message: 'nobody',
    apart: 'Current',
  },
  {
    name: 'held, and being deleted',
    object: claim('Held', { metadata: { deletionTimestamp: DELETED.deletionTimestamp } }),
    health: 'Progressing',
  },
  {
    name: 'in a phase of a later version',
    object: claim('Lent', { status: observed([]) }),
    health: 'Unknown',
    message: 'Lent',
    apart: 'Current',
  },
];
