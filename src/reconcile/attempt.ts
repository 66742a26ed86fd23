import type { AlmClientClaim } from '../api/almclientclaim.ts';
import { CLIENT_CREDENTIALS, type ClientCredential } from '../api/clientcredential.ts';
import { FINALIZER } from '../api/group.ts';
import type { Standing } from '../domain/ownership.ts';
import {
  type Answer,
  climb,
  type End,
  type Move,
  type Rung,
  type SecretVersion,
  type Why,
} from '../domain/plan.ts';
import type { FullRecord } from '../domain/record.ts';
import { KubeError } from '../kube/client.ts';
import { findCondition } from '../kube/conditions.ts';
import { finalizerAddition } from '../kube/finalizer.ts';
import { EdgeError, type Failure } from '../kube/outcome.ts';
import { claimOf, dueFor, standing, statusOf, takenElsewhere, type Wish } from './assess.ts';
import type { CredentialDeps } from './deps.ts';
import { type ReadSecret, readSecret } from './secrets.ts';
import type { UsableSession } from './sessions.ts';

/**
 * The second half of a pass: everything that decides or writes, on live reads. The order is the contract: Secret,
 * finalizer (or a live read of the object), claim, ALM. A crash between any two steps loses nothing.
 */

export type Attempt =
  /** Somebody wrote to the object since it was stored: look again, at this. */
  | Readonly<{ result: 'stale'; live: ClientCredential }>
  /** Another key's pass works on the claim; its end wakes this key. */
  | Readonly<{ result: 'parked' }>
  /** The object or the claim changed hands a moment ago: look again soon. */
  | Readonly<{ result: 'lost' }>
  | Readonly<{
      result: 'failed';
      live: ClientCredential;
      failure: Failure;
      /** Undefined where the pass stopped before it could tell. */
      why?: readonly Why[];
      warning: string | null | undefined;
    }>
  | Readonly<{
      result: 'done';
      live: ClientCredential;
      end: Exclude<End, { end: 'failed' }>;
      why: readonly Why[];
      secret: SecretVersion;
      warning: string | null;
    }>;

