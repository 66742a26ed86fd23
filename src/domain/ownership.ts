import { createHash } from 'node:crypto';
import type { Failure } from '../kube/outcome.ts';
import type { AdoptionPolicy } from './desired.ts';
import type { Rotation } from './generated.ts';
import { fail } from './reasons.ts';

/**
 * Which object owns an ALM client. The claim's name carries connection and id, so that the API server itself keeps the
 * pair unique across namespaces; its spec fields are authoritative. Ids that differ only in case share a name, because
 * whether ALM tells them apart is unknown.
 */

export type Owner = Readonly<{ namespace: string; name: string; uid: string }>;
export type Origin = 'Created' | 'Adopted';

/** A claim as the decision sees it. `phase` is any word: a newer operator may have written it. */
export type ClaimView = Readonly<{
  connection: string;
  endpoint: string;
  clientId: string;
  owner: Owner;
  phase: string;
  origin?: Origin;
  rotation?: Rotation;
}>;

/** Who meets the claim, and what for. */
export type Meeting = Readonly<{
  self: Owner;
  clientId: string;
  /** Canonical. */
  endpoint: string;
  policy: AdoptionPolicy;
}>;

/**
 * What a claim that was met means for the object. `ours`: held for exactly this object. `attempted`: an attempt of
 * this object is on record and its answer is not. `takeOver`: nobody else's any more; after the compare-and-swap it is
 * Held with that origin, or, where nothing is known of the client at this endpoint, Pending.
 */
export type Standing =
  | Readonly<{ standing: 'free' }>
  | Readonly<{ standing: 'ours'; origin: Origin }>
  | Readonly<{ standing: 'attempted' }>
  | Readonly<{ standing: 'takeOver'; as: 'Held'; origin: Origin }>
  | Readonly<{ standing: 'takeOver'; as: 'Pending' }>
  | Readonly<{ standing: 'refused'; failure: Failure }>;

export function claimName(connection: string, clientId: string): string {
  const digest = createHash('sha256').update(`${connection}\0${clientId.toLowerCase()}`).digest();
  const slug = clientId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return `${slug === '' ? 'client' : slug}-${base32(digest).slice(0, 26)}`;
}

/**
 * Reads the table of claims met. A phase that this version does not know says more than its owner: of a claim that
 * nobody can read there is none. At another endpoint than the recorded one nothing is known of the client, so that
 * whatever was held counts as an attempt there.
 */
export function standingOf(claim: ClaimView | undefined, meeting: Meeting): Standing {
  if (claim === undefined) return { standing: 'free' };
  const { phase, owner } = claim;
  if (!isKnown(phase)) return refuse(unknownPhase(claim));
  const { self } = meeting;
  const sameName = owner.namespace === self.namespace && owner.name === self.name;
  if (phase === 'Revoked') return takeOver(claim, meeting, 'Created');
  if (phase === 'Revoking') {
    // Without an origin it is an attempt whose answer never came: who comes after it can settle it by logging in.
    const same = claim.clientId === meeting.clientId && claim.endpoint === meeting.endpoint;
    const unsettled = claim.origin === undefined && sameName && same;
    return unsettled ? { standing: 'takeOver', as: 'Pending' } : refuse(fail('Progressing', REVOKING));
  }
  if (!sameName) return ofStranger(claim, meeting);
  if (claim.clientId !== meeting.clientId) return refuse(otherSpelling(claim));
  return ofSameName(claim, phase, meeting);
}

function ofStranger(claim: ClaimView, meeting: Meeting): Standing {
  if (claim.phase !== 'Retained') return refuse(conflict(claim));
  if (claim.clientId !== meeting.clientId) return refuse(otherSpelling(claim));
  return meeting.policy === 'Never' ? refuse(leftByAnother(claim)) : takeOver(claim, meeting, 'Adopted');
}

function ofSameName(claim: ClaimView, phase: 'Pending' | 'Held' | 'Retained', meeting: Meeting): Standing {
  const { origin, owner, endpoint } = claim;
  const same = owner.uid === meeting.self.uid && endpoint === meeting.endpoint;
  switch (phase) {
    case 'Pending':
      return same ? { standing: 'attempted' } : { standing: 'takeOver', as: 'Pending' };
    case 'Held':
      if (same) return { standing: 'ours', origin: origin ?? 'Adopted' };
      return takeOver(claim, meeting, origin ?? 'Adopted');
    case 'Retained':
      return origin === undefined
        ? { standing: 'takeOver', as: 'Pending' }
        : takeOver(claim, meeting, origin);
  }
}

function takeOver(claim: ClaimView, { endpoint }: Meeting, origin: Origin): Standing {
  if (claim.endpoint !== endpoint) return { standing: 'takeOver', as: 'Pending' };
  return { standing: 'takeOver', as: 'Held', origin };
}

function refuse(failure: Failure): Standing {
  return { standing: 'refused', failure };
}

type Phase = 'Pending' | 'Held' | 'Retained' | 'Revoking' | 'Revoked';

const PHASES: ReadonlySet<string> = new Set<Phase>(['Pending', 'Held', 'Retained', 'Revoking', 'Revoked']);

function isKnown(phase: string): phase is Phase {
  return PHASES.has(phase);
}

const REVOKING =
  'the client of an earlier object is being revoked; this object goes on when the claim of the client says Revoked';

/** Says whom to ask, and nothing else of theirs. */
export function conflict({ clientId, connection, owner }: ClaimView): Failure {
  return fail(
    'ClientIdConflict',
    `clientId ${clientId} on connection ${connection} belongs to ClientCredential ${owner.namespace}/${owner.name}; ` +
      'choose another clientId, or ask its owner or the administrators of the operator to release it',
  );
}

function leftByAnother({ clientId, owner }: ClaimView): Failure {
  return fail(
    'AlreadyExists',
    `ALM still holds client ${clientId}, which ClientCredential ${owner.namespace}/${owner.name} left there; set ` +
      'adoptionPolicy to IfExists to take it over, or choose another clientId',
  );
}

/** Whether ALM tells the two apart is unknown, so that one of them might be lost, or be the other. */
function otherSpelling({ clientId }: ClaimView): Failure {
  return fail(
    'ClientIdConflict',
    `this client is on record as ${clientId}, which differs in case only; declare it with that spelling, or ask the ` +
      'administrators of the operator to release it',
  );
}

function unknownPhase({ clientId, phase }: ClaimView): Failure {
  return fail(
    'ClientIdConflict',
    `the claim of clientId ${clientId} is in phase ${phase}, which this version of the operator does not know; ` +
      'upgrade the operator',
  );
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join('');
}
