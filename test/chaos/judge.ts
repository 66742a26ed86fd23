/** Whether the world is as the objects say, told from what the API server and ALM show. Pure. */

import type { AlmSim } from '../support/alm/server.ts';
import { conditionOf, hasCondition, type Live } from '../support/kubectl/objects.ts';
import { ROTATE } from '../system/generating.ts';
import { nameOf, type Slot, strangerOf } from './slots.ts';
import { type Memory, recordText } from './tenants.ts';

export type View = Readonly<{
  slot: Slot;
  memory: Memory;
  object: Live | undefined;
  secret: Live | undefined;
  /** Of this client. */
  claims: readonly Live[];
  /** Secrets of the operator's namespace that belong to these claims. */
  staged: readonly Live[];
}>;

type Alm = Pick<AlmSim, 'state' | 'matches'>;

/** What is left of a client that was overwritten. */
const USELESS = recordText({
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 1,
  refreshTokenValidity: 1,
});

const isReady = hasCondition('Ready', 'True');
const GOOD = ['Ready', 'Accepted', 'ResolvedRefs', 'Synced'] as const;

/** What is not as it should be; nothing in the good case. */
export function judge(view: View, alm: Alm): readonly string[] {
  const found = view.object === undefined ? ofAbsent(view, alm) : ofDeclared(view, view.object, alm);
  const staged = view.staged.map(({ metadata }) => `the staged Secret ${metadata.name} is left over`);
  return [...found, ...staged].map((what) => `${nameOf(view.slot)}: ${what}`);
}

function ofDeclared(view: View, object: Live, alm: Alm): readonly string[] {
  if (object.metadata.deletionTimestamp !== undefined) return ['its finalizer has not gone'];
  if (isReady(object)) return ofReady(view, object, alm);
  const { reason = 'nothing', status } = conditionOf(object, 'Ready') ?? {};
  const why = excuse(view, object, reason, alm);
  return why === undefined ? [`Ready is ${status ?? 'absent'}: ${reason}`] : why;
}

function ofReady({ slot, secret, claims }: View, object: Live, alm: Alm): readonly string[] {
  const held = alm.state.get(slot.clientId);
  const applied = object.status?.['applied'] as { secret?: { resourceVersion?: string } } | undefined;
  const rotated = object.metadata.annotations?.[ROTATE];
  const checks: readonly (readonly [boolean, string])[] = [
    [
      held !== undefined && recordText(held) === recordText(object.spec ?? {}),
      'is Ready, and ALM has another record',
    ],
    [
      alm.matches(slot.clientId, passwordOf(object, secret) ?? ''),
      'is Ready, and its password does not log in',
    ],
    [applied?.secret?.resourceVersion === secret?.metadata.resourceVersion, 'is Ready with an older Secret'],
    [isHeldBy(claims, object), `is Ready, and its claims are ${phases(claims)}`],
    [
      rotated === undefined || slot.sort !== 'made' || object.status?.['lastHandledRotateAt'] === rotated,
      'was not rotated',
    ],
    ...GOOD.map((type) => [hasCondition(type, 'True')(object), `${type} is not True`] as const),
    [['True', undefined].includes(conditionOf(object, 'Verified')?.status), 'Verified is not True'],
    [slot.sort === 'people' || conditionOf(object, 'Verified') !== undefined, 'Verified is absent'],
    [conditionOf(object, 'Stalled') === undefined, 'is Ready and Stalled'],
    [conditionOf(object, 'Reconciling') === undefined, 'is Ready and Reconciling'],
  ];
  return checks.filter(([holds]) => !holds).map(([, what]) => what);
}

/** Reasons for which an object may rightly not be Ready, and what has to hold then. Undefined: there is none. */
function excuse(
  { slot, secret, claims }: View,
  object: Live,
  reason: string,
  alm: Alm,
): readonly string[] | undefined {
  const policy = object.spec?.['adoptionPolicy'] ?? 'Never';
  const held = alm.state.get(slot.clientId);
  const claimed = claims.length === 0 ? [] : [`says ${reason}, and its claims are ${phases(claims)}`];
  if (reason === 'NotFoundForUpdate' && policy === 'Required' && held === undefined) return claimed;
  if (reason !== 'AlreadyExists' || policy !== 'Never' || slot.sort !== 'found') return undefined;
  const own = alm.matches(slot.clientId, passwordOf(object, secret) ?? '');
  return [...claimed, ...(own ? ['says AlreadyExists of its own client'] : []), ...ofStranger(slot, alm)];
}

