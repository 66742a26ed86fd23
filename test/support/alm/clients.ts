/**
 * The client records of all replicas. A write reaches the replica that took it at once and the others some requests
 * later; what the tests write reaches all at once.
 */

import { type StoredSecret, storeSecret } from './secrets.ts';

/** A client as a test sees it. */
export type AlmRecord = Readonly<{
  clientId: string;
  authorisedGrantTypes: readonly string[];
  /** Seconds. */
  accessTokenValidity: number;
  refreshTokenValidity: number;
  roles: readonly string[];
}>;

export type StoredClient = AlmRecord & Readonly<{ secret: StoredSecret }>;

/** Where in the sequence of requests, and on which replica, something is read or written. */
export type Moment = Readonly<{ tick: number; replica: number; lag: number; foldCase: boolean }>;

type Version = Readonly<{ client: StoredClient | undefined; tick: number; replica: number }>;

const EVERYWHERE = { tick: Number.NEGATIVE_INFINITY, replica: -1 } as const;

export class ClientStore {
  readonly #histories = new Map<string, readonly Version[]>();
  readonly #cache = new Map<string, Readonly<{ client: StoredClient; tick: number }>>();

  newest(clientId: string): StoredClient | undefined {
    return this.#histories.get(clientId)?.at(-1)?.client;
  }

  all(): readonly StoredClient[] {
    return [...this.#histories.keys()].flatMap((id) => this.newest(id) ?? []);
  }

  put(client: StoredClient): void {
    this.#histories.set(client.clientId, [{ client, ...EVERYWHERE }]);
    this.#cache.clear();
  }

  remove(clientId: string): boolean {
    this.#cache.clear();
    const existed = this.newest(clientId) !== undefined;
    this.#histories.delete(clientId);
    return existed;
  }

  /** The client that answers to this id, as the replica of the moment sees it. */
  readAt(moment: Moment, clientId: string): StoredClient | undefined {
    const seen = this.#seen(moment, clientId);
    if (seen !== undefined || !moment.foldCase) return seen;
    const folded = clientId.toLowerCase();
    return this.listAt(moment).find((client) => client.clientId.toLowerCase() === folded);
  }

  listAt(moment: Moment): readonly StoredClient[] {
    return [...this.#histories.keys()].flatMap((id) => this.#seen(moment, id) ?? []);
  }

  /** As `readAt`, but a record read within the last `requests` requests on this replica is used again. */
  readCachedAt(moment: Moment, clientId: string, requests: number): StoredClient | undefined {
    const key = `${moment.replica}/${clientId}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined && moment.tick - cached.tick <= requests) return cached.client;
    const client = this.readAt(moment, clientId);
    if (client !== undefined) this.#cache.set(key, { client, tick: moment.tick });
    return client;
  }

  /** `undefined` deletes. */
  writeAt(moment: Moment, clientId: string, client: StoredClient | undefined): void {
    this.#cache.delete(`${moment.replica}/${clientId}`);
    const history = this.#histories.get(clientId) ?? [];
    const settled = history.findLastIndex((version) => isEverywhere(version, moment));
    const { tick, replica } = moment;
    this.#histories.set(clientId, [...history.slice(Math.max(0, settled)), { client, tick, replica }]);
  }

  #seen(moment: Moment, clientId: string): StoredClient | undefined {
    const history = this.#histories.get(clientId) ?? [];
    const visible = (version: Version) => version.replica === moment.replica || isEverywhere(version, moment);
    return history.findLast(visible)?.client;
  }
}

function isEverywhere(version: Version, { tick, lag }: Moment): boolean {
  return lag === 0 || tick - version.tick > lag;
}

/** A client to start with, or to set; without a secret, the one it has stays. */
export type ClientSeed = AlmRecord & Readonly<{ clientSecret?: string }>;

export function clientOf(
  { clientSecret, ...record }: ClientSeed,
  before: StoredClient | undefined,
  keepPlain: boolean,
): StoredClient {
  const secret = clientSecret === undefined ? before?.secret : storeSecret(clientSecret, keepPlain);
  if (secret === undefined) throw new Error(`${record.clientId} is new and needs a clientSecret.`);
  return { ...record, secret };
}

export function recordOf({ secret, ...record }: StoredClient): AlmRecord {
  return record;
}
