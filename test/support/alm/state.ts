/** What outlives a restart of the simulator: clients, tokens, users, and the authority behind its certificate. */

import { type Authority, makeAuthority } from '../certificates.ts';
import { type AlmRecord, type ClientSeed, ClientStore, clientOf, recordOf } from './clients.ts';
import type { AlmUser } from './defaults.ts';
import { TokenStore } from './tokens.ts';

export class AlmState {
  readonly clients = new ClientStore();
  readonly tokens = new TokenStore();
  readonly users = new Map<string, AlmUser>();
  readonly authority: Authority = makeAuthority('alm test authority');
  /** Set by the simulator that runs on this state. */
  keepPlain: () => boolean = () => false;
  #tick = 0;

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
