import type { Failure } from '../kube/outcome.ts';
import type { Sensitive } from '../sensitive.ts';
import { DEFAULT_ACCESS_TOKEN_VALIDITY, DEFAULT_REFRESH_TOKEN_VALIDITY } from './desired.ts';
import { fail } from './reasons.ts';
import type { FullRecord, Proof, ReadAnswer, RemoveAnswer, WriteAnswer } from './record.ts';

/**
 * How a client is made useless in ALM: which request follows which answer.
 *
 *   DELETE (where the connection allows it) ─ removed, and a readable ALM shows nothing ─────▶ gone
 *        └ not offered, or nothing there that can be believed
 *   PUT with a secret that nobody knows ─ absent ────────────────────────────────────────────▶ gone
 *        └ accepted ─▶ login with that secret ─ accepted ──────────────────────────────────▶ revoked
 *                                             └ refused ───────────▶ unproved: the login once more
 *
 * Generators, as the ladder of plan.ts: they yield the next move and are given its answer.
 */

export type Debt = Readonly<{
  clientId: string;
  /** This ALM answers GET. */
  readable: boolean;
  /** The connection allows DELETE. */
  mayDelete: boolean;
  /** The secret of an overwrite that ALM took a moment ago and did not yet accept at a login. */
  overwritten: Sensitive | undefined;
  /** At least 32 random characters. */
  newSecret: () => Sensitive;
}>;

export type RevokeMove =
  | Readonly<{ do: 'delete' | 'read' }>
  | Readonly<{ do: 'put'; record: FullRecord }>
  | Readonly<{ do: 'prove'; secret: Sensitive }>;

export type RevokeAnswer =
  | RemoveAnswer
  | ReadAnswer
  | WriteAnswer
  | Readonly<{ answer: 'proof'; proof: Proof }>;

/** `unproved`: ALM took the secret and refuses a login with it; the same secret may be accepted a moment later. */
export type RevokeEnd =
  | Readonly<{ end: 'gone' | 'revoked' }>
  | Readonly<{ end: 'unproved'; secret: Sensitive }>
  | Readonly<{ end: 'failed'; failure: Failure }>;

export type Revocation = Generator<RevokeMove, RevokeEnd, RevokeAnswer>;

export function* revoke(debt: Debt): Revocation {
  if (debt.overwritten !== undefined) return yield* prove(debt, debt.overwritten);
  const removed = debt.mayDelete ? yield* remove(debt) : undefined;
  return removed ?? (yield* overwrite(debt));
}

/** Undefined: this ALM does not delete, or its "not there" cannot be told from "no such verb". */
function* remove({ clientId, readable }: Debt): Generator<RevokeMove, RevokeEnd | undefined, RevokeAnswer> {
  const removed = yield { do: 'delete' };
  if (removed.answer === 'refused') return failed(refused(clientId, 'deletion', removed));
  if (removed.answer === 'notOffered') return undefined;
  const isRemoved = removed.answer === 'removed';
  const seen = readable ? yield { do: 'read' } : undefined;
  if (seen?.answer === 'absent') return { end: 'gone' };
  if (seen?.answer === 'record' && isRemoved) return failed(stillThere(clientId));
  return isRemoved ? { end: 'gone' } : undefined;
}

function* overwrite(debt: Debt): Revocation {
  const { clientId, readable, newSecret } = debt;
  const clientSecret = newSecret();
  const neutral: FullRecord = {
    clientId,
    clientSecret,
    authorisedGrantTypes: ['client_credentials'],
    accessTokenValidity: 1,
    refreshTokenValidity: 1,
    roles: [],
  };
  let put = yield { do: 'put', record: neutral };
  if (put.answer === 'refused' && (put.status === 400 || put.status === 422)) {
    const former = readable ? yield { do: 'read' } : undefined;
    put = yield { do: 'put', record: { ...neutral, ...validitiesOf(former) } };
  }
  if (put.answer === 'accepted') return yield* prove(debt, clientSecret);
  if (put.answer !== 'absent') return failed(refused(clientId, 'overwriting', put));
  const seen = readable ? yield { do: 'read' } : undefined;
  return seen?.answer === 'record' ? failed(stillThere(clientId)) : { end: 'gone' };
}

