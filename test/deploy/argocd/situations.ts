/** Objects in every state that the operator leaves them in, and what a GitOps tool should make of each. Pure. */

import { type ConnectionView, connectionFindings } from '../../../src/domain/connection.ts';
import { FAILURES, type FailureReason, fail } from '../../../src/domain/reasons.ts';
import { findingsOf, type PassResult, type Standpoint } from '../../../src/domain/verdict.ts';
import { type Finding, stamp } from '../../../src/kube/conditions.ts';
import type { Condition } from '../../../src/kube/types.ts';
import type { KstatusVerdict } from '../../support/kstatus.ts';

export type Health = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Unknown';

export type SituationObject = Readonly<{
  apiVersion: string;
  kind: string;
  metadata: Readonly<Record<string, unknown>> & Readonly<{ generation: number; deletionTimestamp?: string }>;
  spec: Readonly<Record<string, unknown>>;
  status?: Readonly<{ observedGeneration: number; conditions?: readonly Condition[] }>;
}>;

export type Situation = Readonly<{
  name: string;
  object: SituationObject;
  health: Health;
  /** Part of what Argo CD shows beside it. */
  message?: string;
  /** Where kstatus, which knows nothing of this project, cannot come to the same. */
  apart?: KstatusVerdict;
}>;

type Change = Readonly<{
  metadata?: Readonly<Record<string, unknown>>;
  spec?: Readonly<Record<string, unknown>>;
  status?: SituationObject['status'];
}>;

const HOUR = 3_600_000;
const NOON = Date.parse('2026-03-01T12:00:00Z');
const GENERATION = 3;
const CREATED: Standpoint = { origin: 'Created', operation: 'Created' };
const DELETED = { deletionTimestamp: '2026-03-01T12:00:00Z', finalizers: ['alm-operator.dev/release'] };

function object(kind: string, { metadata, spec, status }: Change): SituationObject {
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind,
    metadata: { name: 'orders', namespace: 'team-orders', generation: GENERATION, ...metadata },
    spec: { ...spec },
    ...(status !== undefined && { status }),
  };
}

function observed(
  findings: readonly Finding[],
  before: readonly Condition[] = [],
): SituationObject['status'] {
  return { observedGeneration: GENERATION, conditions: stamp(findings, before, GENERATION, new Date(NOON)) };
}

const pass = (change: Partial<PassResult> = {}): readonly Finding[] =>
  findingsOf({
    failure: undefined,
    pending: false,
    suspended: false,
    rotates: false,
    applied: CREATED,
    proof: undefined,
    warning: null,
    before: [],
    resyncMs: HOUR,
    nowMs: NOON,
    ...change,
  });

const credential = (change: Change) => object('ClientCredential', change);
const ready = observed(pass());
const before = ready?.conditions ?? [];
const unavailable = fail('AlmUnavailable', 'ALM is away');
const away: readonly Condition[] = before.map((condition) =>
  condition.type === 'Synced'
    ? { ...condition, status: 'Unknown', lastTransitionTime: '2026-03-01T09:00:00Z' }
    : condition,
);
const suspend = { spec: { suspend: true } };

/** A failure of every kind, of an object that ALM has never held. */
const failures: readonly Situation[] = (Object.keys(FAILURES) as FailureReason[]).map((reason) => ({
  name: `held back by ${reason}`,
  object: credential({
    status: observed(pass({ failure: fail(reason, 'because'), pending: true, applied: undefined })),
  }),
  health: FAILURES[reason].kind === 'stalled' ? 'Degraded' : 'Progressing',
  message: 'because',
}));

const CREDENTIALS: readonly Situation[] = [
  { name: 'ready', object: credential({ status: ready }), health: 'Healthy', message: 'as declared' },
  {
    name: 'ready, with an older spec',
    object: credential({ metadata: { generation: GENERATION + 1 }, status: ready }),
    health: 'Progressing',
    message: 'generation',
  },
  {
    name: 'never looked at',
    object: credential({ status: { observedGeneration: -1 } }),
    health: 'Progressing',
  },
  {
    name: 'ready before it was made anew',
    object: credential({ status: { ...ready, observedGeneration: -1 } }),
    health: 'Progressing',
  },
  ...failures,
  {
    name: 'stalled, with an older spec',
    object: credential({
      metadata: { generation: GENERATION + 1 },
      status: observed(pass({ failure: fail('AccessDenied', 'no'), pending: true })),
    }),
    health: 'Progressing',
  },
  {
    name: 'ready, and a proof is under way',
    object: credential({ status: observed(pass({ proof: { said: 'verifying' } })) }),
    health: 'Progressing',
    message: 'login',
  },
  {
    name: 'ready, and ALM is away',
    object: credential({ status: observed(pass({ failure: unavailable, before })) }),
    health: 'Healthy',
  },
  {
    name: 'ready, and ALM has been away for three intervals',
    object: credential({ status: observed(pass({ failure: unavailable, before: away })) }),
    health: 'Progressing',
    message: 'ALM is away',
  },
  {
    name: 'changed, and ALM is away',
    object: credential({ status: observed(pass({ failure: unavailable, pending: true, before })) }),
    health: 'Progressing',
  },
  {
    name: 'suspended, and nothing waits',
    object: credential({ ...suspend, status: observed(pass({ suspended: true, before })) }),
    health: 'Suspended',
    message: 'no change waits',
  },
  {
    name: 'suspended, and a change waits',
    object: credential({ ...suspend, status: observed(pass({ suspended: true, pending: true, before })) }),
    health: 'Suspended',
    message: 'a change waits for its end',
  },
  {
    name: 'suspended a moment ago',
    object: credential({ ...suspend, metadata: { generation: GENERATION + 1 }, status: ready }),
    health: 'Suspended',
    message: 'spec.suspend is true',
  },
  {
    name: 'resumed a moment ago',
    object: credential({
      metadata: { generation: GENERATION + 1 },
      status: observed(pass({ suspended: true, before })),
    }),
    health: 'Progressing',
  },
  {
    name: 'suspend: false',
    object: credential({ spec: { suspend: false }, status: ready }),
    health: 'Healthy',
  },
  {
    name: 'ready, and being deleted',
    object: credential({ metadata: DELETED, status: ready }),
    health: 'Progressing',
    message: 'deleted',
  },
  {
    name: 'suspended, and being deleted',
    object: credential({ ...suspend, metadata: DELETED, status: ready }),
    health: 'Progressing',
    message: 'deleted',
  },
];

