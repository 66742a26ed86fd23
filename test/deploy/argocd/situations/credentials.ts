/** Clients as the operator leaves them, by its own verdicts. */

import { FAILURES, type FailureReason, fail } from '../../../../src/domain/reasons.ts';
import { findingsOf, type PassResult, type Standpoint } from '../../../../src/domain/verdict.ts';
import type { Finding } from '../../../../src/kube/conditions.ts';
import type { Condition } from '../../../../src/kube/types.ts';
import {
  type Change,
  DELETED,
  foreign,
  GENERATION,
  NOON,
  object,
  observed,
  type Situation,
} from './situation.ts';

const HOUR = 3_600_000;
const CREATED: Standpoint = { origin: 'Created', operation: 'Created' };

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

export const CREDENTIALS: readonly Situation[] = [
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
  ...foreign(credential),
];
