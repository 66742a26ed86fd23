import { sameRecord } from './desired.ts';
import type { ClientRecord } from './record.ts';

/** When ALM is to be asked or written. Pure. */

export type SecretVersion = Readonly<{ name: string; key: string; uid: string; resourceVersion: string }>;

/** What ALM answered last that it took. */
export type AppliedView = Readonly<{ record: ClientRecord; secret: SecretVersion; endpoint: string }>;

/** `drift`: ALM itself has shown, in this pass, that it holds something else. */
export type Why =
  | 'claim'
  | 'spec'
  | 'secret'
  | 'endpoint'
  | 'requested'
  | 'resync'
  | 'drift'
  | 'proof'
  | 'rotate';

export type Sight = Readonly<{
  want: ClientRecord;
  /** Undefined: not in the store. A live read then tells. */
  secret: SecretVersion | undefined;
  endpoint: string;
  applied: AppliedView | undefined;
  held: boolean;
  requested: boolean;
  resyncDue: boolean;
  /** The client can log in by itself, and no login has shown yet that it does. */
  unproved: boolean;
  /** A new generated secret is due or on its way, or what is published with it may be another by now. */
  rotating: boolean;
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
  unproved,
  rotating,
}: Sight): readonly Why[] {
  const why: Why[] = [];
  if (!held) why.push('claim');
  if (applied === undefined || !sameRecord(applied.record, want)) why.push('spec');
  if (applied === undefined || secret === undefined || !sameSecret(applied.secret, secret))
    why.push('secret');
  if (applied === undefined || applied.endpoint !== endpoint) why.push('endpoint');
  if (requested) why.push('requested');
  if (resyncDue) why.push('resync');
  if (unproved) why.push('proof');
  if (rotating) why.push('rotate');
  return why;
}

/** True while ALM is not known to hold what is declared: a change is on its way, not merely a re-assertion. */
export function isPending(why: readonly Why[]): boolean {
  return why.some((reason) => CHANGES.has(reason));
}

function sameSecret(a: SecretVersion, b: SecretVersion): boolean {
  return a.name === b.name && a.key === b.key && a.uid === b.uid && a.resourceVersion === b.resourceVersion;
}

const CHANGES: ReadonlySet<Why> = new Set(['claim', 'spec', 'secret', 'endpoint', 'drift']);
