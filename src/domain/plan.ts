import type { Failure } from '../kube/outcome.ts';
import { type AdoptionPolicy, sameRecord } from './desired.ts';
import type { Origin } from './ownership.ts';
import { fail } from './reasons.ts';
import type { ClientRecord, Proof, ReadAnswer, WriteAnswer } from './record.ts';

/**
 * The existence ladder: which request follows which answer.
 *
 *   first      (no attempt on record)    [read] → POST → 409 or refused → adoption policy: PUT once, or give up
 *   attempted  (an answer was lost)      prove by login → ours: PUT; otherwise as first
 *   ours                                 PUT → absent or refused → POST once → refused too: the PUT's answer stands
 *   then, where it is due                a login with the client's own secret
 *
 * The ladder is a generator: it yields the next move and is given its answer. Whoever drives it does the I/O; the
 * ladder itself has none.
 */

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
  /** Nothing is due that ALM is not believed to hold: a write changes nothing that anybody need know of. */
  reasserts: boolean;
  /** Protected ids are never taken for ours on a hint. */
  isProtected: boolean;
  /** Status tells of an earlier write, so that this one is an update. */
  applied: boolean;
  /** What resyncs repaired came back time and again: somebody else writes this client too. */
  contested: boolean;
  /** A login can show that the client works, and is wanted. */
  proves: boolean;
  /** After what this pass does, one is due. */
  verify: boolean;
  /** ALM took the record a moment ago: only the login is tried once more. */
  onlyVerify: boolean;
  /**
   * Of an attempt whose answer was lost: how many milliseconds to wait before another login is tried, because a refused
   * one may come from a replica that does not know of it yet. Undefined: it has had its time.
   */
  patienceMs: number | undefined;
}>;

/** `disproved`: by an answer before this move ALM does not hold what is declared. */
export type Move =
  | Readonly<{ do: 'read' | 'post' | 'put' | 'prove' | 'verify' | 'drop'; disproved?: true }>
  | Readonly<{ do: 'hold'; origin: Origin }>;

/** What a move came to. `done` answers `hold` and `drop`, whose failures end the pass. */
export type Answer =
  | WriteAnswer
  | ReadAnswer
  | Readonly<{ answer: 'proof'; proof: Proof }>
  /** Answers `verify` where nobody did: what was written stays written. */
  | Readonly<{ answer: 'unreached' }>
  | Readonly<{ answer: 'done' }>;

export type Operation = 'Created' | 'Adopted' | 'Updated' | 'Recreated';

/** `changed` is false where a write only re-asserted what ALM is believed to hold. `drift`: it repaired what was read. */
export type End =
  | (Readonly<{ end: 'applied'; operation: Operation; origin: Origin; changed: boolean; drift: boolean }> &
      Proved)
  | (Readonly<{ end: 'unchanged'; origin: Origin }> & Proved)
  | Readonly<{ end: 'failed'; failure: Failure; disproved?: true }>;

/** What a login with the record as it is now showed; absent where none was due. */
type Proved = Readonly<{ proof?: Proof | 'unreached' }>;

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
      return yield* policy === 'Never' ? giveUp(rung, alreadyExists(want)) : adopt(rung);
  }
  if (policy === 'Required') return yield* adopt(rung);
  const posted = yield { do: 'post' };
  if (posted.answer === 'accepted') return yield* take(rung, 'Created', 'Created');
  if (posted.answer === 'exists')
    return yield* policy === 'Never' ? giveUp(rung, alreadyExists(want)) : adopt(rung);
  // ALMs are known to say "exists" in other ways than 409; only consent makes that worth a PUT.
  const refusal = refused('creation', posted);
  return yield* policy === 'Never' ? giveUp(rung, refusal) : adopt(rung, refusal);
}

/** One PUT, whose answer stands; but where nothing is there to adopt, the refusal of the creation is the cause. */
function* adopt(rung: Rung, creationRefused?: Failure): Ladder {
  const put = yield { do: 'put' };
  if (put.answer === 'accepted') return yield* take(rung, 'Adopted', 'Adopted');
  if (put.answer === 'absent') return yield* giveUp(rung, creationRefused ?? notFound(rung.want));
  const failure = refused('update', put);
  return failure.kind === 'transient' ? { end: 'failed', failure } : yield* giveUp(rung, failure);
}

