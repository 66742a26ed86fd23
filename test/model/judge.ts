import type { Alm, Taken } from './alm.ts';
import { type ClaimSpec, claimIn, claimsAbout, lineageOf, nameOf, sameId } from './claims.ts';
import { type Change, CLAIMS, type Cluster, CONNECTIONS } from './cluster.ts';
import type { Ledger, Tenure } from './ledger.ts';
import { isDeclared, passwordIn, passwordsFor, permitFor, wishesOf } from './permits.ts';
import { THROWAWAY } from './process.ts';
import type { Pass } from './requests.ts';
import { HOME, isProtected } from './rules.ts';
import { keyIn, LOGIN_ID, secretOf } from './slots.ts';

/** Judges each thing that the operator does when it is done, by the state of ALM and by what users asked for. */

export type Violate = (what: string) => void;

export class Judge {
  readonly #cluster: Cluster;
  readonly #alms: readonly Alm[];
  readonly #ledger: Ledger;
  readonly #violate: Violate;
  /** When a stranger last came to ALM, in requests sent by then. */
  lastMeddling = 0;
  /** When this process found out of an ALM that it can be read. */
  readonly readers = new Map<Alm, number>();

  constructor(cluster: Cluster, alms: readonly Alm[], ledger: Ledger, violate: Violate) {
    this.#cluster = cluster;
    this.#alms = alms;
    this.#ledger = ledger;
    this.#violate = violate;
  }

  noteTaken(taken: Taken): void {
    const name = nameOf(taken.alm, taken.id);
    const { neutral, meddled } = this.#ledger;
    if (taken.pass === undefined) {
      neutral.delete(name);
      meddled.add(name);
      return;
    }
    if (taken.pass.controller === 'claim') this.#judgeRevocation(taken, taken.pass, name);
    else this.#judgeWrite(taken, taken.pass, name);
    meddled.delete(name);
  }

  #judgeWrite(taken: Taken, pass: Pass, name: string): void {
    const { alm, id, before } = taken;
    const who = `${pass.key} (${taken.verb} ${id} at ${alm.endpoint})`;
    this.#ledger.neutral.delete(name);
    if (id.toLowerCase() === LOGIN_ID.toLowerCase()) this.#violate(`${who}: writes the operator's own login`);
    const wishes = wishesOf(this.#cluster, pass).filter((wanted) =>
      isDeclared(wanted, taken, passwordsFor(wanted, this.#cluster, pass)),
    );
    if (wishes.length === 0) this.#violate(`${who}: writes what nobody declared`);
    const permits = wishes.map((wanted) => permitFor(wanted, alm, this.#cluster, pass));
    if (!permits.some(({ admits }) => admits)) this.#violate(`${who}: writes without access`);
    const claim = claimsAbout(this.#cluster, alm.endpoint, id).find((one) => lineageOf(one) === pass.key);
    const claimed = claim !== undefined && (claim.phase === 'Pending' || claim.phase === 'Held');
    // Who takes claims away under a running pass makes its client a stranger's.
    const touched = this.#touchedSince(pass);
    if (!claimed && !touched) this.#violate(`${who}: writes without a claim`);
    if (!claimed) return;
    const tenure = this.#ledger.tenures.get(name);
    if (tenure?.lineage === pass.key) return;
    if (tenure !== undefined && !touched) this.#violate(`${who}: writes the client of ${tenure.lineage}`);
    const how =
      before === undefined
        ? 'created'
        : this.#howTaken(
            taken,
            pass,
            permits.some(({ adopts }) => adopts),
          );
    if (how === undefined && !touched) this.#violate(`${who}: writes a stranger's client without consent`);
    const { uid } = claim.owner;
    this.#ledger.tenures.set(name, {
      alm,
      clientId: id,
      lineage: pass.key,
      uid,
      how: how ?? 'adopted',
    });
  }

  /** A client that is there and nobody's: with consent, with its own password, or where POST does not say that it overwrites. */
  #howTaken(
    { alm, verb, before, sent }: Taken,
    { moment }: Pass,
    consents: boolean,
  ): Tenure['how'] | undefined {
    const { readable, lagMs, postOnExisting } = alm.knobs;
    if (!consents && verb === 'PUT' && before?.secret === sent?.clientSecret.reveal()) return 'proved';
    const since = Math.max(this.lastMeddling, this.readers.get(alm) ?? Number.POSITIVE_INFINITY);
    const looked = readable && lagMs === 0 && since < moment;
    if (verb === 'POST' && postOnExisting === 'overwrites' && !looked) return 'overwritten';
    return consents ? 'adopted' : undefined;
  }

