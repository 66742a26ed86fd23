import type { AlmConnection } from '../api/almconnection.ts';
import { findCondition } from '../kube/conditions.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Log } from '../kube/log.ts';
import type { Condition } from '../kube/types.ts';

/** Tells when what Ready says of a connection is another than before. */
export function announce(
  { apiVersion, kind, metadata: { name, namespace, uid } }: AlmConnection,
  before: readonly Condition[] | undefined,
  after: readonly Condition[] | undefined,
  { events, log }: Readonly<{ events: Pick<EventRecorder, 'emit'>; log: Log }>,
): void {
  const was = findCondition(before, 'Ready');
  const is = findCondition(after, 'Ready');
  if (is === undefined || (was?.reason === is.reason && was.status === is.status)) return;
  const { status: ready, reason, message: note } = is;
  log[ready === 'True' ? 'info' : 'warn']({ ready, reason, note }, 'connection changed');
  const type = ready === 'True' ? 'Normal' : 'Warning';
  events.emit({ regarding: { apiVersion, kind, namespace, name, uid }, type, reason, action: 'Probe', note });
}
