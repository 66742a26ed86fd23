import type { AlmConnection } from '../api/almconnection.ts';
import type { ClientCredential } from '../api/clientcredential.ts';
import type { Cause } from '../kube/store.ts';
import { type KubeObject, keyOf, refOf } from '../kube/types.ts';
import type { Workqueue } from '../kube/workqueue.ts';
import { viewOf } from './claims.ts';
import type { Departures } from './departures.ts';
import { BY_CLIENT, BY_CONNECTION, BY_ENDPOINT, BY_NAMESPACE, BY_OWNER, BY_SECRET } from './deps.ts';
import type { Sessions } from './sessions.ts';
import type { Stores } from './stores.ts';
import type { ClaimQueue } from './waiting.ts';
import {
  endpointOf,
  frees,
  isChanged,
  isHeldBy,
  isRestored,
  loginIdOf,
  namespaceChanged,
  releases,
  wakesItself,
} from './wakes.ts';

/** Whom a change of what wakes: the stores' listeners, joined to the queues. */

export type Queues = Readonly<{
  credentials: Workqueue;
  connections: Workqueue;
  claims: Workqueue;
}>;

export function connectWakes(
  stores: Stores,
  queues: Queues,
  claimQueue: ClaimQueue,
  departures: Departures,
): void {
  const wakeAll = (queue: Workqueue, objects: readonly KubeObject[]) => {
    for (const { metadata } of objects) queue.add(keyOf(metadata));
  };
  stores.credentials.onChange((key, before, after, cause) => {
    if (!wakesItself(before, after)) return;
    queues.credentials.add(key);
    noteDeparture(stores, departures, before, after, cause);
    for (const { metadata } of [before, after].filter((object) => object !== undefined)) {
      wakeAll(queues.claims, stores.claims.byIndex(BY_OWNER, metadata.uid));
    }
  });
  stores.secrets.onChange((key) => {
    wakeAll(queues.credentials, stores.credentials.byIndex(BY_SECRET, key));
    wakeAll(queues.connections, stores.connections.byIndex(BY_SECRET, key));
  });
  stores.connections.onChange((key, before, after) => {
    if (!isChanged(before, after)) return;
    queues.connections.add(key);
    wakeAll(queues.credentials, usersOf(refOf(key).name, [before, after], stores));
    wakeAll(queues.connections, neighboursOf([before, after], stores));
    wakeAll(queues.claims, stores.claims.byIndex(BY_CONNECTION, refOf(key).name));
  });
  stores.namespaces?.onChange((key, before, after) => {
    if (namespaceChanged(before, after))
      wakeAll(queues.credentials, stores.credentials.byIndex(BY_NAMESPACE, key));
  });
  stores.claims.onChange((key, before, after, cause) => {
    claimQueue.wake(refOf(key).name);
    if (before === undefined && cause !== 'own' && isRestored(after))
      queues.credentials.add(keyOf(viewOf(after).owner));
    // Its own status tells a claim nothing, and would cut every back-off short.
    if (isChanged(before, after)) queues.claims.add(key);
    if (releases(before, after)) queues.credentials.add(keyOf(viewOf(before).owner));
    // Those of other connections to the same ALM wait for it too.
    if (frees(before, after)) wakeAll(queues.credentials, declarersOf(viewOf(before).clientId, stores));
  });
}

/** A watch that tells of an object's end, although nobody released its claim, saw its finalizer taken away. */
function noteDeparture(
  { claims }: Stores,
  departures: Departures,
  before: ClientCredential | undefined,
  after: ClientCredential | undefined,
  cause: Cause,
): void {
  if (cause !== 'event' || before === undefined || before.metadata.uid === after?.metadata.uid) return;
  const { uid } = before.metadata;
  if (claims.byIndex(BY_OWNER, uid).some(isHeldBy)) departures.note(before);
  else departures.forget(uid);
}

type Two = readonly [AlmConnection | undefined, AlmConnection | undefined];

/** Who uses the connection, and who declares the client that it logs in as. */
function usersOf(name: string, both: Two, { credentials }: Stores): readonly ClientCredential[] {
  const logins = both.flatMap((connection) => loginIdOf(connection) ?? []);
  return [
    ...credentials.byIndex(BY_CONNECTION, name),
    ...logins.flatMap((id) => declarersOf(id, { credentials })),
  ];
}

function declarersOf(clientId: string, { credentials }: Pick<Stores, 'credentials'>) {
  return credentials.byIndex(BY_CLIENT, clientId.toLowerCase());
}

/** Other connections to the same ALM, of which only the oldest counts. */
function neighboursOf(both: Two, { connections }: Stores): readonly AlmConnection[] {
  return both.flatMap((connection) =>
    endpointOf(connection).flatMap((endpoint) => connections.byIndex(BY_ENDPOINT, endpoint)),
  );
}

/** After a probe: whoever uses the connection looks again where what can be done with it has changed. */
export function usersWaker(
  stores: Pick<Stores, 'credentials' | 'claims'>,
  sessions: Sessions,
  queues: Pick<Queues, 'credentials' | 'claims'>,
): (connection: string) => void {
  const before = new Map<string, string>();
  return (connection) => {
    const session = sessions.of(connection);
    const now = session?.usable ? `${session.endpoint} ${session.readable}` : 'unusable';
    if (before.get(connection) === now) return;
    before.set(connection, now);
    for (const { metadata } of stores.credentials.byIndex(BY_CONNECTION, connection))
      queues.credentials.add(keyOf(metadata));
    for (const { metadata } of stores.claims.byIndex(BY_CONNECTION, connection))
      queues.claims.add(keyOf(metadata));
  };
}
