import type { AlmClientClaim } from '../api/almclientclaim.ts';
import type { ClientCredential } from '../api/clientcredential.ts';
import { canonicalEndpoint } from '../domain/connection.ts';
import { DEFAULT_SECRET_KEY } from '../domain/desired.ts';
import { type ClaimView, claimName } from '../domain/ownership.ts';
import { fail } from '../domain/reasons.ts';
import type { AlmClient } from '../domain/record.ts';
import {
  type RevokeAnswer,
  type RevokeEnd,
  type RevokeMove,
  revoke,
  settle,
  tokenRefused,
} from '../domain/revoke.ts';
import { EdgeError, type Failure } from '../kube/outcome.ts';
import { keyOf } from '../kube/types.ts';
import type { Sensitive } from '../sensitive.ts';
import type { ClaimDeps } from './claimdeps.ts';
import { STAGED_KEY } from './generated.ts';
import { connectionNamed, specOf } from './lookup.ts';
import { readSecret } from './secrets.ts';
import type { UsableSession } from './sessions.ts';
import { textAt } from './wakes.ts';

/** The part of a claim's pass that speaks to ALM. */

/** Where a client can be revoked, and how. */
export type Place = Readonly<{ session: UsableSession; mayDelete: boolean }>;

/** Undefined until the connection was probed for the first time: nothing is known or said. */
export function placeOf(view: ClaimView, deps: ClaimDeps): Place | Failure | undefined {
  const { connection: name, clientId, endpoint } = view;
  const leave = 'or delete this claim to leave the client as it is';
  const connection = connectionNamed(name, deps);
  if (connection === undefined || connection.metadata.deletionTimestamp !== undefined) {
    const where = `AlmConnection ${name} does not exist in namespace ${deps.operatorNamespace}`;
    return fail(
      'ConnectionNotFound',
      `${where}, so that client ${clientId} cannot be revoked; create it again, ${leave}`,
    );
  }
  const spec = specOf(connection);
  if (spec !== undefined && canonicalEndpoint(spec.endpoint) !== endpoint) {
    return fail(
      'ConnectionMoved',
      `AlmConnection ${name} leads to another ALM than ${endpoint}, where client ${clientId} is to be revoked; let it ` +
        `lead there again, ${leave}`,
    );
  }
  const session = deps.sessions.of(name);
  if (spec !== undefined && session === undefined) return undefined;
  if (spec === undefined || session?.usable !== true || session.endpoint !== endpoint) {
    return fail(
      'ConnectionNotReady',
      `AlmConnection ${name} is not ready, so that client ${clientId} cannot be revoked; its own conditions say why`,
    );
  }
  return { session, mayDelete: spec.api?.delete === 'Enabled' };
}

/** How long a login with the secret of an overwrite may be refused: replicas and caches of ALM take their time. */
const WINDOW_MS = 30_000;
export const AGAIN_MS = 2_000;

/** Of what overwrites the secret of a revoked client; nobody ever sees it. */
const THROW_AWAY_LENGTH = 64;

type Overwrite = Readonly<{ secret: Sensitive; takenAtMs: number }>;

/** Secrets of overwrites between PUT and proof, by uid of the claim. A restart forgets them, and overwrites anew. */
export class Overwrites {
  readonly #unproved = new Map<string, Overwrite>();

  keep(uid: string, overwrite: Overwrite): void {
    this.#unproved.set(uid, overwrite);
  }

  /** Hands the secret out and forgets it; nothing once the window is over. */
  take(uid: string, nowMs: number): Overwrite | undefined {
    const found = this.#unproved.get(uid);
    this.#unproved.delete(uid);
    return found !== undefined && isOpen(found, nowMs) ? found : undefined;
  }
}

function isOpen({ takenAtMs }: Overwrite, nowMs: number): boolean {
  return nowMs >= takenAtMs && nowMs - takenAtMs <= WINDOW_MS;
}

/** `verifying`: the same secret is tried again in a moment. */
export type Paid = Exclude<RevokeEnd, { end: 'unproved' }> | Readonly<{ end: 'verifying' }>;

