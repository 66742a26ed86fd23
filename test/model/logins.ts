import type { Alm, Taken } from './alm.ts';
import { conditionOf, nameOf } from './claims.ts';
import type { Change, Cluster } from './cluster.ts';
import type { Violate } from './judge.ts';
import { passwordIn } from './permits.ts';

/** Whether Verified=True says no more than what ALM would answer to a login, or would have until somebody came. */

type Applied = Readonly<{ endpoint: string; secret: Readonly<Record<string, string>> }>;

export class Logins {
  /** Who took a password away that had let a client in, by client and password; `nobody` where it still does. */
  readonly #ends = new Map<string, string>();
  readonly #cluster: Cluster;
  readonly #alms: readonly Alm[];
  readonly #violate: Violate;

  constructor(cluster: Cluster, alms: readonly Alm[], violate: Violate) {
    this.#cluster = cluster;
    this.#alms = alms;
    this.#violate = violate;
  }

  noteTaken({ alm, id, before, after, pass }: Taken): void {
    const name = nameOf(alm, id);
    const by = pass === undefined ? 'a stranger' : `${pass.controller} ${pass.key}`;
    if (before !== undefined) this.#ends.set(`${name} ${before.secret}`, by);
    if (after !== undefined) this.#ends.set(`${name} ${after.secret}`, 'nobody');
  }

  /** A pass wrote a status. */
  noteStatus({ key, before, after, by }: Change): void {
    if (after === undefined || by === undefined) return;
    if (JSON.stringify(after.status) === JSON.stringify(before?.status)) return;
    const { applied } = (after.status ?? {}) as { applied?: Applied };
    const says = ['Ready', 'Verified'].every((type) => conditionOf(after, type)?.status === 'True');
    if (!says || applied === undefined) return;
    const alm = this.#alms.find(({ endpoint }) => endpoint === applied.endpoint);
    const password = this.#passwordOf(applied, String(after.metadata.namespace));
    const id = alm?.idOf(String(after.spec?.['clientId']));
    const end = alm && id && this.#ends.get(`${nameOf(alm, id)} ${password}`);
    if (end === undefined) this.#violate(`${key}: Verified=True, and ALM never let it in`);
    if (end === `credential ${key}`) this.#violate(`${key}: Verified=True, and it has changed the password`);
  }

  #passwordOf({ secret }: Applied, namespace: string): string | undefined {
    const { name, uid, resourceVersion } = secret;
    const sent = this.#cluster
      .since('secrets', `${namespace}/${name}`, 0)
      .find(({ metadata }) => metadata.uid === uid && metadata.resourceVersion === resourceVersion);
    return sent && passwordIn(sent);
  }
}