export async function attempt(
  credential: ClientCredential,
  wish: Wish,
  session: UsableSession,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Attempt> {
  const read = await readSecret(deps.secretReader, wish.secret, signal);
  if ('reason' in read) return { result: 'failed', live: credential, failure: read, warning: undefined };
  const live = await hold(credential, deps, signal);
  if (live === 'gone') return { result: 'lost' };
  if (movedOn(credential, live)) return { result: 'stale', live };
  const { name, namespace } = wish.self;
  using turn = deps.claimQueue.enter(wish.claim, `${namespace}/${name}`);
  if (turn === undefined) return { result: 'parked' };
  return await write(live, read, { wish, session, deps, signal });
}

type Turn = Readonly<{ wish: Wish; session: UsableSession; deps: CredentialDeps; signal: AbortSignal }>;

/** From here on the pass has the claim to itself. */
async function write(
  live: ClientCredential,
  { version: secret, password: { value, warning } }: ReadSecret,
  turn: Turn,
): Promise<Attempt> {
  const { wish, session, deps, signal } = turn;
  const owned = await ownAlone(wish, deps, signal);
  if (owned === undefined) return { result: 'lost' };
  if ('failure' in owned) return { result: 'failed', live, failure: owned.failure, why: ['claim'], warning };
  const { claim, start } = owned;
  // What this object once sent says nothing of a client that another has had since.
  const held = start.from === 'ours' && !owned.tookOver;
  const why = dueFor(wish, live, { secret, held }, deps);
  if (why.length === 0 && start.from === 'ours') {
    return { result: 'done', live, end: { end: 'unchanged', origin: start.origin }, why, secret, warning };
  }
  const rung: Rung = {
    want: wish.want,
    start,
    policy: wish.policy,
    readable: session.readable,
    onlyCheck: why.every((reason) => reason === 'resync'),
    isProtected: wish.isProtected,
    applied: statusOf(live).applied !== undefined,
    contested: isContested(live, deps),
  };
  const end = await drive(rung, { ...turn, claim, record: { ...wish.want, clientSecret: value } });
  if (end.end === 'failed') {
    const { failure, disproved } = end;
    return { result: 'failed', live, failure, why: disproved ? [...why, 'drift'] : why, warning };
  }
  return { result: 'done', live, end, why, secret, warning };
}

/** Also what an earlier process found out: its status says so. */
function isContested(live: ClientCredential, { drifts }: CredentialDeps): boolean {
  const said = findCondition(statusOf(live).conditions, 'Synced')?.reason === 'Contested';
  return said || drifts.isContested(live.metadata.uid);
}

/** The finalizer first, so that a deletion from here on is ours to finish; where it is there, one live read. */
export async function hold(
  { metadata }: ClientCredential,
  { kube, credentials, operatorNamespace }: CredentialDeps,
  signal: AbortSignal,
): Promise<ClientCredential | 'gone'> {
  const { name, namespace = operatorNamespace, uid } = metadata;
  const ref = { namespace, name };
  const remember = (object: ClientCredential) => {
    credentials.upsertIfNewer(object);
    return object.metadata.uid === uid ? object : 'gone';
  };
  const addition = finalizerAddition(metadata, FINALIZER);
  if (addition !== undefined) {
    try {
      return remember(await kube.patch<ClientCredential>(CLIENT_CREDENTIALS, ref, addition, signal));
    } catch (error) {
      // Another object, other finalizers, or on its way out: a look at it tells.
      if (!(error instanceof KubeError) || error.status !== 422) throw error;
    }
  }
  return remember(await kube.get<ClientCredential>(CLIENT_CREDENTIALS, ref, signal));
}

/** Labels may change under a pass; the spec, the end of the object and our finalizer may not. */
export function movedOn(seen: ClientCredential, live: ClientCredential): boolean {
  return (
    live.metadata.generation !== seen.metadata.generation ||
    live.metadata.deletionTimestamp !== undefined ||
    !live.metadata.finalizers?.includes(FINALIZER)
  );
}

type Owned =
  | Readonly<{ claim: AlmClientClaim; start: Rung['start']; tookOver: boolean }>
  | Readonly<{ failure: Failure }>;

/**
 * Two connections may lead to one ALM for a moment, and their claims differ in name: of two passes that look for the
 * other's claim after they have written their own, one sees it at least, and yields.
 */
async function ownAlone(wish: Wish, deps: CredentialDeps, signal: AbortSignal): Promise<Owned | undefined> {
  const owned = await own(wish, deps, signal);
  if (owned === undefined || 'failure' in owned) return owned;
  const { claim, start, tookOver } = owned;
  const failure = start.from === 'ours' && !tookOver ? undefined : takenElsewhere(wish, deps);
  if (failure === undefined) return owned;
  if (start.from !== 'first') return { failure };
  await deps.claimWriter.remove(claim, signal);
  return undefined;
}

/** The claim, read or written live; undefined where somebody else was faster and is gone again. */
async function own(wish: Wish, deps: CredentialDeps, signal: AbortSignal): Promise<Owned | undefined> {
  const known = claimOf(wish, deps) && (await deps.claimWriter.read(wish.claim, signal));
  const found = standing(wish, known);
  if (known === undefined || found.standing === 'free') return claimAnew(wish, deps, signal);
  switch (found.standing) {
    case 'ours':
      return { claim: known, start: { from: 'ours', origin: found.origin }, tookOver: false };
    case 'attempted':
      return { claim: known, start: { from: 'attempted' }, tookOver: false };
    case 'refused':
      deps.claimQueue.wait(wish.claim, `${wish.self.namespace}/${wish.self.name}`);
      return { failure: found.failure };
    case 'takeOver':
      return takeOver(known, found, wish, deps, signal);
  }
}

async function claimAnew(wish: Wish, deps: CredentialDeps, signal: AbortSignal): Promise<Owned | undefined> {
  const { connection, endpoint, want, self, claim: name } = wish;
  const view = { connection, endpoint, clientId: want.clientId, owner: self, phase: 'Pending' };
  const claim = await deps.claimWriter.create(name, view, signal);
  if (claim !== undefined) return { claim, start: { from: 'first' }, tookOver: false };
  const winner = await deps.claimWriter.read(name, signal);
  const found = standing(wish, winner);
  if (found.standing !== 'refused') return undefined;
  deps.claimQueue.wait(name, `${self.namespace}/${self.name}`);
  return { failure: found.failure };
}

async function takeOver(
  claim: AlmClientClaim,
  found: Extract<Standing, { standing: 'takeOver' }>,
  { endpoint, self, want }: Wish,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Owned> {
  const taker = { owner: self, endpoint, clientId: want.clientId };
  if (found.as === 'Pending') {
    const taken = await deps.claimWriter.change(claim, { ...taker, phase: 'Pending', origin: null }, signal);
    return { claim: taken, start: { from: 'attempted' }, tookOver: true };
  }
  const { origin } = found;
  const taken = await deps.claimWriter.change(claim, { ...taker, phase: 'Held', origin }, signal);
  return { claim: taken, start: { from: 'ours', origin }, tookOver: true };
}

type Drive = Turn & Readonly<{ record: FullRecord; claim: AlmClientClaim }>;

/** The one place where a move becomes a request. What an edge could not do ends the climb; the claim keeps the attempt. */
async function drive(rung: Rung, drive: Drive): Promise<End> {
  const ladder = climb(rung);
  let step = ladder.next();
  let isHeld = rung.start.from !== 'first';
  try {
    while (!step.done) {
      isHeld ||= step.value.do === 'hold';
      step = ladder.next(await act(step.value, drive));
    }
    return step.value;
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
    // An attempt that certainly reached nobody is none: a claim that stays Pending misses an answer.
    const untaken = error.failure.untaken === true || (!step.done && step.value.do === 'read');
    if (untaken && !isHeld) await act({ do: 'drop' }, drive);
    const disproved = !step.done && 'disproved' in step.value;
    return { end: 'failed', failure: error.failure, ...(disproved && { disproved }) };
  }
}

async function act(move: Move, { wish, record, claim, session, deps, signal }: Drive): Promise<Answer> {
  const { client } = session;
  const { clientId } = record;
  deps.log.debug({ clientId, connection: wish.connection, move: move.do }, 'next move');
  switch (move.do) {
    case 'read':
      return client.read(clientId, signal);
    case 'post':
      return client.create(record, signal);
    case 'put':
      return client.update(record, signal);
    case 'prove':
      return { answer: 'proof', proof: await client.prove(clientId, record.clientSecret, signal) };
    case 'hold':
      await deps.claimWriter.change(claim, { phase: 'Held', origin: move.origin }, signal);
      return { answer: 'done' };
    case 'drop':
      await deps.claimWriter.remove(claim, signal);
      return { answer: 'done' };
  }
}