export async function pay(
  { metadata }: AlmClientClaim,
  clientId: string,
  { session, mayDelete }: Place,
  overwrites: Overwrites,
  deps: ClaimDeps,
  signal: AbortSignal,
): Promise<Paid> {
  const { uid, name } = metadata;
  const { readable } = session;
  const kept = overwrites.take(uid, deps.now());
  const debt = {
    clientId,
    readable,
    mayDelete,
    overwritten: kept?.secret,
    newSecret: () => deps.newSecret(THROW_AWAY_LENGTH),
  };
  const found = await drive(revoke(debt), clientId, session.client, signal, (move) =>
    deps.log.debug({ claim: name, move }, 'next move of a revocation'),
  );
  if (!('end' in found)) return { end: 'failed', failure: found };
  if (found.end !== 'unproved') return found;
  const overwrite = kept ?? { secret: found.secret, takenAtMs: deps.now() };
  if (!isOpen(overwrite, deps.now() + AGAIN_MS)) return { end: 'failed', failure: tokenRefused(clientId) };
  overwrites.keep(uid, overwrite);
  return { end: 'verifying' };
}

/** Whose client it is that a creation without an answer may have made. Failure: could not be asked. */
export async function settleAttempt(
  { clientId, connection }: ClaimView,
  owner: ClientCredential | undefined,
  { session }: Place,
  deps: ClaimDeps,
  signal: AbortSignal,
): Promise<'ours' | 'gone' | 'unknown' | Failure> {
  const ownSecret = owner && (await secretOf(owner, claimName(connection, clientId), deps, signal));
  const attempt = settle({ readable: session.readable, ownSecret });
  return drive(attempt, clientId, session.client, signal, (move) =>
    deps.log.debug({ clientId, move }, 'next move of settling an attempt'),
  );
}

/** The object that the claim was made for, while it is there, or as it was when it went. */
export function ownerOf({ owner }: ClaimView, deps: ClaimDeps): ClientCredential | undefined {
  const credential = deps.credentials.get(keyOf({ namespace: owner.namespace, name: owner.name }));
  return credential?.metadata.uid === owner.uid ? credential : deps.departures.get(owner.uid);
}

/** What the object sent: the password that it names, or the one that is staged for it. */
async function secretOf(
  { metadata, spec }: ClientCredential,
  claim: string,
  { secretReader, operatorNamespace }: ClaimDeps,
  signal: AbortSignal,
): Promise<Sensitive | undefined> {
  const { namespace = operatorNamespace } = metadata;
  const name = textAt(spec, 'clientSecretRef', 'name');
  const key = textAt(spec, 'clientSecretRef', 'key') ?? DEFAULT_SECRET_KEY;
  const where =
    name === undefined
      ? { namespace: operatorNamespace, name: claim, key: STAGED_KEY }
      : { namespace, name, key };
  const read = await readSecret(secretReader, where, signal);
  return 'password' in read ? read.password.value : undefined;
}

/** The one place where a move becomes a request. What the edge could not do ends it. */
async function drive<T>(
  moves: Generator<RevokeMove, T, RevokeAnswer>,
  clientId: string,
  client: AlmClient,
  signal: AbortSignal,
  note: (move: RevokeMove['do']) => void,
): Promise<T | Failure> {
  try {
    let step = moves.next();
    while (!step.done) {
      note(step.value.do);
      step = moves.next(await act(step.value, clientId, client, signal));
    }
    return step.value;
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
    return error.failure;
  }
}

async function act(
  move: RevokeMove,
  clientId: string,
  client: AlmClient,
  signal: AbortSignal,
): Promise<RevokeAnswer> {
  switch (move.do) {
    case 'delete':
      return client.remove(clientId, signal);
    case 'read':
      return client.read(clientId, signal);
    case 'put':
      return client.update(move.record, signal);
    case 'prove':
      return { answer: 'proof', proof: await client.prove(clientId, move.secret, signal) };
  }
}