  /** Users, or a restore, changed claims since. */
  #touchedSince({ revision }: Pass): boolean {
    return this.#cluster.changes.some(
      (change) => change.plural === CLAIMS && change.by === undefined && change.revision > revision,
    );
  }

  #judgeRevocation({ alm, id, before, verb }: Taken, pass: Pass, name: string): void {
    const who = `claim ${pass.key} (${verb} ${id} at ${alm.endpoint})`;
    const tenure = this.#ledger.tenures.get(name);
    const isNobodys = before === undefined || this.#ledger.neutral.has(name) || this.#touchedSince(pass);
    const isStrangers = tenure === undefined && !isNobodys;
    if (isStrangers) this.#violate(`${who}: revokes the client of a stranger`);
    if (tenure !== undefined) this.#judgeDebt(tenure, who);
    this.#judgeGuard(id, pass, who);
    if (verb === 'PUT') this.#ledger.neutral.add(name);
  }

  #judgeDebt(tenure: Tenure, who: string): void {
    const { uid } = tenure;
    const deletion = this.#ledger.deletions.get(uid);
    if (deletion === undefined) {
      this.#violate(`${who}: revokes what nobody deleted`);
      return;
    }
    if (!this.#ledger.owes(deletion, tenure).may) this.#violate(`${who}: revokes what was to be kept`);
    if (deletion.atOnce && !this.#ledger.seenEnds.has(uid))
      this.#violate(`${who}: revokes what it did not see deleted`);
  }

  /** Protected by every version of the list that the pass could have seen. */
  #judgeGuard(id: string, { key, revision, known }: Pass, who: string): void {
    const [claim] = this.#cluster.since(CLAIMS, key, revision).map(claimIn);
    const connection = `${HOME}/${claim?.connection}`;
    const versions = this.#cluster.since(CONNECTIONS, connection, known[CONNECTIONS] ?? 0);
    if (versions.every((version) => isProtected(version, id)))
      this.#violate(`${who}: revokes a protected client`);
  }

  noteClaim({ before, after, by }: Change): void {
    if (this.#ledger.restoring) return;
    const was = before && claimIn(before);
    const is = after && claimIn(after);
    if (is !== undefined && by !== undefined) this.#judgeTurn(was, is, by);
    if (was !== undefined && (is === undefined || is.endpoint !== was.endpoint)) this.#forget(was, by);
    this.#judgeOwners();
  }

  /** The operator created or changed a claim. */
  #judgeTurn(was: ClaimSpec | undefined, is: ClaimSpec, by: Pass): void {
    const alm = this.#almAt(is.endpoint);
    if (alm === undefined) return;
    const name = nameOf(alm, is.clientId);
    if (was?.origin === undefined && is.origin !== undefined) this.#noteProof(is, alm, name);
    const tenure = this.#ledger.tenures.get(name);
    const mine = tenure?.lineage === lineageOf(is) ? tenure : undefined;
    if (was?.phase === 'Revoking' && is.phase === 'Revoked') this.#judgeEnd(was);
    if (is.phase === 'Revoking' && was?.phase !== 'Revoking') this.#judgeStart(is);
    if (is.phase !== 'Held' && is.phase !== 'Pending') return;
    if (mine !== undefined) mine.uid = is.owner.uid;
    else if (was !== undefined && was.endpoint === is.endpoint) this.#judgeTakeOver(was, is, by, alm, name);
  }

  /** A client of nobody's that has the very password of the object. */
  #noteProof(claim: ClaimSpec, alm: Alm, name: string): void {
    const { clientId, owner } = claim;
    const passwords = this.#cluster.since('secrets', keyIn(secretOf(owner)), 0).map(passwordIn);
    const isProved = passwords.includes(alm.find(clientId)?.secret ?? '');
    if (this.#ledger.tenures.has(name) || !isProved) return;
    this.#ledger.tenures.set(name, {
      alm,
      clientId,
      lineage: lineageOf(claim),
      uid: owner.uid,
      how: 'proved',
    });
  }

  #judgeStart(claim: ClaimSpec): void {
    const { uid } = claim.owner;
    const deletion = this.#ledger.deletions.get(uid);
    if (deletion === undefined) this.#violate(`claim of ${lineageOf(claim)}: Revoking what nobody deleted`);
    else if (deletion.withKind)
      this.#violate(`claim of ${lineageOf(claim)}: Revoking with the end of the kind`);
  }

  /** Another object than before gets the claim. */
  #judgeTakeOver(was: ClaimSpec, is: ClaimSpec, by: Pass, alm: Alm, name: string): void {
    const lineage = lineageOf(is);
    if (lineage === lineageOf(was) && was.phase !== 'Revoked') return;
    const who = `${lineage} (claim of ${lineageOf(was)}, ${was.phase})`;
    const permits = wishesOf(this.#cluster, by).map((wanted) => permitFor(wanted, alm, this.#cluster, by));
    if (was.phase === 'Retained' && !permits.some(({ adopts }) => adopts))
      this.#violate(`${who}: takes over without consent`);
    if (was.phase !== 'Retained' && was.phase !== 'Revoked') this.#violate(`${who}: takes what another has`);
    if (!permits.some(({ admits }) => admits)) this.#violate(`${who}: takes over without access`);
    const how = was.phase === 'Revoked' ? 'created' : 'adopted';
    const { clientId, owner } = is;
    this.#ledger.tenures.set(name, { alm, clientId, lineage, uid: owner.uid, how });
  }

  /** The claim is gone, or is about another ALM now: nobody remembers whose client that was. */
  #forget(was: ClaimSpec, by: Pass | undefined): void {
    if (by !== undefined && was.phase === 'Revoking') this.#judgeEnd(was);
    const alm = this.#almAt(was.endpoint);
    const name = alm && nameOf(alm, was.clientId);
    if (name !== undefined && this.#ledger.tenures.get(name)?.lineage === lineageOf(was))
      this.#ledger.tenures.delete(name);
  }

  /** Nobody can use the client any more, or it never was this object's. */
  #judgeEnd(was: ClaimSpec): void {
    const alm = this.#almAt(was.endpoint);
    if (alm === undefined) return;
    const name = nameOf(alm, was.clientId);
    const client = alm.find(was.clientId);
    const tenure = this.#ledger.tenures.get(name);
    const isOurs = tenure?.uid === was.owner.uid && !this.#ledger.meddled.has(name);
    if (client !== undefined && isOurs && !client.secret.startsWith(THROWAWAY))
      this.#violate(`claim of ${lineageOf(was)}: calls ${was.clientId} revoked, which still works`);
    if (tenure?.uid === was.owner.uid) this.#ledger.tenures.delete(name);
  }

  #judgeOwners(): void {
    const held = this.#cluster
      .list(CLAIMS)
      .map(claimIn)
      .filter(({ phase }) => phase === 'Held');
    for (const [index, one] of held.entries()) {
      const other = held
        .slice(index + 1)
        .find((two) => two.endpoint === one.endpoint && sameId(two.clientId, one.clientId));
      if (other !== undefined)
        this.#violate(`${one.clientId} has two owners: ${lineageOf(one)} and ${lineageOf(other)}`);
    }
  }

  #almAt(endpoint: string): Alm | undefined {
    return this.#alms.find((alm) => alm.endpoint === endpoint);
  }
}
