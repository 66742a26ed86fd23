import type { AlmClientClaim } from '../api/almclientclaim.ts';
import type { SecretVersion } from '../domain/due.ts';
import { unconsented } from '../domain/generated.ts';
import type { End, Rung } from '../domain/plan.ts';
import type { Failure } from '../kube/outcome.ts';
import { claimOf } from './assess.ts';
import type { CredentialDeps } from './deps.ts';
import { type Found, findPublished, isGenerating, type Material, materialOf, unstage } from './generated.ts';
import type { Owned } from './own.ts';
import { type Publication, publish } from './publication.ts';
import { type ReadSecret, readSecret } from './secrets.ts';
import type { Wish } from './wish.ts';

/** Where a pass has the password from: a Secret that the object names, or one that the operator makes. */

export type Source = Readonly<{ warning: string | null } & ({ read: ReadSecret } | { found: Found })>;

/** Live; `applied` says what was sent last. A failure where there is no such Secret, or none that may be used. */
export async function sourceOf(
  wish: Wish,
  applied: SecretVersion | undefined,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Source | Failure> {
  if (isGenerating(wish)) {
    const formerKey = applied?.name === wish.secret.name ? applied.key : undefined;
    const found = await findPublished(wish, formerKey, deps, signal);
    return 'reason' in found ? found : { found, warning: null };
  }
  const read = await readSecret(deps.secretReader, wish.secret, signal);
  return 'reason' in read ? read : { read, warning: read.password.warning };
}

/** A claim that was made for nothing goes again. */
export async function materialFor(
  source: Source,
  { claim, start }: Extract<Owned, { claim: AlmClientClaim }>,
  wish: Wish,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Material | Failure> {
  if ('read' in source) {
    const { version, password } = source.read;
    return { value: password.value, version, staged: undefined, cause: undefined, isNew: false };
  }
  const { generated, want, policy } = wish;
  const takes = start.from === 'ours' ? start.origin === 'Adopted' : policy === 'Required';
  const refused = generated?.replaces === false && takes && source.found.published.is !== 'ours';
  const material =
    refused || !isGenerating(wish)
      ? unconsented(want.clientId)
      : await materialOf(wish, claim, source.found, deps, signal);
  if ('reason' in material && start.from === 'first') await deps.claimWriter.remove(claim, signal);
  return material;
}

/** What was staged a moment ago was never sent, so that no answer to it can be missing. */
export function startWith({ isNew }: Material, start: Rung['start']): Rung['start'] {
  return isNew && start.from === 'attempted' ? { from: 'first' } : start;
}

/** Whoever found a client there and may not replace its secret is told so; what was staged for nobody goes. */
export async function afterRefusal(
  failure: Failure,
  source: Source,
  { staged }: Material,
  wish: Wish,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Failure> {
  if ('read' in source) return failure;
  if (staged !== undefined && claimOf(wish, deps) === undefined) await unstage(staged, deps, signal);
  const unasked = wish.generated?.replaces === false && wish.policy !== 'Never';
  return unasked && failure.reason === 'AlreadyExists' ? unconsented(wish.want.clientId) : failure;
}

/** Nothing is published that ALM does not let in, unless ALM does not say. */
export async function publishProved(
  { proof }: Extract<End, { end: 'applied' | 'unchanged' }>,
  source: Source,
  material: Material,
  wish: Wish,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Publication | Failure | undefined> {
  const waits = proof === 'refused' || proof === 'grantMissing' || proof === 'unreached';
  if ('read' in source || waits || !isGenerating(wish)) return undefined;
  return publish(wish, material, source.found, deps, signal);
}
