import type { Failure } from '../kube/outcome.ts';
import { type AdoptionPolicy, sameRecord } from './desired.ts';
import type { Origin } from './ownership.ts';
import { fail } from './reasons.ts';
import type { ClientRecord, Proof, ReadAnswer, WriteAnswer } from './record.ts';

/**
 * When ALM is to be asked or written, and the existence ladder: which request follows which answer.
 *
 *   first      (no attempt on record)    [read] → POST → 409 or refused → adoption policy: PUT once, or give up
 *   attempted  (an answer was lost)      prove by login → ours: PUT; otherwise as first
 *   ours                                 PUT → absent or refused → POST once → refused too: the PUT's answer stands
 *
 * The ladder is a generator: it yields the next move and is given its answer. Whoever drives it does the I/O; the
 * ladder itself has none.
 */

export type SecretVersion = Readonly<{ name: string; key: string; uid: string; resourceVersion: string }>;

/** What ALM answered last that it took. */
export type AppliedView = Readonly<{ record: ClientRecord; secret: SecretVersion; endpoint: string }>;

/** `drift`: ALM itself has shown, in this pass, that it holds something else. */
export type Why = 'claim' | 'spec' | 'secret' | 'endpoint' | 'requested' | 'resync' | 'drift';

export type Sight = Readonly<{
  want: ClientRecord;
  /** Undefined: not in the store. A live read then tells. */
  secret: SecretVersion | undefined;
  endpoint: string;
  applied: AppliedView | undefined;
  held: boolean;
  requested: boolean;
  resyncDue: boolean;
}>;

/** Why ALM is to be asked or written now; empty is the only meaning of "in sync". */
export function whyDue({
  want,
  secret,
  endpoint,
  applied,
  held,
  requested,
  resyncDue,
}: Sight): readonly Why[] {
  const why: Why[] = [];
  if (!held) why.push('claim');
  if (applied === undefined || !sameRecord(applied.record, want)) why.push('spec');
  if (applied === undefined || secret === undefined || !sameSecret(applied.secret, secret))
    why.push('secret');
  if (applied === undefined || applied.endpoint !== endpoint) why.push('endpoint');
  if (requested) why.push('requested');
  if (resyncDue) why.push('resync');
  return why;
}

/** True while ALM is not known to hold what is declared: a change is on its way, not merely a re-assertion. */
export function isPending(why: readonly Why[]): boolean {
  return why.some((reason) => reason !== 'requested' && reason !== 'resync');
}

function sameSecret(a: SecretVersion, b: SecretVersion): boolean {
  return a.name === b.name && a.key === b.key && a.uid === b.uid && a.resourceVersion === b.resourceVersion;
}

export type Rung = Readonly<{
  want: ClientRecord;
  start:
    | Readonly<{ from: 'first' }>
    | Readonly<{ from: 'attempted' }>
    | Readonly<{ from: 'ours'; origin: Origin }>;
  policy: AdoptionPolicy;
  /** This ALM answers GET. */
  readable: boolean;
  /** Only a resync is due: a readable ALM is asked first and written only on a difference. */
  onlyCheck: boolean;
  /** Protected ids are never taken for ours on a hint. */
  isProtected: boolean;
  /** Status tells of an earlier write, so that this one is an update. */
  applied: boolean;
  /** What resyncs repaired came back time and again: somebody else writes this client too. */
  contested: boolean;
}>;

/** `disproved`: by an answer before this move ALM does not hold what is declared. */
export type Move =
  | Readonly<{ do: 'read' | 'post' | 'put' | 'prove' | 'drop'; disproved?: true }>
  | Readonly<{ do: 'hold'; origin: Origin }>;

/** What a move came to. `done` answers `hold` and `drop`, whose failures end the pass. */
export type Answer =
  | WriteAnswer
  | ReadAnswer
  | Readonly<{ answer: 'proof'; proof: Proof }>
  | Readonly<{ answer: 'done' }>;

