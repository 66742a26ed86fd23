import { fail } from '../../src/domain/reasons.ts';
import type {
  AlmClient,
  ClientRecord,
  FullRecord,
  Proof,
  ReadAnswer,
  RemoveAnswer,
  WriteAnswer,
} from '../../src/domain/record.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import type { Ask, Fate, Pass, Requests } from './requests.ts';

/** An ALM with everything about it that nobody knows as a knob. It holds the truth by which the operator is judged. */

export type Knobs = Readonly<{
  readable: boolean;
  postOnExisting: 409 | 400 | 500 | 'overwrites';
  putOnMissing: 404 | 400 | 'creates';
  /** A PUT leaves the secret as it was. */
  ignoresSecrets: boolean;
  caseSensitive: boolean;
  deletes: 'removes' | 'notOffered' | 'saysAbsent';
  /** Its token endpoint says whether a secret is right. */
  provable: boolean;
  /** Seconds of a token, below which a record is refused. */
  leastValidity: number;
  /** How far a replica may be behind. */
  lagMs: number;
  /** How long after a PUT it refuses the client every token. */
  refusesMs: number;
}>;

export const HONEST: Knobs = {
  readable: false,
  postOnExisting: 409,
  putOnMissing: 404,
  ignoresSecrets: false,
  caseSensitive: true,
  deletes: 'notOffered',
  provable: true,
  leastValidity: 1,
  lagMs: 0,
  refusesMs: 0,
};

export type Client = Readonly<{ record: ClientRecord; secret: string }>;

/** A change of a client, by a pass or (undefined) by a stranger. */
export type Taken = Readonly<{
  alm: Alm;
  id: string;
  before: Client | undefined;
  after: Client | undefined;
  sent: FullRecord | undefined;
  verb: 'POST' | 'PUT' | 'DELETE';
  pass: Pass | undefined;
}>;

/** An answer that the operator has got. */
export type Told = Readonly<{
  alm: Alm;
  id: string;
  verb: 'POST' | 'PUT' | 'DELETE' | 'GET' | 'prove';
  sent: FullRecord | undefined;
  secret: string | undefined;
  answer: WriteAnswer | ReadAnswer | RemoveAnswer | Proof;
  pass: Pass | undefined;
}>;

type Clients = ReadonlyMap<string, Client>;

export class Alm {
  readonly endpoint: string;
  readonly knobs: Knobs;
  onTaken: (taken: Taken) => void = () => undefined;
  onTold: (told: Told) => void = () => undefined;
  readonly #now: () => number;
  readonly #putAt = new Map<string, number>();
  /** Every state it was in, newest last. */
  readonly #states: { at: number; clients: Clients }[] = [{ at: 0, clients: new Map() }];

  constructor(endpoint: string, knobs: Knobs, now: () => number) {
    this.endpoint = endpoint;
    this.knobs = knobs;
    this.#now = now;
  }

  /** By which it tells clients apart. */
  idOf(clientId: string): string {
    return this.knobs.caseSensitive ? clientId : clientId.toLowerCase();
  }

  find(clientId: string): Client | undefined {
    return this.#clients.get(this.idOf(clientId));
  }

  /** Somebody else than the operator. */
  meddle(clientId: string, client: Client | undefined): void {
    this.#set({ id: this.idOf(clientId), after: client, sent: undefined, verb: 'PUT', pass: undefined });
  }