/** This ALM does not take tokens of one second: the former ones harm nobody who cannot log in. */
function validitiesOf(
  former: RevokeAnswer | undefined,
): Pick<FullRecord, 'accessTokenValidity' | 'refreshTokenValidity'> {
  if (former?.answer !== 'record') {
    return {
      accessTokenValidity: DEFAULT_ACCESS_TOKEN_VALIDITY,
      refreshTokenValidity: DEFAULT_REFRESH_TOKEN_VALIDITY,
    };
  }
  const { accessTokenValidity, refreshTokenValidity } = former.record;
  return { accessTokenValidity, refreshTokenValidity };
}

function* prove({ clientId }: Debt, secret: Sensitive): Revocation {
  const tried = yield { do: 'prove', secret };
  const proof = tried.answer === 'proof' ? tried.proof : 'cannotAsk';
  if (proof === 'accepted') return { end: 'revoked' };
  return proof === 'cannotAsk' ? failed(unprovable(clientId)) : { end: 'unproved', secret };
}

export type Attempt = Readonly<{
  readable: boolean;
  /** The password that the attempt sent, where its object and Secret are still there. */
  ownSecret: Sensitive | undefined;
}>;

/**
 * Whether a client whose creation was never answered is ours. Nothing is written: a login with the secret that was sent
 * is the only proof, and a readable ALM that shows no such client the only disproof.
 */
export function* settle({
  readable,
  ownSecret,
}: Attempt): Generator<RevokeMove, 'ours' | 'gone' | 'unknown', RevokeAnswer> {
  const seen = readable ? yield { do: 'read' } : undefined;
  if (seen?.answer === 'absent') return 'gone';
  if (ownSecret === undefined) return 'unknown';
  const tried = yield { do: 'prove', secret: ownSecret };
  return tried.answer === 'proof' && tried.proof === 'accepted' ? 'ours' : 'unknown';
}

function failed(failure: Failure): RevokeEnd {
  return { end: 'failed', failure };
}

/** A 5xx says nothing about the client. */
function refused(clientId: string, verb: 'deletion' | 'overwriting', answer: RevokeAnswer): Failure {
  const status = answer.answer === 'refused' ? answer.status : 409;
  if (status >= 500) {
    const message = `ALM answered ${status} to the ${verb} of client ${clientId}; see ALM's own log if it lasts`;
    return fail('AlmUnavailable', message);
  }
  const quote = 'quote' in answer && answer.quote !== undefined ? `: ${answer.quote}` : '';
  const remedy =
    verb === 'deletion'
      ? 'set api.delete of the AlmConnection to Disabled to have it overwritten instead'
      : 'delete it in ALM, then delete this claim';
  return fail(
    'RejectedByAlm',
    `ALM refused the ${verb} of client ${clientId} with ${status}${quote}; it may still work; ${remedy}`,
  );
}

function stillThere(clientId: string): Failure {
  return fail(
    'AlmUnavailable',
    `ALM says that client ${clientId} is not there, and still shows it; its replicas seem to disagree for the moment`,
  );
}

function unprovable(clientId: string): Failure {
  return fail(
    'Unprovable',
    `client ${clientId} was overwritten with a secret that nobody knows, but the token endpoint of ALM does not say ` +
      'whether the old one still works; check the endpoint of the AlmConnection, or look in ALM and delete this claim',
  );
}

/** After a while without a proof the overwrite counts as failed, and is begun anew. */
export function tokenRefused(clientId: string): Failure {
  return fail(
    'TokenRefused',
    `ALM takes a new secret for client ${clientId} and then refuses a login with it, so that the old one may still ` +
      'work; it is tried again; see whether somebody else writes this client, or delete it in ALM and then this claim',
  );
}

/** Nobody may touch a client that may be a stranger's, and nobody may say that there is none. */
export function unsettled(clientId: string, mayPass: boolean): Failure {
  const message =
    `nobody knows whether ALM holds client ${clientId}: the answer to its creation never came, and its object was ` +
    'deleted; look in ALM, delete the client there if it is not needed, then delete this claim; or apply the object again';
  return { ...fail('OutcomeUnknown', message), kind: mayPass ? 'transient' : 'stalled' };
}