export type Operation = 'Created' | 'Adopted' | 'Updated' | 'Recreated';

/** `changed` is false where a write only re-asserted what ALM is believed to hold. `drift`: it repaired what was read. */
export type End =
  | Readonly<{ end: 'applied'; operation: Operation; origin: Origin; changed: boolean; drift: boolean }>
  | Readonly<{ end: 'unchanged'; origin: Origin }>
  | Readonly<{ end: 'failed'; failure: Failure; disproved?: true }>;

export type Ladder = Generator<Move, End, Answer>;

export function climb(rung: Rung): Ladder {
  switch (rung.start.from) {
    case 'first':
      return first(rung);
    case 'attempted':
      return attempted(rung);
    case 'ours':
      return ours(rung, rung.start.origin);
  }
}

function* first(rung: Rung): Ladder {
  const { want, policy, readable } = rung;
  if (readable) {
    const seen = yield { do: 'read' };
    if (seen.answer === 'record')
      return yield* policy === 'Never' ? giveUp(alreadyExists(want)) : adopt(rung);
  }
  if (policy === 'Required') return yield* adopt(rung);
  const posted = yield { do: 'post' };
  if (posted.answer === 'accepted') return yield* take(rung, 'Created', 'Created');
  if (posted.answer === 'exists')
    return yield* policy === 'Never' ? giveUp(alreadyExists(want)) : adopt(rung);
  // ALMs are known to say "exists" in other ways than 409; only consent makes that worth a PUT.
  const refusal = refused('creation', posted);
  return yield* policy === 'Never' ? giveUp(refusal) : adopt(rung, refusal);
}

/** One PUT, whose answer stands; but where nothing is there to adopt, the refusal of the creation is the cause. */
function* adopt(rung: Rung, creationRefused?: Failure): Ladder {
  const put = yield { do: 'put' };
  if (put.answer === 'accepted') return yield* take(rung, 'Adopted', 'Adopted');
  if (put.answer === 'absent') return yield* giveUp(creationRefused ?? notFound(rung.want));
  const failure = refused('update', put);
  return failure.kind === 'transient' ? { end: 'failed', failure } : yield* giveUp(failure);
}

/**
 * A login with the declared secret shows that the lost POST or PUT arrived. What it arrived at was made by this
 * attempt unless the object consents to adoption; then it counts as adopted, which is the side that revokes nothing.
 */
function* attempted(rung: Rung): Ladder {
  const tried = yield { do: 'prove' };
  if (tried.answer !== 'proof' || !showsOurs(tried.proof, rung)) return yield* first(rung);
  const origin: Origin = rung.policy === 'Never' ? 'Created' : 'Adopted';
  yield { do: 'hold', origin };
  return yield* ours({ ...rung, onlyCheck: false }, origin);
}

function showsOurs(proof: Proof, { want, isProtected }: Rung): boolean {
  if (want.authorisedGrantTypes.includes('client_credentials')) return proof === 'accepted';
  return proof === 'grantMissing' && !isProtected;
}

function* ours(rung: Rung, origin: Origin): Ladder {
  const seen = rung.readable && rung.onlyCheck ? yield { do: 'read' } : undefined;
  if (seen?.answer === 'record' && holdsWanted(seen.record, rung.want)) return { end: 'unchanged', origin };
  const drift = seen?.answer === 'record' || seen?.answer === 'absent';
  if (drift && rung.contested) return { end: 'failed', failure: contested(rung.want) };
  return yield* assert(rung, origin, drift);
}