  client(requests: Requests, isAlive: () => boolean): AlmClient {
    const send = <T extends Told['answer'] | undefined>(
      verb: Told['verb'] | 'login',
      clientId: string,
      ask: Pick<Ask<T>, 'effect'> & { record?: FullRecord; secret?: string },
      signal: AbortSignal,
    ) => {
      const { effect, record: sent, secret } = ask;
      const what = `${verb} ${clientId}`;
      const id = this.idOf(clientId);
      const answered = (answer: T, pass: Pass | undefined) => {
        if (verb !== 'login' && answer !== undefined)
          this.onTold({ alm: this, id, verb, sent, secret, answer, pass });
      };
      return requests.send(
        isAlive,
        { server: 'ALM', what, effect, fault: (fate) => faultOf(fate, verb), answered },
        signal,
      );
    };
    return {
      read: (id, signal) => send('GET', id, { effect: (fate) => this.#read(id, fate) }, signal),
      create: (record, signal) =>
        send(
          'POST',
          record.clientId,
          { effect: (fate, pass) => this.#post(record, fate, pass), record },
          signal,
        ),
      update: (record, signal) =>
        send(
          'PUT',
          record.clientId,
          { effect: (fate, pass) => this.#put(record, fate, pass), record },
          signal,
        ),
      remove: (id, signal) =>
        send('DELETE', id, { effect: (fate, pass) => this.#remove(id, fate, pass) }, signal),
      prove: (id, secret, signal) => {
        const word = secret.reveal();
        return send('prove', id, { effect: (fate) => this.#prove(id, word, fate), secret: word }, signal);
      },
      login: (signal) => send('login', '', { effect: () => undefined }, signal),
      close: async () => undefined,
    };
  }

  get #clients(): Clients {
    return this.#states.at(-1)?.clients ?? new Map();
  }

  /** What a replica may still believe. */
  #seenBy(fate: Fate): Clients {
    const then = this.#now() - this.knobs.lagMs;
    const old = this.#states.findLast(({ at }) => at <= then);
    return fate === 'stale' && this.knobs.lagMs > 0 && old !== undefined ? old.clients : this.#clients;
  }

  #read(clientId: string, fate: Fate): ReadAnswer {
    if (!this.knobs.readable) return { answer: 'notOffered' };
    const held = this.#seenBy(fate).get(this.idOf(clientId));
    return held === undefined ? { answer: 'absent' } : { answer: 'record', record: held.record };
  }

  #post(record: FullRecord, fate: Fate, pass: Pass | undefined): WriteAnswer {
    const { postOnExisting } = this.knobs;
    if (this.#rejects(record, fate)) return { answer: 'refused', status: 400 };
    if (this.find(record.clientId) !== undefined && postOnExisting !== 'overwrites')
      return postOnExisting === 409 ? { answer: 'exists' } : { answer: 'refused', status: postOnExisting };
    return this.#take('POST', record, pass);
  }

  #put(record: FullRecord, fate: Fate, pass: Pass | undefined): WriteAnswer {
    const { putOnMissing } = this.knobs;
    if (this.#rejects(record, fate)) return { answer: 'refused', status: 400 };
    if (this.find(record.clientId) === undefined && putOnMissing !== 'creates')
      return putOnMissing === 404 ? { answer: 'absent' } : { answer: 'refused', status: putOnMissing };
    return this.#take('PUT', record, pass);
  }

  #rejects(record: FullRecord, fate: Fate): boolean {
    return fate === 'rejected' || record.accessTokenValidity < this.knobs.leastValidity;
  }

  #remove(clientId: string, fate: Fate, pass: Pass | undefined): RemoveAnswer {
    if (this.knobs.deletes === 'notOffered') return { answer: 'notOffered' };
    if (fate === 'rejected') return { answer: 'refused', status: 400 };
    const id = this.idOf(clientId);
    if (this.knobs.deletes === 'saysAbsent' || !this.#clients.has(id)) return { answer: 'absent' };
    this.#set({ id, after: undefined, sent: undefined, verb: 'DELETE', pass });
    return { answer: 'removed' };
  }

  #take(verb: 'POST' | 'PUT', sent: FullRecord, pass: Pass | undefined): WriteAnswer {
    const id = this.idOf(sent.clientId);
    const old = this.#clients.get(id);
    const { clientSecret, ...declared } = sent;
    const record = { ...declared, clientId: old?.record.clientId ?? declared.clientId };
    const keeps = verb === 'PUT' && this.knobs.ignoresSecrets;
    const secret = keeps && old !== undefined ? old.secret : clientSecret.reveal();
    this.#set({ id, after: { record, secret }, sent, verb, pass });
    if (verb === 'PUT') this.#putAt.set(id, this.#now());
    return { answer: 'accepted' };
  }

  #prove(clientId: string, secret: string, fate: Fate): Proof {
    const { provable, refusesMs } = this.knobs;
    if (!provable) return 'cannotAsk';
    const sincePut = this.#now() - (this.#putAt.get(this.idOf(clientId)) ?? Number.NEGATIVE_INFINITY);
    if (sincePut < refusesMs) return 'refused';
    const held = this.#seenBy(fate).get(this.idOf(clientId));
    if (held?.secret !== secret) return 'refused';
    return held.record.authorisedGrantTypes.includes('client_credentials') ? 'accepted' : 'grantMissing';
  }

  #set(change: Omit<Taken, 'alm' | 'before'>): void {
    const { id, after } = change;
    const clients = new Map(this.#clients);
    const before = clients.get(id);
    if (after === undefined) clients.delete(id);
    else clients.set(id, after);
    this.#states.push({ at: this.#now(), clients });
    this.onTaken({ ...change, alm: this, before });
  }
}

function faultOf(fate: Fate, verb: string): EdgeError {
  if (fate === 'refused') return new EdgeError({ ...fail('RateLimited', 'too much at once'), untaken: true });
  const writes = ['POST', 'PUT', 'DELETE'].includes(verb);
  return new EdgeError(
    writes ? fail('OutcomeUnknown', 'no answer came') : fail('AlmUnavailable', 'no answer came'),
  );
}
