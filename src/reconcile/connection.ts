import type { AlmClientOptions } from '../alm/options.ts';
import type { Throttles } from '../alm/throttles.ts';
import {
  ALM_CONNECTIONS,
  type AlmConnection,
  type ConnectionSpec,
  type ConnectionStatus,
  connectionSpec,
  connectionStatus,
} from '../api/almconnection.ts';
import { parseSpec, parseStatus } from '../api/parse.ts';
import { canonicalEndpoint, connectionFindings, type Privilege, type Probe } from '../domain/connection.ts';
import { fail } from '../domain/reasons.ts';
import type { AlmClient } from '../domain/record.ts';
import { jitterMs } from '../kube/backoff.ts';
import type { KubeClient } from '../kube/client.ts';
import { stamp } from '../kube/conditions.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Log } from '../kube/log.ts';
import { EdgeError, type Failure, type Outcome } from '../kube/outcome.ts';
import type { StoreReader, StoreWriter } from '../kube/store.ts';
import { type ObjectKey, refOf } from '../kube/types.ts';
import { announce } from './connectionnews.ts';
import { BY_ENDPOINT } from './deps.ts';
import { type Prepared, prepare } from './login.ts';
import type { SecretReader } from './secrets.ts';
import type { Sessions } from './sessions.ts';
import { writeStatus } from './status.ts';
import { limitsOf } from './turn.ts';

/** One pass for an AlmConnection: prepare its client, log in, find out what this ALM offers, say so. */

export type ConnectionDeps = Readonly<{
  kube: KubeClient;
  connections: StoreReader<AlmConnection> & Pick<StoreWriter<AlmConnection>, 'upsertIfNewer'>;
  secretReader: SecretReader;
  sessions: Sessions;
  throttles: Throttles;
  createClient: (options: Omit<AlmClientOptions, 'now' | 'proxy'>, connection: string) => AlmClient;
  /** Called after every probe, and when a connection is gone, so that credentials that waited for it look again. */
  probed: (connection: string) => void;
  resyncIntervalMs: number;
  /** False where named namespaces are watched: then rules with a selector match nothing. */
  seesNamespaces: boolean;
  events: Pick<EventRecorder, 'emit'>;
  log: Log;
  now: () => number;
  random: () => number;
}>;

type Kept = Readonly<{ client: AlmClient; version: string }>;

export function connectionReconciler(deps: ConnectionDeps) {
  const clients = new Map<string, Kept>();

  return async (key: ObjectKey, signal: AbortSignal): Promise<Outcome> => {
    const connection = deps.connections.get(key);
    const { name } = refOf(key);
    if (connection === undefined || connection.metadata.deletionTimestamp !== undefined) {
      deps.sessions.remove(name);
      deps.throttles.remove(name);
      deps.probed(name);
      await clients.get(name)?.client.close();
      clients.delete(name);
      return { then: 'forget' };
    }
    const found = await look(connection, clients, deps, signal);
    deps.log.debug({ got: found.probe.got, readable: found.readable }, 'connection probed');
    await report(connection, found, deps, signal);
    deps.probed(name);
    return outcomeOf(found, deps);
  };
}

type Found = Readonly<{
  probe: Probe;
  read: Privilege;
  readable: boolean | undefined;
  spec: ConnectionSpec | undefined;
  /** ALM asked for patience, so that nothing was asked. */
  restingMs?: number;
}>;

async function look(
  connection: AlmConnection,
  clients: Map<string, Kept>,
  deps: ConnectionDeps,
  signal: AbortSignal,
): Promise<Found> {
  const { name } = connection.metadata;
  const parsed = parseSpec(connectionSpec, connection.spec);
  if (!parsed.ok) {
    return unusable(name, undefined, fail('InvalidSpec', `${parsed.field} ${parsed.problem}`), deps);
  }
  const spec = parsed.value;
  const older = olderAt(canonicalEndpoint(spec.endpoint), connection, deps);
  if (older !== undefined) return unusable(name, spec, conflictWith(older), deps);
  const prepared = await prepare(spec, deps.secretReader, signal);
  if ('reason' in prepared) return unusable(name, spec, prepared, deps);
  const throttle = deps.throttles.of(name);
  throttle.configure(limitsOf(spec));
  const made = await clientFor(name, prepared, clients, deps);
  if (!made.ok) return unusable(name, spec, made.failure, deps);
  const { client } = made;
  if (made.isNew) throttle.renew();
  const known = parseStatus(connectionStatus, connection.status).capabilities?.read;
  const wasUsable = deps.sessions.of(name)?.usable === true;
  const { restingMs } = throttle;
  if (wasUsable && restingMs > 0)
    return { probe: { got: 'loggedIn' }, read: 'unknown', readable: known, spec, restingMs };
  const fresh = made.isNew || deps.sessions.needsLogin(name);
  const probe: Probe = fresh ? await logIn(client, signal) : { got: 'loggedIn' };
  const reading =
    probe.got === 'loggedIn'
      ? await tryReading(name, spec, client, deps, signal)
      : { read: 'unknown' as const };
  const readable = 'readable' in reading ? reading.readable : known;
  const endpoint = canonicalEndpoint(spec.endpoint);
  const usable = probe.got === 'loggedIn';
  if (usable && !wasUsable) throttle.hasten();
  deps.sessions.set(name, usable ? { usable, client, endpoint, readable: readable ?? false } : { usable });
  return { probe, read: reading.read, readable, spec };
}

