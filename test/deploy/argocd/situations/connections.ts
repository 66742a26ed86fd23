/** Connections as the operator leaves them, by its own verdicts. */

import { type ConnectionView, connectionFindings } from '../../../../src/domain/connection.ts';
import { fail } from '../../../../src/domain/reasons.ts';
import {
  type Change,
  DELETED,
  foreign,
  GENERATION,
  object,
  observed,
  type Situation,
  type SituationObject,
} from './situation.ts';

const unavailable = fail('AlmUnavailable', 'ALM is away');
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

export const CONNECTIONS: readonly Situation[] = [
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
  ...foreign(connection),
];
