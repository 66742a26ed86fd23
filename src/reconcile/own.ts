import type { AlmClientClaim } from '../api/almclientclaim.ts';
import type { Standing } from '../domain/ownership.ts';
import type { Rung } from '../domain/plan.ts';
import type { Failure } from '../kube/outcome.ts';
import { claimOf, standing } from './assess.ts';
import type { CredentialDeps } from './deps.ts';
import { takenElsewhere, type Wish } from './wish.ts';

/** Makes the claim the object's own, or finds out whose it is. */

export type Owned =
  | Readonly<{ claim: AlmClientClaim; start: Rung['start']; tookOver: boolean }>
  | Readonly<{ failure: Failure }>;

/**
 * Two connections may lead to one ALM for a moment, and their claims differ in name: of two passes that look for the
 * other's claim after they have written their own, one sees it at least, and yields.
 */
export async function ownAlone(
  wish: Wish,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Owned | undefined> {
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