/**
 * A login with the declared secret shows that the lost POST or PUT arrived. What it arrived at was made by this
 * attempt unless the object consents to adoption; then it counts as adopted, which is the side that revokes nothing.
 */
function* attempted(rung: Rung): Ladder {
  const tried = yield { do: 'prove' };
  const proof = tried.answer === 'proof' ? tried.proof : 'cannotAsk';
  if (!showsOurs(proof, rung)) {
    const mayCome = proof !== 'cannotAsk' && canLogIn(rung.want);
    return yield* first(mayCome ? rung : { ...rung, patienceMs: undefined });
  }
  const origin: Origin = rung.policy === 'Never' ? 'Created' : 'Adopted';
  yield { do: 'hold', origin };
  return yield* ours({ ...rung, onlyCheck: false, reasserts: false }, origin);
}

function showsOurs(proof: Proof, { want, isProtected }: Rung): boolean {
  if (canLogIn(want)) return proof === 'accepted';
  return proof === 'grantMissing' && !isProtected;
}

function* ours(rung: Rung, origin: Origin): Ladder {
  if (rung.onlyVerify) return yield* verify(rung, { end: 'unchanged', origin });
  const seen = rung.readable && rung.onlyCheck ? yield { do: 'read' } : undefined;
  if (seen?.answer === 'record' && holdsWanted(seen.record, rung.want)) {
    const end = yield* verify(rung, { end: 'unchanged', origin });
    // No record shows a secret that was changed behind our back.
    if (end.end !== 'unchanged' || end.proof !== 'refused') return end;
    return rung.contested
      ? { end: 'failed', failure: contested(rung.want) }
      : yield* assert(rung, origin, true);
  }
  const drift = seen?.answer === 'record' || seen?.answer === 'absent';
  if (drift && rung.contested) return { end: 'failed', failure: contested(rung.want) };
  return yield* assert(rung, origin, drift);
}

function* assert(rung: Rung, origin: Origin, drift: boolean): Ladder {
  const disproved = drift ? ({ disproved: true } as const) : undefined;
  const put = yield { do: 'put', ...disproved };
  const changed = !rung.reasserts || drift;
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

function* readBack(rung: Rung, end: End): Ladder {
  if (!rung.readable) return yield* verify(rung, end);
  const seen = yield { do: 'read' };
  if (seen.answer === 'absent') return { end: 'failed', failure: torn(rung.want), disproved: true };
  if (seen.answer !== 'record' || holdsWanted(seen.record, rung.want)) return yield* verify(rung, end);
  return { end: 'failed', failure: differs(rung.want, seen.record) };
}

/** A client that was made anew is proved whatever the occasion. */
function* verify(rung: Rung, end: End): Ladder {
  if (end.end === 'failed') return end;
  const anew = end.end === 'applied' && end.operation === 'Recreated' && rung.proves;
  if (!rung.verify && !anew) return end;
  const tried = yield { do: 'verify' };
  return { ...end, proof: tried.answer === 'proof' ? tried.proof : 'unreached' };
}

/** Whether the client gets tokens by its own secret alone, so that a login can prove it. */
export function canLogIn({ authorisedGrantTypes }: ClientRecord): boolean {
  return authorisedGrantTypes.includes('client_credentials');
}

/** The edge has held the id to the one asked for. ALM may show it in another case than it is declared in. */
function holdsWanted(seen: ClientRecord, want: ClientRecord): boolean {
  return sameRecord({ ...seen, clientId: want.clientId }, want);
}

/**
 * A definite "not ours": the attempt leaves no claim behind. Unless an answer is missing, and the login that would show
 * the client to be ours may still succeed.
 */
function* giveUp({ patienceMs, start, want }: Rung, failure: Failure): Ladder {
  if (patienceMs !== undefined && start.from === 'attempted')
    return { end: 'failed', failure: { ...unanswered(want), retryAfterMs: patienceMs } };
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

function unanswered({ clientId }: ClientRecord): Failure {
  return fail(
    'OutcomeUnknown',
    `it is not known whether client ${clientId} in ALM is of this object's making, and ALM does not let it in with ` +
      'this password yet; the login is tried for half a minute',
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