/** Two connections to one ALM would each believe that the clients of the other are nobody's. The oldest counts. */
function olderAt(
  endpoint: string,
  { metadata }: AlmConnection,
  { connections }: ConnectionDeps,
): AlmConnection | undefined {
  const age = ({ creationTimestamp = '', name }: AlmConnection['metadata']) => `${creationTimestamp} ${name}`;
  return connections
    .byIndex(BY_ENDPOINT, endpoint)
    .filter((other) => other.metadata.deletionTimestamp === undefined)
    .find((other) => other.metadata.name !== metadata.name && age(other.metadata) < age(metadata));
}

function conflictWith({ metadata }: AlmConnection): Failure {
  return fail(
    'EndpointConflict',
    `AlmConnection ${metadata.name} is older and leads to the same endpoint; use that one, or correct the endpoint`,
  );
}

/** Nothing could be sent; credentials that come meanwhile wait for a connection that is ready. */
function unusable(
  name: string,
  spec: ConnectionSpec | undefined,
  failure: Failure,
  deps: ConnectionDeps,
): Found {
  deps.sessions.set(name, { usable: false });
  return { probe: { got: 'unprepared', failure }, read: 'unknown', readable: undefined, spec };
}

type Made =
  | Readonly<{ ok: true; client: AlmClient; isNew: boolean }>
  | Readonly<{ ok: false; failure: Failure }>;

/** The kept client where nothing changed. A failure where spec or certificates cannot give a connection. */
async function clientFor(
  name: string,
  { options, version }: Prepared,
  clients: Map<string, Kept>,
  deps: ConnectionDeps,
): Promise<Made> {
  const kept = clients.get(name);
  if (kept?.version === version) return { ok: true, client: kept.client, isNew: false };
  try {
    const client = deps.createClient({ ...options, pace: deps.throttles.of(name) }, name);
    clients.set(name, { client, version });
    await kept?.client.close();
    return { ok: true, client, isNew: true };
  } catch (error) {
    if (error instanceof EdgeError) return { ok: false, failure: error.failure };
    throw error;
  }
}

async function logIn(client: AlmClient, signal: AbortSignal): Promise<Probe> {
  try {
    await client.login(signal);
    return { got: 'loggedIn' };
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
    const { failure } = error;
    return { got: failure.reason === 'Unauthorised' ? 'notLoggedIn' : 'unreached', failure };
  }
}

type Reading = Readonly<{ read: Privilege; readable?: boolean }>;

/**
 * Asks for a client that certainly exists: the operator's own, or, without a login, the first one that was written. A
 * record means readable. What ALM could not answer leaves the question open.
 */
async function tryReading(
  name: string,
  spec: ConnectionSpec,
  client: AlmClient,
  { sessions }: ConnectionDeps,
  signal: AbortSignal,
): Promise<Reading> {
  const setting = spec.api?.read ?? 'Auto';
  if (setting !== 'Auto') return { read: 'unknown', readable: setting === 'Enabled' };
  const login = spec.auth.clientCredentials ?? spec.auth.password;
  const existing = login?.clientId ?? sessions.writtenClient(name);
  if (existing === undefined) return { read: 'unknown' };
  try {
    const { answer } = await client.read(existing, signal);
    return answer === 'record' ? { read: 'shown', readable: true } : { read: 'unknown', readable: false };
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
    if (error.failure.reason === 'PrivilegeMissing') return { read: 'denied', readable: false };
    return error.failure.reason === 'EndpointNotFound'
      ? { read: 'unknown', readable: false }
      : { read: 'unknown' };
  }
}

async function report(
  connection: AlmConnection,
  { probe, read, readable, spec }: Found,
  deps: ConnectionDeps,
  signal: AbortSignal,
): Promise<void> {
  const { name, generation = 0 } = connection.metadata;
  const before = parseStatus(connectionStatus, connection.status);
  const findings = connectionFindings({
    probe,
    written: deps.sessions.written(name),
    read,
    plainHttp: spec?.endpoint.startsWith('http://') ?? false,
    unverified: spec?.tls?.insecureSkipVerify ?? false,
    blindRules:
      !deps.seesNamespaces && (spec?.access?.some(({ namespaces }) => 'selector' in namespaces) ?? false),
    before: before.conditions ?? [],
    generation,
  });
  const capabilities = readable === undefined ? before.capabilities : { read: readable };
  const status: ConnectionStatus = {
    observedGeneration: generation,
    conditions: stamp(findings, before.conditions ?? [], generation, new Date(deps.now())),
    ...(capabilities !== undefined && { capabilities }),
  };
  const written = await writeStatus(deps.kube, ALM_CONNECTIONS, connection, status, deps.connections, signal);
  if (written) announce(connection, before.conditions, status.conditions, deps);
}

function outcomeOf({ probe, restingMs }: Found, { resyncIntervalMs, random }: ConnectionDeps): Outcome {
  if (restingMs !== undefined) return { then: 'retryAfter', ms: restingMs };
  if (probe.got !== 'loggedIn' && probe.failure.kind === 'transient') {
    const { retryAfterMs } = probe.failure;
    return retryAfterMs === undefined ? { then: 'retry' } : { then: 'retryAfter', ms: retryAfterMs };
  }
  return resyncIntervalMs === 0
    ? { then: 'settle' }
    : { then: 'settle', resyncMs: jitterMs(resyncIntervalMs, random()) };
}