function ofAbsent(view: View, alm: Alm): readonly string[] {
  const { slot, claims, memory } = view;
  const held = alm.state.get(slot.clientId);
  const [claim] = claims;
  if (claims.length > 1) return [`it is gone, and its claims are ${phases(claims)}`];
  if (claim === undefined) {
    if (held === undefined) return [];
    return slot.sort === 'found'
      ? ofStranger(slot, alm)
      : ['it is gone without a claim, and ALM has its client'];
  }
  const { phase, origin } = claim.spec as { phase?: string; origin?: string };
  const owed = owedFor(memory, origin);
  if (phase !== 'Revoked' && phase !== 'Retained') return [`it is gone, and its claim is ${phase}`];
  if (!owed.has(phase))
    return [`it is gone, ${origin}, and its claim is ${phase} instead of ${[...owed].join(' or ')}`];
  return phase === 'Revoked' ? ofRevoked(view, alm) : ofRetained(view, alm);
}

/** What deletions owe from the last one on of which it is sure that the object had the client. */
function owedFor({ deletions }: Memory, origin: string | undefined): ReadonlySet<string> {
  const byDefault = origin === 'Adopted' ? 'Retain' : 'Revoke';
  const since = deletions.slice(
    Math.max(
      0,
      deletions.findLastIndex(({ applied }) => applied),
    ),
  );
  return new Set(since.map(({ policy }) => ((policy ?? byDefault) === 'Retain' ? 'Retained' : 'Revoked')));
}

function ofRevoked({ slot, memory }: View, alm: Alm): readonly string[] {
  const held = alm.state.get(slot.clientId);
  if (held === undefined) return [];
  const opens = [...memory.passwords].some((password) => alm.matches(slot.clientId, password));
  return [
    ...(recordText(held) === USELESS ? [] : ['its claim is Revoked, and ALM has a useful client']),
    ...(opens ? ['its claim is Revoked, and a password of it logs in'] : []),
  ];
}

function ofRetained({ slot, memory }: View, alm: Alm): readonly string[] {
  const held = alm.state.get(slot.clientId);
  if (held === undefined) return ['its claim is Retained, and ALM has no client'];
  const declared = memory.records.has(recordText(held)) || recordText(held) === USELESS;
  const known = [...memory.passwords].some((password) => alm.matches(slot.clientId, password));
  return [
    ...(declared ? [] : ['its client was retained with a record that nobody declared']),
    ...(known || slot.sort === 'made' || recordText(held) === USELESS
      ? []
      : ['its client was retained with a password that nobody declared']),
  ];
}

/** Nobody consented, so that it must be as it was. */
function ofStranger(slot: Slot, alm: Alm): readonly string[] {
  const was = strangerOf(slot);
  const held = alm.state.get(slot.clientId);
  const same = held !== undefined && recordText(held) === recordText(was);
  return same && alm.matches(slot.clientId, was.clientSecret ?? '')
    ? []
    : ["a stranger's client was changed"];
}

function isHeldBy(claims: readonly Live[], { metadata }: Live): boolean {
  const [claim] = claims;
  const { phase, owner } = (claim?.spec ?? {}) as { phase?: string; owner?: { uid?: string } };
  return claims.length === 1 && phase === 'Held' && owner?.uid === metadata.uid;
}

function phases(claims: readonly Live[]): string {
  return (
    claims.map(({ spec }) => `${spec?.['phase']} ${spec?.['origin'] ?? 'without origin'}`).join(', ') ||
    'none'
  );
}

function passwordOf({ spec }: Live, secret: Live | undefined): string | undefined {
  const { key = 'clientSecret' } = (spec?.['clientSecretRef'] ?? {}) as { key?: string };
  const value = secret?.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
}
