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

/** A call about the client failed. */
export function noteFailure(
  { reason }: Failure,
  { connection, clientId }: Client,
  { sessions, probe }: Pick<CredentialDeps, 'sessions' | 'probe'>,
): void {
  if (reason === 'PrivilegeMissing') sessions.noteWrite(connection, clientId, 'denied');
  // A token has the privileges of its login: only a new one shows a role that was given since.
  const isPowerless = reason === 'PrivilegeMissing' && sessions.written(connection) === 'denied';
  if (!isPowerless && !SUSPICIOUS.has(reason)) return;
  sessions.suspect(connection);
  probe(connection);
}
