import { sameRecord } from '../../src/domain/desired.ts';
import type {
  AlmClient,
  ClientRecord,
  FullRecord,
  Proof,
  ReadAnswer,
  RemoveAnswer,
  WriteAnswer,
} from '../../src/domain/record.ts';
import type { Cluster } from './cluster.ts';

/** An ALM in a map. It answers honestly unless a script says otherwise; its steps go into the cluster's list. */
export class Alm {
  readonly clients = new Map<string, { record: ClientRecord; secret: string }>();
  /** Answers that are given next, by verb; then the honest one again. */
  readonly script: {
    POST: WriteAnswer[];
    PUT: WriteAnswer[];
    DELETE: RemoveAnswer[];
    GET: ReadAnswer[];
    prove: Proof[];
  } = {
    POST: [],
    PUT: [],
    DELETE: [],
    GET: [],
    prove: [],
  };
  closed = 0;
  /** False: an update keeps the secret that was there, and says nothing of it. */
  takesNewSecrets = true;
  /** Below it a validity is refused with 400. */
  shortestValidity = 1;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  holds(record: ClientRecord, secret: string): boolean {
    const held = this.clients.get(record.clientId);
    return held !== undefined && sameRecord(held.record, record) && held.secret === secret;
  }

  client(): AlmClient {
    const step = <T>(name: string, effect: () => T) => this.#cluster.step(name, effect);
    return {
      read: (clientId) => step('GET', () => this.script.GET.shift() ?? this.#read(clientId)),
      create: (record) => step('POST', () => this.script.POST.shift() ?? this.#post(record)),
      update: (record) => step('PUT', () => this.script.PUT.shift() ?? this.#put(record)),
      remove: (clientId) => step('DELETE', () => this.script.DELETE.shift() ?? this.#remove(clientId)),
      prove: (clientId, secret) =>
        step('prove', () => this.script.prove.shift() ?? this.#prove(clientId, secret.reveal())),
      login: () => step('login', () => undefined),
      close: async () => {
        this.closed += 1;
      },
    };
  }

  #read(clientId: string): ReadAnswer {
    const held = this.clients.get(clientId);
    return held === undefined ? { answer: 'absent' } : { answer: 'record', record: held.record };
  }

  #post(record: FullRecord): WriteAnswer {
    return this.clients.has(record.clientId) ? { answer: 'exists' } : this.#take(record);
  }

  #put(record: FullRecord): WriteAnswer {
    const held = this.clients.get(record.clientId);
    if (held === undefined) return { answer: 'absent' };
    if (record.accessTokenValidity < this.shortestValidity) return { answer: 'refused', status: 400 };
    const taken = this.#take(record);
    if (!this.takesNewSecrets) this.clients.set(record.clientId, { record, secret: held.secret });
    return taken;
  }

  #remove(clientId: string): RemoveAnswer {
    return { answer: this.clients.delete(clientId) ? 'removed' : 'absent' };
  }

  #take({ clientSecret, ...record }: FullRecord): WriteAnswer {
    this.clients.set(record.clientId, { record, secret: clientSecret.reveal() });
    return { answer: 'accepted' };
  }

  #prove(clientId: string, secret: string): Proof {
    const held = this.clients.get(clientId);
    if (held?.secret !== secret) return 'refused';
    return held.record.authorisedGrantTypes.includes('client_credentials') ? 'accepted' : 'grantMissing';
  }
}
