import type { Failure } from '../kube/outcome.ts';
import type { CredentialDeps } from './deps.ts';

/** What may be the connection's fault is for the connection to find out. */
const SUSPICIOUS: ReadonlySet<string> = new Set([
  'AlmUnavailable',
  'EndpointNotFound',
  'MalformedAnswer',
  'OutcomeUnknown',
  'TlsError',
  'Unauthorised',
]);

type Client = Readonly<{ connection: string; clientId: string }>;
type Deps = Pick<CredentialDeps, 'sessions' | 'probe' | 'throttles'>;

/** A call about the client failed. */
export function noteFailure(failure: Failure, client: Client, deps: Deps): void {
  const { connection, clientId } = client;
  const { reason } = failure;
  // Whoever waits for a login that tells whose a client is has had its answers.
  if (reason === 'OutcomeUnknown' && failure.retryAfterMs !== undefined) return;
  const inMs = lookIn(reason, client, deps);
  if (reason === 'RateLimited') deps.throttles.of(connection).putOff(clientId);
  if (inMs === undefined) return;
  deps.sessions.suspect(connection);
  deps.probe(connection, inMs);
}

/** When the connection is to be looked at for it; undefined where that would tell nothing, or comes anyway. */
function lookIn(reason: string, { connection, clientId }: Client, deps: Deps): number | undefined {
  const throttle = deps.throttles.of(connection);
  if (reason === 'PrivilegeMissing') return powerless(connection, clientId, deps);
  if (!SUSPICIOUS.has(reason)) return undefined;
  const { breaker } = throttle.view();
  throttle.failed(clientId);
  if (breaker === 'closed') return throttle.doubts.by(clientId) ? 0 : undefined;
  // While trials are made they tell what there is to tell, but whether the login is at fault shows the connection alone.
  const isDenied = reason === 'Unauthorised' && deps.sessions.of(connection)?.usable === true;
  return isDenied ? throttle.doubts.look() : undefined;
}

/** How long after a login that did not help the next one is tried at the earliest. */
const SOON_MS = 1_000;

/** A token has the privileges of its login: only a new one shows a role that was given since. */
function powerless(connection: string, clientId: string, { sessions, throttles }: Deps): number | undefined {
  const throttle = throttles.of(connection);
  throttle.answered(clientId);
  sessions.noteWrite(connection, clientId, 'denied');
  return sessions.written(connection) === 'denied' ? throttle.doubts.look(SOON_MS) : undefined;
}
