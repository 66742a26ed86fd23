import { createHash } from 'node:crypto';
import type { Failure } from '../kube/outcome.ts';
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
}>;

/**
 * What a claim that was met means for the object. `ours`: held for exactly this object. `attempted`: an attempt of
 * this object is on record and its answer is not. `takeOver`: an earlier object of the same name left it; after the
 * compare-and-swap it is `ours` or `attempted`, as `then` says.
 */
export type Standing =
  | Readonly<{ standing: 'free' }>
  | Readonly<{ standing: 'ours'; origin: Origin }>
  | Readonly<{ standing: 'attempted' }>
  | Readonly<{ standing: 'takeOver'; then: 'ours' | 'attempted' }>
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
 * Reads the table of claims met (Pending, Held and Retained; Revoking waits). A phase that this version does not know
 * says more than its owner: of a claim that nobody can read there is none.
 */
export function standingOf(claim: ClaimView | undefined, self: Owner, endpoint: string): Standing {
  if (claim === undefined) return { standing: 'free' };
  const { phase } = claim;
  if (!isKnown(phase)) return { standing: 'refused', failure: unknownPhase(claim) };
  const sameName = claim.owner.namespace === self.namespace && claim.owner.name === self.name;
  if (!sameName) return { standing: 'refused', failure: conflict(claim) };
  const sameObject = claim.owner.uid === self.uid;
  const moved = claim.endpoint !== endpoint;
  switch (phase) {
    case 'Pending':
      return sameObject && !moved ? { standing: 'attempted' } : { standing: 'takeOver', then: 'attempted' };
    case 'Held':
    case 'Retained':
      // At another endpoint than the recorded one nothing is known: the claim counts as Pending there.
      if (moved) return { standing: 'takeOver', then: 'attempted' };
      if (!sameObject || phase === 'Retained') return { standing: 'takeOver', then: 'ours' };
      return { standing: 'ours', origin: claim.origin ?? 'Adopted' };
    case 'Revoking':
      return { standing: 'refused', failure: fail('Progressing', REVOKING) };
  }
}

type Phase = 'Pending' | 'Held' | 'Retained' | 'Revoking';

const PHASES: ReadonlySet<string> = new Set<Phase>(['Pending', 'Held', 'Retained', 'Revoking']);

function isKnown(phase: string): phase is Phase {
  return PHASES.has(phase);
}

const REVOKING =
  'the client of an earlier object of this name is being revoked; this object goes on when its claim says Revoked';

function conflict({ clientId, connection, owner }: ClaimView): Failure {
  return fail(
    'ClientIdConflict',
    `clientId ${clientId} on connection ${connection} belongs to ClientCredential ${owner.namespace}/${owner.name}; ` +
      'choose another clientId or ask its owner to release it',
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
