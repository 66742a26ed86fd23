/** What outlives a restart of the simulator: clients, tokens, users, and the authority behind its certificate. */

import { type Authority, type KeptAuthority, makeAuthority, restoreAuthority } from '../certificates.ts';
import {
  type AlmRecord,
  type ClientSeed,
  ClientStore,
  clientOf,
  recordOf,
  type StoredClient,
} from './clients.ts';
import type { AlmUser } from './defaults.ts';
import { type TokenDump, TokenStore } from './tokens.ts';

/** A state as JSON can carry it: secrets as hashes (or plain, where a GET shows them so), keys and passwords as they are. */
export type AlmDump = Readonly<{
  clients: readonly StoredClient[];
  tokens: TokenDump;
  users: readonly AlmUser[];
  authority: KeptAuthority;
  tick: number;
}>;

export class AlmState {
  readonly clients = new ClientStore();
  readonly tokens: TokenStore;
  readonly users: Map<string, AlmUser>;
  readonly authority: Authority;
  /** Set by the simulator that runs on this state. */
  keepPlain: () => boolean = () => false;
  #tick: number;

  /** Empty, or as one was that was dumped. Every replica has seen what the newest one had. */
  constructor(kept?: AlmDump) {
    this.tokens = new TokenStore(kept?.tokens);
    this.users = new Map(kept?.users.map((user) => [user.username, user]));
    this.authority = kept ? restoreAuthority(kept.authority) : makeAuthority('alm test authority');
    this.#tick = kept?.tick ?? 0;
    for (const client of kept?.clients ?? []) this.clients.put(client);
  }

  dump(): AlmDump {
    return {
      clients: this.clients.all(),
      tokens: this.tokens.dump(),
      users: [...this.users.values()],
      authority: this.authority.keep(),
      tick: this.#tick,
    };
  }

  /** The number of the request that came last; counts on through restarts. */
  get tick(): number {
    return this.#tick;
  }

  nextTick(): number {
    this.#tick += 1;
    return this.#tick;
  }

  /** The newest record, without its secret. */
  get(clientId: string): AlmRecord | undefined {
    const client = this.clients.newest(clientId);
    return client && recordOf(client);
  }

  /** Writes past the API, seen by all replicas at once. Without a secret, the client keeps the one it has. */
  set(seed: ClientSeed): void {
    this.clients.put(clientOf(seed, this.clients.newest(seed.clientId), this.keepPlain()));
  }

  /** Whether there was something to delete. */
  delete(clientId: string): boolean {
    return this.clients.remove(clientId);
  }

  list(): readonly AlmRecord[] {
    return this.clients.all().map(recordOf);
  }
}