const connection = (change: Change) => object('AlmConnection', change);
const probed = (change: Partial<ConnectionView>): SituationObject['status'] =>
  observed(
    connectionFindings({
      probe: { got: 'loggedIn' },
      written: 'unknown',
      read: 'unknown',
      plainHttp: false,
      unverified: false,
      blindRules: false,
      before: [],
      generation: GENERATION,
      ...change,
    }),
  );

const CONNECTIONS: readonly Situation[] = [
  { name: 'connected', object: connection({ status: probed({}) }), health: 'Healthy', message: 'logged in' },
  {
    name: 'connected over plain http',
    object: connection({ status: probed({ plainHttp: true, written: 'shown' }) }),
    health: 'Healthy',
  },
  {
    name: 'connected, without the privilege',
    object: connection({ status: probed({ written: 'denied' }) }),
    health: 'Progressing',
    message: 'SECADMIN',
  },
  {
    name: 'not answering',
    object: connection({ status: probed({ probe: { got: 'unreached', failure: unavailable } }) }),
    health: 'Progressing',
    message: 'ALM is away',
  },
  {
    name: 'refusing the login',
    object: connection({
      status: probed({ probe: { got: 'notLoggedIn', failure: fail('Unauthorised', 'wrong password') } }),
    }),
    health: 'Progressing',
    message: 'wrong password',
  },
  {
    name: 'the second one to this endpoint',
    object: connection({
      status: probed({ probe: { got: 'unprepared', failure: fail('EndpointConflict', 'taken') } }),
    }),
    health: 'Degraded',
    message: 'taken',
  },
  {
    name: 'without its Secret',
    object: connection({
      status: probed({ probe: { got: 'unprepared', failure: fail('SecretNotFound', 'create it') } }),
    }),
    health: 'Progressing',
    message: 'create it',
  },
  {
    name: 'never looked at',
    object: connection({ status: { observedGeneration: -1 } }),
    health: 'Progressing',
  },
  {
    name: 'connected, with an older spec',
    object: connection({ metadata: { generation: GENERATION + 1 }, status: probed({}) }),
    health: 'Progressing',
  },
  {
    name: 'connected, and being deleted',
    object: connection({ metadata: { deletionTimestamp: DELETED.deletionTimestamp }, status: probed({}) }),
    health: 'Progressing',
  },
];

const claim = (phase: string, change: Change = {}) =>
  object('AlmClientClaim', { status: { observedGeneration: -1 }, ...change, spec: { phase } });
const owes = (reason: string, truth: Finding['status'] = 'False') =>
  observed([{ type: 'Revoked', status: truth, reason, message: `owed: ${reason}` }]);

/** kstatus reads no phases: as long as nobody had anything to say of a claim, it takes it for one that nobody saw. */
const CLAIMS: readonly Situation[] = [
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

/** What no operator of this version writes. kstatus takes what it does not know for good. */
function foreign(make: (change: Change) => SituationObject): readonly Situation[] {
  const word = (type: string, status: string) =>
    ({
      type,
      status,
      reason: 'Later',
      message: 'of a later version',
      lastTransitionTime: '2026-03-01T12:00:00Z',
    }) as Condition;
  const saying = (...conditions: readonly Condition[]) =>
    make({ status: { observedGeneration: GENERATION, conditions } });
  return [
    { name: 'no status', object: make({}), health: 'Progressing', apart: 'Current' },
    { name: 'no conditions', object: saying(), health: 'Progressing', apart: 'Current' },
    {
      name: 'an unknown truth',
      object: saying(word('Ready', 'Perhaps')),
      health: 'Progressing',
      apart: 'Current',
    },
    {
      name: 'an unknown condition',
      object: saying(word('Ready', 'True'), word('Polished', 'False')),
      health: 'Healthy',
    },
    {
      name: 'an unknown reason',
      object: saying(word('Stalled', 'True'), word('Ready', 'False')),
      health: 'Degraded',
    },
    {
      name: 'flags that are not up',
      object: saying(word('Stalled', 'False'), word('Reconciling', 'Unknown'), word('Ready', 'True')),
      health: 'Healthy',
    },
    { name: 'Ready, and nothing known', object: saying(word('Ready', 'Unknown')), health: 'Progressing' },
  ];
}

const named = (kind: string, rows: readonly Situation[]) =>
  rows.map((row) => ({ ...row, name: `${kind}: ${row.name}` }));

export const SITUATIONS: readonly Situation[] = [
  ...named('ClientCredential', [...CREDENTIALS, ...foreign(credential)]),
  ...named('AlmConnection', [...CONNECTIONS, ...foreign(connection)]),
  ...named('AlmClientClaim', CLAIMS),
];
