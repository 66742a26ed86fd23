import type { Alm } from './alm.ts';
import { type Change, type Cluster, CONNECTIONS, CREDENTIALS, DEFINITIONS, type Stored } from './cluster.ts';
import { connectionOf } from './permits.ts';
import { HOME, isProtected, rulesOf } from './rules.ts';
import { DEFINITION, keyIn } from './slots.ts';

/** Who has which client by right, and what the deletion of an object asks for. Fed by what really happened. */

/**
 * `created`: ALM had no such client. `overwritten`: it had, and its POST did not say so. `proved`: it had, with the very
 * password of the object, which is how an attempt whose answer was lost is known again.
 */
export type Tenure = {
  readonly alm: Alm;
  readonly clientId: string;
  readonly lineage: string;
  uid: string;
  readonly how: 'created' | 'adopted' | 'overwritten' | 'proved';
};

export type Deletion = {
  readonly object: Stored;
  readonly revision: number;
  /** Gone at once, without a deletionTimestamp that anybody could see. */
  readonly atOnce: boolean;
  /** Our finalizer was taken away by others, or it was never there. */
  stripped: boolean;
  /** Nobody asked for it: the kind itself was deleted. */
  readonly withKind: boolean;
};

export class Ledger {
  readonly tenures = new Map<string, Tenure>();
  readonly deletions = new Map<string, Deletion>();
  /** Uids whose end a watch has shown. */
  readonly seenEnds = new Set<string>();
  /** Clients that were made useless, and not written since. */
  readonly neutral = new Set<string>();
  /** Clients that a stranger wrote last. */
  readonly meddled = new Set<string>();
  /** A backup is put back: what vanishes was not deleted. */
  restoring = false;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  noteObject({ before, after, revision, by }: Change): void {
    if (before === undefined) return;
    const { uid, deletionTimestamp } = before.metadata;
    const ended = after?.metadata.uid !== uid;
    const known = this.deletions.get(uid);
    if (known !== undefined && ended && by === undefined) known.stripped = true;
    if (this.restoring) return;
    if (deletionTimestamp !== undefined || (!ended && after?.metadata.deletionTimestamp === undefined))
      return;
    const kind = this.#cluster.get(DEFINITIONS, DEFINITION);
    const withKind = this.kindEnding || kind === undefined || kind.metadata.deletionTimestamp !== undefined;
    this.deletions.set(uid, { object: before, revision, atOnce: ended, stripped: ended, withKind });
  }

  /** While a user deletes the kind. */
  kindEnding = false;

  /** Whether the deletion may, and whether it must, end in a revocation. */
  owes(
    { object, withKind, revision }: Deletion,
    { how, clientId }: Tenure,
  ): Readonly<{ may: boolean; must: boolean }> {
    if (withKind) return { may: false, must: false };
    const key = `${HOME}/${connectionOf(object)}`;
    const connections = this.#cluster.since(CONNECTIONS, key, 0);
    const required = connections.map((connection) => rulesOf(connection).requiresRevoke);
    const guarded = connections.some((connection) => isProtected(connection, clientId));
    const laterKinds = this.#cluster.since(DEFINITIONS, DEFINITION, revision);
    const kindWent = laterKinds.some(({ metadata }) => metadata.deletionTimestamp !== undefined);
    const own = this.#ownWord(object, how);
    const may = own.may || required.some((requires) => requires);
    const must = own.must || required.every((requires) => requires);
    return { may, must: must && !guarded && !kindWent };
  }

  /** By the object's own policy, or by how it came to the client. What it found with consent it leaves. */
  #ownWord({ metadata, spec }: Stored, how: Tenure['how']): Readonly<{ may: boolean; must: boolean }> {
    const policy = spec?.['deletionPolicy'];
    if (policy === 'Revoke') return { may: true, must: true };
    if (policy === 'Retain') return { may: false, must: false };
    const versions = this.#cluster.since(CREDENTIALS, keyIn(metadata), 0);
    const consented = versions.some((version) => (version.spec?.['adoptionPolicy'] ?? 'Never') !== 'Never');
    return { may: how !== 'adopted', must: how === 'created' && !consented };
  }
}
