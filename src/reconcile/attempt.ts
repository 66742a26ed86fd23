import type { AlmClientClaim } from '../api/almclientclaim.ts';
import { CLIENT_CREDENTIALS, type ClientCredential } from '../api/clientcredential.ts';
import { FINALIZER } from '../api/group.ts';
import type { SecretVersion, Why } from '../domain/due.ts';
import { type Answer, climb, type End, type Move, type Rung } from '../domain/plan.ts';
import { againAfter } from '../domain/proof.ts';
import type { FullRecord } from '../domain/record.ts';
import { KubeError } from '../kube/client.ts';
import { findCondition } from '../kube/conditions.ts';
import { finalizerAddition } from '../kube/finalizer.ts';
import { EdgeError, type Failure } from '../kube/outcome.ts';
import { dueFor, statusOf } from './assess.ts';
import type { CredentialDeps } from './deps.ts';
import type { Material } from './generated.ts';
import { ownAlone } from './own.ts';
import type { Publication } from './publication.ts';
import type { UsableSession } from './sessions.ts';
import { afterRefusal, materialFor, publishProved, type Source, sourceOf, startWith } from './source.ts';
import { noteFailure } from './suspicion.ts';
import { awaitsLogin, changesGrants, wasRefused } from './verification.ts';
import type { Wish } from './wish.ts';

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
      /** A generated secret was published in this pass. */
      publication?: Publication | undefined;
    }>;

export async function attempt(
  credential: ClientCredential,
  wish: Wish,
  session: UsableSession,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Attempt> {
  const source = await sourceOf(wish, statusOf(credential).applied?.secret, deps, signal);
  if ('reason' in source) return { result: 'failed', live: credential, failure: source, warning: undefined };
  const live = await hold(credential, deps, signal);
  if (live === 'gone') return { result: 'lost' };
  if (movedOn(credential, live)) return { result: 'stale', live };
  const { name, namespace } = wish.self;
  using turn = deps.claimQueue.enter(wish.claim, `${namespace}/${name}`);
  if (turn === undefined) return { result: 'parked' };
  return await write(live, source, { wish, session, deps, signal });
}

type Turn = Readonly<{ wish: Wish; session: UsableSession; deps: CredentialDeps; signal: AbortSignal }>;

/** From here on the pass has the claim to itself. */
async function write(live: ClientCredential, source: Source, turn: Turn): Promise<Attempt> {
  const { wish, deps, signal } = turn;
  const { warning } = source;
  const owned = await ownAlone(wish, deps, signal);
  if (owned === undefined) return { result: 'lost' };
  if ('failure' in owned) return { result: 'failed', live, failure: owned.failure, why: ['claim'], warning };
  const material = await materialFor(source, owned, wish, deps, signal);
  if ('reason' in material) return { result: 'failed', live, failure: material, warning };
  const { value, version: secret } = material;
  const start = startWith(material, owned.start);
  // What this object once sent says nothing of a client that another has had since.
  const held = start.from === 'ours' && !owned.tookOver;
  const why = dueFor(wish, live, { secret, held, staged: material.staged !== undefined }, deps);
  if (why.length === 0 && start.from === 'ours') {
    return { result: 'done', live, end: { end: 'unchanged', origin: start.origin }, why, secret, warning };
  }
  const patienceMs = start.from === 'attempted' ? patienceFor(owned.claim, turn) : undefined;
  const rung: Rung = { ...rungOf(live, start, why, material, turn), patienceMs };
  const record = { ...wish.want, clientSecret: value };
  const end = await drive(rung, { ...turn, claim: owned.claim, record });
  if (end.end === 'failed') {
    const failure = await afterRefusal(end.failure, source, material, wish, deps, signal);
    return { result: 'failed', live, failure, why: end.disproved ? [...why, 'drift'] : why, warning };
  }
  const publication = await publishProved(end, source, material, wish, deps, signal);
  if (publication !== undefined && 'reason' in publication)
    return { result: 'failed', live, failure: publication, why, warning };
  return { result: 'done', live, end, why, secret: publication?.version ?? secret, warning, publication };
}

function rungOf(
  live: ClientCredential,
  start: Rung['start'],
  why: readonly Why[],
  { version, staged }: Material,
  { wish, session, deps }: Turn,
): Omit<Rung, 'patienceMs'> {
  return {
    want: wish.want,
    start,
    policy: wish.generated?.replaces === false ? 'Never' : wish.policy,
    readable: session.readable,
    onlyCheck: why.every((reason) => reason === 'resync' || (reason === 'proof' && !awaitsLogin(live))),
    reasserts: why.every((reason) => reason === 'resync' || reason === 'proof'),
    isProtected: wish.isProtected,
    applied: statusOf(live).applied !== undefined,
    contested: isContested(live, deps),
    proves: wish.proves,
    verify: wish.proves && (staged !== undefined || why.some((reason) => isProvedBy(reason, live, wish))),
    onlyVerify:
      why.every((reason) => reason === 'proof' || reason === 'rotate') &&
      !wasRefused(live, wish, version, deps),
  };
}

/** As long as replicas of ALM may take to know of a creation whose answer is missing. */
function patienceFor({ metadata }: AlmClientClaim, { wish, deps }: Turn): number | undefined {
  return againAfter(deps.proofs.unansweredMs(wish.self.uid, metadata.uid));
}

/** What a login has to show that the client works for. */
function isProvedBy(reason: Why, live: ClientCredential, wish: Wish): boolean {
  if (reason === 'resync') return wish.provesAtResync;
  return PROVED.has(reason) || (reason === 'spec' && changesGrants(live, wish));
}

const PROVED: ReadonlySet<Why> = new Set(['claim', 'secret', 'endpoint', 'requested', 'proof']);

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
    case 'verify':
      return verify({ wish, record, session, deps, signal });
    case 'hold':
      await deps.claimWriter.change(claim, { phase: 'Held', origin: move.origin }, signal);
      return { answer: 'done' };
    case 'drop':
      await deps.claimWriter.remove(claim, signal);
      return { answer: 'done' };
  }
}

/** What ALM took it has taken, whatever becomes of the login. */
async function verify({ wish, record, session, deps, signal }: Omit<Drive, 'claim'>): Promise<Answer> {
  const { clientId, clientSecret } = record;
  try {
    return { answer: 'proof', proof: await session.client.prove(clientId, clientSecret, signal) };
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
    noteFailure(error.failure, { connection: wish.connection, clientId }, deps);
    return { answer: 'unreached' };
  }
}
