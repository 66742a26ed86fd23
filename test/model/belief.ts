import type { Alm, Told } from './alm.ts';
import { conditionOf, nameOf } from './claims.ts';
import type { Change, Cluster, Stored } from './cluster.ts';
import type { Violate } from './judge.ts';
import { passwordIn, recordFor } from './permits.ts';
import type { Pass } from './requests.ts';

/** What ALM, by its last answer to the operator, holds; and whether Ready=True says no more than that. */

type Belief = { record: string | undefined; secret: string | undefined; refused: boolean };

const NOTHING: Belief = { record: undefined, secret: undefined, refused: false };

type Applied = Readonly<{
  endpoint: string;
  secret: Readonly<{ name: string; uid: string; resourceVersion: string }>;
}>;

export class Beliefs {
  readonly #beliefs = new Map<string, Belief>();
  /** What was believed of each client before the pass asked. */
  readonly #before = new WeakMap<Pass, Map<string, Belief>>();
  readonly #cluster: Cluster;
  readonly #alms: readonly Alm[];
  readonly #violate: Violate;

  constructor(cluster: Cluster, alms: readonly Alm[], violate: Violate) {
    this.#cluster = cluster;
    this.#alms = alms;
    this.#violate = violate;
  }

  /** The process dies in the midst of these passes: what they were told and had not said yet dies with it. */
  noteCrash(passes: readonly Pass[]): void {
    for (const pass of passes)
      for (const [name, belief] of this.#before.get(pass) ?? []) this.#beliefs.set(name, belief);
  }

  noteTold({ alm, id, verb, sent, secret, answer, pass }: Told): void {
    const name = nameOf(alm, id);
    const belief = this.#beliefs.get(name) ?? { ...NOTHING };
    this.#beliefs.set(name, belief);
    if (pass !== undefined) {
      const before = this.#before.get(pass) ?? new Map<string, Belief>();
      this.#before.set(pass, before);
      if (!before.has(name)) before.set(name, { ...belief });
    }
    if (typeof answer === 'string') {
      if (answer === 'accepted') belief.secret = secret;
      return;
    }
    switch (answer.answer) {
      case 'accepted':
        Object.assign(belief, {
          record: sent && shown(sent),
          secret: sent?.clientSecret.reveal(),
          refused: false,
        });
        return;
      case 'record':
        belief.record = shown(answer.record);
        belief.refused = false;
        return;
      case 'absent':
      case 'removed':
        belief.record = undefined;
        return;
      case 'refused':
        belief.refused ||= verb === 'PUT';
        return;
    }
  }

  /** A status was written. */
  noteStatus({ after, before, by }: Change): void {
    if (after === undefined || JSON.stringify(after.status) === JSON.stringify(before?.status)) return;
    if (by !== undefined) this.#before.delete(by);
    const { observedGeneration, applied } = (after.status ?? {}) as {
      observedGeneration?: number;
      applied?: Applied;
    };
    const isReady = conditionOf(after, 'Ready')?.status === 'True';
    if (!isReady || observedGeneration !== after.metadata.generation) return;
    const who = `${after.metadata.namespace}/${after.metadata.name}`;
    if (applied === undefined) this.#violate(`${who}: Ready=True, and nothing was applied`);
    else this.#judge(after, applied, who);
  }

  #judge(object: Stored, { endpoint, secret: version }: Applied, who: string): void {
    const alm = this.#alms.find((one) => one.endpoint === endpoint);
    const clientId = String(object.spec?.['clientId']);
    const belief = alm && this.#beliefs.get(nameOf(alm, clientId));
    if (belief?.record !== shown(recordFor(object)))
      this.#violate(`${who}: Ready=True, and by its last answer ALM does not hold the spec`);
    if (belief?.refused === true) this.#violate(`${who}: Ready=True, and ALM refused it`);
    const key = `${object.metadata.namespace}/${version.name}`;
    const sent = this.#cluster
      .since('secrets', key, 0)
      .find(
        ({ metadata }) =>
          metadata.uid === version.uid && metadata.resourceVersion === version.resourceVersion,
      );
    if (sent === undefined || passwordIn(sent) !== belief?.secret)
      this.#violate(`${who}: Ready=True, and by its last answer ALM does not hold the Secret`);
  }
}

/** A record in one form; ALM may show the id in another case, and sets in any order. */
export function shown(record: object): string {
  const { clientId, clientSecret: _, ...fields } = record as Record<string, unknown>;
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    Array.isArray(value) ? [...value].sort() : value,
  ]);
  return JSON.stringify([String(clientId).toLowerCase(), ...entries.sort()]);
}