function* assert(rung: Rung, origin: Origin, drift: boolean): Ladder {
  const disproved = drift ? ({ disproved: true } as const) : undefined;
  const put = yield { do: 'put', ...disproved };
  const changed = !rung.onlyCheck || drift;
  const operation = rung.applied ? 'Updated' : origin;
  if (put.answer === 'accepted')
    return yield* readBack(rung, { end: 'applied', operation, origin, changed, drift });
  const failure = put.answer === 'absent' ? notFound(rung.want) : refused('update', put);
  if (failure.kind === 'transient') return { end: 'failed', failure, ...disproved };
  const posted = yield { do: 'post', disproved: true };
  if (put.answer === 'absent' && posted.answer === 'exists')
    return { end: 'failed', failure: torn(rung.want), disproved: true };
  if (posted.answer !== 'accepted') return { end: 'failed', failure };
  const anew = rung.applied ? 'Recreated' : origin;
  return yield* readBack(rung, { end: 'applied', operation: anew, origin, changed: true, drift });
}

function* take(rung: Rung, origin: Origin, operation: Operation): Ladder {
  yield { do: 'hold', origin };
  return yield* readBack(rung, { end: 'applied', operation, origin, changed: true, drift: false });
}

function* readBack({ want, readable }: Rung, end: End): Ladder {
  if (!readable) return end;
  const seen = yield { do: 'read' };
  if (seen.answer === 'absent') return { end: 'failed', failure: torn(want), disproved: true };
  if (seen.answer !== 'record' || holdsWanted(seen.record, want)) return end;
  return { end: 'failed', failure: differs(want, seen.record) };
}

/** The edge has held the id to the one asked for. ALM may show it in another case than it is declared in. */
function holdsWanted(seen: ClientRecord, want: ClientRecord): boolean {
  return sameRecord({ ...seen, clientId: want.clientId }, want);
}

/** A definite "not ours": the attempt leaves no claim behind. */
function* giveUp(failure: Failure): Ladder {
  yield { do: 'drop' };
  return { end: 'failed', failure };
}

function alreadyExists({ clientId }: ClientRecord): Failure {
  return fail(
    'AlreadyExists',
    `ALM already has a client ${clientId} that this object did not create; set adoptionPolicy to IfExists to take ` +
      'it over, or choose another clientId',
  );
}

function notFound({ clientId }: ClientRecord): Failure {
  return fail(
    'NotFoundForUpdate',
    `ALM has no client ${clientId} to update; create it there, or set adoptionPolicy to IfExists or Never`,
  );
}

/** Neither answer can be believed alone: replicas of ALM that do not know yet what another was told. */
function torn({ clientId }: ClientRecord): Failure {
  return fail(
    'AlmUnavailable',
    `ALM says of client ${clientId} both that it exists and that it does not; its replicas seem to disagree for the moment`,
  );
}

function contested({ clientId }: ClientRecord): Failure {
  return fail(
    'Contested',
    `somebody else keeps changing client ${clientId} in ALM, so that it is no longer written at each resync; let one ` +
      'of the two go, then change this object or its annotation reconcile.fluxcd.io/requestedAt to write it again',
  );
}

/** A 500 to an update says nothing about the record; to a creation it is one of the ways in which ALM says no. */
function refused(verb: 'creation' | 'update', answer: Answer): Failure {
  const status = answer.answer === 'refused' ? answer.status : 409;
  if (verb === 'update' && status >= 500) {
    return fail('AlmUnavailable', `ALM answered ${status} to the update; see ALM's own log if it lasts`);
  }
  const quote = answer.answer === 'refused' && answer.quote !== undefined ? `: ${answer.quote}` : '';
  return fail(
    'RejectedByAlm',
    `ALM refused the ${verb} with ${status}${quote}; correct the spec or ask ALM's administrator`,
  );
}

function differs(want: ClientRecord, seen: ClientRecord): Failure {
  const fields = (
    ['authorisedGrantTypes', 'roles', 'accessTokenValidity', 'refreshTokenValidity'] as const
  ).filter((field) => !sameRecord(want, { ...want, [field]: seen[field] }));
  return fail(
    'RecordDiffers',
    `ALM accepted the client but reads back other values of ${fields.join(', ')}; ALM limits or rewrites them`,
  );
}
